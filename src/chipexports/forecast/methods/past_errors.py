"""Intervals for methods without a model: from the errors they made at the same month of past years."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from chipexports.forecast.methods.task import YEAR, Abstain, Task

#: prior standard deviation of a remaining month's log error that all months share, and of its own part,
#: counted as PRIOR_YEARS years of evidence; typical of monthly trade series
PRIOR_COMMON, PRIOR_OWN, PRIOR_YEARS = 0.10, 0.06, 2.0

PointForecast = Callable[[np.ndarray, int, int], np.ndarray]


def past_error_covariance(task: Task, point: PointForecast) -> np.ndarray:
    """Return the covariance of the remaining months' log errors, shape (horizon, horizon).

    Parameters
    ----------
    task : Task
        The origin.
    point : callable (log history, months published, horizon) -> log forecasts, shape (horizon,)
        The method itself; it is run again at the same month of every past year.

    Returns
    -------
    ndarray, shape (horizon, horizon)
        Covariance of log errors.

    Notes
    -----
    The errors of one origin are split into their mean (shared by all months, e.g. a turn of the
    cycle) and the rest. Second moments about zero, with a prior worth two years.
    """
    common, own, years = 0.0, 0.0, 0
    for back in range(1, task.n // YEAR):
        cut = task.n - back * YEAR
        actual = task.log[cut : cut + task.horizon]
        if len(actual) < task.horizon or task.log_se[cut : cut + task.horizon].any():
            continue  # an estimated outturn is no evidence of how far off a forecast is
        try:
            error = actual - point(task.log[:cut], task.months_published, task.horizon)
        except Abstain:
            continue
        if not np.isfinite(error).all():
            continue
        common += error.mean() ** 2
        own += np.mean((error - error.mean()) ** 2)
        years += 1
    weight = years + PRIOR_YEARS
    common = (common + PRIOR_YEARS * PRIOR_COMMON**2) / weight
    own = (own + PRIOR_YEARS * PRIOR_OWN**2) / weight
    return np.full((task.horizon, task.horizon), common) + own * np.eye(task.horizon)


def same_months_last_year(log: np.ndarray, horizon: int) -> np.ndarray:
    """Return the logs of the wanted months one year earlier, repeated if the horizon passes a year.

    Parameters
    ----------
    log : ndarray, shape (n,)
        Logs of the known months; NaN where missing.
    horizon : int
        Number of wanted months.

    Returns
    -------
    ndarray, shape (horizon,)
        Logs.

    Raises
    ------
    Abstain
        If fewer than twelve months are given, or one that is carried forward is missing.
    """
    if len(log) < YEAR:
        raise Abstain("too_short", needs=YEAR, has=len(log))
    last = log[-YEAR:]
    if not np.isfinite(last[np.arange(min(horizon, YEAR))]).all():
        raise Abstain("last_year_missing")
    return last[np.arange(horizon) % YEAR]
