"""What ``fetch comtrade`` brought of HS 8542 by product and partner: whole years, and the year so far."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.base.paths import raw_dir
from chipexports.record.calendar import FULL_TABLE_DAY, parse_day, rule_date
from chipexports.record.raw import kept_for
from chipexports.record.taken_in import taken_in

FETCHED = "comtrade/fetched/hs8542_by_partner_*.csv"
WORLD = 0
HEADING = "8542"
PRODUCTS = {
    HEADING: "all",
    "854231": "processors and controllers",
    "854232": "memories",
    "854233": "amplifiers",
    "854239": "other",
    "854290": "parts",
}
# Comtrade's names of partners, as the other tables of the record write them
NAMES = {
    "China, Hong Kong SAR": "Hong Kong",
    "Other Asia, nes": "Taiwan",
    "Rep. of Korea": "Korea",
}
KEY = ["period", "flow", "hs", "partner_code"]


def known_from(month: str, fetched: str) -> str:
    """Return the day from which a fetched month counts as known: that of the fetching.

    >>> known_from("2019-05", "2026-11-25"), known_from("2026-10", "2026-11-02")
    ('2026-11-25', '2026-11-18')
    """
    # not before the customs' own detailed tables are out, though, should a clock have been wrong: Comtrade
    # has the month from them
    return max(fetched, rule_date(month, FULL_TABLE_DAY).isoformat())


def spans_as_of(as_of: str) -> pd.DataFrame:
    """Return trade in HS 8542 in USD by product and partner, over whole years and the newest year so far.

    Of a month fetched twice by the day the later counts, and spans of which a month is missing are left out;
    ``share_pct`` is that in the same code's trade with the world.
    """
    return _spans(parse_day(as_of)).copy()


COLUMNS = [
    "period_start", "period_end", "flow", "hs", "partner_code", "partner", "product", "value_usd",
    "share_pct", "yoy_pct", "basis", "source", "known",
]  # fmt: skip


@kept_for(FETCHED, most=8)
def _spans(as_of: str) -> pd.DataFrame:
    paths = sorted(raw_dir().glob(FETCHED), key=taken_in)
    months = pd.concat([_read(path) for path in paths] or [pd.DataFrame(columns=[*KEY, "known"])])
    months = months[months["known"] <= as_of].copy()
    if months.empty:
        return pd.DataFrame(columns=COLUMNS)
    # a month is one vintage: what the later table no longer holds is gone
    newest = months.groupby(["period", "flow"])["order"].transform("max")
    months = months[months["order"] == newest]
    world = months[(months["partner_code"] == WORLD) & (months["hs"] == HEADING)]
    parts = []
    for flow, rows in world.groupby("flow")["period"]:
        periods = set(rows)
        years = sorted({period[:4] for period in periods})
        for year in years:
            last = _last(periods, year)
            if last and (last == 12 or year == years[-1]):
                parts.append(_span(months[months["flow"] == flow], periods, year, last))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


def _read(path: Path) -> pd.DataFrame:
    table = pd.read_csv(path, dtype={"period": str, "hs": str})
    lacking = {*KEY, "partner", "value_usd"} - set(table.columns)
    if lacking:
        raise UsageError(f"{path}: has no column {min(lacking)}; remove the file and fetch it again")
    day, number = taken_in(path)
    return table.assign(
        known=[known_from(period, day) for period in table["period"]],
        order=f"{day} {number:06d}",
        fetched=day,
    )


def _last(periods: set[str], year: str) -> int:
    """Return the last month up to which all months of a year are there, 0 where January is not."""
    return next((m - 1 for m in range(1, 13) if f"{year}-{m:02d}" not in periods), 12)


def _span(months: pd.DataFrame, periods: set[str], year: str, last: int) -> pd.DataFrame:
    now, before = (_sum(months, str(y), last) for y in (int(year), int(year) - 1))
    whole = now.index.get_level_values("partner_code") == WORLD
    world = now.loc[whole, "value_usd"].droplevel("partner_code")
    table = now.reset_index()
    table["share_pct"] = 100 * table["value_usd"] / table["hs"].map(world)
    table["yoy_pct"] = float("nan")
    if _last(periods, str(int(year) - 1)) >= last:
        earlier = before["value_usd"].reindex(now.index).to_numpy()
        table["yoy_pct"] = 100 * (table["value_usd"] / earlier - 1)
    return table.assign(
        period_start=f"{year}-01",
        period_end=f"{year}-{last:02d}",
        flow=months["flow"].iloc[0],
        partner=table["partner"].replace(NAMES),
        product=table["hs"].map(PRODUCTS),
        basis="reported",
        source="UN Comtrade, reporter China, monthly, fetched " + table["fetched"],
    )[COLUMNS]


def _sum(months: pd.DataFrame, year: str, last: int) -> pd.DataFrame:
    here = months[(months["period"].str[:4] == year) & (months["period"].str[5:].astype(int) <= last)]
    return here.groupby(["hs", "partner_code"]).agg(
        value_usd=("value_usd", "sum"),
        partner=("partner", "last"),
        known=("known", "max"),
        fetched=("fetched", "max"),
    )
