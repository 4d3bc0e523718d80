"""UN Comtrade: China's monthly trade in HS 8542 and its six-digit lines by partner.

Documented API (comtradeapi.un.org): with a
key ``/data/v1/get/C/M/HS``, without one ``/public/v1/preview/C/M/HS``, which cuts at 500 rows. The key goes
in the header ``Ocp-Apim-Subscription-Key``. HS 8542 also holds parts (8542.90): not the customs' own line.
The trade with the world in the whole heading goes to the record as a line of its own.
"""

from __future__ import annotations

import json
import os

import pandas as pd
import pandera.pandas as pa

from chipexports.collect.errors import SERVED, FetchError, undocumented
from chipexports.collect.fetched import MONTHS, Fetched, checked
from chipexports.collect.http import Progress, Session
from chipexports.collect.kept import today
from chipexports.record.choice import choose
from chipexports.record.heading import HEADING, WORLD, known_from
from chipexports.record.releases import read_releases
from chipexports.record.vintage import STAND_IN

BASE = "https://comtradeapi.un.org"
KEY = "COMTRADE_API_KEY"
CODES = ("8542", "854231", "854232", "854233", "854239", "854290")
CHINA = 156
PREVIEW_ROWS = 500
KEYED_ROWS = 250_000
KINDS = ("application/json", "text/json")
SCHEMA = pa.DataFrameSchema(
    {
        "period": pa.Column(str, MONTHS),
        "flow": pa.Column(str, pa.Check.isin(["export", "import"])),
        "hs": pa.Column(str, pa.Check.isin(CODES)),
        "partner_code": pa.Column(int, pa.Check.ge(0)),
        "partner": pa.Column(str),
        "value_usd": pa.Column(float, pa.Check.in_range(0, 1e12)),
        "quantity": pa.Column(float, pa.Check.ge(0), nullable=True),
        "net_weight_kg": pa.Column(float, pa.Check.ge(0), nullable=True),
    },
    unique=["period", "flow", "hs", "partner_code"],
    strict=True,
    coerce=True,
)


# fields of an answer and the columns they become; partner 0 is the world, quantity in its own unit
FIELDS = {
    "period": "period",
    "flowCode": "flow",
    "cmdCode": "hs",
    "partnerCode": "partner_code",
    "partnerDesc": "partner",
    "primaryValue": "value_usd",
    "qty": "quantity",
    "netWgt": "net_weight_kg",
}


def requests(months: list[str], flows: tuple[str, ...], keyed: bool) -> list[dict[str, str]]:
    """Return the queries: with a key one a month, without one a month, flow and code."""
    common = {
        "reporterCode": str(CHINA),
        "partner2Code": "0",
        "customsCode": "C00",
        "motCode": "0",
        "includeDesc": "true",
    }
    if keyed:
        both = {"cmdCode": ",".join(CODES), "flowCode": ",".join(flows)}
        return [{**common, **both, "period": m.replace("-", "")} for m in months]
    return [
        {**common, "cmdCode": code, "flowCode": flow, "period": m.replace("-", "")}
        for m in months
        for flow in flows
        for code in CODES
    ]


def fetch(session: Session, months: list[str], progress: Progress = iter) -> list[Fetched]:
    """Fetch the months "YYYY-MM" given, exports and imports."""
    key = os.environ.get(KEY)
    path = "/data/v1/get/C/M/HS" if key else "/public/v1/preview/C/M/HS"
    headers = {"Ocp-Apim-Subscription-Key": key} if key else {}
    tables = []
    for query in progress(requests(months, ("X", "M"), bool(key))):
        table = parse(session.get(path, query, KINDS, headers), query)
        if not key and len(table) >= PREVIEW_ROWS:
            raise session.failed(path, f"the preview cuts at {PREVIEW_ROWS} rows; set {KEY} to a free key")
        if len(table) >= KEYED_ROWS:
            raise session.failed(path, f"the server cuts at {KEYED_ROWS:,} rows, so some may be missing")
        tables.append(table)
    table = checked(pd.concat(tables), SCHEMA, "comtrade")
    if table.empty:
        raise session.failed(path, f"has no rows for {months[0]} to {months[-1]}")
    table = table.sort_values(["period", "flow", "hs", "partner_code"], ignore_index=True)
    about = {
        "publisher": "United Nations, UN Comtrade",
        "title": "China's monthly trade in HS 8542 and its six-digit lines by partner",
        "url": session.base + path,
        "unit": "USD",
        "licence": "UN Comtrade terms of use",
    }
    name = f"hs8542_by_partner_{months[0]}_{months[-1]}"
    new = record_rows(table, today())
    return [Fetched("comtrade", name, table, about, (*_empty(months, table), _entered(new)), new)]


def record_rows(table: pd.DataFrame, day: str) -> pd.DataFrame:
    """Return the trade with the world in the whole heading as rows of the record, by month and flow.

    Known from ``day`` on, the day of the fetching (`known_from`), in million USD. A month whose figure is
    the one the record already holds is left out: it is not a new vintage.
    """
    figures = choose(read_releases(), STAND_IN).items()
    held = {(key.flow, key.end): figure.value for key, figure in figures if key.start == key.end}
    world = table[(table["hs"] == HEADING) & (table["partner_code"] == WORLD) & (table["value_usd"] > 0)]
    rows = [
        {
            "flow": flow,
            "commodity": STAND_IN,
            "period_start": month,
            "period_end": month,
            "measure": "value_usd",
            "value": f"{value / 1e6:.6f}",
            "unit": "million USD",
            "published": known_from(month, day),
            "published_basis": "rule",
            "edition": "comtrade",
            "source": f"UN Comtrade, reporter China, HS 8542, world, monthly, fetched {day}",
            "confidence": "seen-once",
            "note": "whole heading with parts (8542.90), not the customs line; as of the day of fetching",
        }
        for month, flow, value in world[["period", "flow", "value_usd"]].itertuples(index=False, name=None)
        if abs(held.get((flow, month), -1.0) - value / 1e6) > 1e-6
    ]
    return pd.DataFrame(rows)


def _entered(rows: pd.DataFrame) -> str:
    """Return what the record now holds more, and from which day on it is seen."""
    if rows.empty:
        return "the record has these months already"
    day, n = rows["published"].max(), rows["period_end"].nunique()
    return (
        f"{n} months of HS 8542 for the record, known from {day} on: they replace estimated months where "
        f"as_of is {day} or later; as_of: newest, the day of the customs' newest release, does not move"
    )


def _empty(months: list[str], table: pd.DataFrame) -> tuple[str, ...]:
    """Return a sentence for each flow that has no rows in some of the months asked for."""
    sentences = []
    for flow in ("export", "import"):
        reported = set(table.loc[table["flow"] == flow, "period"])
        if lacking := [month for month in months if month not in reported]:
            sentences.append(
                f"no rows of {flow}s for {', '.join(lacking)}: not reported yet, ask again later"
            )
    return tuple(sentences)


def parse(body: bytes, query: dict[str, str]) -> pd.DataFrame:
    """Return the rows of an answer, in the columns of `SCHEMA`, which still has to check them.

    An answer is refused that is not a list of rows, is incomplete, or holds rows nobody asked for.
    """
    try:
        answer = json.loads(body)
        error, count, rows = answer.get("error"), answer.get("count"), answer["data"]
        table = pd.DataFrame([{name: row.get(name) for name in ("reporterCode", *FIELDS)} for row in rows])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise undocumented("comtrade", "no rows of data") from None
    if error:
        raise FetchError(f"comtrade: the server reports an error; {SERVED}")
    if count is not None and count != len(table):
        raise FetchError(f"comtrade: the answer holds {len(table)} of {count} rows; {SERVED}")
    table = table.reindex(columns=["reporterCode", *FIELDS]).astype({"period": str, "cmdCode": str})
    asked = (table["reporterCode"] == CHINA) & (table["period"] == query["period"])
    if not (asked & table["cmdCode"].isin(query["cmdCode"].split(","))).all():
        raise FetchError(f"comtrade: the answer holds rows that were not asked for; {SERVED}")
    if not table["flowCode"].isin(query["flowCode"].split(",")).all():
        raise FetchError(f"comtrade: the answer holds a flow that was not asked for; {SERVED}")
    table = table.drop(columns="reporterCode").rename(columns=FIELDS)
    table["period"] = f"{query['period'][:4]}-{query['period'][4:]}"
    table["flow"] = table["flow"].map({"X": "export", "M": "import"})
    table["partner"] = table["partner"].astype(object).fillna("")
    return table
