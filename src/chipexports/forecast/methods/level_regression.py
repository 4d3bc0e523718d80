"""Direct regression of the months to come on where the level stands, learnt on hundreds of trade series."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from chipexports.forecast.methods.growth_regression import require_whole_year
from chipexports.forecast.methods.task import (
    YEAR,
    Paths,
    Task,
    fitted_months,
    gaussian_paths,
    require_variation,
    since_last_gap,
)

COEFFICIENTS = Path(__file__).with_name("level_regression.csv")
#: what each coefficient multiplies: the deviation of the last one, three and six months, seasonally
#: adjusted, from the mean of the last twelve; growth of those twelve and of the twelve before; the
#: deviation of the same month last year from the usual season
REGRESSORS = ("last_month", "last_3", "last_6", "growth", "growth_before", "last_year")
#: two years and a month: fewer show no season
MIN_MONTHS = 2 * YEAR + 1
SEASON_YEARS = 8
#: a stray month counts no further than this many standard deviations of a monthly change
CLIP = 2.5
#: of a month's seasonal deviations, those beyond two standard deviations count as two
SEASON_CLIP = 2.0
#: added to the scale of seasonal deviations, and least volatility of a year's growth (logs)
FLOOR = 0.02
VOLATILITY_MONTHS = 60
#: ridge on the calendar's coefficients, in units of the regressors' squares
CALENDAR_RIDGE = 1.0

_CENTRED = np.concatenate([[0.5], np.ones(YEAR - 1), [0.5]]) / YEAR
_TO_SD = 1.4826  # median absolute deviation to standard deviation, for a normal


def _spread(values: np.ndarray) -> float:
    return float(_TO_SD * np.median(np.abs(values - np.median(values))))


def season(log: np.ndarray) -> np.ndarray:
    """Return the seasonal deviation of each position in the year, by index modulo twelve; logs, mean zero.

    Mean ratio to a centred 2x12 moving average over the last eight years of a gap-free series of 25 months or
    more, deviations beyond two robust standard deviations drawn in.
    """
    centred = np.convolve(log, _CENTRED, "valid")
    at = np.arange(YEAR // 2, len(log) - YEAR // 2)[-YEAR * SEASON_YEARS :]
    deviation = (log[at] - centred[at - YEAR // 2]).copy()
    usual = np.zeros(YEAR)
    for k in range(YEAR):
        values = deviation[at % YEAR == k]
        middle, slack = np.median(values), SEASON_CLIP * (_spread(values) + FLOOR)
        usual[k] = np.clip(values, middle - slack, middle + slack).mean()
    return usual - usual.mean()


def volatility(log: np.ndarray) -> float:
    """Return the robust standard deviation of yearly growth over the last five years, at least 0.02."""
    growth = log[YEAR:] - log[:-YEAR]
    return max(_spread(growth[-VOLATILITY_MONTHS:]), FLOOR)


def regressors(log: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the base of the next twelve months, (12,), and the ``REGRESSORS`` of each month, (12, 6).

    The base is the mean of the last twelve months plus the usual season, in logs; 25 months without a gap are
    needed.
    """
    n, usual = len(log), season(log)
    level = log[-YEAR:].mean()
    recent = min(4 * YEAR, n)
    adjusted = log[-recent:] - usual[np.arange(n - recent, n) % YEAR]
    deviation = adjusted[-YEAR:] - level
    slack = CLIP * _spread(np.diff(adjusted)) + abs(np.median(deviation[-6:]))
    deviation = np.clip(deviation, -slack, slack)
    ahead = usual[np.arange(n, n + YEAR) % YEAR]
    x = np.empty((YEAR, len(REGRESSORS)))
    x[:, :3] = deviation[-1], deviation[-3:].mean(), deviation[-6:].mean()
    before = log[-2 * YEAR : -YEAR].mean()
    x[:, 3] = level - before
    x[:, 4] = before - log[-3 * YEAR : -2 * YEAR].mean() if n >= 3 * YEAR else 0.0
    x[:, 5] = log[-YEAR:] - level - ahead
    return level + ahead, x


@dataclass(frozen=True)
class Coefficients:
    """What was learnt: by months ahead, and the joint errors in units of a series' volatility."""

    intercept: np.ndarray  # (12,), logs
    slopes: np.ndarray  # (12, 6), of ``REGRESSORS``
    covariance: np.ndarray  # (12, 12), of the errors divided by the volatility


@lru_cache(maxsize=1)
def coefficients() -> Coefficients:
    """Return the shipped coefficients; `chipexports.backtest.train_level_regression` makes the table."""
    table = np.genfromtxt(COEFFICIENTS, delimiter=",", skip_header=1)
    k = 2 + len(REGRESSORS)
    return Coefficients(table[:, 1], table[:, 2:k], table[:, k:])


def calendar_coefficients(log: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return what a unit of each calendar regressor moves, in logs: by ridge on changes of yearly growth."""
    y, x = (np.diff(v[YEAR:] - v[:-YEAR], axis=0) for v in (log, rows))
    slack = 3.0 * _spread(y) + 1e-6
    return np.linalg.solve(x.T @ x + CALENDAR_RIDGE * np.eye(x.shape[1]), x.T @ np.clip(y, -slack, slack))


def level_regression(task: Task) -> Paths:
    """Forecast each remaining month by a regression on the present level, learnt on hundreds of series.

    Each month ahead starts from the mean of the last twelve plus the usual season and moves by six
    regressors, so that the path joins the last level and growth fades month by month. The coefficients
    were fitted once by Huber's regression on trade series of many countries and kinds, every row divided
    by its series' volatility; the joint errors scale with that volatility too. Needs 25 months after the
    last gap. Source: direct multi-step forecasting (Marcellino, Stock & Watson 2006) as a global model
    over many series (Montero-Manso & Hyndman 2021).
    """
    require_whole_year(task)
    task = since_last_gap(task, MIN_MONTHS)
    require_variation(task)
    effect = task.regressors @ calendar_coefficients(task.log, task.regressors[: task.n])
    log = task.log - effect[: task.n]
    base, x = regressors(log)
    learnt, h = coefficients(), task.horizon
    mean = (base + learnt.intercept + (learnt.slopes * x).sum(axis=1))[:h] + effect[task.n :]
    covariance = volatility(log) ** 2 * learnt.covariance[:h, :h]
    return Paths(gaussian_paths(task, "level_regression", mean, covariance), note=fitted_months(task))
