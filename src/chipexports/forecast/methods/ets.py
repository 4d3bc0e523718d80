"""Exponential smoothing with damped trend and seasonality, additive on logs."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from chipexports.forecast.methods.smoothing import DIFFERENCES, Smoothing, filtered, residuals
from chipexports.forecast.methods.task import (
    YEAR,
    Paths,
    Task,
    fitted_months,
    gaussian_paths,
    real_share_of_variance,
    require_variation,
    since_last_gap,
)

MIN_MONTHS = 26
#: start and bounds of alpha, beta / alpha, gamma / (1 - alpha) and phi; the bounds are statsmodels'
START = (0.4, 0.025, 0.033, 0.95)
BOUNDS = ((1e-4, 1 - 1e-4),) * 3 + ((0.8, 0.98),)
#: mean squared error below which a fit counts as perfect, so that its logarithm stays finite
FLOOR = 1e-16


def _smoothing(free: np.ndarray) -> Smoothing:
    alpha, share, seasonal, phi = (float(x) for x in free)
    return Smoothing(alpha, alpha * share, (1 - alpha) * seasonal, phi)


def objective(free: np.ndarray, log: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the log of the mean squared one-step error, and its gradient by the free parameters, shape (4,).

    These are alpha, beta / alpha, gamma / (1 - alpha) and phi; as the initial states are at their optimum,
    the gradient takes them as fixed.
    """
    n, s = len(log), _smoothing(free)
    error, states = residuals(log, s)
    i = np.arange(1, n + 1)
    rest = log - s.initial_paths(n) @ states
    moved = np.column_stack([np.convolve(slope, error)[:n] for slope in s.slopes()])
    # phi also stands in delta and in the path of the initial trend
    moved[:, 3] += np.convolve(np.append(0.0, DIFFERENCES), rest)[:n]
    moved[:, 3] += states[-1] * np.convolve(s.delta(), np.cumsum(i * s.phi ** (i - 1)))[:n]
    by_alpha, by_beta, by_gamma, by_phi = -2 * error @ filtered(np.ones(1), s.theta(), moved)
    by_alpha += by_beta * free[1] - by_gamma * free[2]
    gradient = np.array([by_alpha, by_beta * free[0], by_gamma * (1 - free[0]), by_phi])
    square = error @ error + FLOOR * n
    return float(np.log(square / n)), gradient / square


def fit_ets(log: np.ndarray) -> tuple[Smoothing, bool]:
    """Return the smoothing that maximises the likelihood, and whether the optimiser converged."""
    best = minimize(objective, START, args=(log,), jac=True, method="L-BFGS-B", bounds=BOUNDS)
    return _smoothing(best.x), bool(best.success)


def ets_covariance(s: Smoothing, variance: float, horizon: int) -> np.ndarray:
    """Return the covariance of the forecast errors of ETS(A,Ad,A), shape (horizon, horizon).

    The error j months after a shock is ``c[j] = alpha + beta (phi + ... + phi^j) + gamma [j mod 12 = 0]``
    times the shock (Hyndman, Koehler, Ord & Snyder 2008, chapter 6).
    """
    j = np.arange(1, horizon)
    weights = s.alpha + s.beta * np.cumsum(s.phi**j) + s.gamma * (j % YEAR == 0)
    impulse = np.concatenate([[1.0], weights])
    lower = np.array([[impulse[i - k] if i >= k else 0.0 for k in range(horizon)] for i in range(horizon)])
    return variance * lower @ lower.T


def ets_forecast(log: np.ndarray, s: Smoothing, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the forecast means, shape (horizon,), and the one-step errors, (n,), given the smoothing."""
    error, states = residuals(log, s)
    stochastic = filtered(s.theta(), s.delta(), np.concatenate([error, np.zeros(horizon)]))
    path = s.initial_paths(len(log) + horizon) @ states + stochastic
    return path[len(log) :], error


def ets(task: Task) -> Paths:
    """Fit ETS(A,Ad,A) to the logs and forecast jointly.

    Needs 26 months after the last gap. Source: Hyndman, Koehler, Ord & Snyder (2008), chapter 5 for the
    likelihood, which is that of statsmodels' ETSModel. The errors come from the reduced form (their
    chapter 11), the thirteen initial states by least squares, so that four parameters are left to search,
    with their gradient: a tenth of the time, and no stopping at poor optima.
    """
    task = since_last_gap(task, MIN_MONTHS)
    require_variation(task)
    smoothing, converged = fit_ets(task.log)
    mean, errors = ets_forecast(task.log, smoothing, task.horizon)
    variance = float(errors @ errors / len(errors))
    variance *= real_share_of_variance(task, np.arange(task.n), errors)
    return Paths(
        gaussian_paths(task, "ets", mean, ets_covariance(smoothing, variance, task.horizon)),
        converged,
        fitted_months(task),
    )
