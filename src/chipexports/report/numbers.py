"""Every number of a report is a cell of a table, shown by a filter that writes down cell and text.

The list is kept beside the report (``report.numbers.csv``): what is shown, how it was made, and the
cells it was made from. A test makes each number again from the CSV files and finds every number of
the page in the list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from chipexports.results import Run
from chipexports.words import answer as answers
from chipexports.words import text as words

NOTHING = "–"


@dataclass(frozen=True)
class Cell:
    """One cell of a table: its value, and where it stands."""

    value: Any
    table: str
    row: int
    column: str

    @property
    def known(self) -> bool:
        """Whether the cell holds anything."""
        return bool(pd.notna(self.value) and self.value != "")

    @property
    def number(self) -> float:
        """The value as a float; NaN where the cell is empty."""
        return float(self.value) if self.known else float("nan")

    def __bool__(self) -> bool:
        return self.known

    def __str__(self) -> str:
        raise TypeError(f"{self.table}.{self.column}: show it through a filter, so that it is listed")


class Row:
    """A row of a table: ``row.median`` is its cell, whether or not the table has the column."""

    def __init__(self, numbers: Numbers, table: str, index: int) -> None:
        self._at = (numbers, table, index)

    def __getattr__(self, column: str) -> Cell:
        return self[column]

    def __getitem__(self, column: str) -> Cell:
        numbers, table, index = self._at
        frame = numbers.table(table)
        value = frame[column].iloc[index] if column in frame.columns else None
        return Cell(value, table, index, column)


class Numbers:
    """Tables of a run by cells, and the list of what was shown."""

    def __init__(self, run: Run, language: str) -> None:
        self.run, self.language = run, language
        self._entries: dict[tuple[str, str, tuple[Cell, ...]], None] = {}
        self._tables: dict[str, pd.DataFrame] = {"parameters": pd.DataFrame([_flat(run.parameters)])}

    def add(self, name: str, table: pd.DataFrame) -> None:
        """Add a table that the report itself computed."""
        self._tables[name] = table.reset_index(drop=True)

    def table(self, name: str) -> pd.DataFrame:
        """Return a table with a plain row index; empty where the run does not have it."""
        if name not in self._tables:
            in_run = name in self.run.tables
            self._tables[name] = pd.DataFrame(self.run.table(name)) if in_run else pd.DataFrame()
        return self._tables[name]

    def has(self, name: str, *columns: str) -> bool:
        """Return whether the run has rows in a table with these columns."""
        table = self.table(name)
        return not table.empty and set(columns) <= set(table.columns)

    def rows(self, name: str, **where: object) -> list[Row]:
        """Return the rows of a table in which each named column has the given value."""
        table = self.table(name)
        keep = pd.Series(True, index=table.index)
        for column, value in where.items():
            keep &= table[column] == value if column in table else False
        return [Row(self, name, int(i)) for i in table.index[keep]]

    def first(self, name: str, **where: object) -> Row | None:
        """Return the first such row, None where there is none."""
        rows = self.rows(name, **where)
        return rows[0] if rows else None

    def keep(self, text: str, how: str, *cells: Cell) -> str:
        """Write down a shown text and return it."""
        self._entries[text, how, tuple(Cell("", c.table, c.row, c.column) for c in cells)] = None
        return text

    def count(self, rows: list[Row], table: str) -> str:
        """Show how many rows these are."""
        cells = [Cell("", row._at[1], row._at[2], "") for row in rows]
        return self.keep(f"{len(rows):,}", f"count of {table}", *cells)

    def fixed(self, value: object, how: str) -> str:
        """Show something that stands in no table: a version, a command, a hash."""
        return self.keep(str(value), how)

    def _show(self, cell: Cell, how: str, show: Callable[[], str]) -> str:
        return self.keep(show(), how, cell) if cell.known else NOTHING

    def filters(self) -> dict[str, Callable[..., str]]:
        """Return the filters of the templates: each shows a cell in one way."""
        lang = self.language

        def money(cell: Cell, currency: str, *, unit: bool = True, signed: bool = False) -> str:
            scaled = cell.number * words.scale(currency, lang)
            # beside other amounts without unit one decimal is enough: a column keeps its digits
            digits = words.decimals(scaled, lang) if unit else min(1, words.decimals(scaled, lang))
            bare = words.number(scaled, digits, signed=signed)
            amount = words.text("pattern.amount", lang, value=bare, unit=words.unit(currency, lang))
            return self._show(cell, f"money {currency}", lambda: amount if unit else bare)

        def bare(cell: Cell, currency: str, *, signed: bool = False) -> str:
            return money(cell, currency, unit=False, signed=signed)

        def percent(cell: Cell, digits: int = 1, *, signed: bool = False) -> str:
            return self._show(cell, "percent", lambda: words.percent(cell.number, digits, signed=signed))

        def rose(cell: Cell) -> str:
            return self._show(cell, "change", lambda: words.rose(cell.number, lang))

        def share(cell: Cell, digits: int = 0) -> str:
            return self._show(cell, "share", lambda: words.percent(100 * cell.number, digits))

        def number(cell: Cell, digits: int = 0) -> str:
            return self._show(cell, "number", lambda: words.number(cell.number, digits))

        return {
            "money": money,
            "bare": bare,
            "percent": percent,
            "rose": rose,
            "share": share,
            "number": number,
            "chance": lambda cell: self._show(cell, "chance", lambda: answers.probability(cell.number, lang)),
            "year": lambda cell: self._show(cell, "text", lambda: str(round(cell.number))),
            "month": lambda cell: self._show(cell, "month", lambda: words.month(str(cell.value), lang)),
            "day": lambda cell: self._show(cell, "day", lambda: words.day(cell.value, lang)),
            "plain": lambda cell: self._show(cell, "text", lambda: escaped(str(cell.value))),
        }

    def listed(self) -> pd.DataFrame:
        """Return the list of what was shown, each entry once: ``shown, how, table, rows, column``.

        Rows count from 0; where there are several, they are separated by a space.
        """
        rows = []
        for text, how, cells in self._entries:
            tables = " ".join(dict.fromkeys(cell.table for cell in cells))
            places = " ".join(str(cell.row) for cell in cells)
            columns = " ".join(dict.fromkeys(cell.column for cell in cells))
            rows.append((text, how, tables, places, columns))
        return pd.DataFrame(rows, columns=["shown", "how", "table", "rows", "column"])


# signs that Markdown would read as its own, as what shows them
_SIGNS = {sign: f"\\{sign}" for sign in "\\`*_{}[]<>#!|~^$@&"}


def escaped(text: str) -> str:
    r"""Return words of the record as Markdown that shows them as they are: no tag, link or formula.

    >>> escaped("<b>a|b</b> *c*")
    '\\<b\\>a\\|b\\</b\\> \\*c\\*'
    """
    return marks_off(" ".join(text.split()))


def marks_off(text: str) -> str:
    """Return text with every sign of Markdown disarmed, spaces as they are."""
    return text.translate({ord(sign): shown for sign, shown in _SIGNS.items()})


def _flat(parameters: dict[str, object]) -> dict[str, object]:
    return {
        name: _in_words(value) if isinstance(value, list | dict) else value
        for name, value in parameters.items()
    }


def _in_words(value: object) -> str:
    """Return a list as its items, a mapping as ``key: value`` pairs."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_in_words(item)}" for key, item in value.items())
    return str(value)
