"""The lines of a table: label, hierarchy, and every printed figure in the unit of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from chipexports.collect.errors import Contradiction, PageError, Truncated, UnknownUnit
from chipexports.collect.grid import Cell, Table
from chipexports.collect.header import Column, Heading
from chipexports.collect.printed import is_broken, is_nothing, pieces_factor, printed_number
from chipexports.record.vintage import LINE

_IC_NAMES = re.compile(
    r"(electronic )?integrated circuits?( (and|&) micro-?(electronic )?assembl(y|ies))?"
    r"|集成电路(及微电子组件)?",
    re.I,
)
_OF_WHICH = re.compile(r"^(其中\s*[:∶]?|of which\s*[:∶]?|including\s*[:∶])\s*", re.I)
_MARKS = re.compile(r"^\s*[*†‡]+\s*|\s*[*†‡]+\s*$")
_NOTE = re.compile(r"^(notes?|remarks?|注|说明|备注|source|资料来源)\b|^(注|说明|备注)|^\*", re.I)


@dataclass
class Line:
    """One commodity of a table; ``commodity`` is the record's name of it, ``name`` the label tidied."""

    row: int  # of the table, from 1
    label: str
    name: str
    indent: int  # character widths
    unit: str  # of the quantity, as printed
    printed: dict[int, Decimal]  # by column, in the page's units
    broken: list[int] = field(default_factory=list)  # columns whose cell holds a spreadsheet error
    parent: str = ""
    commodity: str = ""
    remarks: list[str] = field(default_factory=list)

    @property
    def where(self) -> str:
        """How errors and remarks name the line."""
        return f"row {self.row} ({self.label[:60]!r})"

    @property
    def is_ic(self) -> bool:
        """Whether this is the line of integrated circuits."""
        return self.commodity == LINE

    def figures(self, columns: list[Column], measure: str = "") -> Iterator[tuple[Column, Decimal]]:
        """Yield the columns that print a figure for this line, with the figure; of one measure if named."""
        for column in columns:
            if column.index in self.printed and measure in ("", column.measure):
                yield column, self.printed[column.index]

    def amounts(self, columns: list[Column], measure: str) -> Iterator[tuple[Column, Decimal]]:
        """Yield the figures of one measure, growth left out."""
        return ((column, figure) for column, figure in self.figures(columns, measure) if not column.growth)

    def quantity_factor(self) -> Decimal:
        """Return the factor from the printed quantity to the record's; 1 for other lines than chips."""
        return (pieces_factor(self.unit) or Decimal(1)) if self.is_ic else Decimal(1)


def read_lines(file: str, table: Table, heading: Heading, columns: list[Column]) -> list[Line]:
    """Read every line of commodities below the heading; notes and blank rows are left out.

    Raises
    ------
    PageError
        A cell that is not a number, a row with too few cells, two rows of one name with other figures.
    """
    rows = [
        (number, row)
        for number, row in enumerate(table.rows[heading.first_row :], start=heading.first_row + 1)
        if _is_data(row, heading)
    ]
    if _lack_units([row for _, row in rows], heading, columns):
        at = heading.unit
        rows = [(number, [*row[:at], None, *row[at:-1]]) for number, row in rows]
    lines = [_line(file, number, row, heading, columns) for number, row in rows]
    if not any(line.printed for line in lines):
        raise Truncated(file, "the table has a heading and no figures; save the page again")
    above = parents([line.indent for line in lines])
    for line, parent in zip(lines, above, strict=True):
        line.parent = lines[parent].name if parent is not None else ""
    return _named(file, [line for line in lines if line.printed or line.broken], columns)


def _is_data(row: list[Cell | None], heading: Heading) -> bool:
    filled = [cell for cell in row if cell and cell.text]
    if not filled or max(cell.span for cell in filled) >= max(len(heading.labels), 2):
        return False
    first = row[heading.commodity] if heading.commodity < len(row) else None
    return not (first and _NOTE.match(first.text) and all(cell is first for cell in filled))


def _lack_units(rows: list[list[Cell | None]], heading: Heading, columns: list[Column]) -> bool:
    """Whether every row omits the unit and ends in a blank instead: all cells are shifted one to the left.

    So in the publisher's table of April 2025 in USD.
    """
    last = max(column.index for column in columns)
    if not rows or any(len(row) != last + 1 or _text(row[last]) for row in rows):
        return False
    units = [_text(row[heading.unit]) for row in rows]
    numbers = [printed_number(unit) is not None for unit in units]
    return any(numbers) and all(n or is_nothing(unit) for n, unit in zip(numbers, units, strict=True))


def _line(file: str, number: int, row: list[Cell | None], heading: Heading, columns: list[Column]) -> Line:
    cell = row[heading.commodity] if heading.commodity < len(row) else None
    line = Line(number, cell.text if cell else "", "", cell.indent if cell else 0, "", {})
    need = max(column.index for column in columns) + 1
    if len(row) < need or cell is None:
        raise Truncated(file, f"the row has {len(row)} of {need} cells; save the page again", line.where)
    unit = _text(row[heading.unit])
    if printed_number(unit) is not None:
        raise PageError(file, f"the quantity unit is the figure {unit!r}: cells are displaced", line.where)
    line.name, line.unit = line_name(line.label), "" if is_nothing(unit) else unit
    for column in columns:
        text = _text(row[column.index])
        if is_nothing(text):
            continue
        if is_broken(text):
            line.broken.append(column.index)
            continue
        value = printed_number(text)
        if value is None or value < (-100 if column.growth else 0):
            cell_of = f"{line.where}, {column.heading!r}"
            raise PageError(file, f"{text[:40]!r} is not a figure this column can hold", cell_of)
        line.printed[column.index] = value
    if line.printed and not line.name:
        raise PageError(file, "the row has figures and no commodity", line.where)
    return line


def _text(cell: Cell | None) -> str:
    return cell.text if cell else ""


def line_name(label: str) -> str:
    """Return a label without footnote marks and "of which": the name the record keeps.

    >>> line_name("Agricultural products*"), line_name("*Hi-Tech Products"), line_name("其中:集成电路")
    ('Agricultural products', 'Hi-Tech Products', '集成电路')
    """
    return _MARKS.sub("", _OF_WHICH.sub("", label)).strip()


def is_integrated_circuits(name: str) -> bool:
    """Whether the line is the one of integrated circuits (HS 8542.3), not diodes, printed circuits or parts.

    >>> is_integrated_circuits("Electronic integrated circuits"), is_integrated_circuits("Printed circuits")
    (True, False)
    """
    return bool(_IC_NAMES.fullmatch(name))


def parents(indents: list[int]) -> list[int | None]:
    """Return for each line the position of the line above it that is indented less, as printed.

    >>> parents([0, 4, 4, 8, 0])
    [None, 0, 0, 2, None]
    """
    above: list[int] = []
    nearest: list[int | None] = []
    for position, indent in enumerate(indents):
        while above and indents[above[-1]] >= indent:
            above.pop()
        nearest.append(above[-1] if above else None)
        above.append(position)
    return nearest


def _named(file: str, lines: list[Line], columns: list[Column]) -> list[Line]:
    """Give every line its name in the record; a name two lines share is told apart by the line above."""
    names = [line.name for line in lines]
    by_commodity: dict[str, Line] = {}
    for line in lines:
        line.commodity = line.name
        if is_integrated_circuits(line.name):
            line.commodity = LINE
            if line.unit and pieces_factor(line.unit) is None and any(line.amounts(columns, "quantity")):
                reason = f"the quantity unit {line.unit!r} is not a known unit of pieces"
                raise UnknownUnit(file, reason, line.where)
        elif names.count(line.name) > 1 and line.parent:
            line.commodity = f"{line.parent}: {line.name}"
        twin = by_commodity.setdefault(line.commodity, line)
        if twin is not line and (twin.printed, twin.unit) != (line.printed, line.unit):
            reason = f"{line.name!r} appears twice with different figures, first in {twin.where}"
            raise Contradiction(file, reason, line.where)
    return list(by_commodity.values())
