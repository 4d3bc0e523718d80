"""Every figure of a run: its name, the function that draws it, the tables it needs, its notebook."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.charts import style
from chipexports.charts.drawn import Drawn, FigureNotDrawn
from chipexports.charts.save import FORMATS, save_drawn, save_left_out
from chipexports.words import text as words


@dataclass(frozen=True)
class Entry:
    """One figure: ``function`` is ``module:name`` below ``chipexports.charts``."""

    name: str
    function: str
    tables: tuple[str, ...]
    notebook: str
    fixed: Mapping[str, object] = field(default_factory=dict)

    def load(self) -> Callable[..., Drawn]:
        """Return the function itself."""
        module, name = self.function.split(":")
        return getattr(importlib.import_module(f"chipexports.charts.{module}"), name)


@dataclass(frozen=True)
class LeftOut:
    """A figure that was not drawn, and why; a notebook shows the reason in its place."""

    name: str
    reason: str

    def _repr_markdown_(self) -> str:
        return f"*{self.reason}*"


_ENTRIES = (
    Entry("exports_level", "exports:monthly_exports", ("monthly",), "03", {"scale": "level"}),
    Entry("exports_log", "exports:monthly_exports", ("monthly",), "03", {"scale": "log"}),
    Entry("ytd_paths", "paths:ytd_paths", ("monthly",), "03"),
    Entry("growth", "growth:growth", ("monthly",), "03"),
    Entry("price_quantity_monthly", "price_quantity:price_quantity", ("monthly",), "03", {"by": "month"}),
    Entry("price_quantity_yearly", "price_quantity:price_quantity", ("monthly",), "03", {"by": "year"}),
    Entry("seasonality", "seasonality:month_shares", ("monthly",), "03"),
    Entry("festival", "festival:festival_effect", ("monthly", "indicators"), "03"),
    Entry("trade_balance", "balance:trade_balance", ("monthly",), "03"),
    Entry("partners", "products:partners", ("partners",), "03"),
    Entry("products", "products:products", ("products",), "03"),
    Entry("cycle", "cycle:cycle", ("monthly", "indicators"), "03"),
    Entry("output", "output:output", ("output", "monthly"), "03"),
    Entry("revisions", "revisions:revisions", ("releases",), "03"),
    Entry("backtest_errors", "backtest:errors", ("scores",), "05"),
    Entry("backtest_coverage", "backtest:coverage", ("scores",), "05"),
    Entry("backtest_pit", "backtest:pit", ("backtest",), "05"),
    Entry("evolution", "evolution:evolution", ("evolution",), "05"),
    Entry("fan", "fan:fan", ("fan", "forecast"), "06"),
    Entry("distribution", "distribution:distribution", ("totals", "forecast"), "06"),
    Entry("moved", "moved:moved", ("news",), "06"),
    Entry("needed", "needed:needed", ("monthly",), "06"),
    Entry("claims", "claims:claims", ("claims",), "07"),
)
FIGURES: dict[str, Entry] = {entry.name: entry for entry in _ENTRIES}
# drawn from the rows of a sweep; no notebook shows them
OF_SWEEPS = {"month_by_month": Entry("month_by_month", "month_by_month:month_by_month", ("sweep",), "")}


def names(notebook: str = "") -> list[str]:
    """Return the figures' names in the order a reader meets them, all or those of one notebook."""
    return [entry.name for entry in _ENTRIES if not notebook or entry.notebook == notebook]


def draw(name: str, tables: Mapping[str, pd.DataFrame], *, size: str = "page", **settings: object) -> Drawn:
    """Draw one figure from the tables of a run.

    Parameters
    ----------
    name : str
        A name of ``FIGURES``.
    tables : mapping of str to DataFrame
        At least the tables the entry names; what else is there is not touched.
    size : str
        ``column``, ``page`` or ``slide``.
    **settings : object
        ``language, as_of, flow, currency, target_year, threshold, truth, ...``: a run's parameters;
        each function takes those it knows.

    Returns
    -------
    Drawn
        Named as in the catalogue.

    Raises
    ------
    FigureNotDrawn
        If a table or what is needed in it is not there; the message is the gallery's line.
    UsageError
        If there is no such figure or size.
    """
    entry = (FIGURES | OF_SWEEPS).get(name)
    if entry is None:
        raise UsageError(f"figure {name!r} is not known; use one of {', '.join(FIGURES)}")
    if size not in style.SIZES:
        raise UsageError(f"size: {size!r} is not known; use one of {', '.join(style.SIZES)}")
    language = str(settings.get("language", "en"))
    for table in entry.tables:
        if tables.get(table) is None or tables[table].empty:
            label = words.text(f"table.{table}", language)
            raise FigureNotDrawn(words.text("figure.left_out.no_table", language, table=label))
    function = entry.load()
    known = inspect.signature(function).parameters
    chosen = {key: value for key, value in (settings | dict(entry.fixed)).items() if key in known}
    with style.applied(size):
        drawn = function(*(tables[table] for table in entry.tables), size=size, **chosen)
    return drawn.renamed(name)


def draw_and_save(
    name: str,
    tables: Mapping[str, pd.DataFrame],
    run: str,
    *,
    formats: Sequence[str] = FORMATS,
    folder: str = "",
    size: str = "page",
    **settings: object,
) -> Drawn | LeftOut:
    """Draw a figure and write its files; where it cannot be drawn, note the reason for the gallery.

    The last expression of a notebook cell: a `Drawn` shows itself as a picture with its alt text, a
    `LeftOut` as one sentence. The run goes on either way.

    Parameters
    ----------
    name : str
        A name of ``FIGURES``.
    tables : mapping of str to DataFrame
        The run's tables.
    run : str
        The run's name.
    formats : sequence of str
        Any of ``png``, ``svg``, ``pdf``.
    folder : str
        A folder below ``figures/<run>/``, e.g. ``zh``.
    size : str
        ``column``, ``page`` or ``slide``.
    **settings : object
        As in `draw`.

    Returns
    -------
    Drawn or LeftOut
        What the cell shows.
    """
    try:
        drawn = draw(name, tables, size=size, **settings)
    except FigureNotDrawn as reason:
        if size == "page":
            save_left_out(name, run, str(reason), folder=folder)
        return LeftOut(name, str(reason))
    save_drawn(drawn, run, formats, folder=folder)
    return drawn


def draw_all(
    tables: Mapping[str, pd.DataFrame],
    run: str,
    *,
    formats: Sequence[str] = FORMATS,
    folder: str = "",
    **settings: object,
) -> dict[str, Drawn | LeftOut]:
    """Draw and save every figure of the catalogue, e.g. again in the other language.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The run's tables and those of the record at its ``as_of``.
    run, formats, folder
        As for ``draw_and_save``; ``folder="zh"`` puts them below ``figures/<run>/zh``.
    **settings : object
        A run's parameters, e.g. ``language="zh"``.

    Returns
    -------
    dict
        Name to the figure, or to the reason why it was left out.
    """
    return {
        # a run's parameters are objects here; each figure's function knows the types of those it takes
        name: draw_and_save(name, tables, run, formats=formats, folder=folder, **settings)  # type: ignore[arg-type]
        for name in FIGURES
    }
