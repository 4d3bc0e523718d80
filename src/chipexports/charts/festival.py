"""Seasonal or not: what the date of the Spring Festival does to January and February."""

from __future__ import annotations

import numpy as np
import pandas as pd

from chipexports.charts import axes, frames, sources
from chipexports.charts.canvas import Canvas
from chipexports.charts.drawn import Drawn, FigureNotDrawn
from chipexports.charts.frames import Monthly
from chipexports.record.festival import SPRING_FESTIVAL
from chipexports.words import text as words

GOODS = "china_goods_usd_100mn"


def february_ratio(series: Monthly) -> Monthly:
    """Return by year February against January (100 x log) and the festival's day from 20 January."""
    rows = []
    for year in sorted(set(series.index.year)):
        pair = [series.get(pd.Period(f"{year}-{month:02d}", freq="M"), np.nan) for month in (1, 2)]
        if year in SPRING_FESTIVAL and np.all(np.isfinite(pair)) and min(pair) > 0:
            day = int((SPRING_FESTIVAL[year] - np.datetime64(f"{year}-01-20")).astype(int))
            rows.append((year, day, 100 * float(np.log(pair[1] / pair[0]))))
    return pd.DataFrame(rows, columns=["year", "day", "ratio"])


def festival_effect(
    monthly: pd.DataFrame,
    indicators: pd.DataFrame,
    *,
    language: str = "en",
    size: str = "page",
    as_of: str = "",
    flow: str = "export",
    currency: str = "USD",
) -> Drawn:
    """Draw February against January by the date of the Spring Festival, for chips and for all goods.

    Only months that are not estimates count; all goods give the longer record.

    Parameters
    ----------
    monthly : DataFrame
        The cleaned monthly table, as made by ``clean.monthly.monthly_series``.
    indicators : DataFrame
        As of ``record.indicators.indicators_as_of``; ``china_goods_usd_100mn``, where it is there.
    language, size, as_of : str
        ``en`` or ``zh``; ``column``, ``page`` or ``slide``; "YYYY-MM-DD" for the source line.
    flow, currency : str
        ``export`` or ``import``; ``CNY`` or ``USD``.

    Returns
    -------
    Drawn
        In its ``data`` by year: ``x`` days from 20 January, ``y`` 100 x log of February over January.

    Raises
    ------
    FigureNotDrawn
        If fewer than three years can be shown.
    """
    months = frames.months_of(monthly, flow, language)
    firm = frames.values_of(months, currency).where(frames.roles_of(months, currency) != "estimated")
    chips = february_ratio(firm)
    goods = february_ratio(indicators[GOODS]) if GOODS in indicators else chips.iloc[:0]
    if len(chips) + len(goods) < 3:
        raise FigureNotDrawn(words.text("figure.left_out.few_festivals", language))
    canvas = Canvas("festival", language, size, tall=1.1)
    _draw_years(canvas, goods, chips)
    slope = _fit(canvas, goods if len(goods) >= 5 else chips)
    _mark_axes(canvas)
    change = words.percent(100 * (np.exp(7 * slope / 100) - 1), 1, signed=True)
    return canvas.finish(
        title=canvas.text("title_goods" if len(goods) >= 5 else "title", change=change),
        subtitle=canvas.text("subtitle"),
        source=sources.source_line(language, ["gacc"], as_of=as_of),
        caption=canvas.text("caption", chips=len(chips), goods=len(goods)),
    )


def _draw_years(canvas: Canvas, goods: Monthly, chips: Monthly) -> None:
    for series, frame, role in (("goods", goods, "past"), ("chips", chips, "published")):
        if len(frame):
            size = (3.4 if series == "chips" else 2.4) * canvas.size.line
            extra = {"label": frame["year"].astype(str), "unit": "log points", "markersize": size}
            canvas.dots(0, series, role, frame["day"], frame["ratio"], **extra)
            canvas.key(role, canvas.text(series), "dot")
    for row in chips.itertuples():
        canvas.say(0, row.day, row.ratio, str(row.year), "published", offset=(0.6 * canvas.size.font, 0))


def _mark_axes(canvas: Canvas) -> None:
    axes.zero_line(canvas, 0)
    days = {2: (1, 22), 12: (2, 1), 22: (2, 11), 32: (2, 21)}  # days from 20 January: month, day
    ticks = [
        words.text(
            "pattern.day_and_month", canvas.language, month=words.month_name(month, canvas.language), day=day
        )
        for month, day in days.values()
    ]
    canvas.axes[0].set_xlim(-1, 34)
    canvas.axes[0].set_xticks(list(days), ticks)
    canvas.axes[0].set_xlabel(canvas.text("x"))
    axes.value_axis(canvas, 0)
    canvas.heading(0, canvas.text("unit"))


def _fit(canvas: Canvas, frame: Monthly) -> float:
    """Draw the least-squares line and return its slope per day, in 100 x log."""
    if len(frame) < 2 or frame["day"].nunique() < 2:
        return 0.0
    slope, start = np.polyfit(frame["day"].to_numpy(float), frame["ratio"].to_numpy(float), 1)
    x = np.array([frame["day"].min(), frame["day"].max()], dtype=float)
    canvas.line(0, "fit", "forecast", x, start + slope * x, unit="log points", linewidth=canvas.size.line)
    canvas.key("forecast", canvas.text("fit"))
    return float(slope)
