"""Months no figure gives: totals shared out, with the trade of others as indicators.

The movement within the year is the weighted mean of the indicators that exist in a month; season and
festival are learnt from the months that figures give; the level is the centred 13-month mean of a first
estimate (Denton's), so that known months keep a residual to learn from. How far the estimates are off is
measured by hiding known months (`chipexports.clean.evaluate`) and by withholding printed figures
(``benchmarks/disaggregation.py``), where other methods are compared as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from chipexports.clean.arithmetic import Amount, Month
from chipexports.clean.disaggregate import (
    Conditional,
    conditional,
    months_from_totals,
    random_walk,
    smooth_level,
)
from chipexports.record.festival import calendar_rows
from chipexports.record.neighbours import MIRROR

WINDOW = 13  # months of the centred mean a movement is measured against
# how far season and festival move the logarithm of a month beyond the indicators, at one standard deviation
SEASON, FESTIVAL = 0.04, 0.05
# Hong Kong's mirror follows the months of 2023 more closely than the other indicators together; any weight
# from 2 to 6 does as well
WEIGHTS = {MIRROR: 3.0}
# Relative error round level and movement: a step of the random walk, and a month's own noise; smaller where
# the mirror is there. By the hidden months and withheld figures of benchmarks/disaggregation.py.
WALK, WALK_MIRROR = 0.04, 0.03
NOISE, NOISE_MIRROR = 0.05, 0.04
FIRST_WALK = 0.06
# growth is counted on last year's revised base: how far it usually lies from the base as it is known here
BASE_REVISION = 0.006


class Stretch(NamedTuple):
    """Months of a year that share a total: what is left for them together, and how far rounding moves it."""

    periods: tuple[pd.Period, ...]
    total: float
    rows: tuple[str, ...]
    half: float = 0.0


class Growth(NamedTuple):
    """Growth printed without a value: months of this year over the same months of the year before."""

    months: tuple[pd.Period, ...]  # the later ones; the earlier are the same a year before
    factor: float  # one plus growth
    half: float  # how far rounding of the factor reaches to either side
    rates: Mapping[pd.Period, float]  # to the currency growth is counted in; empty: the series' own
    row: str


def movement(values: np.ndarray) -> np.ndarray:
    """Return the logarithm of n positive months, NaN where unknown, less its centred 13-month mean."""
    # the mean has half weight at both ends, so that each calendar month counts once; where months are unknown
    # it is the mean of what there is
    known = np.isfinite(values)
    logs = np.log(np.where(known, values, 1.0))
    half = WINDOW // 2
    weights = np.ones(WINDOW)
    weights[[0, -1]] = 0.5
    sums = np.convolve(np.pad(logs * known, half), weights, "valid")
    counts = np.convolve(np.pad(known.astype(float), half), weights, "valid")
    return np.where(known, logs - sums / np.maximum(counts, 0.5), np.nan)


def mean_movement(indicators: pd.DataFrame, months: pd.PeriodIndex) -> np.ndarray:
    """Return the weighted mean movement, in logs, of the indicators known in each month; 0 without any."""
    sums, weights = np.zeros(len(months)), np.zeros(len(months))
    for name in indicators:
        path = pd.Series(movement(indicators[name].to_numpy(dtype=float)), index=indicators.index)
        here = path.reindex(months).to_numpy()
        there = np.isfinite(here)
        weight = WEIGHTS.get(str(name), 1.0)
        sums[there] += weight * here[there]
        weights[there] += weight
    return np.divide(sums, weights, out=np.zeros(len(months)), where=weights > 0)


def estimate(
    known: dict[pd.Period, float],
    stretches: Sequence[Stretch],
    indicators: pd.DataFrame,
    growths: Sequence[Growth] = (),
) -> tuple[pd.PeriodIndex, Conditional] | None:
    """Return the months from the first stretch to the last known, or None without a stretch to estimate.

    Known months are met exactly, totals within their rounding (`ChipExportsError` where they repeat one
    another); growth that does not lie within the months is passed over.
    """
    if not stretches:
        return None
    first = min(s.periods[0] for s in stretches)
    last = max([*known, *(s.periods[-1] for s in stretches)])
    months = pd.period_range(first, last, freq="M")
    known = {p: v for p, v in known.items() if p >= first}
    totals, members = constraints(known, stretches, months)
    noise = np.array([0.0] * len(known) + [s.half / np.sqrt(3) for s in stretches])
    base = mean_movement(indicators, months)
    path = _first_estimate(totals, members, base)
    level = np.exp(np.log(path) - movement(path))
    rows, spreads = growth_rows(growths, months, path)
    figures = (
        np.vstack([members, rows]),
        np.r_[totals, np.zeros(len(rows))],
        np.r_[noise, spreads],
    )
    return months, months_from_totals(level, base, _components(months), _error(indicators, months), figures)


def _first_estimate(totals: np.ndarray, members: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Return Denton's proportional benchmarking: a random walk round the totals' level and the movement."""
    scale = smooth_level(totals, members) * np.exp(base)
    spread = np.outer(scale, scale) * (FIRST_WALK**2 * random_walk(len(scale)) + 1.0)
    values = conditional(scale, spread, members, totals, np.zeros(len(totals))).values
    return np.where(values > 0, values, scale)


def _components(months: pd.PeriodIndex) -> np.ndarray:
    """Return the covariance of season and festival over the months, in logarithms."""
    season = (months.month.to_numpy()[:, None] == np.arange(1, 13)) - 1 / 12
    festival = calendar_rows(months.asi8)
    return SEASON**2 * season @ season.T + FESTIVAL**2 * festival @ festival.T


def _error(indicators: pd.DataFrame, months: pd.PeriodIndex) -> np.ndarray:
    """Return the covariance of the relative error: a random walk, and each month's own noise."""
    mirrored = np.zeros(len(months), dtype=bool)
    if MIRROR in indicators:
        mirrored = indicators[MIRROR].reindex(months).notna().to_numpy()
    walk = WALK_MIRROR if mirrored.any() else WALK
    own = np.where(mirrored, NOISE_MIRROR, NOISE)
    return walk**2 * random_walk(len(months)) + np.diag(own**2)


def growth_rows(
    growths: Sequence[Growth], months: pd.PeriodIndex, path: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return growth figures as k linear figures of n months that come to zero, (k, n), and their noise, (k,).

    The sum of the later months less the factor times that of the earlier is off by the rounding of growth,
    and by the revision of its base, relative to the first estimate ``path``.
    """
    rows, spreads = [np.zeros((0, len(months)))], []
    start, end = months[0], months[-1]
    for growth in growths:
        if growth.months[0] - 12 < start or growth.months[-1] > end:
            continue
        row, base = np.zeros(len(months)), 0.0
        for month in growth.months:
            at, before = (month - start).n, (month - start).n - 12
            row[at] += growth.rates.get(month, 1.0)
            weight = growth.rates.get(month - 12, 1.0)
            row[before] -= growth.factor * weight
            base += weight * path[before]
        rows.append(row[None, :])
        spreads.append(base * np.hypot(growth.half / np.sqrt(3), BASE_REVISION * growth.factor))
    return np.vstack(rows), np.array(spreads)


def constraints(
    known: dict[pd.Period, float], stretches: Sequence[Stretch], months: pd.PeriodIndex
) -> tuple[np.ndarray, np.ndarray]:
    """Return the totals that bind the n months, shape (m,), and which months each adds up, shape (m, n)."""
    start = months[0].ordinal
    members = np.zeros((len(known) + len(stretches), len(months)))
    totals = np.array([*known.values(), *(s.total for s in stretches)])
    for i, period in enumerate(known):
        members[i, period.ordinal - start] = 1.0
    for i, stretch in enumerate(stretches, start=len(known)):
        members[i, [p.ordinal - start for p in stretch.periods]] = 1.0
    return totals, members


def as_months(
    months: pd.PeriodIndex, result: Conditional, stretches: Sequence[Stretch]
) -> dict[pd.Period, Month]:
    """Return the months of the stretches with basis, standard error and rows, in the unit of the totals."""
    start = months[0].ordinal
    errors = np.sqrt(np.clip(np.diag(result.covariance), 0.0, None))
    estimates = {}
    for stretch in stretches:
        joint = [p.month for p in stretch.periods] == [1, 2]
        basis = "joint_estimate" if joint else "estimated"
        for period in stretch.periods:
            i = period.ordinal - start
            estimates[period] = Month(float(result.values[i]), 0.0, basis, stretch.rows, float(errors[i]))
    return estimates


def stretch_of(year: int, free: list[int], rest: Amount) -> Stretch:
    """Return the months ``free`` of ``year`` and their total as a stretch."""
    periods = tuple(pd.Period(year=year, month=m, freq="M") for m in free)
    return Stretch(periods, rest.value, rest.rows, rest.half)
