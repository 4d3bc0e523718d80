"""One call per figure: find the tables it needs, draw it, save it in the run's folder, show it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pandas as pd

from chipexports.charts.catalogue import FIGURES, LeftOut, draw_and_save
from chipexports.charts.drawn import Drawn
from chipexports.params import RunParams
from chipexports.record.indicators import indicators_as_of
from chipexports.record.products import output_as_of, partners_as_of, products_as_of
from chipexports.run import tables
from chipexports.run.steps import STEPS

#: tables that come straight from the record, cut at ``as_of``
FROM_RECORD: dict[str, Callable[[str], pd.DataFrame]] = {
    "indicators": indicators_as_of,
    "partners": partners_as_of,
    "products": products_as_of,
    "output": output_as_of,
}


def show(name: str, params: RunParams) -> Drawn | LeftOut:
    """Draw figure ``name`` of a run, save it with its data and caption, and return it for display.

    Parameters
    ----------
    name : str
        A name of ``figures.catalogue.FIGURES``.
    params : RunParams
        The run; the figure reads the run's tables and the record at ``as_of``.

    Returns
    -------
    Drawn or LeftOut
        The figure, or why it was left out.
    """
    found = {table: _table(table, params) for table in FIGURES[name].tables}
    return draw_and_save(name, found, params.run, formats=params.figure_formats, **_settings(name, params))


def _table(table: str, params: RunParams) -> pd.DataFrame:
    if table in FROM_RECORD:
        return _from_record(table, params.as_of)
    return tables.load(params.run, table)


@cache
def _from_record(table: str, as_of: str) -> pd.DataFrame:
    return FROM_RECORD[table](as_of)


def _settings(name: str, params: RunParams) -> dict[str, Any]:
    """Return what a figure may know: the parameters that its notebook is declared to use."""
    uses = next(step.uses for step in STEPS if step.number == FIGURES[name].notebook)
    wanted = ("language", "as_of", "flow", "currency", "target_year", "threshold", "truth")
    return {key: getattr(params, key) for key in wanted if key in uses}
