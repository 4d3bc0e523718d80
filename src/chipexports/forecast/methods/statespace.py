"""Fitting a likelihood with a prior, and the exact joint distribution of a state-space model's forecasts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import minimize

#: step of a forward difference, relative: the root of the machine's precision
STEP = float(np.sqrt(np.finfo(float).eps))


def with_slope(function: Callable[[np.ndarray], float]) -> Callable[[np.ndarray], tuple[float, np.ndarray]]:
    """Return a function that gives a function's value and its gradient by forward differences.

    scipy's optimisers do so by themselves, but their bookkeeping costs as much as a function of a tenth of a
    millisecond.
    """

    def both(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        value = function(parameters)
        steps = STEP * np.maximum(np.abs(parameters), 1.0)
        moved = [
            function(parameters + step * axis) for step, axis in zip(steps, np.eye(len(steps)), strict=True)
        ]
        return value, (np.array(moved) - value) / steps

    return both


def fit_posterior(
    log_likelihood: Callable[[np.ndarray], float],
    months: int,
    prior_mean: np.ndarray,
    prior_sd: np.ndarray,
    start: np.ndarray | None = None,
    limit: float = 6.0,  # how far from the prior's mean the search goes
) -> tuple[np.ndarray, bool]:
    """Return the parameters that maximise likelihood times a normal prior, and whether the search converged.

    Their scale is unbounded. The search starts at the prior's mean unless told otherwise and stops at a given
    gain per month.
    """

    def objective(parameters: np.ndarray) -> float:
        penalty = 0.5 * (((parameters - prior_mean) / prior_sd) ** 2).sum()
        return (penalty - log_likelihood(parameters)) / months

    bounds = [(m - limit, m + limit) for m in prior_mean]
    first = prior_mean if start is None else start
    options = {"maxiter": 60, "ftol": 1e-8}
    best = minimize(with_slope(objective), first, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return best.x, bool(best.success and np.isfinite(best.fun))


def joint_forecast(model: Any, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Return mean (horizon,) and covariance (horizon, horizon) of the months after the sample.

    The model's matrices hold the parameters wanted and do not vary over time. With ``y[t] = Z a[t] + e[t]``,
    ``a[t+1] = T a[t] + R n[t]`` and the filter's prediction ``a[n+1] ~ N(a, P)``, the covariance of
    ``y[n+i]`` and ``y[n+j]``, ``i <= j``, is ``Z[j] T^(j-i) P[i] Z[i]'``, plus the measurement variance where
    ``i = j`` (Durbin & Koopman 2012, section 4.11).
    """
    result = model.ssm.filter()
    scale = float(result.scale)
    transition, row, selection = model.ssm["transition"], model.ssm["design"][0], model.ssm["selection"]
    shocks = selection @ model.ssm["state_cov"] @ selection.T * scale
    noise = float(np.ravel(model.ssm["obs_cov"])[-1]) * scale
    state, spread = result.predicted_state[:, -1], result.predicted_state_cov[:, :, -1]
    mean, covariance = np.empty(horizon), np.empty((horizon, horizon))
    for i in range(horizon):
        mean[i] = row @ state
        carried = spread @ row
        covariance[i, i] = row @ carried + noise
        for j in range(i + 1, horizon):
            carried = transition @ carried
            covariance[i, j] = covariance[j, i] = row @ carried
        state = transition @ state
        spread = transition @ spread @ transition.T + shocks
    return mean, covariance
