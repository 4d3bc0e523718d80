"""FRED: market rates of the yuan to the dollar, monthly averages and daily, as CSV without a key.

Not the customs' own rate: never convert customs figures with it.
"""

from __future__ import annotations

import io

import pandas as pd

from chipexports.collect.errors import undocumented
from chipexports.collect.fetched import Fetched, monthly_series
from chipexports.collect.http import Progress, Session

BASE = "https://fred.stlouisfed.org"
PATH = "/graph/fredgraph.csv"
KINDS = ("text/csv", "application/csv", "application/octet-stream", "text/plain")
SERIES = {"EXCHUS": "usdcny_monthly_average", "DEXCHUS": "usdcny_daily"}
BUNDLED = "market/usdcny_monthly_average.csv"
DATE_COLUMNS = ("observation_date", "DATE")
BOUNDS = (1.0, 20.0)  # CNY per USD


def fetch(session: Session, months: list[str], progress: Progress = iter) -> list[Fetched]:
    """Fetch both series whole; ``months`` is not used, the CSV always holds all of them."""
    del months
    items = []
    for series in progress(SERIES):
        table = parse(session.get(PATH, {"id": series}, KINDS), series)
        if series == "EXCHUS":
            table["period"] = table["period"].str[:7]
            table = monthly_series(table, BUNDLED, f"fred {series}", between=BOUNDS, within=0.02)
        about = {
            "publisher": "Federal Reserve Bank of St. Louis, FRED (Board of Governors, H.10)",
            "title": f"Chinese yuan renminbi to U.S. dollar spot exchange rate, {series}",
            "url": f"{session.base}{PATH}?id={series}",
            "unit": "CNY per USD, noon buying rate, New York",
            "licence": "public domain: citation requested",
        }
        items.append(Fetched("market", SERIES[series], table, about))
    return items


def parse(body: bytes, series: str) -> pd.DataFrame:
    """Return ``period`` (YYYY-MM-DD) and ``value`` (CNY per USD); days without a rate are left out."""
    try:
        raw = pd.read_csv(io.BytesIO(body), dtype=str, keep_default_na=False, encoding="utf-8")
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError):
        raise undocumented(f"fred {series}", "no CSV table") from None
    if len(raw.columns) != 2 or raw.columns[0] not in DATE_COLUMNS or raw.columns[1] != series:
        raise undocumented(f"fred {series}", f"its columns are not a date and {series}")
    table = raw.set_axis(["period", "value"], axis=1)
    table = table[~table["value"].isin(["", "."])].reset_index(drop=True)
    days = pd.to_datetime(table["period"], format="%Y-%m-%d", errors="coerce")
    table["value"] = pd.to_numeric(table["value"], errors="coerce").astype(float)
    good = days.notna() & table["value"].between(*BOUNDS)
    if table.empty or not good.all() or not days.is_monotonic_increasing or days.duplicated().any():
        raise undocumented(f"fred {series}", "dates out of order or rates out of bounds")
    return table
