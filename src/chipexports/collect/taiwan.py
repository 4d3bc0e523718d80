"""Taiwan's Ministry of Finance: monthly exports of electronic components, open data set 8380 of data.gov.tw.

The ministry's database answers a fixed address in CSV, one row a month (years of the Republic, 1912 = 1),
one column a commodity and currency. The column is found by its name and the figures are compared with the
bundled series, which came from the same data set, before anything is written.
"""

from __future__ import annotations

import io
import re

import pandas as pd

from chipexports.base.paths import raw_dir
from chipexports.collect.errors import FetchError
from chipexports.collect.fetched import Fetched, checked, like_the_bundled, monthly_schema
from chipexports.collect.http import SERVED, Progress, Session

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
COMPONENTS, DOLLARS = "電子零組件", "按美元計算"
_MONTH = re.compile(r"\s*(\d{2,3})\s*年\s*(\d{1,2})\s*月\s*")


def fetch(session: Session, months: list[str], progress: Progress = iter) -> list[Fetched]:
    """Fetch the whole series; ``months`` is not used.

    Raises
    ------
    FetchError
        Out of reach, or an answer that is not as documented; nothing is written.
    """
    del months
    (query,) = progress([QUERY])
    table = checked(
        parse(session.get(PATH, query, KINDS)), monthly_schema("value_usd_mn", 1.0, 1e6), "taiwan"
    )
    bundled = raw_dir() / "taiwan_mof" / "electronic_components_exports_monthly.csv"
    like_the_bundled(table, "value_usd_mn", bundled, "taiwan")
    about = {
        "publisher": "Ministry of Finance, Taiwan",
        "title": "Exports by commodity: electronic components (data.gov.tw data set 8380)",
        "url": session.base + PATH + "?" + "&".join(f"{name}={value}" for name, value in QUERY.items()),
        "unit": "million USD",
        "licence": "Open Government Data License, Taiwan",
    }
    return [Fetched("taiwan_mof", "electronic_components_exports", table, about)]


def parse(body: bytes) -> pd.DataFrame:
    """Return ``period, value_usd_mn`` from the ministry's CSV; rows of whole years are left out.

    Parameters
    ----------
    body : bytes
        The CSV as it came.

    Returns
    -------
    DataFrame
        ``period`` ("YYYY-MM"), ``value_usd_mn`` (million USD, NaN where it is not a number).

    Raises
    ------
    FetchError
        No CSV, or not exactly one column of electronic components in dollars.
    """
    wrong = "taiwan: the answer is not as documented"
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FetchError(f"{wrong} (not UTF-8); {SERVED}") from None
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines[:30]) if COMPONENTS in line), None)
    if start is None:
        raise FetchError(f"{wrong} (no column of electronic components); {SERVED}")
    try:
        raw = pd.read_csv(io.StringIO("\n".join(lines[start:])), dtype=str, keep_default_na=False)
    except pd.errors.ParserError:
        raise FetchError(f"{wrong} (no CSV table); {SERVED}") from None
    columns = [name for name in raw.columns if COMPONENTS in name and DOLLARS in name]
    if len(columns) != 1:
        raise FetchError(f"{wrong} ({len(columns)} columns of electronic components in dollars); {SERVED}")
    rows = []
    for when, value in zip(raw.iloc[:, 0], raw[columns[0]], strict=True):
        month = _MONTH.fullmatch(str(when))
        if month and value.strip() not in ("", "-", "－"):
            rows.append((f"{int(month.group(1)) + 1911}-{int(month.group(2)):02d}", value.replace(",", "")))
    table = pd.DataFrame(rows, columns=["period", "value_usd_mn"])
    table["value_usd_mn"] = pd.to_numeric(table["value_usd_mn"], errors="coerce").astype(float)
    return table.astype({"period": str})
