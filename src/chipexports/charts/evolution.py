"""The year's total as it looked after each month, for every year that can be shown."""

from __future__ import annotations

import numpy as np
import pandas as pd

from chipexports.charts import axes, sources
from chipexports.charts.canvas import Canvas
from chipexports.charts.drawn import Drawn, FigureNotDrawn
from chipexports.charts.fan import BANDS
from chipexports.charts.frames import Monthly
from chipexports.words import text as words


def evolution(
    evolution: pd.DataFrame,
    *,
    language: str = "en",
    size: str = "page",
    as_of: str = "",
    flow: str = "export",
    currency: str = "USD",
    target_year: int | None = None,
    threshold: float | None = None,
    years: int = 6,
) -> Drawn:
    """Draw, for each year, the forecast made after each month: fan, median, outturn.

    Parameters
    ----------
    evolution : DataFrame
        ``target_year, months_published, as_of, median, q025 ... q975, outturn``, table's unit.
    language, size, as_of : str
        ``en`` or ``zh``; ``column``, ``page`` or ``slide``; "YYYY-MM-DD" for the source line.
    flow, currency : str
        Those of the tables: ``export`` or ``import``; ``CNY`` or ``USD``.
    target_year : int, optional
        The year whose panel shows the threshold.
    threshold : float, optional
        Total asked about, table's unit; drawn where it is near.
    years : int
        How many of the last years are shown, a panel each.

    Returns
    -------
    Drawn
        In its ``data``: ``x`` months published, ``y`` the year's total (plotted unit).

    Raises
    ------
    FigureNotDrawn
        If no year has a forecast.
    """
    rows = evolution.dropna(subset=["median"])
    if rows.empty:
        raise FigureNotDrawn(words.text("figure.left_out.no_evolution", language))
    shown = sorted(rows["target_year"].astype(int).unique())[-years:]
    columns = 1 if len(shown) == 1 else 2 if len(shown) in (2, 4) else 3
    canvas = Canvas("evolution", language, size, panels=len(shown), columns=columns, tall=1.15)
    for panel, year in enumerate(shown):
        one = rows[rows["target_year"].astype(int) == year].sort_values("months_published")
        _draw_year(canvas, panel, one, currency, threshold if year == target_year else None)
        heading = words.unit(currency, language) if panel == 0 else ""
        canvas.heading(panel, heading or " ", str(year))
    for role, word in (("interval", "50"), ("interval_wide", "95")):
        canvas.key(role, canvas.text(f"band_{word}"), "box")
    canvas.key("forecast", canvas.text("median"))
    if rows["outturn"].notna().any():
        canvas.key("outturn", canvas.text("outturn_line"))
    return canvas.finish(
        title=_title(canvas, rows[rows["target_year"].astype(int).isin(shown)], currency),
        subtitle=canvas.text("subtitle", flow=canvas.flow(flow)),
        source=sources.source_line(language, ["gacc"], as_of=as_of, forecast=True),
        caption=canvas.text("caption"),
    )


def _draw_year(canvas: Canvas, panel: int, one: Monthly, currency: str, threshold: float | None) -> None:
    unit, factor = words.unit(currency, canvas.language), words.scale(currency, canvas.language)
    x, labels = one["months_published"].astype(float), one["as_of"].astype(str)
    for low, high, role, alpha in BANDS:
        if {low, high} <= set(one):
            canvas.band(
                panel,
                f"{low}_{high}",
                role,
                x,
                one[low].astype(float) * factor,
                one[high].astype(float) * factor,
                label=labels,
                unit=unit,
                alpha=alpha,
            )
    canvas.line(
        panel,
        "median",
        "forecast",
        x,
        one["median"].astype(float) * factor,
        label=labels,
        unit=unit,
        marker="o",
        markersize=1.5 * canvas.size.line,
    )
    outturn = one["outturn"].dropna()
    if len(outturn):
        canvas.level(panel, "outturn", "outturn", float(outturn.iloc[-1]) * factor, unit=unit)
    least, most = float(one["q025"].min()), float(one["q975"].max())
    if threshold and abs(threshold - (least + most) / 2) < 0.9 * (most - least):
        canvas.level(panel, "threshold", "threshold", float(threshold) * factor, unit=unit)
        canvas.key("threshold", words.money(float(threshold), currency, canvas.language, 0))
    ax = canvas.axes[panel]
    ax.set(xlim=(-0.4, 12.4), xticks=[0, 3, 6, 9, 12])
    across = len(canvas.grid[0])
    if panel // across == (len(canvas.axes) - 1) // across:
        ax.set_xlabel(canvas.text("x"))
    axes.value_axis(canvas, panel)


def _title(canvas: Canvas, rows: Monthly, currency: str) -> str:
    """Say how far off the forecasts with ten months were, or where the last one stands."""
    language = canvas.language
    scored = rows.dropna(subset=["outturn"])
    for months in (10, 9, 6):
        at = scored[scored["months_published"].astype(int) == months]
        if len(at):
            miss = (100 * (at["median"] / at["outturn"] - 1)).abs()
            return canvas.text(
                "title" if len(at) > 1 else "title_one",
                year=int(at["target_year"].iloc[-1]),
                months=months,
                mean=words.percent(float(miss.mean())),
                worst=words.percent(float(miss.max())),
                n=len(at),
            )
    last = rows.sort_values(["target_year", "months_published"]).iloc[-1]
    return canvas.text(
        "title_open",
        year=int(last["target_year"]),
        n=int(last["months_published"]),
        median=words.money(float(last["median"]), currency, language),
        width=words.percent(
            100 * float(last["q90"] - last["q10"]) / float(last["median"])
            if np.isfinite(last["q90"])
            else np.nan
        ),
    )
