"""The figure of a sweep over days: how the forecast of each year moved from one to the next."""

from __future__ import annotations

from chipexports.base.files import read_table
from chipexports.base.paths import figures_dir, reports_dir
from chipexports.params.sets import shown
from chipexports.run.sweep_file import Sweep

NAME = "month_by_month"


def over_days(sweep: Sweep) -> bool:
    """Say whether the sets of a sweep lie on more than one day."""
    return len({params.as_of for params in sweep.sets}) > 1


def is_drawn(sweep: Sweep) -> bool:
    """Say whether the sweep has its figure, or the note why it has none, already."""
    files = (f"{NAME}.caption.md", f"{NAME}.left-out.md")
    return not over_days(sweep) or any((figures_dir(sweep.name) / file).is_file() for file in files)


def draw_sweep(sweep: Sweep, *, language: str | None = None, folder: str = "") -> str:
    """Draw a sweep's forecasts from its table into ``figures/<sweep>``; return the line that says so.

    Parameters
    ----------
    sweep : Sweep
        One that was computed.
    language : str, optional
        ``en`` or ``zh``; by default that of its sets.
    folder : str
        A folder below ``figures/<sweep>``, e.g. ``zh``.

    Returns
    -------
    str
        Where the figure lies, or why there is none.
    """
    first = sweep.sets[0]
    language = language or first.language
    if not over_days(sweep):
        from chipexports.words.text import text

        return f"{sweep.name}, figure: {text('figure.left_out.one_day', language)}"
    from chipexports.charts.catalogue import draw_and_save

    table = reports_dir(sweep.name) / "forecasts.csv"
    made = draw_and_save(
        NAME,
        {"sweep": read_table(table)} if table.is_file() else {},
        sweep.name,
        formats=first.figure_formats,
        folder=folder,
        language=language,
        flow=first.flow,
    )
    if made.left_out:
        return f"{sweep.name}, figure: {made.left_out}"
    place = figures_dir(sweep.name) / folder / f"{NAME}.{first.figure_formats[0]}"
    return f"{sweep.name}, figure → {shown(place)}"
