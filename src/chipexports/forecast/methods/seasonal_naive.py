"""Seasonal naive with drift: last year's months plus the average yearly growth."""

from __future__ import annotations

import numpy as np

from chipexports.forecast.methods.past_errors import past_error_covariance, same_months_last_year
from chipexports.forecast.methods.task import YEAR, Abstain, Paths, Task, gaussian_paths

DRIFT_YEARS = 5


def _point(log: np.ndarray, months_published: int, horizon: int) -> np.ndarray:
    base = same_months_last_year(log, horizon)
    changes = (log[YEAR:] - log[:-YEAR])[-DRIFT_YEARS * YEAR :]
    changes = changes[np.isfinite(changes)]
    if not len(changes):
        raise Abstain("no_neighbour")
    return base + changes.mean() * (1 + np.arange(horizon) // YEAR)


def seasonal_naive(task: Task) -> Paths:
    """Forecast each remaining month as last year's month plus the mean yearly log change of five years.

    Needs 13 months; abstains if a month it carries forward is missing. Intervals come from its own
    past errors. Source: Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 5.2.
    """
    mean = _point(task.log, task.months_published, task.horizon)
    return Paths(gaussian_paths(task, "seasonal_naive", mean, past_error_covariance(task, _point)))
