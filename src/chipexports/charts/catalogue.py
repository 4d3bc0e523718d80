"""The finished figures of reports by name: the function that draws each, and the tables it takes."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.charts import files
from chipexports.charts.figure import Chart, FigureNotDrawn
from chipexports.words import text as words

#: widths of the places figures go to, in mm
WIDTHS = {"column": 80.0, "page": 160.0, "slide": 254.0}


@dataclass(frozen=True)
class Entry:
    """One figure: ``function`` is ``module:name`` below ``chipexports.charts``; its notebook's number."""

    name: str
    function: str
    tables: tuple[str, ...]
    notebook: str

    def load(self) -> Callable[..., Chart]:
        """Return the function itself: tables, ``params``, options of `chart`."""
        module, name = self.function.split(":")
        return getattr(importlib.import_module(f"chipexports.charts.{module}"), name)


_ENTRIES = (
    Entry("backtest_errors", "backtest:errors", ("scores",), "05"),
    Entry("backtest_coverage", "backtest:coverage", ("backtest",), "05"),
    Entry("backtest_pit", "backtest:pit", ("backtest",), "05"),
    Entry("evolution", "evolution:evolution", ("evolution",), "05"),
    Entry("fan", "fan:fan", ("fan", "forecast"), "06"),
    Entry("distribution", "distribution:distribution", ("totals", "forecast"), "06"),
    Entry("methods", "distribution:methods", ("forecast",), "06"),
    Entry("moved", "moved:moved", ("news",), "06"),
    Entry("needed", "needed:needed", ("monthly",), "06"),
)
FIGURES: dict[str, Entry] = {entry.name: entry for entry in _ENTRIES}
# drawn from the rows of a sweep; no notebook shows them
OF_SWEEPS = {"month_by_month": Entry("month_by_month", "evolution:month_by_month", ("sweep",), "")}


def draw(
    name: str,
    tables: Mapping[str, pd.DataFrame],
    *,
    size: str = "page",
    width: float | None = None,
    grey: bool = False,
    **settings: object,
) -> Chart:
    """Draw a figure from a run's tables and write nothing; ``width`` in mm goes before the width of ``size``.

    A table that is missing or empty is a `FigureNotDrawn`, an unknown name or size a `UsageError`.
    """
    entry = _entry(name, tables, settings)
    if size not in WIDTHS:
        raise UsageError(f"size: {size!r} is not known; use one of {', '.join(WIDTHS)}")
    look: dict[str, Any] = {"width": width or WIDTHS[size], "grey": grey, "save": False}
    return entry.load()(*(tables[table] for table in entry.tables), settings, **look)


def draw_and_save(
    name: str,
    tables: Mapping[str, pd.DataFrame],
    run: str,
    *,
    formats: Sequence[str] = files.FORMATS,
    folder: str = "",
    **settings: object,
) -> Chart:
    """Draw a figure, write its files to ``figures/<run>/<folder>`` and show it in a notebook.

    Where it cannot be drawn, the chart returned holds the reason in ``left_out``.
    """
    of_run = settings | {"run": run}
    try:
        entry = _entry(name, tables, settings)
    except FigureNotDrawn as reason:
        return Chart(name, of_run).leave_out(str(reason), folder)
    return entry.load()(*(tables[table] for table in entry.tables), of_run, formats=formats, folder=folder)


def _entry(name: str, tables: Mapping[str, pd.DataFrame], settings: Mapping[str, object]) -> Entry:
    known = FIGURES | OF_SWEEPS
    if name not in known:
        raise UsageError(f"figure {name!r} is not known; use one of {', '.join(known)}")
    language = words.check_language(str(settings.get("language", "en")))
    for table in known[name].tables:
        if tables.get(table) is None or tables[table].empty:
            label = words.text(f"table.{table}", language)
            raise FigureNotDrawn(words.text("figure.left_out.no_table", language, table=label))
    return known[name]
