"""Look over a finished figure: text cut at the edge, text over text, text too pale to read."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from chipexports.charts import style
from chipexports.charts.style import LEAST_CONTRAST, contrast


def shown_texts(fig: Figure) -> list[tuple[Text, Bbox]]:
    """Return every text a reader sees, with its box in pixels."""
    if not isinstance(fig.canvas, FigureCanvasAgg):
        FigureCanvasAgg(fig)
    renderer = fig.canvas.get_renderer()  # type: ignore[attr-defined]
    with style.applied():
        fig.draw_without_rendering()
    candidates = list(fig.texts)
    for ax in fig.axes:
        if not ax.get_visible():
            continue
        ticks = _ticks(ax.xaxis) + _ticks(ax.yaxis)
        titles = [ax.title, ax._left_title, ax._right_title, ax.xaxis.label, ax.yaxis.label]  # type: ignore[attr-defined]
        candidates += [*ticks, *titles, *ax.texts]
    visible = [text for text in candidates if text.get_visible() and text.get_text().strip()]
    with style.applied():
        return [(text, text.get_window_extent(renderer)) for text in visible]


def _ticks(axis) -> list[Text]:  # type: ignore[no-untyped-def]
    low, high = sorted(axis.get_view_interval())
    slack = 1e-6 * (high - low)
    inside = [t for t in axis.get_major_ticks() if low - slack <= t.get_loc() <= high + slack]
    return [t.label1 for t in inside if t.label1.get_visible()]


def on_cells(ax: Axes) -> Iterator[tuple[Text, np.ndarray]]:
    """Yield the texts that stand in cells of a heat map, each with its cell's colour."""
    for mesh in ax.collections:
        if not isinstance(mesh, QuadMesh):
            continue
        mesh.update_scalarmappable()
        corners = np.asarray(mesh.get_coordinates())
        rows, columns = corners.shape[0] - 1, corners.shape[1] - 1
        colours = np.asarray(mesh.get_facecolor()).reshape(rows, columns, 4)
        for text in ax.texts:
            x, y = text.get_position()
            column = int(np.searchsorted(corners[0, :, 0], x)) - 1
            row = int(np.searchsorted(corners[:, 0, 1], y)) - 1
            if 0 <= row < rows and 0 <= column < columns:
                yield text, colours[row, column, :3]


def _line_height(text: Text, box: Any) -> float:
    """Return the height of one line of a text, upright or not."""
    return float(min(box.height, box.width) if text.get_rotation() % 180 else box.height) / (
        text.get_text().count("\n") + 1
    )


def layout_faults(fig: Figure) -> list[str]:
    """Return what is wrong with the layout, one line each; empty when all is well.

    Text that lies on a patch of colour carries that colour in its ``gid`` as ``on-#RRGGBB``.
    """
    faults = []
    texts = shown_texts(fig)
    edge = fig.bbox
    cells: dict[int, Any] = {id(text): paper for ax in fig.axes for text, paper in on_cells(ax)}
    for text, box in texts:
        word = " ".join(text.get_text().split())
        if box.x0 < -0.5 or box.y0 < -0.5 or box.x1 > edge.x1 + 0.5 or box.y1 > edge.y1 + 0.5:
            faults.append(f"cut at the edge: {word!r}")
        mark = str(text.get_gid() or "")
        paper = mark.removeprefix("on-") if mark.startswith("on-") else cells.get(id(text), "white")
        ratio = contrast(text.get_color(), paper)
        if ratio < LEAST_CONTRAST:
            faults.append(f"contrast {ratio:.1f}: {word!r}")
    for (first, box), (second, other) in itertools.combinations(texts, 2):
        wide = min(box.x1, other.x1) - max(box.x0, other.x0)
        tall = min(box.y1, other.y1) - max(box.y0, other.y0)
        # line boxes hold empty room above and below the letters; touching by less is no overlap
        line = min(_line_height(first, box), _line_height(second, other))
        if wide > 1 and tall > 0.3 * line:
            faults.append(f"overlap: {first.get_text()!r} and {second.get_text()!r}")
    return faults
