"""All figures of a run on one page, at several widths and in both languages, to be looked at.

``python -m chipexports.charts.contact_sheet RUN`` draws the finished figures from the tables of the run and
those of the notebooks by their cells. The page lists what is wrong with a layout, if anything is.
"""

from __future__ import annotations

import base64
import html
import json
import sys
import tempfile
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from chipexports.base.environment import environment
from chipexports.base.errors import ChipExportsError, UsageError
from chipexports.base.files import read_table, write_text_atomic
from chipexports.base.paths import OUTPUT, figures_dir, processed_dir, project_root, reports_dir
from chipexports.charts import catalogue
from chipexports.charts.check import layout_faults
from chipexports.charts.figure import Chart, FigureNotDrawn, drawn_at
from chipexports.params import load_params
from chipexports.words.text import LANGUAGES

WIDTHS = tuple(catalogue.WIDTHS.values())  # column, page, slide
_DPI = 110


@dataclass
class _Sheet:
    """Pictures by figure and language, one for each width, and what is wrong with them."""

    widths: tuple[float, ...]
    cells: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    words: dict[tuple[str, str], Chart] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    note: str = ""

    def say(self, name: str, language: str, sentence: str) -> None:
        """Put a sentence in place of a picture."""
        self.cells.setdefault(name, {}).setdefault(language, []).append(f"<p>{html.escape(sentence)}</p>")

    def add(self, name: str, language: str, c: Chart) -> None:
        """Put a picture down with the faults of its layout."""
        wrong = [f"{name}, {c.width:g} mm, {language}: {fault}" for fault in layout_faults(c.fig)]
        self.faults += wrong
        picture = base64.b64encode(c.png(_DPI)).decode()
        notes = "".join(f"<p class=fault>{html.escape(fault)}</p>" for fault in wrong)
        alt = html.escape(c.alt, quote=True)
        cell = f'<div><img alt="{alt}" src="data:image/png;base64,{picture}">{notes}</div>'
        self.cells.setdefault(name, {}).setdefault(language, []).append(cell)
        self.words[name, language] = c

    def html(self) -> str:
        """Return a heading a figure, a row a language."""
        out = [f"<p>{html.escape(self.note)}</p>"] if self.note else []
        for name, rows in self.cells.items():
            out.append(f"<h2>{name}</h2>")
            for language, cells in rows.items():
                out.append(f"<div class=row>{''.join(cells)}</div>")
                if c := self.words.get((name, language)):
                    out.append(f"<p>{html.escape(c.caption)}</p><p><i>{html.escape(c.alt)}</i></p>")
        return "".join(out)


def notebook_charts(
    run: str, language: str, widths: Sequence[float] = WIDTHS, without: Container[str] = ()
) -> Iterator[Chart]:
    """Yield the charts of the notebooks' own cells, each cell's at every width in mm before the next cell's.

    The cells are executed here with the parameters of the run, and what they write goes to a scratch place.
    """
    settings = load_params(run).literals() | {"language": language, "figure_formats": ["png"]}
    settings.pop("run")
    with tempfile.TemporaryDirectory() as scratch, environment({OUTPUT: scratch}):
        for path in sorted((project_root() / "notebooks").glob("0*.ipynb")):
            names: dict[str, Any] = {"__name__": "__main__", "display": lambda *_, **__: None}
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                if cell["cell_type"] != "code":
                    continue
                source = compile("".join(cell["source"]), f"{path.stem}/{cell['id']}", "exec")
                draws = "with chart(" in "".join(cell["source"])
                for width in widths if draws else ():
                    with drawn_at(width) as drawn:
                        exec(source, names)  # noqa: S102 - the project's own notebook
                    yield from (c for c in drawn if c.name not in without)
                if not draws:
                    exec(source, names)  # noqa: S102 - the project's own notebook
                if "parameters" in cell["metadata"].get("tags", []):
                    names |= settings


def write_contact_sheet(
    run: str, widths: Sequence[float] = WIDTHS, *, notebooks: bool = True
) -> tuple[Path, list[str]]:
    """Write the contact sheet of a run or a sweep; return its path and a line for each fault of a layout.

    Widths are in mm; the notebooks' own charts take about two minutes more.
    """
    folder, tables = figures_dir(run), processed_dir(run)
    if not tables.is_dir() and not folder.is_dir():
        raise UsageError(f"run {run!r}: has no tables and no figures; make them with `chipexports run {run}`")
    settings, sheet = _settings(run), _Sheet(tuple(widths))
    known = catalogue.FIGURES | catalogue.OF_SWEEPS
    for name in known:
        tables_of = {table: _table(run, table) for table in known[name].tables}
        if any(table.empty for table in tables_of.values()):
            continue
        for language in LANGUAGES:
            for width in widths:
                try:
                    c = catalogue.draw(name, tables_of, width=width, **{**settings, "language": language})
                except FigureNotDrawn as reason:
                    sheet.say(name, language, str(reason))
                    continue
                sheet.add(name, language, c)
    if notebooks:
        try:
            for language in LANGUAGES:
                for c in notebook_charts(run, language, widths, without=set(known)):
                    sheet.add(c.name, language, c)
        except UsageError as error:  # a run whose parameters are in no set
            sheet.note = f"Without the notebooks' own charts: {error}"
    faults, body = sheet.faults, sheet.html()
    page = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Contact sheet</title><style>'
        "body { background: #ddd; font: 14px sans-serif } .row { display: flex; gap: 1rem; margin: 1rem 0 }"
        " .fault { color: #a3240f }</style></head><body>"
        f"<h1>{html.escape(run)}: {len(faults)} faults</h1>{body}</body></html>\n"
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
