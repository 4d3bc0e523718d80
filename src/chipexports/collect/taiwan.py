"""Taiwan's Ministry of Finance: monthly exports of electronic components, open data set 8380 of data.gov.tw.

The ministry's database answers a fixed address in CSV, one row a month (years of the Republic, 1912 = 1),
one column a commodity and currency. The column is found by its name and the figures are compared with the
bundled series, which came from the same data set, before anything is written.
"""

from __future__ import annotations

import io
import re

import pandas as pd

from chipexports.collect.errors import undocumented
from chipexports.collect.fetched import Fetched, monthly_series
from chipexports.collect.http import Progress, Session

BASE = "https://web02.mof.gov.tw"
PATH = "/njswww/webMain.aspx"
QUERY = {
    "sys": "220",
    "ym": "9000",
    "kind": "21",
    "type": "4",
    "funid": "i8121",
    "cycle": "41",
    "outmode": "12",
    "compmode": "00",
    "outkind": "1",
    "fld0": "1",
    "codlst0": "1101111010100011110111100111110110100",
    "utf": "1",
}
KINDS = ("text/csv", "application/csv", "application/octet-stream", "application/vnd.ms-excel", "text/plain")
BUNDLED = "taiwan_mof/electronic_components_exports_monthly.csv"
COMPONENTS, DOLLARS = "電子零組件", "按美元計算"
_MONTH = re.compile(r"\s*(\d{2,3})\s*年\s*(\d{1,2})\s*月\s*")


def fetch(session: Session, months: list[str], progress: Progress = iter) -> list[Fetched]:
    """Fetch the whole series; ``months`` is not used."""
    del months
    (query,) = progress([QUERY])
    table = monthly_series(parse(session.get(PATH, query, KINDS)), BUNDLED, "taiwan", between=(1.0, 1e6))
    about = {
        "publisher": "Ministry of Finance, Taiwan",
        "title": "Exports by commodity: electronic components (data.gov.tw data set 8380)",
        "url": session.base + PATH + "?" + "&".join(f"{name}={value}" for name, value in QUERY.items()),
        "unit": "million USD",
        "licence": "Open Government Data License, Taiwan",
    }
    return [Fetched("taiwan_mof", "electronic_components_exports", table, about)]


def parse(body: bytes) -> pd.DataFrame:
    """Return ``period`` and ``value_usd_mn`` (NaN for what is not a number), without rows of whole years."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise undocumented("taiwan", "not UTF-8") from None
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines[:30]) if COMPONENTS in line), None)
    if start is None:
        raise undocumented("taiwan", "no column of electronic components")
    try:
        raw = pd.read_csv(io.StringIO("\n".join(lines[start:])), dtype=str, keep_default_na=False)
    except pd.errors.ParserError:
        raise undocumented("taiwan", "no CSV table") from None
    columns = [name for name in raw.columns if COMPONENTS in name and DOLLARS in name]
    if len(columns) != 1:
        raise undocumented("taiwan", f"{len(columns)} columns of electronic components in dollars")
    rows = []
    for when, value in zip(raw.iloc[:, 0], raw[columns[0]], strict=True):
        month = _MONTH.fullmatch(str(when))
        if month and value.strip() not in ("", "-", "－"):
            rows.append((f"{int(month[1]) + 1911}-{int(month[2]):02d}", value.replace(",", "")))
    table = pd.DataFrame(rows, columns=["period", "value_usd_mn"])
    table["value_usd_mn"] = pd.to_numeric(table["value_usd_mn"], errors="coerce").astype(float)
    return table.astype({"period": str})
