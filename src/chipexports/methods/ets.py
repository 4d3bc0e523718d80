"""Exponential smoothing with damped trend and seasonality, additive on logs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.signal import lfilter

from chipexports.methods.task import YEAR, Paths, Task, gaussian_paths, require_months, require_variation

MIN_MONTHS = 26
#: start and bounds of alpha, beta / alpha, gamma / (1 - alpha) and phi; the bounds are statsmodels'
START = (0.4, 0.025, 0.033, 0.95)
BOUNDS = ((1e-4, 1 - 1e-4),) * 3 + ((0.8, 0.98),)
#: mean squared error below which a fit counts as perfect, so that its logarithm stays finite
FLOOR = 1e-16
#: ridge on the initial states, whose columns may be all but collinear
RIDGE = 1e-10

# polynomials in the lag operator L, lowest power first
_DIFFERENCES = np.zeros(YEAR + 2)
_DIFFERENCES[[0, 1, YEAR, YEAR + 1]] = 1.0, -1.0, -1.0, 1.0  # (1-L)(1-L^12)
_LEVEL = np.zeros(YEAR + 2)
_LEVEL[[1, YEAR + 1]] = 1.0, -1.0  # L(1-L^12)
_SEASON = np.zeros(YEAR + 2)
_SEASON[[YEAR, YEAR + 1]] = 1.0, -1.0  # L^12(1-L)


@dataclass(frozen=True)
class Smoothing:
    """Smoothing parameters of ETS(A,Ad,A), and its reduced form as polynomials in the lag operator.

    Less the path its initial states would give alone, the series is ``delta(L) z = theta(L) e`` with
    ``delta = (1-phi L)(1-L)(1-L^12)`` and ``theta = delta + (alpha (1-phi L) + beta phi) L (1-L^12) +
    gamma L^12 (1-L)(1-phi L)``; coefficients stand lowest power first, shape (15,).

    Attributes
    ----------
    alpha, beta, gamma : float
        Share of a one-step error that goes into level, trend and season.
    phi : float
        Damping of the trend per month.
    """

    alpha: float
    beta: float
    gamma: float
    phi: float

    def delta(self) -> np.ndarray:
        """Return the differencing polynomial.

        Returns
        -------
        ndarray, shape (15,)
            Coefficients, lowest power first.
        """
        return np.convolve([1.0, -self.phi], _DIFFERENCES)

    def theta(self) -> np.ndarray:
        """Return the moving-average polynomial.

        Returns
        -------
        ndarray, shape (15,)
            Coefficients, lowest power first.
        """
        alpha, beta, gamma = self.slopes()[:3]
        return self.delta() + self.alpha * alpha + self.beta * beta + self.gamma * gamma

    def slopes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return the derivatives of ``theta`` by alpha, beta, gamma and phi.

        Returns
        -------
        (ndarray, ndarray, ndarray, ndarray)
            Each of shape (15,), lowest power first.
        """
        damping = [1.0, -self.phi]
        lagged = _DIFFERENCES + self.alpha * _LEVEL + self.gamma * _SEASON
        by_phi = np.append(self.beta * _LEVEL, 0.0) - np.append(0.0, lagged)
        beta = np.append(self.phi * _LEVEL, 0.0)
        return np.convolve(damping, _LEVEL), beta, np.convolve(damping, _SEASON), by_phi

    def initial_paths(self, n: int) -> np.ndarray:
        """Return what one unit of each initial state alone adds to the months.

        Parameters
        ----------
        n : int
            Number of months.

        Returns
        -------
        ndarray, shape (n, 13)
            Twelve seasons, then the damped trend.
        """
        seasons = np.tile(np.eye(YEAR), (n // YEAR + 1, 1))[:n]
        return np.column_stack([seasons, np.cumsum(self.phi ** np.arange(1, n + 1))])


def _smoothing(free: np.ndarray) -> Smoothing:
    alpha, share, seasonal, phi = (float(x) for x in free)
    return Smoothing(alpha, alpha * share, (1 - alpha) * seasonal, phi)


def residuals(log: np.ndarray, s: Smoothing) -> tuple[np.ndarray, np.ndarray]:
    """Return the one-step errors and the initial states that make them least.

    The errors are linear in the initial states, so these are least squares for given smoothing.

    Parameters
    ----------
    log : ndarray, shape (n,)
        Logs of the known months, no gap.
    s : Smoothing
        Smoothing parameters.

    Returns
    -------
    (ndarray, ndarray)
        Errors, shape (n,), and states, shape (13,): twelve seasons and the trend; logs.
    """
    filtered = lfilter(s.delta(), s.theta(), np.column_stack([log, s.initial_paths(len(log))]), axis=0)
    y, x = filtered[:, 0], filtered[:, 1:]
    states = np.linalg.solve(x.T @ x + RIDGE * np.eye(x.shape[1]), x.T @ y)
    return y - x @ states, states


def objective(free: np.ndarray, log: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the log of the mean squared one-step error, and its gradient by the free parameters.

    The initial states being at their optimum, the gradient takes them as fixed.

    Parameters
    ----------
    free : ndarray, shape (4,)
        Alpha, beta / alpha, gamma / (1 - alpha) and phi.
    log : ndarray, shape (n,)
        Logs of the known months, no gap.

    Returns
    -------
    (float, ndarray)
        Value, and gradient, shape (4,).
    """
    n, s = len(log), _smoothing(free)
    error, states = residuals(log, s)
    i = np.arange(1, n + 1)
    rest = log - s.initial_paths(n) @ states
    moved = np.column_stack([np.convolve(slope, error)[:n] for slope in s.slopes()])
    # phi also stands in delta and in the path of the initial trend
    moved[:, 3] += np.convolve(np.append(0.0, _DIFFERENCES), rest)[:n]
    moved[:, 3] += states[-1] * np.convolve(s.delta(), np.cumsum(i * s.phi ** (i - 1)))[:n]
    by_alpha, by_beta, by_gamma, by_phi = -2 * error @ lfilter([1.0], s.theta(), moved, axis=0)
    by_alpha += by_beta * free[1] - by_gamma * free[2]
    gradient = np.array([by_alpha, by_beta * free[0], by_gamma * (1 - free[0]), by_phi])
    square = error @ error + FLOOR * n
    return float(np.log(square / n)), gradient / square


def fit_ets(log: np.ndarray) -> tuple[Smoothing, bool]:
    """Return the smoothing that maximises the likelihood, and whether the optimiser converged.

    Parameters
    ----------
    log : ndarray, shape (n,)
        Logs of the known months, no gap.

    Returns
    -------
    (Smoothing, bool)
        Parameters, and whether the optimiser says it converged.
    """
    best = minimize(objective, START, args=(log,), jac=True, method="L-BFGS-B", bounds=BOUNDS)
    return _smoothing(best.x), bool(best.success)


def ets_covariance(s: Smoothing, variance: float, horizon: int) -> np.ndarray:
    """Return the covariance of the forecast errors of ETS(A,Ad,A).

    The error j months after a shock is ``c[j] = alpha + beta (phi + ... + phi^j) + gamma [j mod 12 = 0]``
    times the shock (Hyndman, Koehler, Ord & Snyder 2008, chapter 6).

    Parameters
    ----------
    s : Smoothing
        Smoothing parameters.
    variance : float
        Of the one-step errors, squared logs.
    horizon : int
        Number of months.

    Returns
    -------
    ndarray, shape (horizon, horizon)
        Squared logs.
    """
    j = np.arange(1, horizon)
    weights = s.alpha + s.beta * np.cumsum(s.phi**j) + s.gamma * (j % YEAR == 0)
    impulse = np.concatenate([[1.0], weights])
    lower = np.array([[impulse[i - k] if i >= k else 0.0 for k in range(horizon)] for i in range(horizon)])
    return variance * lower @ lower.T


def ets_forecast(log: np.ndarray, s: Smoothing, horizon: int) -> tuple[np.ndarray, float]:
    """Return the forecast means and the variance of the one-step errors, given the smoothing.

    Parameters
    ----------
    log : ndarray, shape (n,)
        Logs of the known months, no gap.
    s : Smoothing
        Smoothing parameters.
    horizon : int
        Number of months.

    Returns
    -------
    (ndarray, float)
        Means, logs, shape (horizon,), and variance, squared logs.
    """
    error, states = residuals(log, s)
    stochastic = lfilter(s.theta(), s.delta(), np.concatenate([error, np.zeros(horizon)]))
    path = s.initial_paths(len(log) + horizon) @ states + stochastic
    return path[len(log) :], float(error @ error / len(log))


def ets(task: Task) -> Paths:
    """Fit ETS(A,Ad,A) to the logs and forecast jointly.

    Needs 26 months without a gap. Source: Hyndman, Koehler, Ord & Snyder (2008), chapter 5 for the
    likelihood, which is that of statsmodels' ETSModel. The errors come from the reduced form (their
    chapter 11), the thirteen initial states by least squares, so that four parameters are left to search,
    with their gradient: a tenth of the time, and no stopping at poor optima.
    """
    require_months(task, MIN_MONTHS)
    require_variation(task)
    smoothing, converged = fit_ets(task.log)
    mean, variance = ets_forecast(task.log, smoothing, task.horizon)
    return Paths(
        gaussian_paths(task, "ets", mean, ets_covariance(smoothing, variance, task.horizon)), converged
    )
