"""The answer by month: what is published, and the fan of the months that remain."""

from __future__ import annotations

from typing import Any

import pandas as pd

from chipexports.charts import axes, sources
from chipexports.charts.canvas import Canvas
from chipexports.charts.drawn import Drawn, FigureNotDrawn
from chipexports.charts.frames import Monthly
from chipexports.words import text as words

QUANTILES = ["q025", "q10", "q25", "median", "q75", "q90", "q975"]
BANDS = (
    ("q025", "q975", "interval_wide", 0.55),
    ("q10", "q90", "interval_wide", 1.0),
    ("q25", "q75", "interval", 1.0),
)


def combination_row(forecast: pd.DataFrame) -> Monthly:
    """Return the combination's row of the forecast table (its last row where there is none so called).

    Parameters
    ----------
    forecast : DataFrame
        The forecast table, a row a ``method``.

    Returns
    -------
    Series
        The table's columns; amounts in the table's unit.
    """
    rows = forecast[forecast["method"] == "combination"]
    return (rows if len(rows) else forecast).iloc[-1]


def fan(
    fan: pd.DataFrame,
    forecast: pd.DataFrame,
    *,
    language: str = "en",
    size: str = "page",
    as_of: str = "",
    flow: str = "export",
    currency: str = "USD",
    target_year: int | None = None,
    threshold: float | None = None,
) -> Drawn:
    """Draw the months of the year and the sum since January, with fans at 50, 80 and 95 %.

    Parameters
    ----------
    fan : DataFrame
        ``period, kind`` (published|forecast) and ``month_*``, ``ytd_*`` quantiles, table's unit.
    forecast : DataFrame
        The forecast table; its combination gives the words.
    language, size, as_of : str
        ``en`` or ``zh``; ``column``, ``page`` or ``slide``; "YYYY-MM-DD" for the source line.
    flow, currency : str
        Those of the tables: ``export`` or ``import``; ``CNY`` or ``USD``.
    target_year : int, optional
        Default: the year of the fan's first month.
    threshold : float, optional
        Total asked about, table's unit; named instead of drawn where it lies far above.

    Returns
    -------
    Drawn
        In its ``data``: ``x`` month 1 to 12, ``y`` of ``month_*`` and ``ytd_*`` (plotted unit).

    Raises
    ------
    FigureNotDrawn
        If the fan holds no month.
    """
    rows = fan.dropna(subset=["ytd_median"])
    if rows.empty:
        raise FigureNotDrawn(words.text("figure.left_out.no_fan", language))
    year = int(target_year or str(rows["period"].iloc[0])[:4])
    canvas = Canvas("fan", language, size, panels=2, columns=2, tall=1.3)
    for panel, kind in enumerate(("month", "ytd")):
        _draw(canvas, panel, rows, kind, currency)
        canvas.heading(panel, words.unit(currency, language), canvas.text(kind))
    line = _threshold(canvas, rows, threshold, currency)
    for panel in (0, 1):
        axes.month_axis(canvas, panel, first=0.6, last=12.3)
        axes.value_axis(canvas, panel, zero=True)
    remaining = int((rows["kind"] == "forecast").sum())
    if remaining:
        for role, word in (("interval", "50"), ("interval_wide", "95")):
            canvas.key(role, canvas.text(f"band_{word}"), "box")
    row = combination_row(forecast)
    return canvas.finish(
        title=title_of(canvas, row, year, currency, flow, remaining),
        subtitle=canvas.text(
            "subtitle" if remaining else "subtitle_complete",
            flow=canvas.flow(flow),
            year=year,
            months=12 - remaining,
        ),
        source=sources.source_line(language, ["gacc"], as_of=as_of, forecast=remaining > 0, note=line),
        caption=canvas.text("caption"),
    )


def _draw(canvas: Canvas, panel: int, rows: Monthly, kind: str, currency: str) -> None:
    factor = words.scale(currency, canvas.language)
    known = (rows["kind"] == "published").to_numpy()
    rows = rows.set_index(pd.PeriodIndex(rows["period"].astype(str), freq="M").month)
    values = rows[[f"{kind}_{name}" for name in QUANTILES]].astype(float).set_axis(QUANTILES, axis=1) * factor
    ahead = values.iloc[max(int(known.sum()) - 1, 0) :] if (~known).any() else values.iloc[:0]
    extra: Any = {"unit": words.unit(currency, canvas.language)}
    dots: Any = {"marker": "o", "markersize": 1.7 * canvas.size.line}
    labels = rows["period"].astype(str)
    for low, high, role, alpha in BANDS if len(ahead) else ():
        canvas.band(
            panel,
            f"{kind}_{low}_{high}",
            role,
            ahead.index,
            ahead[low],
            ahead[high],
            label=labels[ahead.index],
            alpha=alpha,
            **extra,
        )
    for role, part in (("forecast", ahead["median"]), ("published", values["median"][known])):
        if len(part):
            canvas.line(
                panel, f"{kind}_{role}", role, part.index, part, label=labels[part.index], **dots, **extra
            )
            canvas.key(role, canvas.text("median" if role == "forecast" else "role.published"))
    top, month = float(values["median"].iloc[-1]), float(values.index[-1])
    role = "published" if known[-1] else "forecast"
    canvas.end_label(panel, month, top, words.number(top, 1 if top < 1000 else 0), role)


def _threshold(canvas: Canvas, rows: Monthly, threshold: float | None, currency: str) -> str:
    """Draw the threshold where it is near; return a sentence where it lies off the scale."""
    if not threshold:
        return ""
    amount = words.money(float(threshold), currency, canvas.language, 0)
    if threshold > 2.5 * float(rows["ytd_q975"].max()):
        return canvas.text("off_scale", amount=amount)
    value = float(threshold) * words.scale(currency, canvas.language)
    canvas.level(1, "threshold", "threshold", value, unit=words.unit(currency, canvas.language))
    canvas.say(1, 0.75, value, amount, "threshold", va="bottom", offset=(0, 0.2 * canvas.size.font))
    return ""


def title_of(canvas: Canvas, row: Monthly, year: int, currency: str, flow: str, remaining: int) -> str:
    """Return the answer as a title: the year's median and its 80 % interval, or the published total."""
    language = canvas.language
    said = {"year": year, "flow": canvas.flow(flow)}
    if not remaining:
        return canvas.text(
            "title_complete", total=words.money(float(row["median"]), currency, language), **said
        )
    factor, digits = words.scale(currency, language), 1 if language == "en" else 0
    low, high = (words.number(float(row[q]) * factor, digits) for q in ("q10", "q90"))
    return canvas.text(
        "title", median=words.money(float(row["median"]), currency, language), low=low, high=high, **said
    )
