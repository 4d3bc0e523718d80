"""The airline model in closed form: exact likelihood by a banded Cholesky factor, and its forecasts.

The differenced series ``w = (1-L)(1-L^12) y`` of the model (0,1,1)(0,1,1)12 is a moving average whose
covariance matrix has bandwidth 13, so its exact likelihood, with the regression profiled out, costs
a tenth of a millisecond. It gives :mod:`sarima` its starting point and the calibration its past errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.linalg import cho_solve_banded, cholesky_banded, lapack
from scipy.optimize import minimize

from chipexports.forecast.methods.statespace import with_slope

BAND = 13
#: prior of the moving-average coefficients on the scale of their inverse hyperbolic tangent: typical
#: values of monthly trade series, weak once there are some sixty months
PRIOR_MEAN = np.arctanh([-0.35, -0.75])
PRIOR_SD = np.array([0.5, 0.5])
#: ridge on the calendar coefficients in units of the innovation variance
RIDGE = 0.3
LIMIT = 2.6


def difference(values: np.ndarray) -> np.ndarray:
    """Return ``(1-L)(1-L^12)`` of a series or of the columns of a matrix.

    Parameters
    ----------
    values : ndarray, shape (n,) or (n, k)
        Months in order, n > 13.

    Returns
    -------
    ndarray, shape (n - 13,) or (n - 13, k)
        From the fourteenth month on; unit as given.
    """
    first = values[1:] - values[:-1]
    return first[12:] - first[:-12]


def autocovariances(theta: float, seasonal: float) -> np.ndarray:
    """Return the autocovariances of ``(1+theta L)(1+seasonal L^12) e`` at lags 0 to 13, variance of e one."""
    gamma, a, b = np.zeros(BAND + 1), 1 + theta**2, 1 + seasonal**2
    gamma[0], gamma[1], gamma[12] = a * b, theta * b, a * seasonal
    gamma[11] = gamma[13] = theta * seasonal
    return gamma


@dataclass(frozen=True)
class AirlineFit:
    """Coefficients of an airline model with regressors.

    Attributes
    ----------
    theta, seasonal : float
        Moving-average coefficients.
    beta : ndarray, shape (k,)
        Regression coefficients.
    variance : float
        Variance of the innovations.
    converged : bool
        Whether the optimiser says so.
    noise : ndarray, shape (n,), or None
        Variance of each month's error of measurement, in units of that of the innovations.
    """

    theta: float
    seasonal: float
    beta: np.ndarray
    variance: float
    converged: bool = True
    noise: np.ndarray | None = None

    def band(self, m: int) -> np.ndarray:
        """Return the covariance of m differenced months as a lower band, (14, m), innovation variance one."""
        return covariance_band(self.theta, self.seasonal, m, self.noise)


#: what a month adds to the differenced month the given number of months later
_SIGNS = ((0, 1.0), (1, -1.0), (12, -1.0), (BAND, 1.0))


def noise_band(noise: np.ndarray) -> np.ndarray:
    """Return the covariance that independent errors of months give the differenced months, as a lower band.

    Variances of shape (n,) give (14, n - 13): entry (lag, t) is the covariance of the differenced months
    ``t`` and ``t + lag``.
    """
    m = len(noise) - BAND
    band = np.zeros((BAND + 1, m))
    for (
        early,
        sign,
    ) in _SIGNS:  # the month stands ``early`` before the first of the two, ``late`` before the other
        for late, other in _SIGNS:
            lag = late - early
            if 0 <= lag < m:
                band[lag, : m - lag] += sign * other * noise[BAND - early : BAND - early + m - lag]
    return band


def covariance_band(theta: float, seasonal: float, m: int, noise: np.ndarray | None) -> np.ndarray:
    """Return the covariance of m differenced months as a lower band, (14, m), innovation variance one."""
    band = np.repeat(autocovariances(theta, seasonal)[:, None], m, axis=1)
    return band if noise is None else band + noise_band(noise)


def profile(
    unbounded: np.ndarray, w: np.ndarray, x: np.ndarray, noise: np.ndarray | None = None
) -> tuple[float, np.ndarray, float]:
    """Return minus twice the log likelihood (constants dropped), beta and the variance.

    Parameters
    ----------
    unbounded : ndarray, shape (2,)
        Inverse hyperbolic tangents of theta and seasonal.
    w : ndarray, shape (m,)
        Differenced logs.
    x : ndarray, shape (m, k)
        Differenced regressors.
    noise : ndarray, shape (m + 13,), optional
        Variance of each month's error of measurement, in units of that of the innovations.

    Returns
    -------
    (float, ndarray, float)
        Minus twice the log likelihood; beta, shape (k,), by generalised least squares with a ridge; the
        variance of the innovations, squared logs.
    """
    theta, seasonal = np.tanh(unbounded)
    band = covariance_band(theta, seasonal, len(w), noise)
    factor = cholesky_banded(band, lower=True, check_finite=False)
    solved = cho_solve_banded((factor, True), np.column_stack([w, x]), check_finite=False)
    beta = np.linalg.solve(x.T @ solved[:, 1:] + RIDGE * np.eye(x.shape[1]), x.T @ solved[:, 0])
    variance = float((w - x @ beta) @ (solved[:, 0] - solved[:, 1:] @ beta) / len(w))
    value = len(w) * np.log(max(variance, 1e-300)) + 2 * np.log(factor[0]).sum()
    return float(value), beta, variance


def fit_airline(log: np.ndarray, regressors: np.ndarray, log_se: np.ndarray | None = None) -> AirlineFit:
    """Fit the model by maximum posterior.

    Parameters
    ----------
    log : ndarray, shape (n,)
        Logs of the known months, no gap, n > 14.
    regressors : ndarray, shape (n, k)
        Of the same months.
    log_se : ndarray, shape (n,), optional
        Standard error of each log; where one is positive the model is fitted again with these errors of
        measurement, in units of the innovations' variance of the first fit.

    Returns
    -------
    AirlineFit
        Coefficients, the variance of the innovations in squared logs, and whether the fit converged.
    """
    plain = _fit(log.tobytes(), regressors.tobytes(), len(log), b"")
    if log_se is None or not log_se.any():
        return plain
    noise = log_se**2 / max(plain.variance, 1e-12)
    return _fit(log.tobytes(), regressors.tobytes(), len(log), noise.tobytes())


@lru_cache(maxsize=32)
def _fit(log: bytes, regressors: bytes, n: int, errors: bytes) -> AirlineFit:
    """Fit once for the method and what is read out of it."""
    w, x = difference(np.frombuffer(log)), difference(np.frombuffer(regressors).reshape(n, -1))
    noise = np.frombuffer(errors) if errors else None

    def objective(unbounded: np.ndarray) -> float:
        value = profile(unbounded, w, x, noise)[0]
        return (value + (((unbounded - PRIOR_MEAN) / PRIOR_SD) ** 2).sum()) / len(w)

    best = minimize(
        with_slope(objective), PRIOR_MEAN, jac=True, method="L-BFGS-B", bounds=[(-LIMIT, LIMIT)] * 2
    )
    _, beta, variance = profile(best.x, w, x, noise)
    theta, seasonal = np.tanh(best.x)
    return AirlineFit(float(theta), float(seasonal), beta, variance, bool(best.success), noise)


def residuals(fit: AirlineFit, log: np.ndarray, regressors: np.ndarray) -> np.ndarray:
    """Return the whitened one-step errors of the differenced months; their mean square is the variance."""
    w = difference(log - regressors @ fit.beta)
    factor = cholesky_banded(fit.band(len(w)), lower=True, check_finite=False)
    return lapack.dtbtrs(factor, w, uplo="L")[0]


def _undifferenced(values: np.ndarray) -> np.ndarray:
    """Return the transpose of `difference` applied to values, shape (m + 13,)."""
    out = np.zeros(len(values) + BAND)
    for early, sign in _SIGNS:
        out[BAND - early : BAND - early + len(values)] += sign * values
    return out


def _integrate(differenced: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return levels that continue ``levels`` (at least 13) and have the given differences."""
    values = list(levels[-BAND:])
    for value in differenced:
        values.append(value + values[-1] + values[-12] - values[-13])
    return np.array(values[BAND:])


def airline_forecast(
    fit: AirlineFit, log: np.ndarray, regressors: np.ndarray, horizon: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean (horizon,) and covariance (horizon, horizon) of the logs of the months after ``log``.

    ``regressors``, shape (n + horizon, k), are of known and wanted months; the mean is the exact
    finite-sample predictor, the covariance that of an infinite past.
    """
    n = len(log)
    rest = log - regressors[:n] @ fit.beta
    w = difference(rest)
    gamma = autocovariances(fit.theta, fit.seasonal)
    factor = cholesky_banded(fit.band(len(w)), lower=True, check_finite=False)
    weighted = cho_solve_banded((factor, True), w, check_finite=False)
    if fit.noise is not None:  # the levels to go on from, less what was measured wrongly
        rest = rest - fit.noise * _undifferenced(weighted)
    ahead = np.zeros(horizon)
    for i in range(min(horizon, BAND)):
        lags = np.arange(i + 1, BAND + 1)
        past = len(w) + i - lags
        ahead[i] = gamma[lags[past >= 0]] @ weighted[past[past >= 0]]
    mean = _integrate(ahead, rest) + regressors[n : n + horizon] @ fit.beta
    impulse = np.zeros(horizon)
    for lag, weight in ((0, 1.0), (1, fit.theta), (12, fit.seasonal), (13, fit.theta * fit.seasonal)):
        if lag < horizon:
            impulse[lag] = weight
    response = _integrate(impulse, np.zeros(BAND))
    lower = np.array([[response[i - j] if i >= j else 0.0 for j in range(horizon)] for i in range(horizon)])
    return mean, fit.variance * lower @ lower.T
