"""Spring Festival: its date in every year, and the share of each month's days before, in and after it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from chipexports.errors import UsageError

# First day of the lunar year in Beijing, 1990-2050; checked in the tests against the `holidays` package.
_TABLE = """
1990-01-27 1991-02-15 1992-02-04 1993-01-23 1994-02-10 1995-01-31 1996-02-19 1997-02-07 1998-01-28 1999-02-16
2000-02-05 2001-01-24 2002-02-12 2003-02-01 2004-01-22 2005-02-09 2006-01-29 2007-02-18 2008-02-07 2009-01-26
2010-02-14 2011-02-03 2012-01-23 2013-02-10 2014-01-31 2015-02-19 2016-02-08 2017-01-28 2018-02-16 2019-02-05
2020-01-25 2021-02-12 2022-02-01 2023-01-22 2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26 2029-02-13
2030-02-03 2031-01-23 2032-02-11 2033-01-31 2034-02-19 2035-02-08 2036-01-28 2037-02-15 2038-02-04 2039-01-24
2040-02-12 2041-02-01 2042-01-22 2043-02-10 2044-01-30 2045-02-17 2046-02-06 2047-01-26 2048-02-14 2049-02-02
2050-01-23
"""
SPRING_FESTIVAL = {int(day[:4]): np.datetime64(day) for day in _TABLE.split()}
#: name of the regressor -> first and last day of its window, counted from the first day of the lunar year
WINDOWS = {"before": (-14, -1), "during": (0, 7), "after": (8, 21)}


def spring_festival(year: int) -> np.datetime64:
    """Return the first day of the lunar year that begins in ``year`` (1990-2050).

    Raises
    ------
    UsageError
        If the year lies outside the table.
    """
    try:
        return SPRING_FESTIVAL[year]
    except KeyError:
        raise UsageError(f"Spring Festival: {year} lies outside 1990-2050; pass `calendar`") from None


@lru_cache(maxsize=256)
def _window_shares(year: int) -> np.ndarray:
    """Share of each window's days that falls into each of the year's twelve months, shape (12, 3)."""
    shares = np.zeros((12, len(WINDOWS)))
    if year not in SPRING_FESTIVAL:
        return shares
    for column, (first, last) in enumerate(WINDOWS.values()):
        days = SPRING_FESTIVAL[year] + np.arange(first, last + 1)
        months = days.astype("datetime64[M]").astype(int) % 12
        inside = days.astype("datetime64[Y]").astype(int) + 1970 == year
        np.add.at(shares[:, column], months[inside], 1.0 / len(days))
    return shares


@lru_cache(maxsize=1)
def _monthly_means() -> np.ndarray:
    """Mean share of each window in each calendar month over the whole table, shape (12, 3)."""
    return np.mean([_window_shares(year) for year in SPRING_FESTIVAL], axis=0)


def festival_shares(ordinals: np.ndarray) -> np.ndarray:
    """Return the festival regressors of the months given as Period ordinals (months since 1970-01).

    Returns
    -------
    ndarray, shape (n, 3)
        For each month the share of the days before (14 days), in (8 days) and after (14 days) the
        festival that falls into it, less its mean for that calendar month, so that a seasonal
        pattern and the regressors do not compete. A year outside 1990-2050 counts as average.
    """
    ordinals = np.asarray(ordinals, dtype=int)
    means, rows = _monthly_means(), np.zeros((len(ordinals), len(WINDOWS)))
    for i, ordinal in enumerate(ordinals):
        year, month = 1970 + ordinal // 12, ordinal % 12
        if year in SPRING_FESTIVAL:
            rows[i] = _window_shares(year)[month] - means[month]
    return rows


def festival_regressors(index: pd.PeriodIndex) -> pd.DataFrame:
    """Return the festival regressors of a monthly index, one column for each of ``WINDOWS``.

    Source: share-of-days regressors as in X-13ARIMA-SEATS' Genhol (Findley & Soukup 2000; Lin & Liu 2002).
    """
    shares = festival_shares(index.asfreq("M").asi8)
    return pd.DataFrame(shares, index=index, columns=list(WINDOWS))
