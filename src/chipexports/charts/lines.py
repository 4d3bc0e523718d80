"""Lines that show what a month rests on, and words at their ends that keep out of each other's way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.text import Annotation

from chipexports.charts import style

END_LABEL = "end-label"
#: mark of a line that shows estimated months; the key explains the first of a chart
ESTIMATED = "estimated-months"
DASHES = (0, (2, 1.3))
#: multiples of powers of ten that a logarithmic axis marks, the first that give three marks or more
_MARKS = ((1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0), tuple(1 + 0.1 * i for i in range(90)))


def log_scale(ax: Axes, values: pd.Series) -> None:
    """Make the vertical axis logarithmic, with round marks wherever the values lie.

    Parameters
    ----------
    ax : Axes
        With the values drawn.
    values : Series
        Positive; their range decides which marks there are.
    """
    low, high = float(values.min()), float(values.max())
    powers = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    for marks in _MARKS:
        ticks = [t for t in np.outer(powers, marks).ravel() if 0.8 * low < t < 1.25 * high]
        if len(ticks) >= 3:
            break
    ax.set(yscale="log", yticks=ticks, yticklabels=[f"{t:,.12g}" for t in ticks])
    ax.minorticks_off()


def by_kind(
    ax: Axes,
    values: pd.Series,
    kind: pd.Series,
    *,
    color: str | None = None,
    label: str | None = None,
    **line: Any,
) -> None:
    """Draw a monthly series: solid where the month is printed or derived, pale and dashed where estimated.

    Parameters
    ----------
    ax : Axes
        A panel with dates on its horizontal axis.
    values : Series
        By month (PeriodIndex), in the plotted unit.
    kind : Series
        By month: ``customs``, ``derived`` or ``estimate``; as in ``Known.monthly()["kind_usd"]``.
    color : str, optional
        Default: the colour of exports.
    label : str, optional
        Name for a key.
    **line : object
        As for ``Axes.plot``, e.g. ``lw``, ``marker``.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from chipexports.charts import by_kind, chart
    >>> values = pd.Series([9.0, 9.5, 11.0], pd.period_range("2024-01", periods=3, freq="M"))
    >>> kind = pd.Series(["estimate", "customs", "customs"], values.index)
    >>> with chart("kinds", save=False) as c:
    ...     by_kind(c.ax, values, kind)
    >>> [bool(np.isfinite(line.get_ydata()[0])) for line in c.ax.lines]
    [True, False]
    """
    color = color or style.colours("value")[0]
    x = values.index.to_timestamp() if isinstance(values.index, pd.PeriodIndex) else values.index
    width = float(line.pop("lw", line.pop("linewidth", style.line_width())))
    estimated = kind.reindex(values.index).eq("estimate")
    # a stretch begins at the firm month before it and ends at the one after it, so that the line is whole
    near = estimated | estimated.shift(fill_value=False) | estimated.shift(-1, fill_value=False)
    look: dict[str, Any] = {"alpha": 0.55, "lw": 0.75 * width, "ls": DASHES, "zorder": 2.4}
    ax.plot(x, values.where(near), color=color, gid=ESTIMATED if estimated.any() else None, **look)
    ax.plot(x, values.where(~estimated), color=color, label=label, lw=width, **line)


def end_label(
    ax: Axes,
    x: Any,
    y: float,
    text: str,
    color: str | None = None,
    *,
    dx: float = 4.0,
    dy: float = 0.0,
    **more: Any,
) -> Annotation:
    """Write a word right of a line's end; labels of one panel that meet are moved apart at the end.

    Parameters
    ----------
    ax : Axes
        The panel.
    x, y : float, Period or Timestamp
        The point, on the panel's axes.
    text : str
        The word.
    color : str, optional
        Default: ink. Take the line's own.
    dx, dy : float
        Points to the right and upwards.
    **more : object
        As for ``Axes.annotate``.

    Returns
    -------
    Annotation
        The label.
    """
    at = x.to_timestamp() if isinstance(x, pd.Period) else x
    settings: dict[str, Any] = {
        "color": style.readable(color or style.INK),
        "va": "center",
        "ha": "left" if dx >= 0 else "right",
        "annotation_clip": False,
        "zorder": 6,
        "gid": END_LABEL,
    }
    return ax.annotate(text, (at, y), xytext=(dx, dy), textcoords="offset points", **(settings | more))


def spread(wanted: list[float], heights: list[float], low: float, high: float) -> list[float]:
    """Return centres near the wanted ones, in the order given, so that no two labels overlap in the room."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    groups: list[tuple[list[int], float, float]] = []  # members, bottom, total height
    for i in order:
        members, total = [i], heights[i]
        bottom = wanted[i] - total / 2
        while groups and groups[-1][1] + groups[-1][2] > bottom:
            before, _, height = groups.pop()
            members, total = before + members, height + total
            bottom = sum(wanted[k] for k in members) / len(members) - total / 2
        bottom = min(max(bottom, low - heights[i] / 2), high + heights[i] / 2 - total)
        groups.append((members, bottom, total))
    out = [0.0] * len(wanted)
    for members, bottom, _ in groups:
        for k in members:
            out[k] = bottom + heights[k] / 2
            bottom += heights[k]
    return out
