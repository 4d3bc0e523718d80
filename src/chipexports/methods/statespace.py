"""Fitting a statsmodels state-space model with a prior, and the exact joint distribution of its forecasts."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import minimize


def fit_posterior(
    model: Any, start: np.ndarray, prior_mean: np.ndarray, prior_sd: np.ndarray, limit: float = 6.0
) -> tuple[np.ndarray, bool]:
    """Maximise likelihood times prior and return (unbounded parameters, converged).

    Parameters
    ----------
    model : statsmodels MLEModel
        Has ``loglike_unbounded(parameters)``, its Kalman filter's log likelihood.
    start, prior_mean, prior_sd : ndarray, shape (k,)
        On the unbounded scale; a standard deviation of infinity means no prior.

    Notes
    -----
    statsmodels' own ``fit`` builds a results object that costs more than the filter runs it needs.
    """

    def objective(parameters: np.ndarray) -> float:
        penalty = 0.5 * (((parameters - prior_mean) / prior_sd) ** 2).sum()
        return (penalty - model.loglike_unbounded(parameters)) / model.nobs

    bounds = [(m - limit, m + limit) for m in prior_mean]
    best = minimize(objective, start, method="L-BFGS-B", bounds=bounds, options={"maxiter": 60, "ftol": 1e-8})
    return best.x, bool(best.success and np.isfinite(best.fun))


def joint_forecast(
    model: Any,
    horizon: int,
    future_design: np.ndarray | None = None,
    future_noise: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean (horizon,) and covariance (horizon, horizon) of the months after the sample.

    Parameters
    ----------
    model : statsmodels MLEModel
        Its matrices hold the parameters wanted; ``transition``, ``selection`` and ``state_cov`` do
        not vary over time.
    horizon : int
        Number of months after the sample.
    future_design : ndarray, shape (horizon, k_states), optional
        Rows of the design matrix in the future; by default the last one.
    future_noise : ndarray, shape (horizon,), optional
        ``obs_cov`` in the future, before the concentrated scale; by default the last one.

    Returns
    -------
    (ndarray, ndarray)
        Mean, shape (horizon,), and covariance, shape (horizon, horizon).

    Notes
    -----
    With ``y[t] = Z a[t] + e[t]``, ``a[t+1] = T a[t] + R n[t]`` and the filter's prediction
    ``a[n+1] ~ N(a, P)``, the covariance of ``y[n+i]`` and ``y[n+j]``, i <= j, is
    ``Z[j] T^(j-i) P[i] Z[i]'``, plus the measurement variance where i = j
    (Durbin & Koopman 2012, section 4.11).
    """
    result = model.ssm.filter()
    scale = float(result.scale)
    transition, design = model.ssm["transition"], model.ssm["design"]
    last = design[0, :, -1] if design.ndim == 3 else design[0]
    rows = np.tile(last, (horizon, 1)) if future_design is None else future_design
    selection = model.ssm["selection"]
    shocks = selection @ model.ssm["state_cov"] @ selection.T * scale
    noise = np.full(horizon, np.ravel(model.ssm["obs_cov"])[-1]) if future_noise is None else future_noise
    state, spread = result.predicted_state[:, -1], result.predicted_state_cov[:, :, -1]
    mean, covariance = np.empty(horizon), np.empty((horizon, horizon))
    for i in range(horizon):
        mean[i] = rows[i] @ state
        carried = spread @ rows[i]
        covariance[i, i] = rows[i] @ carried + noise[i] * scale
        for j in range(i + 1, horizon):
            carried = transition @ carried
            covariance[i, j] = covariance[j, i] = rows[j] @ carried
        state = transition @ state
        spread = transition @ spread @ transition.T + shocks
    return mean, covariance
