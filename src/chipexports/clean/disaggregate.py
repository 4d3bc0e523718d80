"""Months from totals: the joint normal of all months, given what is printed of them.

The months are a level times the movement of the indicators, and a relative error round it:

    x = level · exp(movement + season + festival) · (1 + walk + noise).

The error has a part that ties neighbouring months together (a random walk), a part of each month's own,
and what season and festival add beyond the indicators. A random walk alone, as in Denton's and Fernandez'
methods, leaves too little room within a quarter and too much between years. All that is printed (known
months, totals within their rounding, growth of sums of months) is linear in x, so the estimate and its
covariance are one linear solve: a state-space model with benchmark constraints, written as one normal.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chipexports.base.errors import ChipExportsError

STEPS = 3  # of Gauss-Newton: season and festival move the exponent, the rest of the model is linear


class Conditional(NamedTuple):
    """A joint normal of months, given linear figures of them.

    Attributes
    ----------
    values : ndarray, shape (n,)
        Conditional mean, unit of the figures.
    covariance : ndarray, shape (n, n)
        Of the months given the figures, squared unit.
    pull : ndarray, shape (n,)
        Members' weights times the weighted surprise of the figures: a component of the months with
        covariance K with them has the conditional mean K @ pull.
    """

    values: np.ndarray
    covariance: np.ndarray
    pull: np.ndarray


def random_walk(n: int) -> np.ndarray:
    """Return the covariance of a random walk with unit steps.

    Parameters
    ----------
    n : int
        Number of months.

    Returns
    -------
    ndarray, shape (n, n)
        In units of a step's variance.

    Examples
    --------
    >>> random_walk(3).tolist()
    [[1.0, 1.0, 1.0], [1.0, 2.0, 2.0], [1.0, 2.0, 3.0]]
    """
    place = np.arange(n)
    return np.minimum.outer(place, place) + 1.0


def conditional(
    mean: np.ndarray, covariance: np.ndarray, members: np.ndarray, totals: np.ndarray, noise: np.ndarray
) -> Conditional:
    """Return the months given ``totals = members @ months``, each within its noise.

    Parameters
    ----------
    mean : ndarray, shape (n,)
        Of the months before anything is printed.
    covariance : ndarray, shape (n, n)
        Likewise, positive definite.
    members : ndarray, shape (m, n)
        Weight of each month in each figure; rows linearly independent.
    totals, noise : ndarray, shape (m,)
        Figures, and the standard deviation of each round its sum of months; 0 where it is exact.

    Returns
    -------
    Conditional
        Mean and covariance of the months; exact figures are met exactly.

    Raises
    ------
    ChipExportsError
        The figures repeat one another, so that no solution is determined.
    """
    cross = covariance @ members.T
    spread = members @ cross + np.diag(noise**2)
    size = np.sqrt(np.diag(spread))  # figures of a month and of a year in one matrix: give them one scale
    try:
        root = np.linalg.cholesky(spread / np.outer(size, size))
    except np.linalg.LinAlgError as error:
        raise ChipExportsError("temporal disaggregation: the published totals repeat one another") from error
    if np.diag(root).min() < 1e-7:
        raise ChipExportsError("temporal disaggregation: the published totals repeat one another")
    white = np.linalg.solve(
        root, np.column_stack([(totals - members @ mean) / size, cross.T / size[:, None]])
    )
    surprise, reach = white[:, 0], white[:, 1:]
    pull = members.T @ (np.linalg.solve(root.T, surprise) / size)
    return Conditional(mean + reach.T @ surprise, covariance - reach.T @ reach, pull)


def months_from_totals(
    level: np.ndarray,
    movement: np.ndarray,
    components: np.ndarray,
    error: np.ndarray,
    figures: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> Conditional:
    """Return the months of the model at the head of this module, given the figures.

    Parameters
    ----------
    level, movement : ndarray, shape (n,)
        Positive level in the unit of the totals; movement in logarithms.
    components : ndarray, shape (n, n)
        Covariance of season and festival, in logarithms.
    error : ndarray, shape (n, n)
        Covariance of the relative error round them, positive definite.
    figures : (ndarray, ndarray, ndarray)
        ``members, totals, noise`` as `conditional` takes them.

    Returns
    -------
    Conditional
        Values in the unit of the totals.
    """
    members, totals, noise = figures
    beyond = np.zeros(len(level))
    result = None
    for _ in range(STEPS):
        scale = level * np.exp(movement + beyond)
        # season and festival have mean zero, so beyond what moved the exponent they lie at -beyond
        spread = np.outer(scale, scale) * (components + error)
        result = conditional(scale * (1 - beyond), spread, members, totals, noise)
        beyond = components @ (scale * result.pull)
    assert result is not None
    return result


def smooth_level(totals: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Return the smoothest positive monthly path that has the averages of ``totals``.

    The path is linear through the monthly averages of the totals: where a first estimate starts from, no
    estimate of any month.

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
