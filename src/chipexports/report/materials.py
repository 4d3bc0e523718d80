"""What every section of the report works with: the run, its numbers, its words, its figures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial

import pandas as pd

from chipexports.base.paths import figures_dir
from chipexports.charts import catalogue
from chipexports.charts.figure import Chart, FigureNotDrawn
from chipexports.lab.results import Run
from chipexports.lab.saved_figure import SavedFigure
from chipexports.report.document import Block, Paragraph, Picture, Table
from chipexports.report.numbers import Numbers
from chipexports.run.plan import damaged, outputs_of
from chipexports.words import text as words


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
        """Return a figure from the run's tables, or a note with the reason it is left out."""
        picture = Picture(name, partial(self._draw, name), self._saved(name))
        if picture.saved is None:
            try:
                picture.page  # noqa: B018 (drawn now: whether it can be is known only then)
            except FigureNotDrawn as reason:
                return Paragraph(str(reason), "note")
        return picture

    def _draw(self, name: str, size: str) -> Chart:
        settings = dict(self.run.parameters) | {"language": self.language}
        tables = {table: pd.DataFrame(self.numbers.table(table)) for table in catalogue.FIGURES[name].tables}
        return catalogue.draw(name, tables, size=size, **settings)

    def _saved(self, name: str) -> SavedFigure | None:
        """Return the figure as the run saved it, if it would be drawn the same way and nothing changed."""
        entry = catalogue.FIGURES[name]
        if self.language != self.run.parameters.get("language"):
            return None
        recorded = outputs_of(self.run.manifest, tuple(self.run.manifest.get("notebooks", ())))
        own = f"figures/{self.run.name}/{name}."
        wanted = {f"{own}svg", f"{own}caption.md"}
        wanted |= {f"data/processed/{self.run.name}/{table}.csv" for table in entry.tables}
        wanted |= {path for path in recorded if path.startswith(own)}
        whole = wanted <= set(recorded) and not damaged({path: recorded[path] for path in wanted})
        return SavedFigure(name, figures_dir(self.run.name)) if whole else None
