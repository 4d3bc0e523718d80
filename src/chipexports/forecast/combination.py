"""Combination of methods as a pool of paths: which methods, and how many paths of each."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chipexports.forecast.calibration import Cases, relative_errors

#: what each name means
COMBINATIONS: dict[str, str] = {
    "equal": "every method gives the same number of paths",
    "score": "methods that erred less on the panel's past years give more paths",
    "trimmed": "equal, without the methods whose median is the lowest and the highest",
}
#: fewer methods than this are not trimmed
MIN_TO_TRIM = 4
#: weights go with the relative past error to this power
SCORE_POWER = 1.0


def pool_weights(
    name: str,
    medians: Mapping[str, float],
    year: int,
    months_published: int,
    origin: int,
    cases: Cases | None = None,
) -> dict[str, float]:
    """Return the weight of each method; they sum to one.

    Parameters
    ----------
    name : str
        A key of ``COMBINATIONS``.
    medians : mapping of method to float
        Each method's median of the remaining months.
    year, months_published, origin : int
        Target year, months of it known, and Period ordinal of the last month known: scores are of
        panel years before it whose total was known by then.
    cases : Cases, optional
        Past errors that score; by default those of the open panel.

    Returns
    -------
    dict of method to float
        Zero for a method that is left out.

    Notes
    -----
    ``score``: weight proportional to the mean absolute error of the remaining months, relative to
    the other methods on the same panel cases, to the power -1 (Bates & Granger 1969; Stock & Watson
    2004). A method without a past on the panel counts as average.
    """
    names = list(medians)
    if name == "trimmed" and len(names) >= MIN_TO_TRIM:
        ranked = sorted(names, key=lambda method: (medians[method], method))
        names = [method for method in names if method in ranked[1:-1]]
    weights = {method: (1.0 if method in names else 0.0) for method in medians}
    if name == "score":
        errors = relative_errors(tuple(names), year, months_published, origin, cases)
        weights = {method: errors[method] ** -SCORE_POWER for method in names}
    total = sum(weights.values())
    return {method: weight / total for method, weight in weights.items()}


def pool(paths: Mapping[str, np.ndarray], weights: Mapping[str, float], n_paths: int) -> np.ndarray:
    """Return ``n_paths`` paths taken from the methods in proportion to their weights.

    Parameters
    ----------
    paths : mapping of method to ndarray, shape (n, months)
        Each method's paths.
    weights : mapping of method to float
        They sum to one.
    n_paths : int
        Number of paths of the pool.

    Returns
    -------
    ndarray, shape (n_paths, months)
        The methods' paths one after another.

    Notes
    -----
    The counts are rounded by largest remainder; the first paths of each method are taken (they
    come in antithetic pairs). Source: linear opinion pool (Stone 1961; Hall & Mitchell 2007).
    """
    names = [name for name in paths if weights.get(name, 0.0) > 0]
    exact = np.array([weights[name] for name in names]) * n_paths
    counts = np.floor(exact + 1e-9).astype(int)
    rest = n_paths - counts.sum()
    counts[np.argsort(counts - exact, kind="stable")[:rest]] += 1
    return np.concatenate([paths[name][:count] for name, count in zip(names, counts, strict=True)])
