"""ETS(A,Ad,A) in reduced form: its polynomials, its one-step errors, its best initial states."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.linalg import lapack

from chipexports.forecast.methods.task import YEAR

#: ridge on the initial states, whose columns may be all but collinear
RIDGE = 1e-10

# polynomials in the lag operator L, lowest power first
DIFFERENCES = np.zeros(YEAR + 2)
DIFFERENCES[[0, 1, YEAR, YEAR + 1]] = 1.0, -1.0, -1.0, 1.0  # (1-L)(1-L^12)
_LEVEL = np.zeros(YEAR + 2)
_LEVEL[[1, YEAR + 1]] = 1.0, -1.0  # L(1-L^12)
_SEASON = np.zeros(YEAR + 2)
_SEASON[[YEAR, YEAR + 1]] = 1.0, -1.0  # L^12(1-L)


def filtered(above: np.ndarray, below: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return ``above(L) / below(L)``, lowest powers first, applied to values that are zero before the first.

    As ``scipy.signal.lfilter`` along the first axis, which would bring in all of ``scipy.stats`` (a third of
    a second at every start); there are more months than coefficients.
    """
    n = len(values)
    times = above[0] * values
    for lag in np.flatnonzero(above[1:]) + 1:
        times[lag:] += above[lag] * values[: n - lag]
    # division by a polynomial solves a triangular banded system
    return lapack.dtbtrs(np.repeat(below[:, None], n, axis=1), times, uplo="L")[0].reshape(values.shape)


@lru_cache(maxsize=8)
def _seasons(n: int) -> np.ndarray:
    """Return which of twelve seasons each of n months is, shape (n, 12)."""
    return np.tile(np.eye(YEAR), (n // YEAR + 1, 1))[:n]


@dataclass(frozen=True)
class Smoothing:
    """Smoothing parameters of ETS(A,Ad,A), and its reduced form as polynomials in the lag operator.

    Less the path its initial states would give alone, the series is ``delta(L) z = theta(L) e`` with
    ``delta = (1-phi L)(1-L)(1-L^12)`` and
    ``theta = delta + (alpha (1-phi L) + beta phi) L (1-L^12) + gamma L^12 (1-L)(1-phi L)``; coefficients
    stand lowest power first, shape (15,).
    """

    alpha: float  # shares of a one-step error that go into the level,
    beta: float  # into the trend
    gamma: float  # and into the season
    phi: float  # damping of the trend a month

    def delta(self) -> np.ndarray:
        """Return the differencing polynomial."""
        return np.convolve([1.0, -self.phi], DIFFERENCES)

    def theta(self) -> np.ndarray:
        """Return the moving-average polynomial."""
        alpha, beta, gamma = self.slopes()[:3]
        return self.delta() + self.alpha * alpha + self.beta * beta + self.gamma * gamma

    def slopes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return the derivatives of ``theta`` by alpha, beta, gamma and phi."""
        damping = [1.0, -self.phi]
        lagged = DIFFERENCES + self.alpha * _LEVEL + self.gamma * _SEASON
        by_phi = np.append(self.beta * _LEVEL, 0.0) - np.append(0.0, lagged)
        beta = np.append(self.phi * _LEVEL, 0.0)
        return np.convolve(damping, _LEVEL), beta, np.convolve(damping, _SEASON), by_phi

    def initial_paths(self, n: int) -> np.ndarray:
        """Return what one unit of each initial state adds to n months, (n, 13): twelve seasons, the trend."""
        paths = np.empty((n, YEAR + 1))
        paths[:, :YEAR] = _seasons(n)
        paths[:, YEAR] = np.cumsum(self.phi ** np.arange(1, n + 1))
        return paths


def residuals(log: np.ndarray, s: Smoothing) -> tuple[np.ndarray, np.ndarray]:
    """Return the one-step errors, shape (n,), and the initial states that make them least, shape (13,); logs.

    The errors are linear in the states, twelve seasons and the trend, so these are least squares for given
    smoothing.
    """
    both = filtered(s.delta(), s.theta(), np.column_stack([log, s.initial_paths(len(log))]))
    y, x = both[:, 0], both[:, 1:]
    states = np.linalg.solve(x.T @ x + RIDGE * np.eye(x.shape[1]), x.T @ y)
    return y - x @ states, states
