"""What a row of the record is: columns, units, the name of a row, how its figure was rounded."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from chipexports.base.errors import ChipExportsError, UsageError
from chipexports.record.quantities import is_known

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa

# one printed figure a row; the order is the order of the columns in data/raw/gacc/releases.csv
COLUMNS = (
    "row_id",
    "flow",
    "commodity",
    "period_start",
    "period_end",
    "measure",
    "value",
    "unit",
    "published",
    "published_basis",
    "published_text",
    "edition",
    "source",
    "confidence",
    "note",
)
OPTIONAL = ("row_id", "published_text", "confidence", "note")
IDENTITY = (
    "flow",
    "commodity",
    "period_start",
    "period_end",
    "measure",
    "value",
    "unit",
    "published",
    "edition",
    "source",
)
FIGURE = ("flow", "commodity", "period_start", "period_end", "measure", "unit")
FLOWS = ("export", "import")
MEASURES = ("value_cny", "value_usd", "quantity", "yoy_cny", "yoy_usd", "yoy_qty")
GROWTH_OF = {"value_cny": "yoy_cny", "value_usd": "yoy_usd", "quantity": "yoy_qty"}
# what gave the day of publication: the source itself, the known day of the release, or the rule
PUBLISHED_BASES = ("printed", "calendar", "rule")
EDITIONS = ("first_print", "revised_later", "comtrade")
VALUE_UNITS = {
    "value_cny": ("100 million CNY",),
    "value_usd": ("million USD",),
    "yoy_cny": ("percent",),
    "yoy_usd": ("percent",),
    "yoy_qty": ("percent",),
}
IC_QUANTITY_UNIT = "100 million pieces"
MONTH = re.compile(r"(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])")
DAY = re.compile(r"(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")
# a figure as it is printed: plain digits, no exponent (1e999999999 would take for ever to round)
NUMBER = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]{1,20})?")
EARLIEST = "1990-01"


def first_and_last(period: str) -> tuple[str, str]:
    """Return first and last month of a month, a quarter or months printed together.

    >>> first_and_last("2026-03"), first_and_last("2026-01..2026-02"), first_and_last("2026-Q1")
    (('2026-03', '2026-03'), ('2026-01', '2026-02'), ('2026-01', '2026-03'))
    """
    year, last = period[:4], period[-1]
    if "Q" in period:
        return f"{year}-{3 * int(last) - 2:02d}", f"{year}-{3 * int(last):02d}"
    return period[:7], f"{period[:5]}{period[-2:]}"


def row_id(figure: Iterable[str]) -> str:
    """Return the stable name of a row from its texts in the order of `IDENTITY`.

    >>> row_id(["export", "gacc_ic", "2024-01", "2024-10", "value_cny", "9311.7",
    ...         "100 million CNY", "2024-12-25", "first_print", "article"])
    'r8f69fea5a4'
    """
    return "r" + hashlib.sha1("|".join(figure).encode(), usedforsecurity=False).hexdigest()[:10]


def half_unit(text: str) -> float:
    """Return half a unit of the last digit that was printed: how far rounding can reach.

    Decimals count; so do trailing zeros of a whole number, for a press figure of 130900 million
    is 1,309 hundred million, rounded to the hundred million.

    >>> half_unit("1607.0818"), half_unit("2976.0"), half_unit("130900"), half_unit("473")
    (5e-05, 0.05, 50.0, 0.5)
    """
    number = Decimal(text)
    if number == 0:
        return 0.5 if "." not in text else 0.5 * 10.0 ** float(str(number.as_tuple().exponent))
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < 0:
        return 0.5 * 10.0**exponent
    digits = str(abs(int(number)))
    zeros = len(digits) - len(digits.rstrip("0"))
    return 0.5 * 10.0**zeros


def check_row(row: dict[str, str], where: str) -> None:
    """Refuse a row that cannot be a printed figure; the error begins with ``where``."""

    def wrong(reason: str) -> UsageError:
        return UsageError(f"{where}: {reason}; the record is unchanged")

    _check_words(row, wrong)
    start, end = row["period_start"], row["period_end"]
    if not (MONTH.fullmatch(start) and MONTH.fullmatch(end)):
        raise wrong(f"{start!r} to {end!r} is not a period of months YYYY-MM")
    if not (EARLIEST <= start <= end):
        raise wrong(f"the period {start} to {end} is impossible")
    if not DAY.fullmatch(row["published"]):
        raise wrong(f"the day of publication {row['published']!r} is not a date YYYY-MM-DD")
    if row["published"][:7] < end:
        raise wrong(f"a figure for {end} cannot have been published on {row['published']}")
    if not NUMBER.fullmatch(row["value"]):
        raise wrong(f"{row['value']!r} is not a number")
    if not row["measure"].startswith("yoy") and Decimal(row["value"]) < 0:
        raise wrong(f"a {row['measure']} of {row['value']} is negative")


def _check_words(row: dict[str, str], wrong) -> None:
    allowed = {
        "flow": FLOWS,
        "measure": MEASURES,
        "edition": EDITIONS,
        "published_basis": PUBLISHED_BASES,
    }
    for name, choices in allowed.items():
        if row[name] not in choices:
            raise wrong(f"{name} {row[name]!r} is not one of {', '.join(choices)}")
    for name in ("commodity", "source"):
        if not row[name].strip():
            raise wrong(f"the {name} is empty")
    measure, unit = row["measure"], row["unit"]
    known = VALUE_UNITS.get(measure)
    if known is not None and unit not in known:
        raise wrong(f"unit {unit!r} of {measure} is unknown; it must be {known[0]!r}")
    if measure == "quantity":
        if row["commodity"] == "gacc_ic" and unit != IC_QUANTITY_UNIT:
            raise wrong(
                f"unit {unit!r} of quantity is unknown; integrated circuits count in {IC_QUANTITY_UNIT!r}"
            )
        if not is_known(unit):
            raise wrong(f"unit {unit!r} of quantity is unknown")


@functools.cache
def releases_schema() -> pa.DataFrameSchema:
    """Return the pandera schema of `chipexports.record.releases.read_releases`."""
    import pandera.pandas as pa

    text = pa.Column(str)
    return pa.DataFrameSchema(
        {
            "row_id": pa.Column(str, pa.Check.str_matches(r"^r[0-9a-f]{10}$"), unique=True),
            "flow": pa.Column(str, pa.Check.isin(FLOWS)),
            "commodity": pa.Column(str, pa.Check.str_length(min_value=1)),
            "period_start": pa.Column(str, pa.Check.str_matches(rf"^{MONTH.pattern}$")),
            "period_end": pa.Column(str, pa.Check.str_matches(rf"^{MONTH.pattern}$")),
            "measure": pa.Column(str, pa.Check.isin(MEASURES)),
            "value": pa.Column(float),
            "half": pa.Column(float, pa.Check.ge(0)),
            "unit": text,
            "published": pa.Column(str, pa.Check.str_matches(rf"^{DAY.pattern}$")),
            "published_basis": pa.Column(str, pa.Check.isin(PUBLISHED_BASES)),
            "edition": pa.Column(str, pa.Check.isin(EDITIONS)),
            "source": pa.Column(str, pa.Check.str_length(min_value=1)),
        },
        checks=[
            pa.Check(lambda d: d["period_start"] <= d["period_end"], error="a period ends before it starts"),
            pa.Check(
                lambda d: d["published"].str[:7] >= d["period_end"],
                error="a figure was published before its period ended",
            ),
        ],
    )


def validate(
    table: pd.DataFrame,
    schema: pa.DataFrameSchema,
    where: str,
    advice: str = "mend the file or take it from the repository again",
    error: type[ChipExportsError] = UsageError,
) -> pd.DataFrame:
    """Return ``table`` when it meets ``schema``, else say where the first row does not, and what to do."""
    import pandera.errors

    try:
        return schema.validate(table)
    except pandera.errors.SchemaError as problem:
        first = str(problem).splitlines()[0]
        raise error(f"{where}: {first}; {advice}") from problem
