"""FRED: market rates of the yuan to the dollar, monthly averages and daily, as CSV without a key.

Not the customs' own rate: never convert customs figures with it.
"""

from __future__ import annotations

import io

import pandas as pd

from chipexports.base.paths import raw_dir
from chipexports.collect.errors import FetchError
from chipexports.collect.fetched import Fetched, checked, like_the_bundled, monthly_schema
from chipexports.collect.http import SERVED, Progress, Session

BASE = "https://fred.stlouisfed.org"
PATH = "/graph/fredgraph.csv"
KINDS = ("text/csv", "application/csv", "application/octet-stream", "text/plain")
SERIES = ("EXCHUS", "DEXCHUS")
DATE_COLUMNS = ("observation_date", "DATE")
TITLE = "Chinese yuan renminbi to U.S. dollar spot exchange rate"


def fetch(session: Session, months: list[str], progress: Progress = iter) -> list[Fetched]:
    """Fetch both series whole; ``months`` is not used, the CSV always holds all of them.

    Raises
    ------
    FetchError
        Out of reach, or an answer that is not as documented; nothing is written.
    """
    del months
    items = []
    for series in progress(SERIES):
        table = parse(session.get(PATH, {"id": series}, KINDS), series)
        if series == "EXCHUS":
            table["period"] = table["period"].str[:7]
            table = checked(table, monthly_schema("value", 1.0, 20.0), f"fred {series}")
            bundled = raw_dir() / "market" / "usdcny_monthly_average.csv"
            like_the_bundled(table, "value", bundled, f"fred {series}", within=0.02)
        about = {
            "publisher": "Federal Reserve Bank of St. Louis, FRED (Board of Governors, H.10)",
            "title": f"{TITLE}, {series}",
            "url": f"{session.base}{PATH}?id={series}",
            "unit": "CNY per USD, noon buying rate, New York",
            "licence": "public domain: citation requested",
        }
        name = "usdcny_monthly_average" if series == "EXCHUS" else "usdcny_daily"
        items.append(Fetched("market", name, table, about))
    return items


def parse(body: bytes, series: str) -> pd.DataFrame:
    """Return ``period`` (YYYY-MM-DD) and ``value`` (CNY per USD); days without a rate are left out.

    Parameters
    ----------
    body : bytes
        The CSV as it came.
    series : str
        FRED's name of the series: the second column's.

    Returns
    -------
    DataFrame
        ``period, value``, a row a day in order of days.

    Raises
    ------
    FetchError
        Other columns, dates or numbers than documented.
    """
    wrong = f"fred {series}: the answer is not as documented"
    try:
        raw = pd.read_csv(io.BytesIO(body), dtype=str, keep_default_na=False, encoding="utf-8")
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError):
        raise FetchError(f"{wrong} (no CSV table); {SERVED}") from None
    if len(raw.columns) != 2 or raw.columns[0] not in DATE_COLUMNS or raw.columns[1] != series:
        raise FetchError(f"{wrong} (its columns are not a date and {series}); {SERVED}")
    raw.columns = pd.Index(["period", "value"])
    raw = raw[~raw["value"].isin(["", "."])]
    days = pd.to_datetime(raw["period"], format="%Y-%m-%d", errors="coerce")
    values = pd.to_numeric(raw["value"], errors="coerce").astype(float)
    good = days.notna() & values.between(1.0, 20.0)
    if raw.empty or not good.all() or not days.is_monotonic_increasing or days.duplicated().any():
        raise FetchError(f"{wrong} (dates out of order or rates out of bounds); {SERVED}")
    return pd.DataFrame({"period": raw["period"].to_numpy(), "value": values.to_numpy()})
