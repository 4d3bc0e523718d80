"""Hong Kong's mirror of China's exports, and Korea's first days of a month, cut by each publisher's lag."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.record.calendar import parse_day
from chipexports.record.raw import kept_for, table_path
from chipexports.record.schema import MONTH

MIRROR = "hong_kong_imports_usd_mn"
MIRROR_TABLE = "hong_kong_censtatd/hs8542_imports_monthly.csv"
DAYS_TABLE = "korea_customs/semiconductors_10_20_days.csv"
# When Hong Kong's detailed tables come out is not known: a month counts as known two months after its end.
MIRROR_LAG = 2
# In March 2019 the mirror doubles, in June it falls back; no other series does. These months are left out.
MIRROR_OMITTED = pd.period_range("2019-03", "2019-05", freq="M")
# Korea's first 10 and 20 days are out the day after, the whole month on the 1st of the next.
SEGMENT_DAYS = {"D10": 11, "D20": 21}


def hong_kong_as_of(as_of: str) -> pd.Series:
    """Return Hong Kong's imports of chips of Mainland origin in million USD (at 7.8 HKD), as known on a day.

    The months from January 2016 to November 2023 are without gaps, NaN where one is left out.
    """
    # A mirror of China's exports, not the customs' figure: counted by country of origin, c.i.f., one copy
    # made by hand. Its ratio to China's total drifts from year to year; it serves for the shape of months
    # between published totals.
    values = _mirror()
    # the last day of the second month counts as its end
    last = pd.Period(_next_day(parse_day(as_of)), freq="M") - 1 - MIRROR_LAG
    return values[values.index <= last].copy()


def _next_day(as_of: str) -> dt.date:
    day = dt.date.fromisoformat(as_of)
    return day if day == dt.date.max else day + dt.timedelta(days=1)


@kept_for(MIRROR_TABLE)
def _mirror() -> pd.Series:
    path = table_path(MIRROR_TABLE)
    table = pd.read_csv(path, dtype={"period": str})
    if "period" not in table or not table["period"].str.fullmatch(MONTH.pattern).all():
        raise UsageError(f"{path}: its column period must hold months YYYY-MM; take the file again")
    months = pd.PeriodIndex(table["period"], freq="M")
    values = table["value_mainland_origin_hkd_thousand"].set_axis(months).sort_index() / 7.8e3
    values = values.reindex(pd.period_range(months.min(), months.max(), freq="M"))
    values[values.index.isin(MIRROR_OMITTED)] = np.nan
    return values.rename(MIRROR)


def korea_days_as_of(as_of: str) -> pd.DataFrame:
    """Return Korea's semiconductor exports in the first days of each month in million USD, as known on a day.

    ``days_10``, ``days_20`` and ``whole`` are tentative and wider than HS 8542, NaN where not yet known.
    """
    table = _days()
    day = parse_day(as_of)
    known = pd.DataFrame(
        {
            "days_10": [f"{month}-{SEGMENT_DAYS['D10']}" for month in table.index],
            "days_20": [f"{month}-{SEGMENT_DAYS['D20']}" for month in table.index],
            "whole": [f"{month + 1}-01" for month in table.index],
        },
        index=table.index,
    )
    return table.where(known <= day).dropna(how="all")


@kept_for(DAYS_TABLE)
def _days() -> pd.DataFrame:
    path = table_path(DAYS_TABLE)
    table = pd.read_csv(path, dtype={"month": str})
    if not {"month", "segment", "semiconductor_kusd"} <= set(table.columns):
        raise UsageError(f"{path}: its columns must be month, segment and semiconductor_kusd; take it again")
    wide = table.pivot(index="month", columns="segment", values="semiconductor_kusd") / 1e3
    wide.index = pd.PeriodIndex(wide.index, freq="M", name="month")
    names = {"D10": "days_10", "D20": "days_20", "FULL": "whole"}
    return wide.rename(columns=names)[list(names.values())].rename_axis(columns=None)
