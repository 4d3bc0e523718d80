"""Every number of a report is taken from a table through here, formatted, and written down.

The list is kept beside the report (``report.numbers.csv``): what is shown, how it was made, and the
cells it was made from. A test makes each number again from the CSV files and finds every number of
the page in the list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from chipexports.base.errors import ChipExportsError
from chipexports.lab.results import Run
from chipexports.words import text as words


@dataclass(frozen=True)
class Entry:
    """One shown number: the text, how it was made, and the cells ``(table, row, column)`` it is from."""

    shown: str
    how: str
    cells: tuple[tuple[str, int, str], ...]


class Numbers:
    """Tables of a run, read cell by cell, with a list of what was shown.

    Parameters
    ----------
    run : Run
        Whose tables.
    language : str
        ``en`` or ``zh``.
    """

    def __init__(self, run: Run, language: str) -> None:
        self.run, self.language = run, language
        self.entries: list[Entry] = []
        self._tables: dict[str, pd.DataFrame] = {"parameters": pd.DataFrame([_flat(run.parameters)])}

    def table(self, name: str) -> pd.DataFrame:
        """Return a table with a plain row index.

        Parameters
        ----------
        name : str
            A name of ``Run.tables``, or ``parameters``: the run's own in one row.

        Returns
        -------
        DataFrame
            Its columns and units; empty where the run does not have it.
        """
        if name not in self._tables:
            there = name in self.run.tables
            self._tables[name] = pd.DataFrame(self.run.table(name)) if there else pd.DataFrame()
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
            keep &= table[column] == value
        return [Row(self, name, int(i)) for i in table.index[keep]]

    def row(self, name: str, **where: object) -> Row:
        """Return the one row in which each named column has the given value.

        Raises
        ------
        ChipExportsError
            If there is none, or more than one.
        """
        found = self.rows(name, **where)
        if len(found) != 1:
            asked = ", ".join(f"{column} {value}" for column, value in where.items())
            raise ChipExportsError(
                f"data/processed/{self.run.name}/{name}.csv: {len(found)} rows with "
                f"{asked or 'no condition'} where the report needs one; run the set again"
            )
        return found[0]

    def keep(self, shown: str, how: str, *cells: tuple[str, int, str]) -> str:
        """Write down a shown number and return it."""
        self.entries.append(Entry(shown, how, cells))
        return shown

    def count(self, name: str, rows: list[Row]) -> str:
        """Show how many rows these are."""
        return self.keep(f"{len(rows):,}", f"count of {name}", *((name, row.index, "") for row in rows))

    def fixed(self, shown: object, how: str) -> str:
        """Show something that stands in no table: a version, a command, a hash."""
        return self.keep(str(shown), how)

    def listed(self) -> pd.DataFrame:
        """Return the list of what was shown, each entry once.

        Returns
        -------
        DataFrame
            ``shown, how, table, rows, column``; a row of a table counts from 0, several stand apart by a
            space.
        """
        rows = []
        for entry in dict.fromkeys(self.entries):
            tables = " ".join(dict.fromkeys(cell[0] for cell in entry.cells))
            places = " ".join(str(cell[1]) for cell in entry.cells)
            columns = " ".join(dict.fromkeys(cell[2] for cell in entry.cells))
            rows.append((entry.shown, entry.how, tables, places, columns))
        return pd.DataFrame(rows, columns=["shown", "how", "table", "rows", "column"])


@dataclass(frozen=True)
class Row:
    """A row of a table; every way to show a cell writes it down."""

    numbers: Numbers
    table: str
    index: int

    def __getitem__(self, column: str) -> object:
        """Return a cell's value without showing it."""
        return self.numbers.table(self.table)[column].iloc[self.index]

    def known(self, column: str) -> bool:
        """Return whether the cell is there and not missing."""
        return column in self.numbers.table(self.table) and bool(pd.notna(pd.Series([self[column]])).all())

    def value(self, column: str) -> float:
        """Return a cell as a number.

        Parameters
        ----------
        column : str
            Name of the column.

        Returns
        -------
        float
            In the column's unit.
        """
        return float(self[column])  # type: ignore[arg-type]

    def _show(self, column: str, how: str, show: Callable[[], str]) -> str:
        if not self.known(column):
            return "–"
        return self.numbers.keep(show(), how, (self.table, self.index, column))

    def money(self, column: str, currency: str, *, unit: bool = True, signed: bool = False) -> str:
        """Show an amount in the reader's unit: bn CNY or bn USD, 亿元 or 亿美元."""
        lang = self.numbers.language

        def show() -> str:
            factor, digits = words.scale(currency, lang), 1 if lang == "en" else 0
            if lang == "zh" and currency == "USD":
                digits = 1
            bare = words.number(self.value(column) * factor, digits, signed=signed)
            if not unit:
                return bare
            return words.text("pattern.amount", lang, value=bare, unit=words.unit(currency, lang))

        return self._show(column, f"money {currency}", show)

    def chance(self, column: str) -> str:
        """Show a probability between 0 and 1 in per cent; simulation alone makes nothing certain."""
        over = self.known("months_published") and self.value("months_published") == 12

        def show() -> str:
            p = self.value(column)
            return words.chance(p if over else min(max(p, 1e-6), 1 - 1e-6), self.numbers.language)

        return self._show(column, "chance", show)

    def percent(self, column: str, digits: int = 1, *, signed: bool = False) -> str:
        """Show a number that is in per cent already."""
        return self._show(column, "percent", lambda: words.percent(self.value(column), digits, signed=signed))

    def share(self, column: str, digits: int = 0) -> str:
        """Show a share between 0 and 1 in per cent."""
        return self._show(column, "share", lambda: words.percent(100 * self.value(column), digits))

    def number(self, column: str, digits: int = 1) -> str:
        """Show a number as it is."""
        return self._show(column, "number", lambda: words.number(self.value(column), digits))

    def integer(self, column: str) -> str:
        """Show a whole number, e.g. a count."""
        return self._show(column, "number", lambda: f"{round(self.value(column)):,}")

    def year(self, column: str) -> str:
        """Show a year."""
        return self._show(column, "text", lambda: str(round(self.value(column))))

    def month(self, column: str) -> str:
        """Show a month: Oct 2024, 2024年10月."""
        return self._show(column, "month", lambda: words.month(str(self[column]), self.numbers.language))

    def day(self, column: str) -> str:
        """Show a date: 7 Nov 2024, 2024年11月7日."""
        return self._show(column, "day", lambda: words.day(self[column], self.numbers.language))

    def text(self, column: str, said: Callable[[str], str] = str) -> str:
        """Show a text of the record (it may hold numbers of its own) as it stands, or as ``said`` puts it."""
        return self._show(column, "text", lambda: said(" ".join(str(self[column]).split())))

    def off(self, column: str, base: str, digits: int = 1) -> str:
        """Show by how many per cent one cell lies above (+) or below another of the same row."""
        if not (self.known(column) and self.known(base)):
            return "–"
        value = 100 * (self.value(column) / self.value(base) - 1)
        shown = words.percent(value, digits, signed=True)
        cells = (self.table, self.index, column), (self.table, self.index, base)
        return self.numbers.keep(shown, "per cent off", *cells)


def _flat(parameters: dict[str, object]) -> dict[str, object]:
    return {name: ", ".join(map(str, v)) if isinstance(v, list) else v for name, v in parameters.items()}
