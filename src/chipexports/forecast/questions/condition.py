"""What the other months of a path become once some of its months are known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


def condition_on(paths: np.ndarray, known: Mapping[int, float]) -> np.ndarray:
    """Return paths in which the months in some columns have given values and the others have moved along.

    In logs they move by their regression on the known ones over the paths, as the conditional mean of a joint
    normal distribution does; each path's own departure from it is kept, and months that do not vary stay.
    """
    columns = [column for column in known if np.ptp(paths[:, column]) > 0]
    log = np.log(paths)
    if columns:
        centred = log - log.mean(axis=0)
        given = centred[:, columns]
        slopes = np.linalg.lstsq(given, centred, rcond=None)[0]
        log = log + (np.log([known[c] for c in columns]) - log[:, columns]) @ slopes
    out = np.exp(log)
    for column, value in known.items():
        out[:, column] = value
    return out
