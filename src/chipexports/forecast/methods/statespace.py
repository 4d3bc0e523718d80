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

    As scipy's optimisers do by themselves, whose bookkeeping costs as much as a function of a tenth of a
    millisecond.

    Parameters
    ----------
    function : callable
        Of parameters, ndarray, shape (k,).

    Returns
    -------
    callable
        Gives the value and the gradient, shape (k,).
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
    limit: float = 6.0,
) -> tuple[np.ndarray, bool]:
    """Maximise likelihood times a normal prior.

    Parameters
    ----------
    log_likelihood : callable
        Of unbounded parameters, shape (k,).
    months : int
        Number of months it is the likelihood of: the search stops at a given gain per month.
    prior_mean, prior_sd : ndarray, shape (k,)
        On the unbounded scale.
    start : ndarray, shape (k,), optional
        By default the prior's mean.
    limit : float
        How far from the prior's mean the search goes.

    Returns
    -------
    (ndarray, bool)
        Parameters, shape (k,), and whether the optimiser converged.
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

    Parameters
    ----------
    model : statsmodels MLEModel
        Its matrices hold the parameters wanted and do not vary over time.
    horizon : int
        Number of months after the sample.

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
