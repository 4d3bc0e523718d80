"""Calendar effects on trade: Spring Festival, Mid-Autumn Festival and working days, by month."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from chipexports.base.errors import UsageError

# Month and day in Beijing of the lunar new year and of the Mid-Autumn Festival, 1990-2050; checked in the
# tests against the `holidays` package.
FIRST_YEAR = 1990
_NEW_YEAR = """
01-27 02-15 02-04 01-23 02-10 01-31 02-19 02-07 01-28 02-16 02-05 01-24 02-12 02-01 01-22 02-09 01-29 02-18
02-07 01-26 02-14 02-03 01-23 02-10 01-31 02-19 02-08 01-28 02-16 02-05 01-25 02-12 02-01 01-22 02-10 01-29
02-17 02-06 01-26 02-13 02-03 01-23 02-11 01-31 02-19 02-08 01-28 02-15 02-04 01-24 02-12 02-01 01-22 02-10
01-30 02-17 02-06 01-26 02-14 02-02 01-23
"""
_MID_AUTUMN = """
10-03 09-22 09-11 09-30 09-20 09-09 09-27 09-16 10-05 09-24 09-12 10-01 09-21 09-11 09-28 09-18 10-06 09-25
09-14 10-03 09-22 09-12 09-30 09-19 09-08 09-27 09-15 10-04 09-24 09-13 10-01 09-21 09-10 09-29 09-17 10-06
09-25 09-15 10-03 09-22 09-12 10-01 09-19 09-08 09-27 09-16 10-04 09-24 09-13 10-02 09-20 09-10 09-28 09-17
10-05 09-25 09-15 10-04 09-22 09-11 09-30
"""


def _dates(table: str) -> dict[int, np.datetime64]:
    return {y: np.datetime64(f"{y}-{day}") for y, day in enumerate(table.split(), start=FIRST_YEAR)}


SPRING_FESTIVAL, MID_AUTUMN = _dates(_NEW_YEAR), _dates(_MID_AUTUMN)
LAST_YEAR = max(SPRING_FESTIVAL)
#: regressor -> (dates, first and last day of the window counted from the date)
WINDOWS = {
    "before_spring_festival": (SPRING_FESTIVAL, -14, -1),
    "in_spring_festival": (SPRING_FESTIVAL, 0, 7),
    "after_spring_festival": (SPRING_FESTIVAL, 8, 21),
    "mid_autumn": (MID_AUTUMN, -1, 1),
}
NAMES = (*WINDOWS, "weekdays")
#: weekdays are counted in units of twenty, about a month's worth
WEEKDAYS_UNIT = 20.0


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
        raise UsageError(f"year: {year} lies outside 1990-2050; pass a `calendar` of your own") from None


def _weekdays(year: int) -> np.ndarray:
    """Weekdays less five halves of the weekend days of each month (zero in a month of full weeks)."""
    starts = np.arange(f"{year}-01", f"{year + 1}-02", dtype="datetime64[M]").astype("datetime64[D]")
    weekdays = np.busday_count(starts[:-1], starts[1:])
    weekend = np.diff(starts).astype(int) - weekdays
    return (weekdays - 2.5 * weekend) / WEEKDAYS_UNIT


@lru_cache(maxsize=256)
def _rows(year: int) -> np.ndarray:
    """Raw regressors of the year's twelve months, shape (12, 5)."""
    rows = np.zeros((12, len(NAMES)))
    rows[:, -1] = _weekdays(year)
    for column, (dates, first, last) in enumerate(WINDOWS.values()):
        days = dates[year] + np.arange(first, last + 1)
        months = days.astype("datetime64[M]").astype(int) % 12
        inside = days.astype("datetime64[Y]").astype(int) + 1970 == year
        np.add.at(rows[:, column], months[inside], 1.0 / len(days))
    return rows


@lru_cache(maxsize=1)
def _monthly_means() -> np.ndarray:
    """Mean of each regressor in each calendar month over the whole table, shape (12, 5)."""
    return np.mean([_rows(year) for year in SPRING_FESTIVAL], axis=0)


def calendar_rows(ordinals: np.ndarray) -> np.ndarray:
    """Return the regressors `NAMES`, shape (n, 5), of months given as Period ordinals (months since 1970-01).

    Each is less its mean over the calendar month, so that it does not compete with a seasonal pattern, and
    zero outside 1990-2050, an average month.
    """
    # the share of a window's days (`WINDOWS`) that fall into the month; weekdays less 2.5 times weekend days,
    # in twenties
    ordinals = np.asarray(ordinals, dtype=int)
    means, rows = _monthly_means(), np.zeros((len(ordinals), len(NAMES)))
    for year in np.unique(1970 + ordinals // 12):
        if year in SPRING_FESTIVAL:
            here = 1970 + ordinals // 12 == year
            rows[here] = (_rows(int(year)) - means)[ordinals[here] % 12]
    return rows


def calendar_regressors(index: pd.PeriodIndex) -> pd.DataFrame:
    """Return `calendar_rows` of a monthly index, a column for each of `NAMES`."""
    # holiday regressors by share of days, as in X-13ARIMA-SEATS' Genhol (Lin & Liu 2002, Findley & Soukup
    # 2000); one-coefficient trading day of Bell & Hillmer (1983)
    return pd.DataFrame(calendar_rows(index.asfreq("M").asi8), index=index, columns=list(NAMES))
