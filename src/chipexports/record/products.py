"""What is exported, to whom, and what is made at home: tidy tables with the day they became known."""

from __future__ import annotations

import pandas as pd

from chipexports.record.calendar import due_date, parse_day, rule_date
from chipexports.record.heading import HEADING, WORLD, spans_as_of
from chipexports.record.raw import table_path
from chipexports.record.schema import first_and_last

# Rules for the day a figure became known. UN Comtrade: China's year is taken as known on 30 June of
# the next; the report on 2026's first quarter appeared in May 2026; the bureau's output about the 18th.
COMTRADE_DAY = "06-30"
REPORT_DAY = "2026-05-31"
NBS_DAY = 18


def _read(name: str) -> pd.DataFrame:
    return pd.read_csv(table_path(name), dtype={"period": str, "hs6": str, "hs": str}, keep_default_na=True)


def _annual_span(table: pd.DataFrame) -> pd.DataFrame:
    years = table["year"].astype(int)
    return table.assign(
        period_start=[f"{y}-01" for y in years],
        period_end=[f"{y}-12" for y in years],
        known=[f"{y + 1}-{COMTRADE_DAY}" for y in years],
    )


def _months_span(table: pd.DataFrame, known: str) -> pd.DataFrame:
    starts, ends = zip(*map(first_and_last, table["period"]), strict=True)
    # a later month that is added to the table is not known before its own customs table
    days = [max(known, due_date(end).isoformat()) for end in ends]
    table = table.assign(period_start=starts, period_end=ends, known=days)
    return table.assign(value_usd=table["value_usd_bn"] * 1e9)


def products_as_of(as_of: str) -> pd.DataFrame:
    """Return exports and imports by six-digit product, as known by ``as_of``.

    Parameters
    ----------
    as_of : str
        "YYYY-MM-DD"; only what was published by the end of that day.

    Returns
    -------
    DataFrame
        ``period_start, period_end, flow (export|import), hs6, product, value_usd (USD),
        share_pct, yoy_pct, basis, source, known``. ``hs6`` is "8542" for the whole heading. Years of which
        `fetch comtrade` brought every month are as fetched, from the day of the fetching on.
    """
    annual = _annual_span(_read("comtrade/ic_products_annual.csv"))
    annual = annual.rename(columns={"share_of_8542_pct": "share_pct"})
    quoted = _months_span(_read("uibe/ic_products_monthly.csv"), REPORT_DAY)
    news = _months_span(_read("xinhua/ic_products_monthly.csv"), "2026-08-31")
    monthly = pd.concat([quoted, news], ignore_index=True)
    code = monthly["product"].str.extract(r"^(\d{6}) ?(.*)$")
    monthly["hs6"] = code[0].fillna("8542")
    monthly["product"] = code[1].fillna("all")
    annual["flow"] = annual["flow"].str.removesuffix("s")
    fetched = spans_as_of(as_of).rename(columns={"hs": "hs6"})
    fetched = fetched[fetched["partner_code"] == WORLD]
    whole = fetched["value_usd"].where(fetched["hs6"] == HEADING)
    whole = whole.groupby([fetched["flow"], fetched["period_end"]]).transform("max")
    fetched = fetched.assign(share_pct=100 * fetched["value_usd"] / whole)
    annual = _superseded(annual, fetched, ["period_start", "period_end", "flow", "hs6"])
    table = pd.concat([t for t in (annual, monthly, fetched) if len(t)], ignore_index=True)
    table["flow"] = table["flow"].str.removesuffix("s")
    columns = ["period_start", "period_end", "flow", "hs6", "product", "value_usd", "share_pct", "yoy_pct"]
    return _known_by(table, as_of, [*columns, "basis", "source", "known"])


def partners_as_of(as_of: str) -> pd.DataFrame:
    """Return exports by partner, as known by ``as_of``.

    Parameters
    ----------
    as_of : str
        "YYYY-MM-DD"; only what was published by the end of that day.

    Returns
    -------
    DataFrame
        ``period_start, period_end, partner, hs, value_usd (USD), share_pct, yoy_pct, basis,
        source, known``. ``share_pct`` is the share in the same code's exports to the world.
        There is no full series for Hong Kong, Taiwan, Viet Nam and Malaysia but in the years and the
        year so far of which `fetch comtrade` brought every month, from the day of the fetching on.
    """
    annual = _annual_span(_read("comtrade/ic_partners_annual.csv"))
    named = _annual_span(_read("uibe/ic_partners_annual.csv")).assign(known=REPORT_DAY)
    annual = pd.concat([annual, named], ignore_index=True).rename(columns={"share_of_total_pct": "share_pct"})
    monthly = _months_span(_read("uibe/ic_partners_monthly.csv"), REPORT_DAY).assign(hs="8542")
    fetched = spans_as_of(as_of).query("flow == 'export'")
    annual = _superseded(annual, fetched, ["period_start", "period_end", "hs"])
    table = pd.concat([t for t in (annual, monthly, fetched) if len(t)], ignore_index=True)
    columns = ["period_start", "period_end", "partner", "hs", "value_usd", "share_pct", "yoy_pct"]
    return _known_by(table, as_of, [*columns, "basis", "source", "known"])


def output_as_of(as_of: str) -> pd.DataFrame:
    """Return China's output of integrated circuits, as known by ``as_of``.

    Parameters
    ----------
    as_of : str
        "YYYY-MM-DD"; only what was published by the end of that day.

    Returns
    -------
    DataFrame
        ``period, output_100mn, output_cum_100mn (100 million pieces), yoy_pct, cum_yoy_pct, basis,
        source, note, known``. No January from 2013; the base was revised after October 2023, so
        growth and level must not be chained.
    """
    table = _read("nbs/ic_output_monthly.csv")
    table["known"] = [rule_date(p, NBS_DAY).isoformat() for p in table["period"]]
    return _known_by(table, as_of, [*table.columns])


def world_shares() -> pd.DataFrame:
    """Return China's share in the exports of HS 8542 of all Comtrade reporters, by year.

    Taiwan does not report, and 2024 is incomplete: the share is too high in every year, most in 2024.
    """
    return _read("comtrade/world_hs8542_exports_annual.csv")


def claims_evidence() -> pd.DataFrame:
    """Return the evidence gathered for the article's claims, one piece a row."""
    return _read("article/claims_evidence.csv")


def _superseded(annual: pd.DataFrame, fetched: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Return the shipped rows less those of spans and codes that were fetched since."""
    if fetched.empty:
        return annual
    return annual[~pd.MultiIndex.from_frame(annual[key]).isin(pd.MultiIndex.from_frame(fetched[key]))]


def _known_by(table: pd.DataFrame, as_of: str, columns: list[str]) -> pd.DataFrame:
    parse_day(as_of)
    return table.loc[table["known"] <= as_of, columns].reset_index(drop=True)
