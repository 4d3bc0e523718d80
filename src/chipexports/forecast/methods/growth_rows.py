"""Rows of the pooled growth regression: what growth had been at an origin, and what it became."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chipexports.forecast.methods.task import YEAR

#: regressors: log growth over a year earlier of the last 1, 3, 6 and 12 months; growth of the last three
#: months less that of the three before; growth of the twelve months before the last twelve
FEATURES = ("growth_1", "growth_3", "growth_6", "growth_12", "acceleration", "growth_12_before")


def window_growth(level: np.ndarray, ends: np.ndarray, months: int, lag: int = 0) -> np.ndarray:
    """Return the log growth over a year earlier of windows of ``months`` months just before ``ends - lag``.

    ``level`` holds months, not logs, and ``ends`` indices into it; NaN where the window, or the same one a
    year earlier, is not whole.
    """
    end = np.asarray(ends) - lag
    start = end - months
    growth = np.full(len(end), np.nan)
    whole = (start >= YEAR) & (end <= len(level))
    if whole.any():
        # summed window by window: differences of running sums would lose small months beside huge ones
        window = np.arange(months)
        now = level[start[whole][:, None] + window].sum(axis=1)
        growth[whole] = np.log(now / level[start[whole][:, None] - YEAR + window].sum(axis=1))
    return growth


def features(level: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return ``FEATURES`` at the origins just before ``ends``, shape (k, 6), from months, not logs."""
    three = window_growth(level, ends, 3)
    return np.column_stack(
        [
            window_growth(level, ends, 1),
            three,
            window_growth(level, ends, 6),
            window_growth(level, ends, 12),
            three - window_growth(level, ends, 3, lag=3),
            window_growth(level, ends, 12, lag=YEAR),
        ]
    )


@dataclass(frozen=True)
class Rows:
    """Origins of past years, n of them: what growth had been, and what followed."""

    features: np.ndarray  # (n, 6): ``FEATURES``, NaN where unknown
    growth: np.ndarray  # (n,): log growth of the year's remaining months over a year earlier
    months_published: np.ndarray  # (n,): months of the year known at the origin, 0 to 11
    ordinals: np.ndarray  # (n,): Period ordinal of the month after the origin

    def joined(self, other: Rows) -> Rows:
        """Return the rows of both."""
        return Rows(
            np.vstack([self.features, other.features]),
            np.concatenate([self.growth, other.growth]),
            np.concatenate([self.months_published, other.months_published]),
            np.concatenate([self.ordinals, other.ordinals]),
        )


def past_rows(
    log: np.ndarray,  # NaN where a month is missing
    first: int,  # Period ordinal of the first month
    months: tuple[int, ...],  # numbers of published months, 0 to 11
    before_year: int,
) -> Rows:
    """Return a row for each year before ``before_year`` and number of published months with a known outcome.

    The growth that followed is that of the year's remaining months taken together; the numbers stand in the
    order given, with years ascending in each.
    """
    level = np.exp(log)
    last_year = 1970 + (first + len(log)) // YEAR
    years = np.arange(1970 + first // YEAR + 1, min(before_year, last_year))
    january = (years - 1970) * YEAR - first
    blocks = []
    for m in months:
        growth = window_growth(level, january + YEAR, YEAR - m)
        rows = features(level, january + m)
        use = np.isfinite(growth) & np.isfinite(rows[:, 0])
        blocks.append(Rows(rows[use], growth[use], np.full(use.sum(), m), (january + m + first)[use]))
    joined = blocks[0]
    for block in blocks[1:]:
        joined = joined.joined(block)
    return joined
