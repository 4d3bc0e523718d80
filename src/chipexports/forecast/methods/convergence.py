"""statsmodels' warning of non-convergence, turned into a fact that is recorded."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Convergence:
    """Whether every fit inside ``recorded_convergence`` converged."""

    reached: bool = True


@contextmanager
def recorded_convergence() -> Iterator[Convergence]:
    """Record statsmodels' ConvergenceWarning instead of showing it; every other warning passes on."""
    from statsmodels.tools.sm_exceptions import ConvergenceWarning

    state = Convergence()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        yield state
    for warning in caught:
        if issubclass(warning.category, ConvergenceWarning):
            state.reached = False
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
