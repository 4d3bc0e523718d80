"""Growth of the last three months carried forward: quicker to see a turn, noisier."""

from __future__ import annotations

import numpy as np

from chipexports.forecast.methods.past_errors import past_error_covariance, same_months_last_year
from chipexports.forecast.methods.task import YEAR, Abstain, Paths, Task, gaussian_paths

MONTHS = 3


def _point(log: np.ndarray, months_published: int, horizon: int) -> np.ndarray:
    base = same_months_last_year(log, horizon)
    if len(log) < MONTHS + YEAR:
        raise Abstain("too_short", needs=MONTHS + YEAR, has=len(log))
    now, before = np.exp(log[-MONTHS:]), np.exp(log[-MONTHS - YEAR : -YEAR])
    if not np.isfinite(now).all() or not np.isfinite(before).all():
        raise Abstain("three_months_missing")
    growth = np.log(now.sum() / before.sum())
    return base + growth * (1 + np.arange(horizon) // YEAR)


def growth_3m(task: Task) -> Paths:
    """Forecast each remaining month as last year's month times the growth of the last three months.

    Needs 15 months; abstains if one of the six it compares is missing. Intervals come from the
    method's own errors at the same month of past years. Source: the customary run-rate forecast.
    """
    mean = _point(task.log, task.months_published, task.horizon)
    return Paths(gaussian_paths(task, "growth_3m", mean, past_error_covariance(task, _point)))
