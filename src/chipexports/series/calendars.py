"""Calendar regressors of a series of one's own: working days of a country, or none."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from chipexports.base.errors import UsageError

#: months after the last known one for which regressors are given: to December of the year after next
AHEAD = 36


def calendar_of(holidays: str, first: pd.Period, last: pd.Period) -> pd.DataFrame | None:
    """Return the log of a country's working days a month, less the mean over that calendar month.

    It runs on for `AHEAD` months; "none" has no column, and for "CN" it is None: the engine has that itself.
    """
    if holidays == "CN":
        return None
    months = pd.period_range(first, last + AHEAD, freq="M")
    if holidays.lower() == "none":
        return pd.DataFrame(index=months)
    with warnings.catch_warnings():  # the library warns at import of its own next names
        warnings.simplefilter("ignore", DeprecationWarning)
        import holidays as library
    years = range(first.year, months[-1].year + 1)
    try:
        closed = np.array(sorted(library.country_holidays(holidays, years=years)), dtype="datetime64[D]")
    except NotImplementedError as error:
        raise UsageError(
            f"holidays: {holidays!r} is not a country code with a calendar; use CN, KR, US … or none"
        ) from error
    starts = months.to_timestamp().to_numpy().astype("datetime64[D]")
    ends = (months + 1).to_timestamp().to_numpy().astype("datetime64[D]")
    days = np.log(np.busday_count(starts, ends, holidays=closed))
    usual = pd.Series(days).groupby(months.month).transform("mean").to_numpy()
    return pd.DataFrame({"working_days": days - usual}, index=months)
