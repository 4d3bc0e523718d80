"""Unobserved components: level with drift, seasonal pattern, calendar; a noisier start of the year."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from chipexports.methods.statespace import fit_posterior, joint_forecast
from chipexports.methods.task import YEAR, Paths, Task, gaussian_paths, require_months, require_variation

MIN_MONTHS = 18
SEASONS = YEAR - 1
#: variance of the noise in January and February against other months: what the festival moves about is
#: only partly explained by its date
EARLY_NOISE = 4.0
#: prior of the log ratios of level and seasonal shocks to the noise (standard deviations)
PRIOR_MEAN, PRIOR_SD = np.array([0.0, -2.0]), np.array([1.0, 1.0])
#: prior variance of the states, and of the monthly drift, in units of the noise's variance: where months
#: scatter by five per cent, a drift within one per cent a month either way is likely
DIFFUSE, DRIFT_VARIANCE = 100.0, 0.03
#: states before the seasonal ones: level and drift
HEAD = 2


@lru_cache(maxsize=1)
def _model_class() -> Any:
    """Return the model's class; statsmodels is imported on first use."""
    from statsmodels.tsa.statespace.mlemodel import MLEModel

    class LevelSeason(MLEModel):
        """Level with fixed drift, dummy seasonal, fixed calendar coefficients; scale concentrated out."""

        def __init__(self, log: np.ndarray, regressors: np.ndarray, noise: np.ndarray) -> None:
            k = regressors.shape[1]
            states = HEAD + SEASONS + k
            super().__init__(log, k_states=states, k_posdef=2)
            transition = np.eye(states)
            transition[0, 1] = 1.0
            transition[HEAD, HEAD : HEAD + SEASONS] = -1.0
            transition[HEAD + 1 : HEAD + SEASONS, HEAD : HEAD + SEASONS] = np.eye(SEASONS - 1, SEASONS)
            selection = np.zeros((states, 2))
            selection[0, 0] = selection[HEAD, 1] = 1.0
            self.ssm["transition"], self.ssm["selection"] = transition, selection
            self.ssm["design"] = design_rows(regressors).T[None]
            self.ssm["obs_cov"] = noise[None, None, :]
            self.ssm["state_cov"] = np.eye(2)
            variances = np.full(states, DIFFUSE)
            variances[1] = DRIFT_VARIANCE
            self.ssm.initialize_known(np.zeros(states), np.diag(variances))
            self.loglikelihood_burn = min(YEAR + 1, len(log) // 2)
            self.ssm.filter_concentrated = True

        def loglike_unbounded(self, parameters: np.ndarray) -> float:
            self.set_ratios(parameters)
            return self.ssm.loglike()

        def set_ratios(self, parameters: np.ndarray) -> None:
            self.ssm["state_cov"] = np.diag(np.exp(2 * parameters))

    return LevelSeason


def design_rows(regressors: np.ndarray) -> np.ndarray:
    """Return the design matrix of months with the given regressors, shape (n, 13 + k)."""
    rows = np.zeros((len(regressors), HEAD + SEASONS))
    rows[:, 0] = rows[:, HEAD] = 1.0
    return np.hstack([rows, regressors])


def ucm(task: Task) -> Paths:
    """Fit level with drift + seasonal + calendar effects + noise to the logs and forecast jointly.

    Needs 18 months; missing ones are skipped by the Kalman filter, months with a standard error
    count for less. The noise of January and February has four times the variance of the other
    months', so that the festival does not pass for a turn of the level. Source: Harvey (1989),
    chapter 4; statsmodels' state-space model does the fitting.
    """
    require_months(task, MIN_MONTHS, gaps=True)
    require_variation(task)
    early = task.ordinals[: task.n] % YEAR < 2
    noise = np.where(early, EARLY_NOISE, 1.0)
    model = _model_class()(task.log, task.regressors[: task.n], noise)
    best, converged = fit_posterior(model, PRIOR_MEAN, PRIOR_MEAN, PRIOR_SD)
    if task.log_se.any():
        model.set_ratios(best)
        noise = noise + task.log_se**2 / max(float(model.ssm.filter().scale), 1e-12)
        model = _model_class()(task.log, task.regressors[: task.n], noise)
        best, converged = fit_posterior(model, best, PRIOR_MEAN, PRIOR_SD)
    model.set_ratios(best)
    ahead = np.where(task.ordinals[task.n :] % YEAR < 2, EARLY_NOISE, 1.0)
    mean, covariance = joint_forecast(model, task.horizon, design_rows(task.regressors[task.n :]), ahead)
    return Paths(gaussian_paths(task, "ucm", mean, covariance), converged)
