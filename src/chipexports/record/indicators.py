"""Series that move with China's chip exports, cut by each publisher's lag."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from chipexports.record.calendar import CALENDAR, due_date, parse_day
from chipexports.record.raw import kept_for, table_path
from chipexports.record.schema import MONTH, first_and_last
from chipexports.record.taken_in import months, with_fetched

# Rule for the day a month becomes known, in the month after it: Korea's customs print exports by
# item on the 15th, Taiwan's Ministry of Finance about the 9th; China's total of all goods comes
# out with the customs tables. The series are revised values: their own vintages are not in the
# record.
KOREA_DAY, TAIWAN_DAY = 15, 9
# "derived: 2026 value / (1+yoy)": the year whose printed figure it was worked back from
_DERIVED_FROM = re.compile(r"\bderived: ((?:19|20)\d{2}) value / \(1\+yoy\)")
KOREA = "korea_customs/hs8542_exports_monthly.csv"
TAIWAN = "taiwan_mof/electronic_components_exports_monthly.csv"
GOODS = "gacc/goods_exports.csv"
#: the tables the indicators are read from
TABLES = (*with_fetched(KOREA), *with_fetched(TAIWAN), GOODS, CALENDAR)
COLUMNS = ("korea_hs8542_usd_mn", "taiwan_components_usd_mn", "china_goods_usd_100mn")


def indicators_as_of(as_of: str) -> pd.DataFrame:
    """Return the indicators as far as their publishers had printed them by ``as_of``.

    A value derived from a figure of the year after (China's goods of January to June 2025 are
    2026 / (1 + growth)) is known only when that later figure was out.

    Parameters
    ----------
    as_of : str
        "YYYY-MM-DD"; only what was published by the end of that day.

    Returns
    -------
    DataFrame
        PeriodIndex[M] from 2001-01, gap-free; columns ``korea_hs8542_usd_mn`` (million USD),
        ``taiwan_components_usd_mn`` (million USD), ``china_goods_usd_100mn`` (100 million USD);
        NaN where nothing was known.
    """
    return _as_of(parse_day(as_of)).copy()


@kept_for(*TABLES, most=256)
def _as_of(as_of: str) -> pd.DataFrame:
    values, known = _table()
    cut = values.where(known <= np.datetime64(as_of))
    cut = cut.dropna(how="all")
    if cut.empty:
        return values.iloc[:0]
    return cut.reindex(pd.period_range(cut.index[0], cut.index[-1], freq="M"))


@kept_for(*TABLES)
def _table() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return values and the day each became known, both by month and column."""
    korea, taiwan = (months(table, "value_usd_mn") for table in (KOREA, TAIWAN))
    goods, goods_known = _goods()
    values = pd.concat([korea, taiwan, goods], axis=1, keys=COLUMNS).sort_index()
    index = pd.period_range(values.index[0], values.index[-1], freq="M")
    values = values.reindex(index)
    out = {
        name: (index + 1).to_timestamp() + pd.Timedelta(days=day - 1)
        for name, day in ((COLUMNS[0], KOREA_DAY), (COLUMNS[1], TAIWAN_DAY))
    }
    known = pd.DataFrame({**out, COLUMNS[2]: goods_known.reindex(index)}, index=index)
    return values, known


def derived_from(month: str, basis: str) -> str:
    """Return the month whose table a value of all goods needs: a later one where derived from that.

    >>> derived_from("2025-03", "derived: 2026 value / (1+yoy)")
    '2026-03'
    >>> derived_from("2024-03", "derived: revised value a year before x (1+first-print yoy)")
    '2024-03'
    """
    derived = _DERIVED_FROM.search(basis)
    return max(month, f"{derived[1]}{month[4:]}") if derived else month


def _goods() -> tuple[pd.Series, pd.Series]:
    table = pd.read_csv(table_path(GOODS), dtype={"period": str})
    table["value_100mn"] = table["value_100mn"].astype(float)
    usd = table[table["currency"] == "USD"]
    cny = table[table["currency"] == "CNY"].set_index("period")["value_100mn"]
    values: dict[str, float] = {}
    known: dict[str, np.datetime64] = {}
    for period, value, basis in zip(usd["period"], usd["value_100mn"], usd["basis"], strict=True):
        covered = list(dict.fromkeys(first_and_last(period)))
        if not all(MONTH.fullmatch(month) for month in covered):
            continue  # a half-year or a year
        parts = [float(value)]
        if len(covered) > 1:  # a joint January-February, shared out as the RMB months are
            shares = cny.reindex(covered).to_numpy()
            parts = list(value * shares / shares.sum())
        for month, part in zip(covered, parts, strict=True):
            values[month] = part
            known[month] = np.datetime64(due_date(derived_from(month, basis)))
    index = pd.PeriodIndex(list(values), freq="M")
    return (
        pd.Series(list(values.values()), index=index).sort_index(),
        pd.Series(list(known.values()), index=index).sort_index(),
    )


def panel() -> dict[str, pd.Series]:
    """Return the open panel: of each positive series in `COLUMNS` the longest stretch without a gap."""
    values, _ = _table()
    result = {}
    for name in COLUMNS:
        series = values[name].astype(float)
        good = series.notna() & (series > 0)
        run = (good != good.shift()).cumsum()[good]
        longest = run.value_counts().sort_index().idxmax()
        result[name] = series[run.index[run == longest]].rename(name)
    return result
