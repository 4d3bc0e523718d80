"""Growth carried from the year to date: the plainest forecast, and the one to beat."""

from __future__ import annotations

import numpy as np

from chipexports.forecast.methods.past_errors import past_error_covariance, same_months_last_year
from chipexports.forecast.methods.task import YEAR, Abstain, Paths, Task, gaussian_paths


def _point(log: np.ndarray, months_published: int, horizon: int) -> np.ndarray:
    base = same_months_last_year(log, horizon)
    months = months_published or YEAR
    if len(log) < months + YEAR:
        raise Abstain("too_short", needs=months + YEAR, has=len(log))
    now, before = np.exp(log[-months:]), np.exp(log[-months - YEAR : len(log) - YEAR])
    if not np.isfinite(now).all() or not np.isfinite(before).all():
        raise Abstain("year_to_date_missing")
    growth = np.log(now.sum() / before.sum())
    years_ahead = 1 + np.arange(horizon) // YEAR
    return base + growth * years_ahead


def growth_ytd(task: Task) -> Paths:
    """Forecast each remaining month as last year's month times the growth of the year to date.

    With no month published, the growth of the last twelve months is carried. Needs the year to
    date and the same months a year earlier; abstains if one is missing. Intervals come from the
    method's own errors at the same month of past years. Source: the customary press forecast.
    """
    mean = _point(task.log, task.months_published, task.horizon)
    return Paths(gaussian_paths(task, "growth_ytd", mean, past_error_covariance(task, _point)))
