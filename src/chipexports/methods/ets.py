"""Exponential smoothing with damped trend and seasonality, additive on logs."""

from __future__ import annotations

import numpy as np

from chipexports.methods.convergence import recorded_convergence
from chipexports.methods.task import YEAR, Paths, Task, gaussian_paths, require_months, require_variation

MIN_MONTHS = 26
#: starting values of level, trend and seasonal smoothing and of the damping
START = (0.4, 0.01, 0.02, 0.95)


def ets_covariance(
    alpha: float, beta: float, phi: float, gamma: float, variance: float, horizon: int
) -> np.ndarray:
    """Return the covariance of the forecast errors of ETS(A,Ad,A), shape (horizon, horizon).

    The error j months after a shock is ``c[j] = alpha + beta (phi + ... + phi^j) + gamma [j mod 12 = 0]``
    times the shock (Hyndman, Koehler, Ord & Snyder 2008, chapter 6).
    """
    j = np.arange(1, horizon)
    weights = alpha + beta * np.cumsum(phi**j) + gamma * (j % YEAR == 0)
    impulse = np.concatenate([[1.0], weights])
    lower = np.array([[impulse[i - k] if i >= k else 0.0 for k in range(horizon)] for i in range(horizon)])
    return variance * lower @ lower.T


def ets_forecast(log: np.ndarray, parameters: np.ndarray, horizon: int) -> tuple[np.ndarray, float]:
    """Return the forecast means (horizon,) and the residual variance, given the parameters.

    ``parameters`` in statsmodels' order: alpha, beta, gamma, phi, level, trend, then the twelve
    initial seasonals, the latest first. Building statsmodels' results object instead costs a
    Hessian, a third of the fit.
    """
    alpha, beta, gamma, phi, level, trend = parameters[:6]
    season = list(parameters[:5:-1])  # oldest first
    squares = 0.0
    for value in log:
        error = value - (level + phi * trend + season[0])
        level, trend = level + phi * trend + alpha * error, phi * trend + beta * error
        season.append(season.pop(0) + gamma * error)
        squares += error**2
    damped = np.cumsum(phi ** np.arange(1, horizon + 1))
    return level + trend * damped + np.array(season)[np.arange(horizon) % YEAR], squares / len(log)


def ets(task: Task) -> Paths:
    """Fit ETS(A,Ad,A) to the logs and forecast jointly.

    Needs 26 months without a gap. Source: Hyndman et al. (2008); statsmodels ETSModel does the fitting.
    """
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    require_months(task, MIN_MONTHS)
    require_variation(task)
    model = ETSModel(
        task.log, error="add", trend="add", damped_trend=True, seasonal="add", seasonal_periods=YEAR
    )
    start = np.concatenate([START, model.start_params[4:]])
    with recorded_convergence() as convergence:
        parameters = np.asarray(model.fit(start, disp=False, maxiter=200, return_params=True))
    mean, variance = ets_forecast(task.log, parameters, task.horizon)
    alpha, beta, gamma, phi = parameters[:4]
    covariance = ets_covariance(alpha, beta, phi, gamma, variance, task.horizon)
    return Paths(gaussian_paths(task, "ets", mean, covariance), convergence.reached)
