"""From a workbook of the customs (.xls, .xlsx) to the same tables of cells a page gives.

``python-calamine`` reads both formats; macros are never run. A workbook stores numbers without the
decimals it shows: a column of figures gets as many as its most exact figure, so that 300 beside 12.5
reads "300.0", as it is printed.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from decimal import Decimal

import python_calamine as calamine
from lxml import etree

from chipexports.collect.errors import PageError, Truncated
from chipexports.collect.grid import MAX_COLUMNS, MAX_ROWS, Cell, Document, Table, text_cell
from chipexports.collect.header import heading_place

OLE, ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
MAX_UNPACKED = 50_000_000
MAX_SHEETS = 40
_MAX_DECIMALS = 6
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
# in an old workbook the record that says it is encrypted, behind the one that begins its globals
_FILEPASS = re.compile(rb"\x09\x08\x10\x00\x00\x06\x05\x00.{12}(?:\x86\x00\x00\x00)?\x2f\x00", re.DOTALL)
_PROTECTED = "the workbook is protected by a password; save it without one"
_BAD_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    etree.XMLSyntaxError,
    EOFError,
    NotImplementedError,
    RuntimeError,
)
_DAMAGED = "the workbook breaks off or is damaged; save it again"


def read_workbook(data: bytes, file: str) -> Document:
    """Read the visible sheets of a workbook, one table a sheet.

    A file is refused that is not a workbook, is damaged, protected by a password or too large, has formulas
    that were never calculated, or more than one table of commodities.
    """
    if data.startswith(ZIP):
        _check_archive(data, file)
    try:
        with _no_crash_report():
            tables = _visible_tables(data, file)
    except PageError:
        raise
    except BaseException as error:
        # the reader's own crash on a damaged file derives from BaseException alone
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        raise _unreadable(data, file) from error
    commodities = [name for name, table in tables.items() if heading_place(table)]
    if len(commodities) > 1:
        named = ", ".join(repr(name) for name in commodities)
        raise PageError(
            file, f"the sheets {named} each hold such a table; save each in a workbook of its own"
        )
    texts = [
        cell.text for table in tables.values() for row in table.rows for cell in row if cell and cell.text
    ]
    titles = [text for text in texts if len(text) < 300]
    return Document(
        file=file,
        titles=[*titles[:1], *commodities],
        dates=[text for text in titles if "发布" in text or "release" in text.lower()],
        texts=[],
        links=[],
        tables=list(tables.values()),
    )


def _visible_tables(data: bytes, file: str) -> dict[str, Table]:
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    visible = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible == calamine.SheetVisibleEnum.Visible
        and sheet.typ == calamine.SheetTypeEnum.WorkSheet
    ]
    return {name: _table(book.get_sheet_by_name(name), file) for name in visible[:MAX_SHEETS]}


@contextlib.contextmanager
def _no_crash_report() -> Iterator[None]:
    """Keep the reader's own crash report on a damaged file, written past Python, off the terminal."""
    terminal, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)
        os.close(nowhere)


def _unreadable(data: bytes, file: str) -> PageError:
    if _FILEPASS.search(data) or "EncryptedPackage".encode("utf-16-le") in data:
        return PageError(file, _PROTECTED)
    if data.startswith(OLE) and not any(name.encode("utf-16-le") in data for name in ("Workbook", "Book")):
        return PageError(file, "this is an Office file, but no workbook; save the workbook the page links to")
    return Truncated(file, _DAMAGED)


def _check_archive(data: bytes, file: str) -> None:
    """Refuse an archive that is no .xlsx, unpacks to too much, or holds formulas without their values."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            if "xl/workbook.xml" not in names:
                kind = (
                    "a workbook of another kind"
                    if names & {"xl/workbook.bin", "content.xml"}
                    else "no workbook"
                )
                raise PageError(file, f"this is {kind}; take the .xls or .xlsx the page links to")
            if sum(member.file_size for member in members) > MAX_UNPACKED:
                raise PageError(file, f"the workbook unpacks to more than {MAX_UNPACKED:,} bytes")
            for member in members:
                if _SHEET.fullmatch(member.filename):
                    with archive.open(member) as sheet:
                        _check_sheet(sheet, file)  # type: ignore[arg-type]  # zipfile calls it IO[bytes]
    except (*_BAD_ARCHIVE, ValueError) as error:
        if isinstance(error, PageError):
            raise
        raise Truncated(file, _DAMAGED) from error


def _check_sheet(sheet: io.IOBase, file: str) -> None:
    for _, cell in etree.iterparse(
        sheet, tag="{*}c", resolve_entities=False, no_network=True, load_dtd=False
    ):
        place = re.fullmatch(r"([A-Z]{1,4})([0-9]{1,8})", cell.get("r") or "")
        value = cell.findtext("{*}v")
        if place and len(cell):
            column = 0
            for letter in place.group(1):
                column = column * 26 + ord(letter) - 64
            if int(place.group(2)) > MAX_ROWS or column > 20 * MAX_COLUMNS:
                raise PageError(
                    file, f"the cell {place.group(0)} lies beyond the {MAX_ROWS:,} rows a table can have"
                )
        if cell.find("{*}f") is not None and (not value or _is_zero(value)):
            raise PageError(
                file,
                "a formula was never calculated; open the workbook, save it, add it again",
                f"cell {cell.get('r')}",
            )
        cell.clear()


def _is_zero(text: str) -> bool:
    try:
        return float(text) == 0
    except ValueError:
        return False


def _table(sheet: calamine.CalamineSheet, file: str) -> Table:
    if sheet.total_height > MAX_ROWS:
        raise PageError(
            file, f"a sheet has {sheet.total_height:,} rows, more than the {MAX_ROWS:,} a table can have"
        )
    values = sheet.to_python(skip_empty_area=False)
    width = max((len(row) for row in values), default=0)
    while width and all(len(row) < width or row[width - 1] == "" for row in values):
        width -= 1
    if width > MAX_COLUMNS:
        raise PageError(file, f"a sheet has more than {MAX_COLUMNS} columns")
    values = [[*row[:width], *[""] * (width - len(row))] for row in values]
    table = _merged([[_cell(value) for value in row] for row in values], sheet.merged_cell_ranges or [])
    place = heading_place(table)
    if place is None:
        return table
    for row in table.rows[place.first : place.last]:
        for column in range(place.unit + 2, width):
            # a heading centred over columns without being merged is in the first of them
            here, below = row[column], table.rows[place.last][column]
            if (here is None or not here.text) and below is not None and below.text:
                row[column] = row[column - 1]
    figures = range(place.last + 1, len(values))
    for column in range(place.unit + 1, width):
        places = [_decimals(values[at][column]) for at in figures if _is_number(values[at][column])]
        for at in figures:
            if _is_number(values[at][column]):
                table.rows[at][column] = Cell(f"{_exact(values[at][column]):.{max(places)}f}")
    return table


def _merged(cells: list[list[Cell]], ranges: list) -> Table:
    """Repeat a merged cell in every row and column it covers."""
    for (top, left), (bottom, right) in ranges:
        if top >= len(cells) or left >= len(cells[top]):
            continue
        first = cells[top][left]
        first = Cell(first.text, first.indent, right - left + 1)
        for row in cells[top : bottom + 1]:
            row[left : right + 1] = [first] * len(row[left : right + 1])
    return Table([list(row) for row in cells])


def _cell(value: object) -> Cell:
    if isinstance(value, str):
        return text_cell(value, space=1)
    if _is_number(value):
        return Cell(f"{_exact(value).normalize():f}")
    return Cell(value.isoformat() if isinstance(value, (dt.date, dt.time)) else str(value))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _exact(value: object) -> Decimal:
    """Return the number a cell stores, without the noise of its last binary digits."""
    number = Decimal(format(value, ".12g"))
    return round(number, _MAX_DECIMALS) if number.is_finite() else number


def _decimals(value: object) -> int:
    exponent = _exact(value).normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0
