"""Execute a notebook's cells one after another in this process, and keep what each of them shows."""

from __future__ import annotations

import ast
import io
import json
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

from PIL import Image

from chipexports.charts import chart as real_chart

ROOT = Path(__file__).resolve().parents[1]


def run_cells(notebook: str, *, until: str | None = None, **params: object) -> SimpleNamespace:
    """Return ``names`` (the notebook's variables), ``charts`` by figure name, ``shown`` by cell id.

    Files go where CHIPEXPORTS_OUTPUT points. ``until`` is the id of the last cell to execute. Charts are laid
    out, their pictures are empty: half of a notebook's time is spent on pixels, which other tests look at.
    """
    with mock.patch("chipexports.charts.files.render", empty_picture):
        return _run_cells(notebook, until, params)


def empty_picture(fig: object, kind: str, dpi: int) -> bytes:
    """Return a white picture in place of a figure: an SVG without words, or a PNG."""
    if kind == "svg":
        return b'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>'
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(buffer, format="png")
    return buffer.getvalue()


def _run_cells(notebook: str, until: str | None, params: dict[str, object]) -> SimpleNamespace:
    shown: dict[str, list] = {}
    charts: dict[str, object] = {}
    here = []

    def display(*values: object, **_: object) -> None:
        shown[here[-1]].extend(values)

    names = {"__name__": "__main__", "display": display}
    for cell in json.loads((ROOT / "notebooks" / f"{notebook}.ipynb").read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        here.append(cell["id"])
        shown[cell["id"]] = []
        run_source("".join(cell["source"]), names, display)
        if "parameters" in cell["metadata"].get("tags", []):
            names.update({"figure_formats": ["png"], **params})
        made = names.get("c")
        if made is not None:
            charts[made.name] = made
        if cell["id"] == until:
            break
    return SimpleNamespace(names=names, charts=charts, shown=shown)


def run_source(source: str, names: dict, display) -> None:
    """Execute one cell; the value of its last expression is displayed, as in a notebook."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), names)
    if last is not None:
        value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
        if value is not None and not isinstance(value, type(real_chart)):
            display(value)


def proof(state: SimpleNamespace, source: str) -> list:
    """Execute a researcher's own cell of at most fifteen lines after a notebook's; return what it shows."""
    assert len(source.strip().splitlines()) <= 15
    out: list = []
    state.names["display"] = lambda *values, **_: out.extend(values)
    run_source(source, state.names, state.names["display"])
    return out


def sentences(state: SimpleNamespace) -> dict[str, str]:
    """Return the sentences each cell showed, joined."""
    return {
        cell: " ".join(str(v) for v in values if hasattr(v, "words")) for cell, values in state.shown.items()
    }
