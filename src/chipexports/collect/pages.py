"""Reading a saved page of GACC's tables of major exports or imports into printed figures."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import pandas as pd

from chipexports.collect import evidence
from chipexports.collect.dating import settle_month
from chipexports.collect.document import MAX_BYTES, read_document
from chipexports.collect.errors import Contradiction, ImpossiblePeriod, PageError
from chipexports.collect.evidence import Witness
from chipexports.collect.header import Column, find_heading, read_columns, read_titles, read_unit
from chipexports.collect.lines import Line, read_lines
from chipexports.collect.periods import Months, printed_date
from chipexports.collect.printed import ValueUnit
from chipexports.record.quantities import NO_UNIT, quantity_unit
from chipexports.record.schema import IC_QUANTITY_UNIT

# one printed figure a row of `Page.figures`
COLUMNS = (
    *("flow", "commodity", "label", "parent", "indent", "row", "period_start", "period_end"),
    *("measure", "value", "text", "unit", "edition", "remark"),
)


@dataclass(frozen=True)
class Page:
    """A page that was read: what it is, when it was printed, and its figures, one a row of ``figures``.

    Attributes
    ----------
    file, sha256, title : str
        Name of the file, hash of its bytes, heading.
    flow, currency, unit : str
        ``export`` or ``import``; ``CNY`` or ``USD``; unit of the values as printed.
    year, month : int
        The month the table is of.
    printed : date or None
        Day the page says it was printed.
    figures : DataFrame
        A row a number, in the units `read_page` names.
    remarks : tuple of str
        What had to be assumed.
    content : bytes
        The file itself, kept as evidence.
    """

    file: str
    sha256: str
    title: str
    flow: str
    currency: str
    unit: str
    year: int
    month: int
    printed: dt.date | None
    figures: pd.DataFrame
    remarks: tuple[str, ...] = ()
    content: bytes = field(default=b"", repr=False)

    @property
    def period(self) -> str:
        """Month of the table as "YYYY-MM"."""
        return f"{self.year}-{self.month:02d}"


def read_page(path: str | Path, witness: Witness | None = None) -> Page:
    """Read a page saved from the site.

    Parameters
    ----------
    path : str or Path
        The page as HTML or single file, or the workbook, of up to 5 MB; its name does not matter.
    witness : mapping, optional
        Values the record has for integrated circuits, to settle a unit line that is in doubt
        (`chipexports.collect.evidence.record_witness`).

    Returns
    -------
    Page
        Figures in 100 million CNY or million USD; quantities of integrated circuits in 100 million
        pieces, of other lines in the unit printed, spelt out; growth in percent. ``text`` is ``value``
        with exactly the decimals that were printed. Last year's columns have edition "revised_later".

    Raises
    ------
    PageError
        The file cannot be read or is no such table: one sentence that names file, row and reason.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise PageError(str(path), f"cannot be read ({error.strerror or error})") from error
    return parse_page(data, path.name, witness)


def parse_page(data: bytes, file: str, witness: Witness | None = None) -> Page:
    """Read the bytes of a page, as `read_page` does; ``file`` is what errors name."""
    document = read_document(data, file)
    table, heading = find_heading(document)
    titles = read_titles(document, heading.above)
    unit = read_unit(document, heading.above, titles[0])
    title = titles[0]
    columns = read_columns(file, heading, title.months.year or 0, title.months.last)
    printed = printed_date(document.dates)
    year, month, columns, remark = settle_month(file, titles, columns, printed)
    lines = read_lines(file, table, heading, columns)
    columns = _with_months(file, columns, lines, year, title.months)
    evidence.check_growth(file, lines, columns, year)
    remarks = [remark]
    if title.currency is None:
        linked = evidence.linked_currency(document.links)
        unit, remark = evidence.settle_unit(file, unit, linked, lines, columns, title.flow, witness or {})
        remarks.append(remark)
    remarks += evidence.assume_pieces(file, lines, columns, unit)
    remarks += evidence.check_arithmetic(file, lines, columns, year)
    remarks += [f"{line.where}: a spreadsheet error in place of a figure" for line in lines if line.broken]
    if not any(line.is_ic for line in lines):
        remarks.append("the page has no line of integrated circuits")
    figures = _figures(file, lines, columns, title.flow, unit, year)
    digest = hashlib.sha256(data).hexdigest()
    return Page(
        *(file, digest, title.text, title.flow, unit.currency, unit.printed, year, month, printed),
        figures=figures,
        remarks=tuple(filter(None, remarks)),
        content=data,
    )


def _with_months(
    file: str, columns: list[Column], lines: list[Line], year: int, title: Months
) -> list[Column]:
    """Give bare columns their months.

    A bare "Percentage Change" is the growth of the month in tables (13) and (14) (July 2026: +116.8% for
    integrated circuits, year to date +99.5%); where last year's figures stand beside it and it is their
    ratio, it is the growth of the year to date.
    """
    plain = [c for c in columns if not c.growth]
    if all(c.months is None for c in plain):
        plain = [replace(c, months=Months(year, title.first, title.last)) for c in plain]
    if any(c.months is None for c in plain):
        raise ImpossiblePeriod(file, "a column of figures names no months")
    spans = [c.months for c in plain if c.months and c.months.year == year]
    if not spans:
        raise ImpossiblePeriod(file, f"no column of figures is for {year}")
    month, *_, whole = sorted([*spans, *spans], key=lambda months: months.last - months.first)
    settled = {c.index: c for c in plain}
    for column in (c for c in columns if c.growth):
        months = column.months
        if months is None:
            months = whole if evidence.is_ratio(column, plain, lines, year) else month
        settled[column.index] = replace(column, months=Months(year, months.first, months.last))
    return [settled[c.index] for c in columns]


def _figures(
    file: str, lines: list[Line], columns: list[Column], flow: str, unit: ValueUnit, year: int
) -> pd.DataFrame:
    rows: dict[tuple, dict] = {}
    for line in lines:
        for column, figure in line.figures(columns):
            if column.months is None:
                continue
            start, end = column.months.span
            measure, value, name = _in_units_of_the_record(line, column, figure, unit)
            row = {
                "flow": flow,
                "commodity": line.commodity,
                "label": line.label,
                "parent": line.parent,
                "indent": line.indent,
                "row": line.row,
                "period_start": start,
                "period_end": end,
                "measure": measure,
                "value": float(value),
                "text": format(value, "f"),
                "unit": name,
                "edition": "first_print" if column.months.year == year else "revised_later",
                "remark": "; ".join(line.remarks),
            }
            twin = rows.setdefault((line.commodity, start, end, measure), row)
            if twin["value"] != row["value"]:
                problem = f"{measure} of {start} to {end} is both {twin['text']} and {row['text']}"
                raise Contradiction(file, problem, line.where)
    return pd.DataFrame(list(rows.values()), columns=list(COLUMNS))


def _in_units_of_the_record(
    line: Line, column: Column, figure: Decimal, unit: ValueUnit
) -> tuple[str, Decimal, str]:
    """Return measure, value and unit of a figure as the record has them."""
    currency = unit.currency.lower()
    if column.growth:
        return "yoy_qty" if column.measure == "quantity" else f"yoy_{currency}", figure, "percent"
    if column.measure == "value":
        return f"value_{currency}", figure * unit.factor, unit.name
    spelt = quantity_unit(line.unit)
    name = IC_QUANTITY_UNIT if line.is_ic else spelt.name if spelt else line.unit or NO_UNIT
    return "quantity", figure * line.quantity_factor(), name
