"""Seasonal ARIMA on logs with calendar regressors."""

from __future__ import annotations

import numpy as np

from chipexports.forecast.methods.airline import (
    BAND,
    PRIOR_MEAN,
    PRIOR_SD,
    airline_forecast,
    fit_airline,
    residuals,
)
from chipexports.forecast.methods.statespace import fit_posterior, joint_forecast
from chipexports.forecast.methods.task import (
    Paths,
    Task,
    fitted_months,
    gaussian_paths,
    real_share_of_variance,
    require_months,
    require_variation,
)

MIN_MONTHS = 18


def _filled(log: np.ndarray) -> np.ndarray:
    """Fill gaps by the line between their neighbours, for the calendar coefficients' sake only."""
    known = np.isfinite(log)
    return np.interp(np.arange(len(log)), np.flatnonzero(known), log[known])


def _with_gaps(task: Task) -> tuple[np.ndarray, np.ndarray, bool]:
    """Fit the moving averages by the Kalman filter in levels, which skips missing months."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    beta = fit_airline(_filled(task.log), task.regressors[: task.n]).beta
    rest = task.log - task.regressors[: task.n] @ beta
    model = SARIMAX(rest, order=(0, 1, 1), seasonal_order=(0, 1, 1, 12), concentrate_scale=True)
    best, converged = fit_posterior(lambda u: model.loglike(np.tanh(u)), model.nobs, PRIOR_MEAN, PRIOR_SD)
    model.update(np.tanh(best))
    ahead, covariance = joint_forecast(model, task.horizon)
    errors = model.ssm.filter().standardized_forecasts_error[0]
    counted = np.flatnonzero(np.isfinite(task.log) & (np.arange(task.n) >= model.loglikelihood_burn))
    covariance *= real_share_of_variance(task, counted, errors[counted])
    return ahead + task.regressors[task.n :] @ beta, covariance, converged


def _complete(task: Task) -> tuple[np.ndarray, np.ndarray, bool]:
    """Fit by the closed form, which has the likelihood of statsmodels' SARIMAX at a twentieth of its time."""
    fit = fit_airline(task.log, task.regressors[: task.n], task.log_se)
    mean, covariance = airline_forecast(fit, task.log, task.regressors, task.horizon)
    errors = residuals(fit, task.log, task.regressors[: task.n])
    covariance *= real_share_of_variance(task, np.arange(BAND, task.n), errors)
    return mean, covariance, fit.converged


def sarima(task: Task) -> Paths:
    """Fit the airline model (0,1,1)(0,1,1)12 with calendar regressors and forecast jointly.

    Needs 18 months; missing ones are skipped by the Kalman filter of statsmodels' SARIMAX. Weak priors
    hold the moving-average coefficients (short series) and the calendar coefficients; abstains if the
    series does not vary. Source: Box & Jenkins (1970) for the model, Findley & Soukup (2000) for the
    regressors.
    """
    require_months(task, MIN_MONTHS, gaps=True)
    require_variation(task)
    complete = bool(np.isfinite(task.log).all())
    mean, covariance, converged = _complete(task) if complete else _with_gaps(task)
    return Paths(gaussian_paths(task, "sarima", mean, covariance), converged, fitted_months(task))
