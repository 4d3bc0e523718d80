"""Unobserved components: level with drift, seasonal pattern, calendar; a noisier start of the year."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.linalg import cho_solve, lapack

from chipexports.forecast.methods.statespace import fit_posterior
from chipexports.forecast.methods.task import (
    YEAR,
    Paths,
    Task,
    fitted_months,
    gaussian_paths,
    real_share_of_variance,
    require_months,
    require_variation,
)

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
#: the first months settle the states and do not count for the likelihood
BURN = YEAR + 1


@lru_cache(maxsize=64)
def component_covariances(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what level shocks, seasonal shocks and the states' prior contribute, each (n, n).

    The level is a random walk with a fixed drift. A seasonal shock raises its month and lowers the next
    one, every year from then on, so that any twelve months keep their sum (Harvey 1989, section 2.3.4:
    the dummy form).
    """
    month = np.arange(n)
    level = np.minimum.outer(month, month).astype(float)
    response = np.zeros(n)
    response[::YEAR], response[1::YEAR] = 1.0, -1.0
    lag = month[:, None] - month[1:]  # shocks come from the second month on
    shocks = np.where(lag >= 0, response[np.maximum(lag, 0)], 0.0)
    first = np.vstack([np.eye(SEASONS)[:1], -np.ones((1, SEASONS)), np.eye(SEASONS)[:0:-1]])[month % YEAR]
    start = DIFFUSE * (1.0 + first @ first.T) + DRIFT_VARIANCE * np.outer(month, month)
    return level, shocks @ shocks.T, start


@dataclass(frozen=True)
class Components:
    """Covariances of n months in units of the noise's variance; those of shocks still to be scaled."""

    level: np.ndarray  # of level shocks; all three (n, n)
    seasonal: np.ndarray  # of seasonal shocks
    rest: np.ndarray  # of the states' prior, the calendar and the noise

    def total(self, ratios: np.ndarray) -> np.ndarray:
        """Return the covariance of the months in units of the noise's variance.

        ``ratios`` are the logs of the standard deviations of level and seasonal shocks over the noise's.
        """
        level, seasonal = np.exp(2 * ratios)
        whole = level * self.level  # in place: this is called some sixty times a forecast
        whole += self.rest
        whole += seasonal * self.seasonal
        return whole

    def of(self, months: np.ndarray) -> Components:
        """Return the components of some months only, given by their positions."""
        cut = np.ix_(months, months)
        return Components(self.level[cut], self.seasonal[cut], self.rest[cut])


def components(
    regressors: np.ndarray,
    noise: np.ndarray,  # variances, in units of that of March to December
) -> Components:
    """Return the components of n months with calendar regressors, shape (n, k), and noise, shape (n,)."""
    level, seasonal, start = component_covariances(len(noise))
    return Components(level, seasonal, start + DIFFUSE * regressors @ regressors.T + np.diag(noise))


def likelihood(ratios: np.ndarray, log: np.ndarray, parts: Components, burn: int) -> tuple[float, np.ndarray]:
    """Return the log likelihood of the months after the first ``burn``, and their whitened errors.

    The Cholesky factor whitens the months one after the other, as a Kalman filter would: its diagonal holds
    the one-step standard deviations. The noise's variance, the mean square of the errors, is concentrated
    out.
    """
    factor, _ = lapack.dpotrf(parts.total(ratios), lower=1, clean=0, overwrite_a=1)
    errors = lapack.dtrtrs(factor, log, lower=1)[0][burn:]
    variance = float(errors @ errors / len(errors))
    value = np.log(factor.diagonal()[burn:]).sum() + len(errors) / 2 * (np.log(2 * np.pi * variance) + 1)
    return -float(value), errors


def forecast(
    ratios: np.ndarray, log: np.ndarray, parts: Components, known: np.ndarray, ahead: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and covariance of the months ``ahead`` given those ``known``, noise variance one.

    Both are positions in ``parts``; ``log`` holds the known months only, and the mean is of logs.
    """
    whole = parts.total(ratios)
    across = whole[np.ix_(ahead, known)]
    factor = np.linalg.cholesky(whole[np.ix_(known, known)])
    mean = across @ cho_solve((factor, True), log)
    return mean, whole[np.ix_(ahead, ahead)] - across @ cho_solve((factor, True), across.T)


def _fit(
    task: Task, log: np.ndarray, known: np.ndarray, burn: int, noise: np.ndarray, start: np.ndarray
) -> tuple[Components, np.ndarray, bool, np.ndarray]:
    """Return the components, their log ratios, whether the fit converged, and the whitened errors."""
    parts = components(task.regressors, noise)
    here = parts.of(known)
    ratios, converged = fit_posterior(
        lambda r: likelihood(r, log, here, burn)[0], len(log), PRIOR_MEAN, PRIOR_SD, start
    )
    return parts, ratios, converged, likelihood(ratios, log, here, burn)[1]


def ucm(task: Task) -> Paths:
    """Fit level with drift + seasonal + calendar effects + noise to the logs and forecast jointly.

    Needs 18 months; missing ones are left out, months with a standard error count for less. The noise
    of January and February has four times the variance of the other months', so that the festival does
    not pass for a turn of the level. Source: Harvey (1989), chapter 4. Likelihood and forecast are those
    of the Kalman filter of statsmodels' state-space models, computed from the months' joint normal
    distribution: at 144 months that takes a tenth of the time.
    """
    require_months(task, MIN_MONTHS, gaps=True)
    require_variation(task)
    known = np.flatnonzero(np.isfinite(task.log))
    log, burn = task.log[known], int((known < min(BURN, task.n // 2)).sum())
    noise = np.where(task.ordinals % YEAR < 2, EARLY_NOISE, 1.0)
    parts, ratios, converged, errors = _fit(task, log, known, burn, noise, PRIOR_MEAN)
    variance = float(errors @ errors / len(errors))
    if task.log_se.any():
        noise[: task.n] += task.log_se**2 / max(variance, 1e-12)
        parts, ratios, converged, errors = _fit(task, log, known, burn, noise, ratios)
        variance = float(errors @ errors / len(errors))
    variance *= real_share_of_variance(task, known[burn:], errors)
    mean, covariance = forecast(ratios, log, parts, known, np.arange(task.n, task.n + task.horizon))
    return Paths(gaussian_paths(task, "ucm", mean, variance * covariance), converged, fitted_months(task))
