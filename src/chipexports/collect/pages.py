"""Reading a saved page of GACC's tables of major exports or imports into printed figures."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from chipexports.collect.claims import settle
from chipexports.collect.document import MAX_BYTES, read_document
from chipexports.collect.errors import Contradiction, ImpossiblePeriod, PageError
from chipexports.collect.header import Column, find_heading, read_columns, read_titles, read_unit
from chipexports.collect.lines import Line, read_lines
from chipexports.collect.periods import Months, printed_date
from chipexports.collect.sanity import check_lines, grows
from chipexports.collect.units import ValueUnit, quantity_unit
from chipexports.collect.witness import Witness, assume_pieces, linked_currency, settle_unit
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
        A row a number, in the units `parse_page` names.
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
    witness : callable, optional
        Looks figures of integrated circuits up in the record, to settle a unit line that is in doubt
        (`chipexports.collect.witness.record_witness`).

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
    """Read the bytes of a page; see `read_page`.

    Parameters
    ----------
    data : bytes
        The page as saved.
    file : str
        What errors name.
    witness : callable, optional
        As in `read_page`.

    Returns
    -------
    Page
        As `read_page` returns it.
    """
    document = read_document(data, file)
    table, heading = find_heading(document)
    titles = read_titles(document, heading.above)
    unit = read_unit(document, heading.above, titles[0])
    title = titles[0]
    columns = read_columns(file, heading, title.months.year or 0, title.months.last)
    printed = printed_date(document.dates)
    year, month, columns, remark = settle(file, titles, columns, printed)
    lines = read_lines(file, table, heading, columns)
    columns = _with_months(file, columns, lines, year, title.months)
    _check_percent(file, columns, lines)
    _check_doubted(file, columns, lines, year)
    other = None
    if title.currency is None:
        linked = linked_currency(document.links)
        unit, other = settle_unit(file, unit, linked, lines, columns, title.flow, witness)
    remarks = [text for text in (remark, other) if text]
    remarks += assume_pieces(file, lines, columns, unit)
    remarks += check_lines(file, lines, columns, year)
    remarks += [f"{line.where}: a spreadsheet error in place of a figure" for line in lines if line.broken]
    if not any(line.is_ic for line in lines):
        remarks.append("the page has no line of integrated circuits")
    rows = _figures(file, lines, columns, title.flow, unit, year)
    figures = pd.DataFrame(rows, columns=list(COLUMNS))
    digest = hashlib.sha256(data).hexdigest()
    return Page(
        *(file, digest, title.text, title.flow, unit.currency, unit.printed, year, month, printed),
        figures=figures,
        remarks=tuple(remarks),
        content=data,
    )


def _with_months(
    file: str, columns: list[Column], lines: list[Line], year: int, title: Months
) -> list[Column]:
    """Give bare columns their months.

    A bare "Percentage Change" is the growth of the month in tables (13) and (14) (July 2026: +116.8 % for
    integrated circuits, year to date +99.5 %); where last year's figures stand beside it and it is their
    ratio, it is the growth of the year to date.
    """
    plain = [c for c in columns if not c.growth]
    if all(c.months is None for c in plain):
        plain = [replace(c, months=Months(year, title.first, title.last)) for c in plain]
    if any(c.months is None for c in plain):
        raise ImpossiblePeriod(file, "a column of figures names no months")
    spans = {(c.months.first, c.months.last) for c in plain if c.months and c.months.year == year}
    if not spans:
        raise ImpossiblePeriod(file, f"no column of figures is for {year}")
    month, whole = min(spans, key=lambda s: s[1] - s[0]), max(spans, key=lambda s: s[1] - s[0])
    settled = {c.index: c for c in plain}
    for column in (c for c in columns if c.growth):
        months = column.months
        if months is None:
            first, last = whole if _is_ratio(column, plain, lines, year) else month
        else:
            first, last = months.first, months.last
        settled[column.index] = replace(column, months=Months(year, first, last))
    return [settled[c.index] for c in columns]


def _check_percent(file: str, columns: list[Column], lines: list[Line]) -> None:
    """Refuse growth given as a share (0.168 for 16.8 %), as a cell formatted in percent stores it."""
    for column in (c for c in columns if c.growth):
        growth = [line.printed[column.index] for line in lines if column.index in line.printed]
        if len(growth) >= 8 and any(growth) and max(map(abs, growth)) <= 2:
            raise PageError(file, f"the growth under {column.heading!r} is given as a share, not in percent")


def _check_doubted(file: str, columns: list[Column], lines: list[Line], year: int) -> None:
    for column in (c for c in columns if c.doubted):
        growth = next((c for c in columns if c.growth and c.measure == column.measure), None)
        if growth is None or not _is_ratio(growth, columns, lines, year, share=0.9):
            reason = (
                f"the heading {column.heading!r} does not fit a table of {year}, nor does the growth printed"
            )
            raise ImpossiblePeriod(file, reason)


def _is_ratio(
    growth: Column, columns: Iterable[Column], lines: list[Line], year: int, share: float = 0.5
) -> bool:
    """Whether in more than ``share`` of the lines the growth is that of the year to date on last year's."""
    same = [c for c in columns if c.measure == growth.measure and c.months and c.months.first == 1]
    plain = [c for c in same if not c.growth]
    now = next((c.index for c in plain if c.months and c.months.year == year), None)
    before = next((c.index for c in plain if c.months and c.months.year == year - 1), None)
    votes = [
        grows(line.printed[now], line.printed[before], line.printed[growth.index])
        for line in lines
        if now is not None and before is not None and {now, before, growth.index} <= line.printed.keys()
    ]
    return sum(votes) > share * len(votes)


def _figures(
    file: str, lines: list[Line], columns: list[Column], flow: str, unit: ValueUnit, year: int
) -> list[dict]:
    rows: dict[tuple, dict] = {}
    for line in lines:
        for column in columns:
            if column.index not in line.printed or column.months is None:
                continue
            row = _figure(line, column, flow, unit, year)
            key = (row["commodity"], row["period_start"], row["period_end"], row["measure"])
            twin = rows.setdefault(key, row)
            if twin["value"] != row["value"]:
                said = f"{row['measure']} of {key[1]} to {key[2]} is both {twin['text']} and {row['text']}"
                raise Contradiction(file, said, line.where)
    return list(rows.values())


def _figure(line: Line, column: Column, flow: str, unit: ValueUnit, year: int) -> dict:
    months, value = column.months, line.printed[column.index]
    assert months is not None
    if column.growth:
        measure = "yoy_qty" if column.measure == "quantity" else f"yoy_{unit.currency.lower()}"
        name = "percent"
    elif column.measure == "quantity":
        measure, value = "quantity", value * line.quantity_factor()
        spelt = quantity_unit(line.unit)
        name = IC_QUANTITY_UNIT if line.is_ic else spelt.name if spelt else line.unit or "-"
    else:
        measure, value, name = f"value_{unit.currency.lower()}", value * unit.factor, unit.name
    return {
        "flow": flow,
        "commodity": line.commodity,
        "label": line.label,
        "parent": line.parent,
        "indent": line.indent,
        "row": line.row,
        "period_start": f"{months.year}-{months.first:02d}",
        "period_end": f"{months.year}-{months.last:02d}",
        "measure": measure,
        "value": float(value),
        "text": format(value, "f"),
        "unit": name,
        "edition": "first_print" if months.year == year else "revised_later",
        "remark": "; ".join(line.remarks),
    }
