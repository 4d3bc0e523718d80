"""Seasonal ARIMA on logs with calendar regressors."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from chipexports.methods.airline import (
    PRIOR_MEAN,
    PRIOR_SD,
    airline_forecast,
    difference,
    fit_airline,
)
from chipexports.methods.statespace import fit_posterior, joint_forecast
from chipexports.methods.task import Paths, Task, gaussian_paths, require_months, require_variation

MIN_MONTHS = 18


@lru_cache(maxsize=1)
def _model_class() -> Any:
    """Return SARIMAX with unbounded parameters; statsmodels is imported on first use."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    class Airline(SARIMAX):
        def loglike_unbounded(self, unbounded: np.ndarray) -> float:
            return self.loglike(np.tanh(unbounded))

    return Airline


def airline_model(log: np.ndarray, *, differenced: bool) -> Any:
    """Return statsmodels' SARIMAX of the airline model, variance concentrated out of the likelihood.

    Its unbounded parameters are the inverse hyperbolic tangents of the moving-average coefficients.
    ``differenced`` says that ``log`` is differenced already (half the states, a third of the time).
    """
    order = 0 if differenced else 1
    return _model_class()(log, order=(0, order, 1), seasonal_order=(0, order, 1, 12), concentrate_scale=True)


def _filled(log: np.ndarray) -> np.ndarray:
    """Fill gaps by the line between their neighbours, for the calendar coefficients' sake only."""
    known = np.isfinite(log)
    return np.interp(np.arange(len(log)), np.flatnonzero(known), log[known])


def _with_gaps(task: Task) -> tuple[np.ndarray, np.ndarray, bool]:
    """Fit the moving averages by the Kalman filter in levels, which skips missing months."""
    beta = fit_airline(_filled(task.log), task.regressors[: task.n]).beta
    model = airline_model(task.log - task.regressors[: task.n] @ beta, differenced=False)
    best, converged = fit_posterior(model, PRIOR_MEAN, PRIOR_MEAN, PRIOR_SD)
    model.update(np.tanh(best))
    ahead, covariance = joint_forecast(model, task.horizon)
    return ahead + task.regressors[task.n :] @ beta, covariance, converged


def _complete(task: Task) -> tuple[np.ndarray, np.ndarray, bool]:
    """Start from the closed form and let statsmodels fit the moving averages of the rest."""
    fit = fit_airline(task.log, task.regressors[: task.n])
    rest = difference(task.log - task.regressors[: task.n] @ fit.beta)
    model = airline_model(rest, differenced=True)
    best, converged = fit_posterior(model, np.arctanh([fit.theta, fit.seasonal]), PRIOR_MEAN, PRIOR_SD)
    theta, seasonal = np.tanh(best)
    fit = replace(fit, theta=float(theta), seasonal=float(seasonal))
    mean, covariance = airline_forecast(fit, task.log, task.regressors, task.horizon)
    return mean, covariance, converged


def sarima(task: Task) -> Paths:
    """Fit the airline model (0,1,1)(0,1,1)12 with calendar regressors and forecast jointly.

    Needs 18 months; missing ones are skipped by the Kalman filter. Weak priors hold the
    moving-average coefficients (short series) and the calendar coefficients; abstains if the series
    does not vary. Source: Box & Jenkins (1970) for the model, Findley & Soukup (2000) for the
    regressors; statsmodels SARIMAX does the fitting.
    """
    require_months(task, MIN_MONTHS, gaps=True)
    require_variation(task)
    complete = bool(np.isfinite(task.log).all())
    mean, covariance, converged = _complete(task) if complete else _with_gaps(task)
    return Paths(gaussian_paths(task, "sarima", mean, covariance), converged)
