"""Fit a chart into its millimetres: header, key, panels, labels, source line; nothing cut, no overlap."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.category import StrCategoryFormatter
from matplotlib.dates import MONTHLY, AutoDateLocator, num2date
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text
from matplotlib.ticker import (
    AutoLocator,
    FixedFormatter,
    FixedLocator,
    FuncFormatter,
    MaxNLocator,
    MultipleLocator,
    NullLocator,
    ScalarFormatter,
)
from matplotlib.transforms import ScaledTranslation

from chipexports.base.errors import UsageError
from chipexports.charts import style
from chipexports.charts.lines import END_LABEL, spread
from chipexports.charts.wrap import wrap
from chipexports.words import text as words

if TYPE_CHECKING:
    from chipexports.charts.figure import Chart

TITLE, SUBTITLE, SOURCE = 1.25, 1.0, 0.82  # font sizes as multiples of the base
_LEADING = 1.28
_LEAST_PANEL = 0.7  # inches


def fit(chart: Chart) -> None:
    """Lay a chart out; afterwards its layout is frozen, the same for every format."""
    fig, font = chart.fig, chart.size.font
    for ax in chart.axes:
        _dress(ax, chart)
    pad = 0.55 * font
    inner = 72 * fig.get_figwidth() - 2 * pad
    head = [
        (wrap_to(fig, chart.title, inner, TITLE * font, 600), TITLE * font, 600, style.INK),
        (wrap_to(fig, chart.subtitle, inner, SUBTITLE * font), SUBTITLE * font, 400, style.MUTED),
    ]
    foot = wrap_to(fig, chart.source or "", inner, SOURCE * font)
    legend, key_height = _key(chart, inner)
    top = pad + sum(_height(text, size) for text, size, *_ in head if text)
    bottom = pad + (_height(foot, SOURCE * font) + 0.35 * font if foot else 0.0)
    _set_height(chart, (top + key_height + bottom) / 72)
    tall, wide = 72 * fig.get_figheight(), 72 * fig.get_figwidth()
    y = tall - pad
    for text, size, weight, color in head:
        if text:
            fig.text(
                pad / wide,
                y / tall,
                text,
                size=size,
                weight=weight,
                family=style.FONT_FAMILY,
                color=color,
                va="top",
                linespacing=1.2,
            )
            y -= _height(text, size)
    if legend is not None:
        legend.set_bbox_to_anchor((pad / wide, y / tall), transform=fig.transFigure)
    if foot:
        fig.text(
            pad / wide, pad / tall, foot, size=SOURCE * font, color=style.MUTED, va="bottom", linespacing=1.2
        )
    rect = (pad / wide, bottom / tall, 1 - 2 * pad / wide, 1 - (top + key_height + bottom) / tall)
    fig.set_layout_engine(
        ConstrainedLayoutEngine(rect=rect, w_pad=0.03, h_pad=0.04, wspace=0.04, hspace=0.05)
    )
    fig.draw_without_rendering()
    for ax in chart.axes:
        _wrap_words(fig, ax)
    fig.draw_without_rendering()
    for ax in chart.axes:
        _thin(fig, ax)
    fig.draw_without_rendering()
    fig.set_layout_engine("none")
    for ax in chart.axes:  # the solver's last digits differ from call to call; the files must not
        left, low, wide, tall = (round(side, 5) for side in ax.get_position().bounds)
        ax.set_position((left, low, wide, tall))
        _move_apart(fig, ax)


def wrap_to(fig: Figure, content: str, points: float, size: float, weight: int = 400) -> str:
    """Return a text in lines at most ``points`` wide at a font size."""
    if not content:
        return ""
    renderer, font = _renderer(fig), FontProperties(family=style.FONT_FAMILY, size=size, weight=weight)

    def width(piece: str) -> float:
        return renderer.get_text_width_height_descent(piece, font, False)[0] * 72 / fig.dpi

    lines = wrap(content, points, width).split("\n")
    for narrower in (0.95, 0.9, 0.85, 0.8, 0.7):  # no single word is left for the last line
        if len(lines) == 1 or width(lines[-1]) >= 0.15 * points:
            break
        again = wrap(content, narrower * points, width).split("\n")
        lines = again if len(again) == len(lines) else lines
    return "\n".join(lines)


def _renderer(fig: Figure) -> RendererAgg:
    return fig.canvas.get_renderer()  # type: ignore[attr-defined]


def _height(text: str, size: float) -> float:
    return size * (_LEADING * (text.count("\n") + 1) + 0.12)


def _set_height(chart: Chart, words_inches: float) -> None:
    """Set the picture's height: what was asked for, or what words and panels need."""
    fig = chart.fig
    if chart.height is not None:
        inches = chart.height / 25.4
    elif chart.width >= 230:
        inches = chart.width / 25.4 * 9 / 16
    else:
        inches = words_inches + chart.rows * (chart.panel_inches + 3.2 * chart.size.font / 72)
    least = words_inches + _LEAST_PANEL * chart.rows
    if inches < least:
        raise UsageError(
            f"chart {chart.name!r}: height {inches * 25.4:.0f} mm leaves no room beside title and source; "
            f"take {np.ceil(least * 25.4):.0f} mm or more"
        )
    fig.set_figheight(inches)


def _key(chart: Chart, inner: float) -> tuple[Any, float]:
    """Make the key below the title, as many columns as fit; return it and its height in points."""
    if not chart._key or not chart._key[0]:
        return None, 0.0
    handles, labels = chart._key
    fig, font = chart.fig, chart.size.font
    for columns in range(len(handles), 0, -1):
        legend = fig.legend(
            handles,
            labels,
            loc="upper left",
            bbox_to_anchor=(0, 1),
            ncols=columns,
            borderpad=0,
            borderaxespad=0,
            handlelength=1.6,
            handletextpad=0.5,
            columnspacing=1.2,
            labelspacing=0.3,
        )
        legend.set_in_layout(False)
        box = legend.get_window_extent(_renderer(fig))
        if columns == 1 or box.width * 72 / fig.dpi <= inner:
            return legend, box.height * 72 / fig.dpi + 0.7 * font
        legend.remove()
    raise AssertionError


# --- axes in the house style


def _dress(ax: Axes, chart: Chart) -> None:
    """Put the unit above the axis, the panel's title at the left, and write ticks as the language does."""
    font = chart.size.font
    title = ax.get_title() or ax.get_title(loc="left")
    unit = ax.get_ylabel()
    if unit and ax.yaxis.get_label_position() == "left":
        shift = ScaledTranslation(0, 0.4 * font / 72, ax.figure.dpi_scale_trans)  # type: ignore[union-attr]
        ax.set_ylabel(unit, rotation=0, ha="left", va="bottom")
        ax.yaxis.set_label_coords(0, 1, transform=ax.transAxes + shift)
    if title:
        ax.set_title("")
        ax.set_title(
            title,
            loc="left",
            pad=0.5 * font + (1.4 * font if unit else 0),
            fontweight=600,
            family=style.FONT_FAMILY,
        )
    narrow = ax.get_window_extent().width / ax.figure.dpi < 2.6 or chart.width / chart.across < 100  # type: ignore[union-attr]
    for axis in (ax.xaxis, ax.yaxis):
        _words_of_ticks(axis, chart.language, 4 if narrow else 6)


def _words_of_ticks(axis: Axis, language: str, most: int) -> None:
    if isinstance(axis.get_major_locator(), AutoDateLocator):
        locator = AutoDateLocator(minticks=3, maxticks=most + 2)
        locator.intervald[MONTHLY] = [1, 2, 3, 4, 6, 12]  # two to three years on a narrow axis
        axis.set_major_locator(locator)
        axis.set_major_formatter(Dates(language, num2date))
        return
    if type(axis.get_major_locator()).__name__ == "TimeSeries_DateLocator":  # pandas' own axis of months
        low, high = sorted(axis.get_view_interval())
        step = next((n for n in (1, 2, 3, 6, 12, 24, 36, 48, 60, 120) if (high - low) / n <= most), 240)
        axis.set_major_locator(MultipleLocator(step))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(Dates(language, lambda value: pd.Period(ordinal=round(value), freq="M")))
        return
    if isinstance(axis.get_major_locator(), AutoLocator) and axis.get_scale() == "linear":
        axis.set_major_locator(MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10]))
    if type(axis.get_major_formatter()) is ScalarFormatter and axis.get_scale() == "linear":
        axis.set_major_formatter(_Numbers(axis))


class Dates(FuncFormatter):
    """Years where only Januaries are marked; else months, with the year at the first and at each January."""

    def __init__(self, language: str, day_of: Callable[[float], Any]) -> None:
        super().__init__(lambda value, place: "")
        self._language, self.day_of = language, day_of

    def format_ticks(self, values: Any) -> list[str]:
        """Return the labels of all ticks together."""
        days = [self.day_of(value) for value in values]
        if all(day.month == 1 and day.day == 1 for day in days):
            return [str(day.year) for day in days]
        labels, year = [], None
        for day in days:
            name = words.month_name(day.month, self._language)
            labels.append(f"{name}\n{day.year}" if day.year != year else name)
            year = day.year
        return labels

    def __call__(self, value: float, pos: int | None = None) -> str:
        """Return the label of one value."""
        return self.format_ticks([value])[0]


class _Numbers(FuncFormatter):
    """Numbers with thousands separators, a real minus sign and as many decimals as the steps need."""

    def __init__(self, axis: Axis) -> None:
        super().__init__(lambda value, place: "")
        self._axis = axis

    def format_ticks(self, values: Any) -> list[str]:
        """Return the labels of all ticks together."""
        values = np.asarray(values, dtype=float)
        step = float(np.min(np.diff(np.unique(values)))) if len(np.unique(values)) > 1 else 1.0
        digits = next((n for n in range(6) if abs(step * 10**n - round(step * 10**n)) < 1e-6 * 10**n), 6)
        years = digits == 0 and len(values) and values.min() >= 1900 and values.max() <= 2100
        if years and getattr(self._axis, "axis_name", "") == "x":
            return [f"{value:.0f}" for value in values]
        return [words.number(value, digits) for value in values]

    def __call__(self, value: float, pos: int | None = None) -> str:
        """Return the label of one value."""
        return self.format_ticks([value])[0]


def named(axis: Axis) -> bool:
    """Return whether an axis has names at its ticks: categories, or labels set by hand."""
    formatter = axis.get_major_formatter()
    if isinstance(formatter, (FixedFormatter, StrCategoryFormatter)):
        return True
    return isinstance(axis.get_major_locator(), FixedLocator) and type(formatter) is FuncFormatter


# --- words inside the panels


def _size(text: Text) -> float:
    return float(text.get_fontsize())


def _weight(text: Text) -> int:
    return int(weight) if isinstance(weight := text.get_fontweight(), (int, float)) else 400


def _box(fig: Figure, text: Text) -> Any:
    return text.get_window_extent(_renderer(fig))


def _wrap_words(fig: Figure, ax: Axes) -> None:
    """Break titles, axis labels, labels at line ends and names of categories where they are too wide."""
    scale = 72 / fig.dpi
    panel = ax.get_window_extent().width * scale
    title = ax._left_title  # type: ignore[attr-defined]
    for text, room in ((title, panel), (ax.xaxis.label, panel), (ax.yaxis.label, panel)):
        if text.get_text() and text.get_rotation() == 0:
            text.set_text(wrap_to(fig, text.get_text(), room, _size(text), _weight(text)))
    for text in ax.texts:
        if text.get_gid() == END_LABEL:
            text.set_text(wrap_to(fig, text.get_text(), 72 * fig.get_figwidth() * 0.27, _size(text)))
    for axis in (ax.xaxis, ax.yaxis):
        labels = [tick.label1 for tick in axis.get_major_ticks()]
        if not named(axis):
            continue
        if len(labels) < 2 or any(label.get_rotation() for label in labels):
            continue
        room = (
            0.94 * panel / len(labels)
            if axis is ax.xaxis
            else 72 * fig.get_figwidth() * (0.3 if fig.get_figwidth() > 4 else 0.24)
        )
        wrapped = [wrap_to(fig, label.get_text(), room, _size(label)) for label in labels]
        if any("\n" in text for text in wrapped):
            axis.set_ticks(axis.get_majorticklocs(), wrapped)


def _thin(fig: Figure, ax: Axes) -> None:
    """Leave out every second label of a horizontal axis as long as two of them meet."""
    if not ax.get_visible():
        return
    for _ in range(3):
        low, high = sorted(ax.get_xlim())
        ticks = [t for t in ax.xaxis.get_major_ticks() if low <= t.get_loc() <= high and t.label1.get_text()]
        boxes = [_box(fig, tick.label1) for tick in ticks if tick.label1.get_visible()]
        gap = 0.25 * _size(ticks[0].label1) * fig.dpi / 72 if ticks else 0
        if all(left.x1 + gap <= right.x0 for left, right in pairwise(boxes)):
            return
        places, texts = [t.get_loc() for t in ticks], [t.label1.get_text() for t in ticks]
        keep = slice((len(places) - 1) % 2, None, 2)
        ax.set_xlim(low, high) if ax.get_xlim()[0] < ax.get_xlim()[1] else None
        ax.xaxis.set_ticks(places[keep], texts[keep])
        fig.draw_without_rendering()


def _move_apart(fig: Figure, ax: Axes) -> None:
    """Move labels at line ends of one panel up or down until they do not meet."""
    labels = [t for t in ax.texts if t.get_gid() == END_LABEL and t.get_visible() and t.get_text()]
    groups: list[list[Text]] = []
    for label in labels:
        box = _box(fig, label)
        near = next((g for g in groups if any(_beside(box, _box(fig, o)) for o in g)), None)
        (near.append(label) if near is not None else groups.append([label]))
    panel = ax.get_window_extent()
    for group in groups:
        if len(group) < 2:
            continue
        boxes = [_box(fig, label) for label in group]
        wanted = [(box.y0 + box.y1) / 2 for box in boxes]
        heights = [1.08 * box.height for box in boxes]
        for label, before, after in zip(
            group, wanted, spread(wanted, heights, panel.y0, panel.y1), strict=True
        ):
            x, y = label.xyann  # type: ignore[attr-defined]
            label.xyann = (x, y + (after - before) * 72 / fig.dpi)  # type: ignore[attr-defined]


def _beside(one: Any, other: Any) -> bool:
    return bool(min(one.x1, other.x1) > max(one.x0, other.x0))
