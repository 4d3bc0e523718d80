"""Temporal disaggregation: months from totals, with indicators, exactly and with standard errors.

Chow and Lin (1971, Review of Economics and Statistics 53, 372-375): the months are a regression on
indicators plus an error, x = p (Z b + u), of which only totals y = C x are known. The best linear
unbiased estimate shares each total's residual among its months by the covariance of u:
first-order autoregressive for Chow-Lin, a random walk for Fernandez (1981, ibid. 63, 471-476).
Denton-Cholette's proportional benchmarking is Fernandez with the indicator as scale and a constant
as the only regressor. The scale p lets the error grow with the series.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chipexports.base.errors import ChipExportsError

# with fewer totals than FEW beyond the coefficients, the relative spread of a month is at least SPREAD
FEW, SPREAD = 4, 0.06
RHO_GRID = (*(round(0.05 * step, 2) for step in range(20)), 0.98)


class Disaggregation(NamedTuple):
    """Estimated months.

    Attributes
    ----------
    values, errors : ndarray, shape (n,)
        Months and their standard errors, in the unit of the totals.
    coefficients : ndarray, shape (k,)
        Of the regressors.
    rho : float
        Autocorrelation of the error; 1 is the random walk.
    """

    values: np.ndarray
    errors: np.ndarray
    coefficients: np.ndarray
    rho: float


def error_covariance(n: int, rho: float) -> np.ndarray:
    """Return the covariance of autoregressive errors with unit innovations.

    Parameters
    ----------
    n : int
        Number of months.
    rho : float
        Autocorrelation, below 1; a random walk when it is 1.

    Returns
    -------
    ndarray, shape (n, n)
        In units of the innovations' variance.

    Examples
    --------
    >>> error_covariance(3, 1.0).tolist()
    [[1.0, 1.0, 1.0], [1.0, 2.0, 2.0], [1.0, 2.0, 3.0]]
    """
    place = np.arange(n)
    if rho == 1.0:
        return np.minimum.outer(place, place) + 1.0
    return rho ** np.abs(np.subtract.outer(place, place)) / (1 - rho**2)


def disaggregate(
    totals: np.ndarray,
    members: np.ndarray,
    regressors: np.ndarray,
    scale: np.ndarray,
    rho: float | None = None,
) -> Disaggregation:
    """Return the months that meet ``totals`` exactly and follow ``regressors``.

    Parameters
    ----------
    totals : ndarray, shape (m,)
        Published totals and known months.
    members : ndarray, shape (m, n)
        Which months each total adds up: ones and zeros, rows linearly independent.
    regressors : ndarray, shape (n, k)
        Relative to ``scale``: a column of ones is the scale itself.
    scale : ndarray, shape (n,)
        Level of the series, positive; errors are relative to it.
    rho : float, optional
        1 for Fernandez, below 1 for Chow-Lin; None takes the autoregressive rho of greatest
        likelihood.

    Returns
    -------
    Disaggregation
        Months, standard errors, coefficients and the rho used.

    Raises
    ------
    ChipExportsError
        The totals contradict or repeat one another, so that no solution is determined.
    """
    if rho is None:
        rho = max(RHO_GRID, key=lambda r: _solve(totals, members, regressors, scale, r)[2])
    values, covariance, _, coefficients = _solve(totals, members, regressors, scale, rho)
    errors = np.sqrt(np.clip(np.diag(covariance), 0.0, None))
    return Disaggregation(values, errors, coefficients, float(rho))


def _solve(
    totals: np.ndarray, members: np.ndarray, regressors: np.ndarray, scale: np.ndarray, rho: float
) -> tuple[np.ndarray, np.ndarray, float, np.ndarray]:
    m, k = len(totals), regressors.shape[1]
    design = regressors * scale[:, None]
    spread = error_covariance(len(scale), rho) * np.outer(scale, scale)
    cross = spread @ members.T
    q = members @ cross
    try:
        root = np.linalg.cholesky(q)
    except np.linalg.LinAlgError as error:
        raise ChipExportsError("temporal disaggregation: the published totals repeat one another") from error
    white_y = np.linalg.solve(root, totals)
    white_x = np.linalg.solve(root, members @ design)
    inverse = np.linalg.pinv(white_x.T @ white_x)
    coefficients = inverse @ (white_x.T @ white_y)
    residual = white_y - white_x @ coefficients
    variance = float(residual @ residual) / max(m - k, 1)
    if m - k < FEW:  # too few totals to measure the spread by
        variance = max(variance, SPREAD**2)
    gain = np.linalg.solve(root.T, np.linalg.solve(root, cross.T)).T
    values = design @ coefficients + gain @ (totals - members @ design @ coefficients)
    open_part = design - gain @ (members @ design)
    covariance = variance * (spread - gain @ cross.T + open_part @ inverse @ open_part.T)
    likelihood = -0.5 * m * np.log(variance * max(m - k, 1) / m) - np.log(np.diag(root)).sum()
    return values, covariance, likelihood, coefficients


def smooth_level(totals: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Return the smoothest positive monthly path that has the averages of ``totals``.

    The path is the random walk through the monthly averages of the totals: the level by which
    errors are scaled, no estimate of any month.

    Parameters
    ----------
    totals : ndarray, shape (m,)
        Published totals and known months.
    members : ndarray, shape (m, n)
        Which months each total adds up: ones and zeros.

    Returns
    -------
    ndarray, shape (n,)
        Unit of the totals per month: linear between the totals' middles, level before and after.
    """
    n = members.shape[1]
    middle = (members * np.arange(n)).sum(axis=1) / members.sum(axis=1)
    average = totals / members.sum(axis=1)
    order = np.argsort(middle, kind="stable")
    return np.interp(np.arange(n), middle[order], average[order])
