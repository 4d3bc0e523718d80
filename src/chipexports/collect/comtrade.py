"""UN Comtrade: China's monthly trade in HS 8542 and its six-digit lines by partner.

Documented API (comtradeapi.un.org): with a
key ``/data/v1/get/C/M/HS``, without one ``/public/v1/preview/C/M/HS``, which cuts at 500 rows. The key goes
in the header ``Ocp-Apim-Subscription-Key``. HS 8542 also holds parts (8542.90): not the customs' own line.
The trade with the world in the whole heading goes to the record as a line of its own.
"""

from __future__ import annotations

import os

import pandas as pd
import pandera.pandas as pa
from pydantic import BaseModel, Field, ValidationError

from chipexports.collect.errors import FetchError
from chipexports.collect.fetched import MONTH, Fetched, checked
from chipexports.collect.http import SERVED, Progress, Session
from chipexports.collect.sidecar import today
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
        "period": pa.Column(str, pa.Check.str_matches(MONTH)),
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
)


class Row(BaseModel):
    """One row of an answer, as far as it is used.

    Attributes
    ----------
    period : str
        "YYYYMM".
    reporterCode, partnerCode : int
        Comtrade's codes of countries; partner 0 is the world.
    flowCode : str
        ``X`` or ``M``.
    partnerDesc : str or None
        Name of the partner.
    cmdCode : str
        HS code.
    primaryValue : float
        US dollars.
    qty, netWgt : float or None
        Quantity in its own unit, kilograms.
    """

    period: str = Field(pattern=r"^\d{6}$")
    reporterCode: int
    flowCode: str = Field(pattern="^[XM]$")
    partnerCode: int
    partnerDesc: str | None = None
    cmdCode: str
    primaryValue: float = Field(ge=0, allow_inf_nan=False)
    qty: float | None = None
    netWgt: float | None = None


class Answer(BaseModel):
    """The envelope of an answer."""

    data: list[Row]
    count: int | None = None
    error: str | None = None


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
    """Fetch the months "YYYY-MM" given, exports and imports.

    Raises
    ------
    FetchError
        Out of reach, or an answer that is not as documented; nothing is written.
    """
    key = os.environ.get(KEY)
    path = "/data/v1/get/C/M/HS" if key else "/public/v1/preview/C/M/HS"
    headers = {"Ocp-Apim-Subscription-Key": key} if key else {}
    rows: list[Row] = []
    for query in progress(requests(months, ("X", "M"), bool(key))):
        found = _rows(session.get(path, query, KINDS, headers), query)
        if not key and len(found) >= PREVIEW_ROWS:
            raise session.failed(path, f"the preview cuts at {PREVIEW_ROWS} rows; set {KEY} to a free key")
        if len(found) >= KEYED_ROWS:
            raise session.failed(path, f"the server cuts at {KEYED_ROWS:,} rows, so some may be missing")
        rows += found
    if not rows:
        raise session.failed(path, f"has no rows for {months[0]} to {months[-1]}")
    about = {
        "publisher": "United Nations, UN Comtrade",
        "title": "China's monthly trade in HS 8542 and its six-digit lines by partner",
        "url": session.base + path,
        "unit": "USD",
        "licence": "UN Comtrade terms of use",
    }
    name = f"hs8542_by_partner_{months[0]}_{months[-1]}"
    table = checked(_table(rows), SCHEMA, "comtrade")
    rows_of_record = record_rows(table, today())
    remarks = (*_empty(months, table), *_entered(rows_of_record))
    return [Fetched("comtrade", name, table, about, remarks, rows_of_record)]


def record_rows(table: pd.DataFrame, day: str) -> pd.DataFrame:
    """Return the trade with the world in the whole heading as rows of the record, by month and flow.

    A month whose figure is the one the record already holds is left out: it is no new vintage.

    Parameters
    ----------
    table : DataFrame
        As fetched.
    day : str
        Day of the fetching, "YYYY-MM-DD": from then on the figures are known (`known_from`).

    Returns
    -------
    DataFrame
        Columns as `chipexports.record.releases.append_rows` takes them, million USD.
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


def _entered(rows: pd.DataFrame) -> tuple[str, ...]:
    """Return what the record now holds more, and from which day on it is seen."""
    if rows.empty:
        return ("the record has these months already",)
    day, n = rows["published"].max(), rows["period_end"].nunique()
    return (
        f"{n} months of HS 8542 for the record, known from {day} on: they replace estimated months where "
        f"as_of is {day} or later; as_of: newest, the day of the customs' newest release, does not move",
    )


def _empty(months: list[str], table: pd.DataFrame) -> tuple[str, ...]:
    """Return a sentence for each flow that has no rows in some of the months asked for."""
    said = []
    for flow in ("export", "import"):
        have = set(table.loc[table["flow"] == flow, "period"])
        without = [month for month in months if month not in have]
        if without:
            said.append(f"no rows of {flow}s for {', '.join(without)}: not reported yet, ask again later")
    return tuple(said)


def _table(rows: list[Row]) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "period": [f"{r.period[:4]}-{r.period[4:]}" for r in rows],
            "flow": ["export" if r.flowCode == "X" else "import" for r in rows],
            "hs": [r.cmdCode for r in rows],
            "partner_code": [r.partnerCode for r in rows],
            "partner": [r.partnerDesc or "" for r in rows],
            "value_usd": [r.primaryValue for r in rows],
            "quantity": pd.Series([r.qty for r in rows], dtype=float),
            "net_weight_kg": pd.Series([r.netWgt for r in rows], dtype=float),
        }
    )
    return table.sort_values(["period", "flow", "hs", "partner_code"], ignore_index=True)


def _rows(body: bytes, query: dict[str, str]) -> list[Row]:
    try:
        answer = Answer.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        said = f"{where}: {first['type'].replace('_', ' ')}"
        raise FetchError(f"comtrade: the answer is not as documented ({said}); {SERVED}") from None
    if answer.error:
        raise FetchError(f"comtrade: the server reports an error; {SERVED}")
    if answer.count is not None and answer.count != len(answer.data):
        raise FetchError(f"comtrade: the answer holds {len(answer.data)} of {answer.count} rows; {SERVED}")
    asked = (query["period"], query["cmdCode"].split(","), query["flowCode"].split(","))
    for row in answer.data:
        if row.reporterCode != CHINA or row.period != asked[0] or row.cmdCode not in asked[1]:
            raise FetchError(f"comtrade: the answer holds rows that were not asked for; {SERVED}")
        if row.flowCode not in asked[2]:
            raise FetchError(f"comtrade: the answer holds a flow that was not asked for; {SERVED}")
    return answer.data
