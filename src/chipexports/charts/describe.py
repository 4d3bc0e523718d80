"""An alternative text read off a chart: its kind, what its axes span, where its named lines end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.patches import Rectangle

from chipexports.charts.fit import Dates, named
from chipexports.words import text as words

if TYPE_CHECKING:
    from chipexports.charts.figure import Chart

_MOST = 4  # lines whose last values are read out


def describe(chart: Chart) -> str:
    """Return what kind of chart it is, its ranges and the last values of its named lines."""
    language = chart.language
    panels = [ax for ax in chart.axes if ax.has_data()]
    if not panels:
        return chart.title
    kind = words.text(f"figure.alt.{_kind(panels[0])}", language)
    if len(panels) > 1:
        kind = words.text("figure.alt.panels", language, kind=kind, n=len(panels))
    sentence = words.text(
        "figure.alt.range",
        language,
        kind=kind,
        x=_span(panels[0], "x", language),
        y=_span(panels[0], "y", language),
    )
    ends = [_end(line) for line in panels[0].lines if not str(line.get_label()).startswith("_")]
    known = [
        words.text("figure.alt.end", language, name=name, value=_number(value))
        for name, value in ends[:_MOST]
        if value is not None
    ]
    joint = words.text("figure.alt.joint", language)
    last = words.text("figure.alt.last", language, ends=joint.join(known)) if known else ""
    return f"{sentence}{'' if language == 'zh' or not last else ' '}{last}"


def _kind(ax: Axes) -> str:
    bars = sum(isinstance(patch, Rectangle) for patch in ax.patches)
    if any(isinstance(item, QuadMesh) for item in ax.collections) or ax.images:
        return "heatmap"
    if bars > 1:
        return "bars"
    if any(isinstance(item, PathCollection) for item in ax.collections):
        return "points"
    return "lines"


def _span(ax: Axes, which: str, language: str) -> str:
    axis = ax.xaxis if which == "x" else ax.yaxis
    names = [tick.label1.get_text() for tick in axis.get_major_ticks() if tick.label1.get_text().strip()]
    if named(axis) and names:
        first, last = (" ".join(name.split()) for name in (names[0], names[-1]))
    else:
        low, high = _limits(ax, which)
        if isinstance(dates := axis.get_major_formatter(), Dates):
            days = [dates.day_of(value) for value in (low, high)]
            first, last = (words.month(f"{day.year}-{day.month:02d}", language) for day in days)
        else:
            first, last = _number(low), _number(high)
            if which == "x" and 1900 <= low <= high <= 2100:
                first, last = f"{low:.0f}", f"{high:.0f}"
    return words.text("figure.alt.span", language, first=first, last=last)


def _limits(ax: Axes, which: str) -> tuple[float, float]:
    """Return the least and the greatest value drawn, within the panel's view."""
    low, high = sorted(ax.get_xlim() if which == "x" else ax.get_ylim())
    box = ax.dataLim
    least, most = (box.x0, box.x1) if which == "x" else (box.y0, box.y1)
    if not np.isfinite([least, most]).all() or least > most:
        return low, high
    return max(low, least), min(high, most)


def _end(line: Any) -> tuple[str, float | None]:
    values = np.asarray(line.get_ydata(), dtype=float)
    values = values[np.isfinite(values)]
    return str(line.get_label()), float(values[-1]) if len(values) else None


def _number(value: float) -> str:
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    out = words.number(value, digits)
    return out.rstrip("0").rstrip(".") if "." in out else out
