"""What every section of the report works with: the run, its numbers, its words, its figures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from chipexports import text as words
from chipexports.figures import catalogue
from chipexports.figures.drawn import FigureNotDrawn
from chipexports.report.document import Block, Paragraph, Picture, Table
from chipexports.report.numbers import Numbers
from chipexports.results import Run


@dataclass(frozen=True)
class Materials:
    """A run opened for a report in one language."""

    run: Run
    language: str

    @cached_property
    def numbers(self) -> Numbers:
        """Return the tables, with the list of what is shown."""
        return Numbers(self.run, self.language)

    @property
    def currency(self) -> str:
        """``CNY`` or ``USD``."""
        return str(self.run.parameters["currency"])

    @property
    def flow(self) -> str:
        """``export`` or ``import``."""
        return str(self.run.parameters["flow"])

    @property
    def year(self) -> int:
        """The target year."""
        return int(self.run.parameters["target_year"])

    def say(self, key: str, **values: object) -> str:
        """Return the glossary's ``report.<key>``."""
        return words.text(f"report.{key}", self.language, **values)

    def word(self, area: str, value: object) -> str:
        """Return the glossary's ``<area>.<value>``, or the value itself where it has none."""
        key = f"{area}.{value}"
        return words.text(key, self.language) if words.has(key) else str(value)

    def note(self, key: str, **values: object) -> Paragraph:
        """Return a note, e.g. why something is left out."""
        return Paragraph(self.say(key, **values), "note")

    def table(
        self, key: str, columns: list[str], rows: list[list[str]], numeric: str, **options: object
    ) -> Table:
        """Return a table; ``columns`` are glossary keys below ``report.column``.

        Parameters
        ----------
        key : str
            Caption: ``report.<key>.caption``.
        numeric : str
            One letter a column: ``n`` number, ``t`` text.
        """
        values = options.pop("values", {})
        return Table(
            self.say(f"{key}.caption", **(self._units | values)),  # type: ignore[operator]
            tuple(self.say(f"column.{name}", **self._units) for name in columns),
            tuple(tuple(row) for row in rows),
            tuple(letter == "n" for letter in numeric),
            **options,  # type: ignore[arg-type]
        )

    @property
    def _units(self) -> dict[str, str]:
        return {"unit": words.unit(self.currency, self.language)}

    def picture(self, name: str) -> Block:
        """Return a figure drawn from the run's tables, or a note with the reason it is left out."""
        settings = dict(self.run.parameters) | {"language": self.language}
        needed = catalogue.FIGURES[name].tables
        tables = {table: pd.DataFrame(self.numbers.table(table)) for table in needed}
        try:
            drawn = [catalogue.draw(name, tables, size=size, **settings) for size in ("page", "column")]
        except FigureNotDrawn as reason:
            return Paragraph(str(reason), "note")
        return Picture(name, *drawn)
