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
    """A joint normal of n months given linear figures of them, in their unit; its covariance is (n, n).

    A component whose covariance with the months is K has the conditional mean K @ ``pull``, shape (n,).
    """

    values: np.ndarray
    covariance: np.ndarray
    pull: np.ndarray


def random_walk(n: int) -> np.ndarray:
    """Return the covariance of a random walk of n unit steps, shape (n, n): ``min(i, j)``, counted from 1."""
    place = np.arange(n)
    return np.minimum.outer(place, place) + 1.0


def conditional(
    mean: np.ndarray, covariance: np.ndarray, members: np.ndarray, totals: np.ndarray, noise: np.ndarray
) -> Conditional:
    """Return n normal months given m figures ``totals = members @ months``, each within its ``noise``.

    The noise is a standard deviation, 0 for a figure that is met exactly; figures that repeat one another
    are a `ChipExportsError`.
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
    """Return the n months of the model at the head of this module, in the unit of the totals.

    ``components`` (season and festival, in logs) and ``error`` (relative) are covariances of shape (n, n);
    ``figures`` are ``members, totals, noise`` as `conditional` takes them.
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
    """Return a positive path of n months, linear between the middles of the totals at their averages."""
    # where a first estimate starts from, no estimate of any month
    n = members.shape[1]
    middle = (members * np.arange(n)).sum(axis=1) / members.sum(axis=1)
    average = totals / members.sum(axis=1)
    order = np.argsort(middle, kind="stable")
    return np.interp(np.arange(n), middle[order], average[order])
