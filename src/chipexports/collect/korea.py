"""Korea Customs Service: monthly exports of HS 8542, from its open API on data.go.kr (dataset 15101609).

``GET /1220000/Itemtrade/getItemtradeList`` with ``serviceKey, strtYymm, endYymm`` (a year at most) and
``hsSgn`` answers in XML, one item for a month and ten-digit code, dollars in ``expDlr``. A free key is
needed (environment variable ``KOREA_CUSTOMS_API_KEY``); the address has no keyless preview.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from urllib.parse import unquote

import pandas as pd
from lxml import etree

from chipexports.base.errors import UsageError
from chipexports.collect.errors import SERVED, FetchError, undocumented
from chipexports.collect.fetched import Fetched, monthly_series
from chipexports.collect.http import Progress, Session

BASE = "https://apis.data.go.kr"
PATH = "/1220000/Itemtrade/getItemtradeList"
KEY = "KOREA_CUSTOMS_API_KEY"
KINDS = ("application/xml", "text/xml")
HS = "8542"
BUNDLED = "korea_customs/hs8542_exports_monthly.csv"
# the codes of data.go.kr that the holder of the key can do something about
_CODES = {
    "20": "the key has no access to this data set: apply for dataset 15101609 with it",
    "22": "the key has used up its requests of the day: try again tomorrow",
    "30": "the key is not registered: check it, a new one takes an hour or two to work",
    "31": "the key has expired: renew it at data.go.kr",
    "32": "the key is bound to another address of the network",
}
_MONTH = re.compile(r"(\d{4})\.(\d{2})")


def fetch(session: Session, months: list[str], progress: Progress = iter) -> list[Fetched]:
    """Fetch the months given, a year at a time; the key must be set."""
    key = os.environ.get(KEY)
    if not key:
        raise UsageError(f"korea: set {KEY} to a free service key of data.go.kr (dataset 15101609); {SERVED}")
    years: dict[str, list[str]] = defaultdict(list)
    for month in months:
        years[month[:4]].append(month.replace("-", ""))
    dollars: dict[str, float] = {}
    for year in progress(sorted(years)):
        span = {"strtYymm": years[year][0], "endYymm": years[year][-1], "hsSgn": HS}
        dollars |= parse(session.get(PATH, {**span, "serviceKey": unquote(key)}, KINDS))
    if not dollars:
        raise session.failed(PATH, f"has no rows for {months[0]} to {months[-1]}")
    values = {"period": sorted(dollars), "value_usd_mn": [dollars[month] / 1e6 for month in sorted(dollars)]}
    table = monthly_series(pd.DataFrame(values), BUNDLED, "korea", between=(1.0, 1e6))
    about = {
        "publisher": "Korea Customs Service",
        "title": "Exports of HS 8542 by month, sum of its ten-digit lines (data.go.kr dataset 15101609)",
        "url": session.base + PATH,
        "unit": "million USD",
        "licence": "KOGL, source to be named",
    }
    return [Fetched("korea_customs", f"hs8542_exports_{months[0]}_{months[-1]}", table, about)]


def parse(body: bytes) -> dict[str, float]:
    """Return exports in dollars by month "YYYY-MM", summed over the ten-digit lines of HS 8542."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        raise undocumented("korea", "no XML, or cut short") from None
    code = (root.findtext(".//resultCode") or root.findtext(".//returnReasonCode") or "none").strip()
    if code != "00":
        reason = f": {_CODES[code]}" if code in _CODES else " instead of data"
        raise FetchError(f"korea: the server answers with code {code[:8]}{reason}; {SERVED}")
    sums: dict[str, float] = defaultdict(float)
    for item in root.iter("item"):
        month = _MONTH.fullmatch((item.findtext("year") or "").strip())
        hs, text = item.findtext("hsCode"), item.findtext("expDlr")
        if hs is None or text is None:
            raise undocumented("korea", "an item lacks hsCode or expDlr")
        if month is None or not hs.strip().startswith(HS):
            continue  # the row of totals
        if not re.fullmatch(r"\d{1,15}", text.strip()):
            raise undocumented("korea", "expDlr is not a whole number of dollars")
        sums[f"{month[1]}-{month[2]}"] += float(text)
    return dict(sums)
