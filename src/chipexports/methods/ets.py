"""Exponential smoothing with damped trend and seasonality, additive on logs."""

from __future__ import annotations

import warnings

import numpy as np

from chipexports.methods.task import YEAR, Paths, Task, gaussian_paths, require_months, require_variation

MIN_MONTHS = 26


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


def ets(task: Task) -> Paths:
    """Fit ETS(A,Ad,A) to the logs and forecast jointly.

    Needs 26 months without a gap. Source: Hyndman et al. (2008); statsmodels ETSModel does the fitting.
    """
    from statsmodels.tools.sm_exceptions import ConvergenceWarning
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    require_months(task, MIN_MONTHS)
    require_variation(task)
    model = ETSModel(
        task.log, error="add", trend="add", damped_trend=True, seasonal="add", seasonal_periods=YEAR
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # recorded below instead
        fit = model.fit(disp=False, maxiter=200)
    names = dict(zip(fit.param_names, fit.params, strict=True))
    mean = np.asarray(fit.forecast(task.horizon))
    variance = float(np.mean(np.asarray(fit.resid) ** 2))
    covariance = ets_covariance(
        names["smoothing_level"],
        names["smoothing_trend"],
        names["damping_trend"],
        names["smoothing_seasonal"],
        variance,
        task.horizon,
    )
    return Paths(gaussian_paths(task, "ets", mean, covariance), bool(fit.mle_retvals["converged"]))
