"""Why the forecast moved: from one date to the next, step by step, adding up exactly."""

from __future__ import annotations

import numpy as np
import pandas as pd

from chipexports.charts import axes, sources
from chipexports.charts.canvas import Canvas
from chipexports.charts.drawn import Drawn, FigureNotDrawn
from chipexports.charts.frames import Monthly
from chipexports.words import text as words


def moved(
    news: pd.DataFrame,
    *,
    language: str = "en",
    size: str = "page",
    as_of: str = "",
    flow: str = "export",
    currency: str = "USD",
    target_year: int | None = None,
) -> Drawn:
    """Draw the waterfall from the forecast at one ``as_of`` to the next.

    Parameters
    ----------
    news : DataFrame
        ``step`` (start|revision|news|reestimation|end), ``period``, ``contribution``, ``total``, in the
        table's unit; ``total`` is the forecast after the step.
    language, size, as_of : str
        ``en`` or ``zh``; ``column``, ``page`` or ``slide``; "YYYY-MM-DD" for the source line.
    flow, currency : str
        Those of the tables: ``export`` or ``import``; ``CNY`` or ``USD``.
    target_year : int, optional
        The year named in the words.

    Returns
    -------
    Drawn
        In its ``data``: ``x`` place of a step, ``y`` its length from ``y_low`` (plotted unit).

    Raises
    ------
    FigureNotDrawn
        If there is no start or no end.
    """
    steps = list(news["step"].astype(str))
    if "start" not in steps or "end" not in steps:
        raise FigureNotDrawn(words.text("figure.left_out.no_news", language))
    rows = news.reset_index(drop=True)
    factor = words.scale(currency, language)
    canvas = Canvas("moved", language, size, tall=1.35)
    _draw(canvas, rows, factor, words.unit(currency, language))
    first, last = (float(rows["total"].iloc[steps.index(s)]) for s in ("start", "end"))
    return canvas.finish(
        title=canvas.text(
            "title",
            first=words.money(first, currency, language),
            last=words.money(last, currency, language),
            change=words.percent(100 * (last / first - 1), 1, signed=True),
            year=target_year or "",
        ),
        subtitle=canvas.text("subtitle", flow=canvas.flow(flow), year=target_year or ""),
        source=sources.source_line(language, ["gacc"], as_of=as_of, forecast=True),
        caption=canvas.text("caption"),
    )


def _draw(canvas: Canvas, rows: Monthly, factor: float, unit: str) -> None:
    for kind, role in (("level", "published"), ("up", "good"), ("down", "forecast")):
        chosen = [i for i, row in rows.iterrows() if _kind(row) == kind]
        if not chosen:
            continue
        part = rows.loc[chosen]
        total, change = (part[c].astype(float).fillna(0) * factor for c in ("total", "contribution"))
        height, base = (total, None) if kind == "level" else (change, total - change)
        look = {"horizontal": True, "height": 0.66, "label": part["step"], "unit": unit}
        canvas.bars(0, kind, role, chosen, height, bottom=base, **look)
    _numbers(canvas, rows, factor)
    axes.category_axis(canvas, 0, [_label(canvas, row) for row in rows.itertuples()])
    _limits(canvas, rows["total"].astype(float) * factor)
    canvas.axes[0].tick_params(axis="y", colors="#1A1A1A")
    canvas.axes[0].set_xlabel(unit)
    canvas.heading(0, "")


def _kind(row: Monthly) -> str:
    if row["step"] in ("start", "end"):
        return "level"
    return "up" if float(row["contribution"]) >= 0 else "down"


def _label(canvas: Canvas, row) -> str:  # type: ignore[no-untyped-def]
    period = str(getattr(row, "period", "") or "")
    known = words.has(f"figure.moved.step.{row.step}")
    step = canvas.text(f"step.{row.step}") if known else str(row.step)
    if period[:4].isdigit() and len(period) == 7:
        return f"{step} {words.month(period, canvas.language)}"
    if len(period) == 10 and period[:4].isdigit():
        return f"{step} {words.day(period, canvas.language)}"
    return step


def _numbers(canvas: Canvas, rows: Monthly, factor: float) -> None:
    for place, row in rows.iterrows():
        level = _kind(row) == "level"
        value = float(row["total"] if level else row["contribution"]) * factor
        end = float(row["total"]) * factor
        right = max(end, end - (0 if level else value))
        role = "published" if level else "good" if value >= 0 else "forecast"
        label = words.number(value, 1, signed=not level)
        canvas.say(0, right, int(place), label, role, offset=(0.4 * canvas.size.font, 0))


def _limits(canvas: Canvas, totals: Monthly) -> None:
    """Cut the axis so that steps can be seen; the bars of the levels then start at the edge."""
    low, high = float(totals.min()), float(totals.max())
    spread = max(high - low, 0.02 * abs(high))
    ax = canvas.axes[0]
    ax.set_xlim(max(0.0, low - 0.7 * spread) if low > 0 else low - 0.3 * spread, high + 0.3 * spread)
    axes.value_axis(canvas, 0, axis="x")
    assert np.isfinite(ax.get_xlim()).all()
