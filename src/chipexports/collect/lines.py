"""The lines of a table: label, hierarchy, and every printed figure in the unit of the record."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from chipexports.collect.errors import Contradiction, PageError, Truncated, UnknownUnit
from chipexports.collect.grid import Cell, Table
from chipexports.collect.header import Column, Heading
from chipexports.collect.labels import IC, is_integrated_circuits, is_note, line_name, parents
from chipexports.collect.units import pieces_factor
from chipexports.collect.values import is_broken, is_nothing, printed_number


@dataclass
class Line:
    """One commodity: ``row`` counts the table's rows from 1, ``printed`` maps a column to its number.

    Attributes
    ----------
    row : int
        Row of the table, from 1.
    label, name, parent : str
        As printed; tidied; name of the line it is a part of.
    indent : int
        Indentation of the label in character widths.
    unit : str
        Unit of the quantity as printed.
    printed : dict of int to Decimal
        Number by column, in the page's units.
    broken : list of int
        Columns whose cell cannot be read.
    commodity : str
        The record's name of the line.
    remarks : list of str
        What had to be assumed.
    """

    row: int
    label: str
    name: str
    indent: int
    unit: str
    printed: dict[int, Decimal]
    broken: list[int] = field(default_factory=list)
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
        return self.commodity == IC

    def quantity_factor(self) -> Decimal:
        """Factor from the printed quantity to the record's; 1 for lines other than integrated circuits.

        Returns
        -------
        Decimal
            Record's unit per printed unit: 100 million pieces.
        """
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
    return not (first and is_note(first.text) and all(cell is first for cell in filled))


def _lack_units(rows: list[list[Cell | None]], heading: Heading, columns: list[Column]) -> bool:
    """Whether every row leaves the unit out and ends in a blank instead: all cells stand one to the left.

    So in the publisher's table of April 2025 in USD.
    """
    last = max(column.index for column in columns)
    if not rows or any(len(row) != last + 1 or _text(row[last]) for row in rows):
        return False
    units = [_text(row[heading.unit]) for row in rows]
    return all(is_nothing(unit) or printed_number(unit) is not None for unit in units) and any(
        printed_number(unit) is not None for unit in units
    )


def _line(file: str, number: int, row: list[Cell | None], heading: Heading, columns: list[Column]) -> Line:
    cell = row[heading.commodity] if heading.commodity < len(row) else None
    label = cell.text if cell else ""
    where = f"row {number} ({label[:60]!r})"
    need = max(column.index for column in columns) + 1
    if len(row) < need or cell is None:
        raise Truncated(file, f"the row has {len(row)} of {need} cells; save the page again", where)
    unit = _text(row[heading.unit])
    if printed_number(unit) is not None:
        raise PageError(file, f"the quantity unit is the figure {unit!r}: cells are displaced", where)
    line = Line(number, label, line_name(label), cell.indent, "" if is_nothing(unit) else unit, {})
    for column in columns:
        text = _text(row[column.index])
        if is_nothing(text):
            continue
        if is_broken(text):
            line.broken.append(column.index)
            continue
        value = printed_number(text)
        if value is None or (value < 0 and not column.growth) or (column.growth and value < -100):
            cell_of = f"{where}, {column.heading!r}"
            raise PageError(file, f"{text[:40]!r} is not a figure this column can hold", cell_of)
        line.printed[column.index] = value
    if line.printed and not line.name:
        raise PageError(file, "the row has figures and no commodity", where)
    return line


def _text(cell: Cell | None) -> str:
    return cell.text if cell else ""


def _named(file: str, lines: list[Line], columns: list[Column]) -> list[Line]:
    """Give every line its name in the record; a name two lines share is told apart by the line above."""
    names = [line.name for line in lines]
    kept: dict[str, Line] = {}
    for line in lines:
        if is_integrated_circuits(line.name):
            line.commodity = IC
            _check_pieces(file, line, columns)
        elif names.count(line.name) > 1 and line.parent:
            line.commodity = f"{line.parent}: {line.name}"
        else:
            line.commodity = line.name
        twin = kept.setdefault(line.commodity, line)
        if twin is not line and (twin.printed, twin.unit) != (line.printed, line.unit):
            reason = f"{line.name!r} appears twice with different figures, first in {twin.where}"
            raise Contradiction(file, reason, line.where)
    return list(kept.values())


def _check_pieces(file: str, line: Line, columns: list[Column]) -> None:
    counted = [c.index for c in columns if c.measure == "quantity" and not c.growth]
    if line.unit and pieces_factor(line.unit) is None and any(index in line.printed for index in counted):
        raise UnknownUnit(file, f"the quantity unit {line.unit!r} is not a known unit of pieces", line.where)
