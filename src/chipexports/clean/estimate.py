"""Months no figure gives: temporal disaggregation of the totals, with the exports of others as indicators.

The scale of Denton-Cholette's proportional method is the level of the totals times the movement
within the year: the mean movement of the indicators, plus what months that are known move beyond
it by season and by Spring Festival. `chipexports.clean.evaluate` shows by hiding known months that
this does better than Chow-Lin and Fernandez with the same indicators as regressors, whose
coefficients the few totals do not pin down.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from chipexports.base.errors import ChipExportsError
from chipexports.clean.arithmetic import Amount, Month
from chipexports.clean.disaggregate import Disaggregation, disaggregate, smooth_level
from chipexports.record.festival import calendar_rows

METHODS = ("denton_cholette", "denton_indicators", "fernandez", "chow_lin")
WINDOW = 13  # months of the centred mean a movement is measured against
# Learning from known months: fewest months, and how far season, festival and a single month's chance
# move the logarithm of a month at one standard deviation
ENOUGH = 6
SEASON, FESTIVAL, CHANCE = 0.04, 0.05, 0.06


class Stretch(NamedTuple):
    """Months of a year that share a total.

    Attributes
    ----------
    periods : tuple of Period
        The months.
    total : float
        What is left for them together, unit of the series.
    rows : tuple of str
        Rows of the record it rests on.
    half : float
        How far rounding of the total reaches to either side.
    """

    periods: tuple[pd.Period, ...]
    total: float
    rows: tuple[str, ...]
    half: float = 0.0


def movement(values: np.ndarray) -> np.ndarray:
    """Return the logarithm of a monthly path less its centred 13-month mean.

    The mean has half weight at both ends, so that each calendar month counts once; where months
    are unknown it is the mean of what there is.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Positive months, any unit; NaN where unknown.

    Returns
    -------
    ndarray, shape (n,)
        Logs; 0 where the month is unknown.
    """
    known = np.isfinite(values)
    logs = np.log(np.where(known, values, 1.0))
    half = WINDOW // 2
    weights = np.ones(WINDOW)
    weights[[0, -1]] = 0.5
    sums = np.convolve(np.pad(logs * known, half), weights, "valid")
    counts = np.convolve(np.pad(known.astype(float), half), weights, "valid")
    return np.where(known, logs - sums / np.maximum(counts, 0.5), 0.0)


def _movements(indicators: pd.DataFrame, months: pd.PeriodIndex) -> np.ndarray:
    """Return the movement of each indicator on ``months``, shape (n, k); 0 where it is unknown."""
    columns = []
    for name in indicators:
        path = pd.Series(movement(indicators[name].to_numpy(dtype=float)), index=indicators.index)
        columns.append(path.reindex(months).fillna(0.0).to_numpy())
    return np.column_stack(columns)


def learn(path: np.ndarray, base: np.ndarray, known: np.ndarray, months: pd.PeriodIndex) -> np.ndarray:
    """Return what known months move beyond ``base`` by season and festival, for all months.

    A ridge regression: coefficients have prior spreads `SEASON` and `FESTIVAL` round zero, so that
    few known months teach little.

    Parameters
    ----------
    path : ndarray, shape (n,)
        Values of all months, known or estimated so far.
    base : ndarray, shape (n,)
        Movement assumed so far, in logarithms.
    known : ndarray of bool, shape (n,)
        Which months figures give.
    months : PeriodIndex, length n
        All months.

    Returns
    -------
    ndarray, shape (n,)
        Logs, to be added to ``base``.
    """
    season = (months.month.to_numpy()[:, None] == np.arange(1, 13)) - 1 / 12
    festival = calendar_rows(months.asi8)
    design = np.column_stack([season, festival])
    spread = np.r_[np.full(season.shape[1], SEASON), np.full(festival.shape[1], FESTIVAL)]
    beyond = (movement(path) - base)[known]
    x = design[known]
    left = x.T @ x / CHANCE**2 + np.diag(spread**-2.0)
    return design @ np.linalg.solve(left, x.T @ beyond / CHANCE**2)


def estimate(
    known: dict[pd.Period, float],
    stretches: list[Stretch],
    indicators: pd.DataFrame,
    method: str = METHODS[0],
) -> tuple[pd.PeriodIndex, Disaggregation] | None:
    """Return months that meet every stretch's total and every known month exactly.

    Parameters
    ----------
    known, stretches : dict of Period to float, list of Stretch
        Months that figures give, and the totals of the others; one unit.
    indicators : DataFrame
        Positive monthly series, PeriodIndex[M], NaN where unknown.
    method : {"denton_cholette", "denton_indicators", "fernandez", "chow_lin"}
        The first is used; the others are what it is measured against.

    Returns
    -------
    (PeriodIndex, Disaggregation) or None
        From the first stretch to the last month known; None when there is nothing to estimate.

    Raises
    ------
    ChipExportsError
        There is no such method, or the totals repeat one another.
    """
    if method not in METHODS:
        raise ChipExportsError(f"disaggregation: {method!r} is not one of {', '.join(METHODS)}")
    if not stretches:
        return None
    first = min(s.periods[0] for s in stretches)
    last = max([*known, *(s.periods[-1] for s in stretches)])
    months = pd.period_range(first, last, freq="M")
    known = {p: v for p, v in known.items() if p >= first}
    totals, members = constraints(known, stretches, months)
    level = smooth_level(totals, members)
    moves = _movements(indicators, months)
    ones = np.ones((len(months), 1))
    if method in ("fernandez", "chow_lin"):
        rho = 1.0 if method == "fernandez" else None
        return months, disaggregate(totals, members, np.hstack([ones, moves]), level, rho)
    base = moves.mean(axis=1)
    result = disaggregate(totals, members, ones, level * np.exp(base), 1.0)
    if method == METHODS[0] and len(known) >= ENOUGH and (result.values > 0).all():
        given = np.isin(months.asi8, [p.ordinal for p in known])
        base = base + learn(result.values, base, given, months)
        result = disaggregate(totals, members, ones, level * np.exp(base), 1.0)
    return months, result


def constraints(
    known: dict[pd.Period, float], stretches: list[Stretch], months: pd.PeriodIndex
) -> tuple[np.ndarray, np.ndarray]:
    """Return the totals that bind the months, and which months each adds up.

    Parameters
    ----------
    known : dict of Period to float
        Months that figures give, all among ``months``.
    stretches : list of Stretch
        Totals of the others, same unit.
    months : PeriodIndex, length n
        All months, no gap.

    Returns
    -------
    (ndarray, ndarray)
        Totals, shape (m,), and members, shape (m, n), ones and zeros: a row for each known month, then
        one for each stretch.
    """
    start = months[0].ordinal
    members = np.zeros((len(known) + len(stretches), len(months)))
    totals = np.array([*known.values(), *(s.total for s in stretches)])
    for i, period in enumerate(known):
        members[i, period.ordinal - start] = 1.0
    for i, stretch in enumerate(stretches, start=len(known)):
        members[i, [p.ordinal - start for p in stretch.periods]] = 1.0
    return totals, members


def as_months(
    months: pd.PeriodIndex, result: Disaggregation, stretches: list[Stretch]
) -> dict[pd.Period, Month]:
    """Return the months of the stretches with basis, standard error and rows.

    To the error of sharing the total out comes that of the total itself: even within its rounding.

    Parameters
    ----------
    months : PeriodIndex, length n
        All months, no gap.
    result : Disaggregation
        Their values and errors.
    stretches : list of Stretch
        Months to return.

    Returns
    -------
    dict of Period to Month
        Unit of the totals; basis ``joint_estimate`` for January and February together, else
        ``estimated``.
    """
    start = months[0].ordinal
    found = {}
    for stretch in stretches:
        joint = [p.month for p in stretch.periods] == [1, 2]
        basis = "joint_estimate" if joint else "estimated"
        for period in stretch.periods:
            i = period.ordinal - start
            value = float(result.values[i])
            rounding = stretch.half / np.sqrt(3) * value / stretch.total
            error = float(np.hypot(result.errors[i], rounding))
            found[period] = Month(value, 0.0, basis, stretch.rows, error)
    return found


def stretch_of(year: int, free: list[int], rest: Amount) -> Stretch:
    """Return the months ``free`` of ``year`` and their total as a stretch."""
    periods = tuple(pd.Period(year=year, month=m, freq="M") for m in free)
    return Stretch(periods, rest.value, rest.rows, rest.half)
