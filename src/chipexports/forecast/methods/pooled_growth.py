"""Growth of the remaining months, regressed on recent growth over all past years of a panel."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from chipexports.forecast.methods.growth_regression import (
    MIN_ROWS,
    NEIGHBOUR_WEIGHT,
    OWN_WEIGHT,
    huber_ridge,
    panel_logs,
    require_whole_year,
)
from chipexports.forecast.methods.growth_rows import Rows, features, past_rows
from chipexports.forecast.methods.past_errors import PRIOR_OWN, PRIOR_YEARS
from chipexports.forecast.methods.task import YEAR, Abstain, Paths, Reason, Task, gaussian_paths


def _month_noise(task: Task) -> float:
    """Return the standard deviation of single months' yearly growth about the remaining months' mean.

    From the same months of past years, those with an estimate left out, with the prior of ``past_errors``
    worth two years.
    """
    total, years = 0.0, 0
    change = task.log[YEAR:] - task.log[:-YEAR]
    estimated = (task.log_se[YEAR:] > 0) | (task.log_se[:-YEAR] > 0)
    for end in range(len(change) - YEAR + task.horizon, task.horizon - 1, -YEAR):
        block = change[end - task.horizon : end]
        if np.isfinite(block).all() and not estimated[end - task.horizon : end].any():
            total += float(np.mean((block - block.mean()) ** 2))
            years += 1
    return float(np.sqrt((total + PRIOR_YEARS * PRIOR_OWN**2) / (years + PRIOR_YEARS)))


#: of the gap between recent growth and the growth to come, what is left after each month
FADE = 0.7


def joined_growth(task: Task, growth: float) -> np.ndarray:
    """Return the log growth of each wanted month: from that of the last three months to one that lasts.

    Month $j$ ahead grows by $c+\\lambda^j(g-c)$ with $g$ the growth of the last three months and $c$ such
    that the wanted months sum to last year's times ``exp(growth)``: the total is that of one common growth,
    but the path leaves the last months without a jump.
    """
    h = task.horizon
    before, recent, year_ago = task.log[-YEAR:][:h], task.log[-3:], task.log[-YEAR - 3 : -YEAR]
    if len(year_ago) < 3 or not np.isfinite(year_ago).all():
        return np.full(h, growth)
    last = float(np.log(np.exp(recent).sum() / np.exp(year_ago).sum()))
    left = FADE ** np.arange(1, h + 1)
    share = np.exp(before - before.max())
    lasting = growth
    for _ in range(30):  # Newton; the sum rises with ``lasting``, and nearly exponentially
        terms = share * np.exp(lasting + left * (last - lasting) - growth)
        step = np.log(terms.sum() / share.sum()) / (terms @ (1 - left) / terms.sum())
        lasting -= step
        if abs(step) < 1e-12:
            break
    return lasting + left * (last - lasting)


def growth_paths(task: Task, method: str, growth: float, sd: float) -> np.ndarray:
    """Return log paths of last year's months times their growth, with common and monthly noise.

    ``growth`` is the log growth of the remaining months, at most twelve, over a year earlier, and ``sd`` its
    standard deviation.
    """
    h = task.horizon
    covariance = np.full((h, h), sd**2) + _month_noise(task) ** 2 * np.eye(h)
    return gaussian_paths(task, method, task.log[-YEAR:][:h] + joined_growth(task, growth), covariance)


def training_months(task: Task) -> tuple[int, ...]:
    """Return the numbers of published months trained on: the task's own and its neighbours."""
    m = task.months_published
    return tuple(k for k in (m - 1, m, m + 1) if 0 <= k < YEAR)


@lru_cache(maxsize=1)  # two methods ask for those of one task, one after the other
def pooled_rows(task: Task) -> tuple[Rows, np.ndarray]:
    """Return the training rows, the series' own first, and their weights; abstain with fewer than six."""
    months = training_months(task)
    rows = past_rows(task.log, task.first, months, task.year)
    weights = np.full(len(rows.growth), OWN_WEIGHT)
    for log, first in panel_logs(task).values():
        more = past_rows(log, first, months, task.year)
        rows = rows.joined(more)
        weights = np.concatenate([weights, np.ones(len(more.growth))])
    weights = weights * np.where(rows.months_published == task.months_published, 1.0, NEIGHBOUR_WEIGHT)
    if len(weights) < MIN_ROWS:
        raise Abstain("too_few_origins", needs=MIN_ROWS, has=len(weights))
    return rows, weights


def pooled_growth(task: Task) -> Paths:
    """Forecast the remaining months' growth by a pooled robust ridge regression on recent growth.

    Trained on past target years of the whole panel and of the series itself at the same number of
    published months (neighbouring numbers at a quarter weight). The months share last year's pattern, and
    growth fades from that of the last three months (`joined_growth`).
    Needs the last twelve months without a gap and the one before; growth over longer windows that is
    not known counts as average. Source: pooled direct forecasting (Marcellino, Stock & Watson 2006)
    with Huber (1964) weights and a ridge.
    """
    require_whole_year(task)
    rows, weights = pooled_rows(task)
    fit = huber_ridge(rows.features, rows.growth, weights)
    now = features(np.exp(task.log), np.array([task.n]))[0]
    paths = growth_paths(task, "pooled_growth", fit.predict(now), fit.residual_sd)
    return Paths(paths, note=Reason("past_origins", {"n": len(weights)}))
