"""One call per figure: find the tables it needs, draw it, save it in the run's folder, show it."""

from __future__ import annotations

from typing import Any

from chipexports.charts.catalogue import FIGURES, draw_and_save
from chipexports.charts.figure import Chart
from chipexports.params import RunParams
from chipexports.run import tables
from chipexports.run.steps import STEPS


def show(name: str, params: RunParams) -> Chart:
    """Draw figure ``name`` of a run, save it with its data and caption, and return it for display.

    Parameters
    ----------
    name : str
        A name of ``charts.catalogue.FIGURES``.
    params : RunParams
        The run; the figure reads the tables it wrote.

    Returns
    -------
    Chart
        The figure; its ``left_out`` says why it was not drawn.
    """
    found = {table: tables.load(params.run, table) for table in FIGURES[name].tables}
    return draw_and_save(name, found, params.run, formats=params.figure_formats, **_settings(name, params))


def _settings(name: str, params: RunParams) -> dict[str, Any]:
    """Return what a figure may know: the parameters that its notebook is declared to use."""
    uses = next(step.uses for step in STEPS if step.number == FIGURES[name].notebook)
    wanted = ("language", "as_of", "flow", "currency", "target_year", "threshold", "truth", "levels")
    return {key: getattr(params, key) for key in wanted if key in uses}
