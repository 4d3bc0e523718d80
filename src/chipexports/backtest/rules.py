"""Scoring rules for a forecast given as a sample, and the Diebold-Mariano test."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import special


def crps_sample(sample: np.ndarray, outturn: float) -> float:
    """Return the continuous ranked probability score of a sample, unit of the sample; lower is better.

    Parameters
    ----------
    sample : ndarray, shape (n,)
        Simulated totals.
    outturn : float
        What the total came to, same unit.

    Returns
    -------
    float
        ``E|X - y| - E|X - X'| / 2`` over the empirical distribution (Gneiting & Raftery 2007, eq. 20).
    """
    x = np.sort(np.asarray(sample, dtype=float))
    n = len(x)
    spread = ((2 * np.arange(1, n + 1) - n - 1) * x).sum() / n**2
    return float(np.abs(x - outturn).mean() - spread)


def interval_score(low: float, high: float, level: float, outturn: float) -> float:
    """Return the interval score of a central interval; lower is better (Gneiting & Raftery 2007, eq. 43).

    It is the width plus ``2 / (1 - level)`` times the distance of the outturn from the interval.
    """
    alpha = 1 - level
    return high - low + 2 / alpha * (max(low - outturn, 0.0) + max(outturn - high, 0.0))


def weighted_interval_score(
    median: float, intervals: Sequence[tuple[float, float, float]], outturn: float
) -> float:
    """Return the weighted interval score of a median with (level, low, high) intervals; lower is better.

    ``(|y - m| / 2 + sum alpha_k / 2 IS_k) / (K + 1/2)`` (Bracher, Ray, Gneiting & Reich 2021).
    """
    total = 0.5 * abs(outturn - median)
    for level, low, high in intervals:
        total += (1 - level) / 2 * interval_score(low, high, level, outturn)
    return total / (len(intervals) + 0.5)


def pit_value(sample: np.ndarray, outturn: float) -> float:
    """Return the share of the sample not above the outturn; over many calibrated forecasts it is uniform."""
    return float(np.mean(np.asarray(sample) <= outturn))


def diebold_mariano(loss: np.ndarray, reference: np.ndarray) -> tuple[float, float]:
    """Return statistic and two-sided p-value of equal accuracy; a negative statistic favours ``loss``.

    Parameters
    ----------
    loss, reference : ndarray, shape (n,)
        Losses of the two methods, one independent value each (here one a target year, so that
        origins of one year, whose errors overlap, count once).

    Returns
    -------
    (float, float)
        Statistic and p-value.

    Notes
    -----
    Horizon one, with the small-sample correction of Harvey, Leybourne & Newbold (1997) against
    Student's t; NaN with fewer than three values or no difference.
    """
    gap = np.asarray(loss, dtype=float) - np.asarray(reference, dtype=float)
    n = len(gap)
    if n < 3 or np.ptp(gap) == 0:
        return float("nan"), float("nan")
    variance = np.mean((gap - gap.mean()) ** 2) / n
    statistic = gap.mean() / np.sqrt(variance) * np.sqrt((n - 1) / n)
    return float(statistic), float(2 * special.stdtr(n - 1, -abs(statistic)))
