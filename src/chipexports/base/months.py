"""Months as Period ordinals (months since 1970-01), and back."""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd


def monthly_index(series: pd.Series | pd.DataFrame) -> pd.PeriodIndex:
    """Return the index of a monthly series as what it is."""
    return cast(pd.PeriodIndex, series.index)


def ordinals_of(series: pd.Series | pd.DataFrame) -> np.ndarray:
    """Return the Period ordinals of a monthly series."""
    return np.asarray(monthly_index(series).asi8)


def in_year(series: pd.Series, year: int) -> pd.Series:
    """Return the months of ``year``."""
    return series[monthly_index(series).year == year]


def months_from(first: int, periods: int) -> pd.PeriodIndex:
    """Return ``periods`` months from the one with the Period ordinal ``first``."""
    return pd.period_range(pd.Period(ordinal=int(first), freq="M"), periods=periods, freq="M")


def column_logs(table: pd.DataFrame) -> dict[str, tuple[np.ndarray, int]]:
    """Return each column's logs from its first to its last positive month, and the ordinal of the first.

    Columns with twelve known months or fewer are left out; months missing in between are NaN.
    """
    ordinals, logs = ordinals_of(table), {}
    for name, column in table.items():
        values = column.to_numpy(dtype=float)
        known = np.flatnonzero(values > 0)
        if len(known) <= 12:
            continue
        span = np.full(ordinals[known[-1]] - ordinals[known[0]] + 1, np.nan)
        span[ordinals[known] - ordinals[known[0]]] = np.log(values[known])
        logs[str(name)] = (span, int(ordinals[known[0]]))
    return logs
