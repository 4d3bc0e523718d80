"""All figures of a run on one page, at several widths and in both languages, to be looked at.

``python -m chipexports.charts.contact_sheet RUN`` draws the finished figures from the tables of the run and
takes the others as its notebooks saved them. The page lists what is wrong with a layout, if anything is.
"""

from __future__ import annotations

import base64
import html
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from chipexports.base.errors import ChipExportsError, UsageError
from chipexports.base.files import read_table, write_text_atomic
from chipexports.base.paths import figures_dir, processed_dir, reports_dir
from chipexports.charts import catalogue, gallery
from chipexports.charts.check import layout_faults
from chipexports.charts.figure import FigureNotDrawn
from chipexports.words.text import LANGUAGES

WIDTHS = (80, 120, 160)
_DPI = 110


def write_contact_sheet(run: str, widths: Sequence[float] = WIDTHS) -> tuple[Path, list[str]]:
    """Write ``figures/<run>/contact-sheet.html`` and return its path and the faults found.

    Parameters
    ----------
    run : str
        A run, or a sweep.
    widths : sequence of float
        Millimetres.

    Returns
    -------
    tuple of Path and list of str
        The page, and a line for each fault of a layout.

    Raises
    ------
    UsageError
        There is no such run.
    """
    folder, tables = figures_dir(run), processed_dir(run)
    if not tables.is_dir() and not folder.is_dir():
        raise UsageError(f"run {run!r}: has no tables and no figures; make them with `chipexports run {run}`")
    settings, body, faults = _settings(run), [], []
    known = catalogue.FIGURES | catalogue.OF_SWEEPS
    for name in known:
        found = {table: _table(run, table) for table in known[name].tables}
        if any(table.empty for table in found.values()):
            continue
        body.append(f"<h2>{name}</h2>")
        for language in LANGUAGES:
            cells = []
            for width in widths:
                try:
                    c = catalogue.draw(name, found, width=width, **{**settings, "language": language})
                except FigureNotDrawn as reason:
                    cells.append(f"<p>{html.escape(str(reason))}</p>")
                    continue
                wrong = [f"{name}, {width:g} mm, {language}: {fault}" for fault in layout_faults(c.fig)]
                faults += wrong
                picture = base64.b64encode(c.png(_DPI)).decode()
                notes = "".join(f"<p class=fault>{html.escape(fault)}</p>" for fault in wrong)
                alt = html.escape(c.alt, quote=True)
                cells.append(f'<div><img alt="{alt}" src="data:image/png;base64,{picture}">{notes}</div>')
            body.append(f"<div class=row>{''.join(cells)}</div>")
            body.append(f"<p>{html.escape(c.caption)}</p><p><i>{html.escape(c.alt)}</i></p>" if cells else "")
    others = [name for name in gallery.names(folder) if name not in known]
    body += [
        f'<h2>{name}</h2><img alt="{name}" src="{name}.png" style="max-width: 50rem">'
        for name in others
        if (folder / f"{name}.png").is_file()
    ]
    page = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Contact sheet</title><style>'
        "body { background: #ddd; font: 14px sans-serif } .row { display: flex; gap: 1rem; margin: 1rem 0 }"
        " .fault { color: #a3240f }</style></head><body>"
        f"<h1>{html.escape(run)}: {len(faults)} faults</h1>{''.join(body)}</body></html>\n"
    )
    return write_text_atomic(folder / "contact-sheet.html", page), faults


def _settings(run: str) -> dict[str, Any]:
    """Return the parameters the run's forecast table carries."""
    table = _table(run, "forecast")
    if table.empty:
        return {}
    row = table.iloc[-1]
    names = ("as_of", "target_year", "flow", "currency", "threshold")
    return {name: row[name].item() if hasattr(row[name], "item") else row[name] for name in names}


def _table(run: str, name: str) -> pd.DataFrame:
    path = reports_dir(run) / "forecasts.csv" if name == "sweep" else processed_dir(run) / f"{name}.csv"
    return read_table(path) if path.is_file() else pd.DataFrame()


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page of the run named, by default ``latest``; say where it is and what is wrong."""
    run = [*(sys.argv[1:] if arguments is None else arguments), "latest"][0]
    try:
        path, faults = write_contact_sheet(run)
    except ChipExportsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print("\n".join([str(path.name) + f" in figures/{run}: {len(faults)} faults", *faults]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
