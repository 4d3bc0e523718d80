"""Look over a finished figure: text cut at the edge, text over text, text too pale to read."""

from __future__ import annotations

import itertools

from matplotlib.backends.backend_agg import FigureCanvasAgg
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
    shown = [text for text in candidates if text.get_visible() and text.get_text().strip()]
    with style.applied():
        return [(text, text.get_window_extent(renderer)) for text in shown]


def _ticks(axis) -> list[Text]:  # type: ignore[no-untyped-def]
    low, high = sorted(axis.get_view_interval())
    slack = 1e-6 * (high - low)
    inside = [t for t in axis.get_major_ticks() if low - slack <= t.get_loc() <= high + slack]
    return [t.label1 for t in inside if t.label1.get_visible()]


def layout_faults(fig: Figure) -> list[str]:
    """Return what is wrong with the layout, one line each; empty when all is well.

    Text that lies on a patch of colour carries that colour in its ``gid`` as ``on-#RRGGBB``.
    """
    faults = []
    texts = shown_texts(fig)
    edge = fig.bbox
    for text, box in texts:
        word = " ".join(text.get_text().split())
        if box.x0 < -0.5 or box.y0 < -0.5 or box.x1 > edge.x1 + 0.5 or box.y1 > edge.y1 + 0.5:
            faults.append(f"cut at the edge: {word!r}")
        mark = str(text.get_gid() or "")
        paper = mark.removeprefix("on-") if mark.startswith("on-") else "white"
        if (ratio := contrast(text.get_color(), paper)) < LEAST_CONTRAST:
            faults.append(f"contrast {ratio:.1f}: {word!r}")
    for (first, box), (second, other) in itertools.combinations(texts, 2):
        wide = min(box.x1, other.x1) - max(box.x0, other.x0)
        tall = min(box.y1, other.y1) - max(box.y0, other.y0)
        # line boxes hold empty room above and below the letters; touching by less is no overlap
        if wide > 1 and tall > 0.3 * min(box.height, other.height):
            faults.append(f"overlap: {first.get_text()!r} and {second.get_text()!r}")
    return faults
