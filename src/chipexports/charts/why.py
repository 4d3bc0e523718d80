"""Why the year moves, as a bridge: last year's value, what memories added, what all else did, this year's."""

from __future__ import annotations

from typing import Any

import pandas as pd

from chipexports.charts import parts
from chipexports.charts.figure import Chart, FigureNotDrawn, chart
from chipexports.words import text as words
from chipexports.words.say import Speaker


def doubled(why: pd.DataFrame, params: object = None, **options: Any) -> Chart:
    """Draw the bridge from last year's value to this year's out of the report's table of reasons."""
    rows = why[why["item"] == "memories"]
    if rows.empty:
        raise FigureNotDrawn("why_doubled: nothing is known of memories in the months of the year")
    row = rows.iloc[0]
    after, rise = row["now"] / row["share_pct"] * 100, (row["now"] - row["before"]) / row["part_pct"] * 100
    usual = {"last": row["last"], "publishers": ("gacc", "comtrade", "uibe", "xinhua")}
    with chart("why_doubled", params, **parts.given(options, **usual)) as c:
        scale = words.scale("USD", c.language)
        then, now, change = (scale * x for x in (after - rise, after, rise))
        memories = scale * (row["now"] - row["before"])
        heights, bottoms = [then, memories, change - memories, now], [0, then, then + memories, 0]
        year = int(str(row["last"])[:4])
        names = [str(year - 1), c.t("memories"), c.t("all_else"), str(year)]
        shades = c.colours("muted", "price", "quantity", "value")
        bars = c.ax.bar(names, heights, bottom=bottoms, width=0.6, color=shades)
        digits = 1 if c.language == "en" else 0
        labels = [words.number(h, digits, signed=n in (1, 2)) for n, h in enumerate(heights)]
        c.ax.bar_label(bars, labels, padding=2)
        unit = words.unit("USD", c.language)
        c.ax.set(ylabel=unit)
        c.ax.margins(y=0.12)
        span = Speaker(c.language, "").span([str(row["first"])], [str(row["last"])])[0]
        facts = {"flow": c.flow, "part": row["part_pct"], "growth": 100 * rise / (after - rise)}
        c.words(memories=memories, rest=change - memories, span=span, unit=unit, **facts)
        values = {"before": [scale * row["before"], then], "after": [scale * row["now"], now]}
        c.data = pd.DataFrame(values | {"change": [memories, change]}, index=["memories", "total"])
    return c
