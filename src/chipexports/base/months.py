"""Months as Period ordinals (months since 1970-01), and back."""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd


def monthly_index(series: pd.Series | pd.DataFrame) -> pd.PeriodIndex:
    """Return the index of a monthly series as what it is.

    Parameters
    ----------
    series : Series or DataFrame
        With a PeriodIndex of months.

    Returns
    -------
    PeriodIndex
        The same object.
    """
    return cast(pd.PeriodIndex, series.index)


def ordinals_of(series: pd.Series | pd.DataFrame) -> np.ndarray:
    """Return the Period ordinals of a monthly series.

    Parameters
    ----------
    series : Series or DataFrame
        With a PeriodIndex of months.

    Returns
    -------
    ndarray
        Months since January 1970, one per row.
    """
    return np.asarray(monthly_index(series).asi8)


def in_year(series: pd.Series, year: int) -> pd.Series:
    """Return the months of ``year``.

    Parameters
    ----------
    series : Series
        With a PeriodIndex of months.
    year : int
        Calendar year.

    Returns
    -------
    Series
        Twelve months or fewer, in the unit of ``series``.
    """
    return series[monthly_index(series).year == year]


def months_from(first: int, periods: int) -> pd.PeriodIndex:
    """Return ``periods`` months from the one with the Period ordinal ``first``.

    Parameters
    ----------
    first : int
        Months since January 1970.
    periods : int
        How many.

    Returns
    -------
    PeriodIndex
        Without a gap.
    """
    return pd.period_range(pd.Period(ordinal=int(first), freq="M"), periods=periods, freq="M")


def column_logs(table: pd.DataFrame) -> dict[str, tuple[np.ndarray, int]]:
    """Return each column's logs from its first to its last positive month, and the first's ordinal.

    Columns with twelve known months or fewer are left out; months missing in between are NaN.

    Parameters
    ----------
    table : DataFrame
        Series in columns, with a PeriodIndex of months without a gap.

    Returns
    -------
    dict of str to tuple
        Natural logs (one per month) and the Period ordinal of the first, by column.
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
