"""Seasonal ARIMA on logs with Spring Festival regressors."""

from __future__ import annotations

from chipexports.methods.statespace import fit_parameters, joint_forecast
from chipexports.methods.task import Paths, Task, gaussian_paths, require_months, require_variation

MIN_MONTHS = 30


def sarima(task: Task) -> Paths:
    """Fit the airline model (0,1,1)(0,1,1)12 with festival regressors and forecast jointly.

    Needs 30 months; a missing month is skipped by the Kalman filter. The scale is concentrated out
    of the likelihood. Source: Box & Jenkins (1970), the airline model; Findley & Soukup (2000) for
    the regressors; statsmodels SARIMAX does the fitting.
    """
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    require_months(task, MIN_MONTHS, gaps=True)
    require_variation(task)
    regressors = task.regressors
    model = SARIMAX(
        task.log,
        exog=regressors[: task.n],
        order=(0, 1, 1),
        seasonal_order=(0, 1, 1, 12),
        concentrate_scale=True,
    )
    parameters, converged = fit_parameters(model)
    coefficients = parameters[: regressors.shape[1]]
    effects = regressors[task.n :] @ coefficients
    mean, covariance = joint_forecast(model, parameters, task.horizon, effects)
    return Paths(gaussian_paths(task, "sarima", mean, covariance), converged)
