"""What is made at home: pieces made in China beside pieces exported."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from chipexports.charts import axes, frames, sources
from chipexports.charts.canvas import Canvas
from chipexports.charts.drawn import Drawn, FigureNotDrawn
from chipexports.charts.frames import Monthly
from chipexports.words import text as words


def output(
    output: pd.DataFrame,
    monthly: pd.DataFrame,
    *,
    language: str = "en",
    size: str = "page",
    as_of: str = "",
    years: int = 10,
) -> Drawn:
    """Draw pieces made in China and pieces exported, by month; gaps stay gaps.

    Output is on a revised base since late 2023, so no growth is taken across the gap.

    Parameters
    ----------
    output : DataFrame
        As of ``record.products.output_as_of``: ``period, output_100mn`` and, for the title, ``yoy_pct``.
    monthly : DataFrame
        The cleaned monthly table; exports in ``quantity_100mn``.
    language, size, as_of : str
        ``en`` or ``zh``; ``column``, ``page`` or ``slide``; "YYYY-MM-DD" for the source line.
    years : int
        How many years back from the last month.

    Returns
    -------
    Drawn
        In its ``data`` by month: ``output, exports`` in pieces (plotted unit).

    Raises
    ------
    FigureNotDrawn
        If no month of output is known.
    """
    rows = output.dropna(subset="output_100mn")
    if rows.empty:
        raise FigureNotDrawn(words.text("figure.left_out.no_output", language))
    made = rows.set_index(pd.PeriodIndex(rows["period"].astype(str), freq="M"))["output_100mn"].astype(float)
    made = made.reindex(pd.period_range(made.index.min(), made.index.max(), freq="M"))
    try:
        sold = frames.values_of(frames.months_of(monthly, "export", language), "quantity")
    except FigureNotDrawn:
        sold = made.iloc[:0]
    both = pd.DataFrame({"output": made, "exports": sold})
    both = both[both.index > both.index[-1] - 12 * years]
    canvas = Canvas("output", language, size, tall=1.15)
    _draw(canvas, both)
    last, gaps = both["output"].last_valid_index(), int(both["output"].isna().sum())
    change = rows.set_index("period")["yoy_pct"].get(str(last), np.nan) if "yoy_pct" in rows else np.nan
    return canvas.finish(
        title=canvas.text(
            "title" if pd.notna(change) else "title_level",
            month=words.month(last, language),
            change=words.percent(float(change), 1, signed=True),
            made=words.money(float(both["output"][last]), "quantity", language),
        ),
        subtitle=canvas.text("subtitle"),
        source=sources.source_line(language, ["nbs", "gacc"], as_of=as_of, last=both.index[-1]),
        caption=canvas.text("caption", gaps=gaps),
    )


def _draw(canvas: Canvas, both: Monthly) -> None:
    unit = words.unit("quantity", canvas.language)
    both = both * words.scale("quantity", canvas.language)
    x, labels, line = frames.x_of(both.index), frames.labels_of(both.index), canvas.size.line
    for name, role in (("output", "import"), ("exports", "published")):
        if both[name].notna().any():
            look: Any = {"linewidth": 0.8 * line, "marker": "o", "markersize": 1.3 * line}
            canvas.line(0, name, role, x, both[name], label=labels, unit=unit, **look)
            canvas.end_of(0, both[name], canvas.text(f"label_{name}"), role)
    axes.year_axis(canvas, 0, x[0], x[-1])
    axes.value_axis(canvas, 0, zero=True)
    canvas.heading(0, unit)
