"""Lean fitting of a statsmodels state-space model and the exact joint distribution of its forecasts."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np


def fit_parameters(model: Any, start: np.ndarray | None = None, maxiter: int = 60) -> tuple[np.ndarray, bool]:
    """Fit by maximum likelihood and return (parameters, converged).

    The results object, whose construction costs more than the fit, is not built. The warning of
    non-convergence is turned into the returned flag; no other warning is touched.
    """
    from statsmodels.tools.sm_exceptions import ConvergenceWarning

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        parameters = model.fit(
            start, disp=False, maxiter=maxiter, return_params=True, cov_type="none", optim_score="approx"
        )
    failed = any(issubclass(w.category, ConvergenceWarning) for w in caught)
    for w in caught:
        if not issubclass(w.category, ConvergenceWarning):
            warnings.warn_explicit(w.message, w.category, w.filename, w.lineno)
    return np.asarray(parameters), not failed and bool(np.isfinite(parameters).all())


def joint_forecast(model: Any, parameters: np.ndarray, horizon: int, effects: np.ndarray) -> tuple[Any, Any]:
    """Return mean (horizon,) and covariance (horizon, horizon) of the next months, given the model.

    Parameters
    ----------
    effects : ndarray, shape (horizon,)
        Known additions to the observation, e.g. calendar regressors times their coefficients.

    Notes
    -----
    With ``y[t] = d + Z a[t] + e[t]``, ``a[t+1] = c + T a[t] + R n[t]`` and the filter's prediction
    ``a[n+1] ~ N(a, P)``, the covariance of ``y[n+i]`` and ``y[n+j]``, i <= j, is
    ``Z P[i] (T^(j-i))' Z'`` plus the measurement variance where i = j
    (Durbin & Koopman 2012, section 4.11). Time-invariant matrices are assumed.
    """
    model.update(parameters)
    result = model.ssm.filter()
    scale = result.scale
    transition, design = model.ssm["transition"], model.ssm["design"]
    if design.ndim == 3:
        design = design[:, :, -1]
    selected = model.ssm["selection"] @ model.ssm["state_cov"] @ model.ssm["selection"].T * scale
    noise = float(np.squeeze(model.ssm["obs_cov"])) * scale
    intercept = (
        np.atleast_2d(model.ssm["state_intercept"])[:, -1] if model.ssm["state_intercept"].any() else 0.0
    )
    state, spread = result.predicted_state[:, -1].copy(), result.predicted_state_cov[:, :, -1].copy()
    row = design[0]
    mean, covariance = np.empty(horizon), np.empty((horizon, horizon))
    for i in range(horizon):
        mean[i] = row @ state
        carried = spread @ row
        covariance[i, i] = row @ carried + noise
        for j in range(i + 1, horizon):
            carried = transition @ carried
            covariance[i, j] = covariance[j, i] = row @ carried
        state = transition @ state + intercept
        spread = transition @ spread @ transition.T + selected
    return mean + effects, covariance
