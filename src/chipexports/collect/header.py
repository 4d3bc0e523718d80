"""What a table is and what its columns are: title, unit, and the months of every column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from chipexports.collect.errors import ImpossiblePeriod, PageError, UnknownUnit, WrongTable
from chipexports.collect.grid import Cell, Document, Table
from chipexports.collect.periods import Months, growth_months, heading_months, title_months
from chipexports.collect.printed import ValueUnit, names_unit, value_unit

_COMMODITY = re.compile(r"(name of )?(main |major )?commodit(y|ies)( name)?|(主要)?商品(名称)?|品名", re.I)
_UNIT = re.compile(r"(quantity|qty|q'ty)?\.?\s*unit|(计量|数量)?单位", re.I)
_QUANTITY = re.compile(r"quantity|qty|q'ty|数量", re.I)
_VALUE = re.compile(r"value|amount|金额|价值", re.I)
_GROWTH = re.compile(r"%|±|year[- ]on[- ]year|yoy|change|growth|increase|同比|增减", re.I)
_EXPORT, _IMPORT = re.compile(r"exports?|出口", re.I), re.compile(r"imports?|进口", re.I)
_KIND = re.compile(r"(quantity|qty).{0,12}value|value.{0,12}quantity|量值", re.I)
_OTHER = re.compile(r"regime|trade mode|by country|region|enterprise|贸易方式|国别|企业|地区", re.I)

_CURRENCY = {"RMB": "CNY", "CNY": "CNY", "人民币": "CNY", "USD": "USD", "US$": "USD", "美元": "USD"}


@dataclass(frozen=True)
class Title:
    """The title of a table: its text, flow, currency where it names one, and months."""

    text: str
    flow: str
    currency: str | None
    months: Months


@dataclass(frozen=True)
class Column:
    """One column of figures: ``measure`` is quantity or value; ``months`` None where its heading is bare.

    ``doubted``: the heading names another year than it must mean; the printed growth has to confirm it.
    """

    index: int
    measure: str
    growth: bool
    months: Months | None
    heading: str
    doubted: bool = False


class Place(NamedTuple):
    """Where the heading of a table is: its rows, the columns of commodity and unit."""

    first: int
    last: int
    commodity: int
    unit: int


@dataclass(frozen=True)
class Heading:
    """Where the columns are, what they are headed, and where the figures begin."""

    commodity: int
    unit: int
    first_row: int
    above: list[str]
    labels: dict[int, tuple[str, str]]


def find_heading(document: Document) -> tuple[Table, Heading]:
    """Find the table whose heading has a commodity, a unit, quantities and values, or refuse the page."""
    for table in document.tables:
        if place := heading_place(table):
            return table, _heading(document.file, table, place)
    title = document.titles[0] if document.titles else "without a title"
    raise WrongTable(
        document.file,
        f"this file ({title!r}) holds no table of commodities by quantity and value; save GACC's table of "
        "major exports or imports",
    )


def heading_place(table: Table) -> Place | None:
    """Return where the heading of a table is; None where it has none."""
    for number, row in enumerate(table.rows[:15]):
        texts = [cell.text if cell else "" for cell in row]
        commodity = [i for i, text in enumerate(texts) if _COMMODITY.fullmatch(text)]
        unit = [i for i, text in enumerate(texts) if _UNIT.fullmatch(text)]
        if commodity and unit and unit[0] > commodity[0]:
            last = number
            while last + 1 < len(table.rows) and _belongs(table.rows[last + 1], row, commodity[0]):
                last += 1
            return Place(number, last, commodity[0], unit[0])
    return None


def _belongs(row: list[Cell | None], first: list[Cell | None], commodity: int) -> bool:
    """Whether a row still belongs to the heading: its commodity cell is the heading's, merged downwards."""
    if commodity < len(row) and row[commodity] is first[commodity]:
        return True
    texts = [cell.text for cell in row if cell and cell.text]
    return bool(texts) and all(_QUANTITY.fullmatch(text) or _VALUE.fullmatch(text) for text in texts)


def _heading(file: str, table: Table, place: Place) -> Heading:
    labels: dict[int, tuple[str, str]] = {}
    for index in range(place.unit + 1, table.width):
        texts = [row[index] for row in table.rows[place.first : place.last + 1] if index < len(row)]
        words = list(dict.fromkeys(cell.text for cell in texts if cell and cell.text))
        kinds = [word for word in words if _QUANTITY.search(word) or _VALUE.search(word)]
        if kinds and not any(names_unit(word) for word in words):
            labels[index] = (kinds[-1], " ".join(word for word in words if word != kinds[-1]))
        elif words:
            labels[index] = ("", " ".join(words))
    if not any(kind for kind, _ in labels.values()):
        raise WrongTable(file, "the columns are not headed Quantity and Value", f"row {place.first + 1}")
    above = [
        " ".join(dict.fromkeys(c.text for c in row if c and c.text)) for row in table.rows[: place.first]
    ]
    return Heading(place.commodity, place.unit, place.last + 1, above, labels)


def read_titles(document: Document, above: list[str]) -> list[Title]:
    """Return every title of the page that says flow and months, the table's own first, or refuse the page."""
    texts = list(dict.fromkeys([*above, *document.titles, *document.texts]))
    named = [text for text in texts if _KIND.search(text) and (_EXPORT.search(text) or _IMPORT.search(text))]
    others = [text for text in texts if _OTHER.search(text) and not _KIND.search(text)]
    if not named:
        called = (others or document.titles or ["without a title"])[0]
        raise WrongTable(document.file, f"this is {called!r}, not a table of major exports or imports")
    titles = [title for text in named if (title := _title(text))]
    if not titles:
        raise ImpossiblePeriod(document.file, f"the title {named[0]!r} names no month and year")
    for title in titles:
        if not title.months.possible or _OTHER.search(title.text):
            raise ImpossiblePeriod(document.file, f"the title {title.text!r} names months that do not exist")
    if len({title.flow for title in titles}) > 1:
        raise WrongTable(document.file, "the titles of this page speak of both exports and imports")
    return titles


def _title(text: str) -> Title | None:
    months = title_months(text)
    if months is None:
        return None
    flow = "import" if _IMPORT.search(text) and not _EXPORT.search(text) else "export"
    currency = re.search(r"\(\s*in\s+(USD|CNY|RMB|US\$)\s*\)|(人民币|美元)值?\s*\)?", text, re.I)
    named = (currency.group(1) or currency.group(2)).upper() if currency else ""
    return Title(text, flow, _CURRENCY.get(named), months)


def read_unit(document: Document, above: list[str], title: Title) -> ValueUnit:
    """Read the value unit above the table, which must be known and that of the currency the title names."""
    lines = [text for text in [*above, *document.texts] if names_unit(text)]
    if not lines:
        raise UnknownUnit(document.file, "no line above the table states the value unit")
    unit = value_unit(lines[0])
    if unit is None:
        raise UnknownUnit(
            document.file,
            f"the value unit {lines[0]!r} is none of CNY 100 million, CNY 10,000, USD million, USD thousand",
        )
    if title.currency and title.currency != unit.currency:
        raise UnknownUnit(document.file, f"the title says {title.currency}, the unit line {lines[0]!r}")
    return unit


def read_columns(file: str, heading: Heading, year: int, end: int) -> list[Column]:
    """Read measure and months of every column of figures, or refuse a heading that is not understood."""
    columns = []
    for index, (kind, period) in heading.labels.items():
        growth = bool(_GROWTH.search(period) or _GROWTH.search(kind))
        if not kind:
            raise PageError(file, f"the heading {period!r} is not understood", f"column {index + 1}")
        measure = "quantity" if _QUANTITY.search(kind) else "value"
        months = (growth_months if growth else heading_months)(period, year, end)
        columns.append(Column(index, measure, growth, months, period))
    bare: set[tuple[str, bool]] = set()
    for column in (column for column in columns if column.months is None):
        if (column.measure, column.growth) in bare:
            raise PageError(file, f"two columns are headed {column.heading!r}", f"column {column.index + 1}")
        bare.add((column.measure, column.growth))
    return columns
