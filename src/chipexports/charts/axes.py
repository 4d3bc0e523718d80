"""Axes that read well at every size: years, months, amounts, percentages, logs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from chipexports.charts.canvas import Canvas
from chipexports.words import text as words

_YEAR_LABELS = {"column": 6, "page": 9, "slide": 8}
_Y_TICKS = {"column": 4, "page": 5, "slide": 5}


def year_axis(canvas: Canvas, panel: int, first: float, last: float, *, beyond: float = 0.0) -> None:
    """Mark years, or months where less than three years are shown; positions are year fractions.

    Parameters
    ----------
    canvas, panel
        The panel to mark.
    first, last : float
        First and last position plotted.
    beyond : float
        Room to leave at the right, in years.
    """
    ax = canvas.axes[panel]
    ax.set_xlim(math.floor(first * 12) / 12, max(math.ceil(last * 12) / 12, first + 1 / 12) + beyond)
    most = _YEAR_LABELS[canvas.size_name] if len(canvas.grid[0]) == 1 else 5
    span = last - first
    if span < 2.6:
        _month_ticks(canvas, ax, first, last + beyond, most)
        return
    step = next(step for step in (1, 2, 3, 4, 5, 10, 20) if span / step <= most)
    years = [
        year for year in range(math.ceil(first - 0.1), math.floor(last + beyond) + 1) if year % step == 0
    ]
    ax.xaxis.set_major_locator(FixedLocator(years))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))


def _month_ticks(canvas: Canvas, ax: Axes, first: float, last: float, most: int) -> None:
    months = range(math.floor(first * 12), math.ceil(last * 12))
    step = next(step for step in (1, 2, 3, 4, 6, 12) if len(months) / step <= most + 1)
    chosen = [month for month in months if month % step == 0]
    ax.xaxis.set_major_locator(FixedLocator([(month + 0.5) / 12 for month in chosen]))
    ticks = []
    for place, month in enumerate(chosen):
        label = words.month_name(month % 12 + 1, canvas.language)
        with_year = place == 0 or month // 12 != chosen[place - 1] // 12
        ticks.append(f"{label}\n{month // 12}" if with_year else label)
    ax.set_xticklabels(ticks)


def month_axis(canvas: Canvas, panel: int, *, first: float = 0.5, last: float = 12.5) -> None:
    """Mark the twelve months of a year at 1 to 12.

    Parameters
    ----------
    canvas, panel
        The panel to mark.
    first, last : float
        Edges of the panel; January lies at 1.
    """
    ax = canvas.axes[panel]
    narrow = canvas.size_name == "column" or len(canvas.grid[0]) > 1
    chosen = [1, 3, 5, 7, 9, 11] if narrow else list(range(1, 13))
    ax.set_xlim(first, last)
    ax.xaxis.set_major_locator(FixedLocator(chosen))
    ax.set_xticklabels([words.month_name(month, canvas.language) for month in chosen])


def value_axis(
    canvas: Canvas,
    panel: int,
    *,
    zero: bool = False,
    room: float = 0.0,
    percent: bool = False,
    axis: str = "y",
) -> None:
    """Give an axis few round ticks with thousands separators; ``zero`` starts it at nought.

    Parameters
    ----------
    canvas, panel
        The panel to mark.
    zero : bool
        Start at nought, or as it is where values are negative.
    room : float
        Share of the axis' length to add at its high end.
    percent : bool
        Write the ticks as percentages.
    axis : str
        ``y`` or ``x``.
    """
    ax = canvas.axes[panel]
    line = ax.yaxis if axis == "y" else ax.xaxis
    low, high = ax.get_ylim() if axis == "y" else ax.get_xlim()
    if zero:
        least = ax.dataLim.ymin if axis == "y" else ax.dataLim.xmin
        low = min(0.0, low) if least < 0 else 0.0
    high = high + room * (high - low)
    (ax.set_ylim if axis == "y" else ax.set_xlim)(low, high)
    locator = MaxNLocator(nbins=_Y_TICKS[canvas.size_name], steps=[1, 2, 2.5, 5, 10])
    ticks = locator.tick_values(low, high)
    step = float(ticks[1] - ticks[0]) if len(ticks) > 1 else 1.0
    digits = max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0
    digits += 1 if abs(step * 10**digits - round(step * 10**digits)) > 1e-6 else 0
    inside = [tick for tick in ticks if tick <= high + 1e-9]
    if inside and high - inside[-1] > 0.3 * step:
        high = inside[-1] + step
        inside = [*inside, high]
        (ax.set_ylim if axis == "y" else ax.set_xlim)(low, high)
    line.set_major_locator(FixedLocator([tick for tick in inside if tick >= low - 1e-9]))
    write = words.percent if percent else words.number
    line.set_major_formatter(FuncFormatter(lambda value, _: write(value, digits)))


def log_axis(canvas: Canvas, panel: int) -> None:
    """Make the vertical axis logarithmic with ticks at 1, 2 and 5 times powers of ten."""
    ax = canvas.axes[panel]
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    subs: Sequence[float] = (1.0, 2.0, 5.0) if math.log10(high / low) < 2.2 else (1.0,)
    ax.yaxis.set_major_locator(LogLocator(subs=subs, numticks=12))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _: words.number(value, 0 if value >= 1 else 1 if value >= 0.1 else 2))
    )


def category_axis(canvas: Canvas, panel: int, labels: Sequence[str], *, axis: str = "y") -> None:
    """Mark positions 0, 1, 2 ... with labels; without grid or ticks across them."""
    ax = canvas.axes[panel]
    places = np.arange(len(labels))
    if axis == "y":
        ax.set_yticks(places, labels)
        ax.set_ylim(len(labels) - 0.4, -0.6)
        ax.grid(visible=False, axis="y")
        ax.grid(visible=True, axis="x")
        ax.tick_params(axis="y", length=0)
    else:
        ax.set_xticks(places, labels)
        ax.set_xlim(-0.6, len(labels) - 0.4)
        ax.tick_params(axis="x", length=0)


def zero_line(canvas: Canvas, panel: int) -> None:
    """Draw the line of nought where growth and balances change sign."""
    canvas.axes[panel].axhline(0, color="#4D4D4D", linewidth=0.7, zorder=2.2)
    canvas.axes[panel].spines["bottom"].set_visible(False)
    canvas.axes[panel].tick_params(axis="x", length=0)
