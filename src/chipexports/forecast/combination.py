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
    medians: Mapping[str, float],  # of the remaining months
    year: int,
    months_published: int,
    origin: int,  # Period ordinal of the last month known
    cases: Cases | None = None,
) -> dict[str, float]:
    """Return each method's weight by name, zero for one that is left out; the weights sum to one.

    With ``score`` they go with the inverse of a method's mean absolute error relative to the other methods'
    on the same past cases, those of the open panel unless others are given (Bates & Granger 1969; Stock &
    Watson 2004).
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
    """Return ``n_paths`` paths, one method's after another's, in proportion to the weights.

    The linear opinion pool (Stone 1961; Hall & Mitchell 2007), counts rounded by largest remainder.
    """
    names = [name for name in paths if weights.get(name, 0.0) > 0]
    exact = np.array([weights[name] for name in names]) * n_paths
    counts = np.floor(exact + 1e-9).astype(int)
    rest = n_paths - counts.sum()
    counts[np.argsort(counts - exact, kind="stable")[:rest]] += 1
    # the first paths of each: they come in antithetic pairs
    return np.concatenate([paths[name][:count] for name, count in zip(names, counts, strict=True)])
