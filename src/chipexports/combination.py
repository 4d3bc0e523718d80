"""Combination of methods as a pool of paths: which methods, and how many paths of each."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

#: what each name means
COMBINATIONS: dict[str, str] = {
    "equal": "every method gives the same number of paths",
    "trimmed": "equal, without the methods whose median is the lowest and the highest",
}
#: fewer methods than this are not trimmed
MIN_TO_TRIM = 4


def pool_weights(name: str, medians: Mapping[str, float]) -> dict[str, float]:
    """Return the weight of each method; they sum to one.

    Parameters
    ----------
    name : str
        A key of ``COMBINATIONS``.
    medians : mapping of method to float
        Each method's median of the remaining months.
    """
    names = list(medians)
    if name == "trimmed" and len(names) >= MIN_TO_TRIM:
        ranked = sorted(names, key=lambda method: (medians[method], method))
        names = [method for method in names if method in ranked[1:-1]]
    return {method: (1 / len(names) if method in names else 0.0) for method in medians}


def pool(paths: Mapping[str, np.ndarray], weights: Mapping[str, float], n_paths: int) -> np.ndarray:
    """Return ``n_paths`` paths taken from the methods in proportion to their weights.

    The counts are rounded by largest remainder; the first paths of each method are taken (they
    come in antithetic pairs). Source: linear opinion pool (Stone 1961; Hall & Mitchell 2007).
    """
    names = [name for name in paths if weights.get(name, 0.0) > 0]
    exact = np.array([weights[name] for name in names]) * n_paths
    counts = np.floor(exact).astype(int)
    rest = n_paths - counts.sum()
    counts[np.argsort(counts - exact, kind="stable")[:rest]] += 1
    return np.concatenate([paths[name][:count] for name, count in zip(names, counts, strict=True)])
