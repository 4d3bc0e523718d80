"""Months no figure gives: temporal disaggregation of the totals, with Korea's and Taiwan's exports."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from chipexports.clean.arithmetic import Amount, Month
from chipexports.clean.disaggregate import Disaggregation, disaggregate, smooth_level

# the scale of Denton-Cholette's method: the totals' level times the indicators' own seasonal movement
INDICATORS = ("korea_hs8542_usd_mn", "taiwan_components_usd_mn")
WINDOW = 13  # months of the centred mean an indicator's movement is measured against


class Stretch(NamedTuple):
    """Months of a year that share a total: what is left for them, and the rows it comes from."""

    periods: tuple[pd.Period, ...]
    total: float
    rows: tuple[str, ...]


def movement(series: pd.Series, months: pd.PeriodIndex) -> np.ndarray:
    """Return the logarithm of a series less its centred 13-month mean, 0 where it is unknown.

    The mean has half weight at both ends, so that each calendar month counts once; near the ends
    of the series it is the mean of what there is.
    """
    logs = np.log(series.dropna())
    if logs.empty:
        return np.zeros(len(months))
    logs = logs.reindex(pd.period_range(logs.index[0], logs.index[-1], freq="M"))
    values, half = logs.to_numpy(), WINDOW // 2
    known = np.isfinite(values)
    weights = np.ones(WINDOW)
    weights[[0, -1]] = 0.5
    padded = np.pad(np.where(known, values, 0.0), half)
    present = np.pad(known.astype(float), half)
    mean = np.convolve(padded, weights, "valid") / np.convolve(present, weights, "valid")
    return pd.Series(values - mean, index=logs.index).reindex(months).fillna(0.0).to_numpy()


def scale_of(level: np.ndarray, months: pd.PeriodIndex, indicators: pd.DataFrame) -> np.ndarray:
    """Return the scale: ``level`` times the mean movement of the indicators known for each month."""
    moves = np.column_stack([movement(indicators[name], months) for name in INDICATORS])
    return level * np.exp(moves.mean(axis=1))


def estimate(
    known: dict[pd.Period, float], stretches: list[Stretch], indicators: pd.DataFrame
) -> tuple[pd.PeriodIndex, Disaggregation] | None:
    """Return months that meet every stretch's total and every known month exactly.

    Returns
    -------
    (PeriodIndex, Disaggregation) or None
        From the first month of the first stretch to the last known or estimated month; None when
        there is nothing to estimate.
    """
    if not stretches:
        return None
    first = min(s.periods[0] for s in stretches)
    last = max([*known, *(s.periods[-1] for s in stretches)])
    months = pd.period_range(first, last, freq="M")
    start = first.ordinal
    inside = {p: v for p, v in known.items() if p >= first}
    members = np.zeros((len(inside) + len(stretches), len(months)))
    totals = np.empty(len(members))
    for i, (period, value) in enumerate(inside.items()):
        members[i, period.ordinal - start] = 1.0
        totals[i] = value
    for i, stretch in enumerate(stretches, start=len(inside)):
        members[i, [p.ordinal - start for p in stretch.periods]] = 1.0
        totals[i] = stretch.total
    scale = scale_of(smooth_level(totals, members), months, indicators)
    return months, disaggregate(totals, members, np.ones((len(months), 1)), scale, rho=1.0)


def as_months(
    months: pd.PeriodIndex, result: Disaggregation, stretches: list[Stretch]
) -> dict[pd.Period, Month]:
    """Return the months of the stretches with basis, standard error and rows."""
    start = months[0].ordinal
    found = {}
    for stretch in stretches:
        joint = [p.month for p in stretch.periods] == [1, 2]
        for period in stretch.periods:
            i = period.ordinal - start
            found[period] = Month(
                float(result.values[i]),
                0.0,
                "joint_estimate" if joint else "estimated",
                stretch.rows,
                float(result.errors[i]),
            )
    return found


def stretch_of(year: int, free: list[int], rest: Amount) -> Stretch:
    """Return the months ``free`` of ``year`` and their total as a stretch."""
    return Stretch(tuple(pd.Period(year=year, month=m, freq="M") for m in free), rest.value, rest.rows)
