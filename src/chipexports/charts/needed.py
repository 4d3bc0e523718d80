"""What is needed: the monthly average the rest of the year must bring, against the record."""

from __future__ import annotations

import numpy as np
import pandas as pd

from chipexports.charts import axes, frames, sources
from chipexports.charts.canvas import Canvas
from chipexports.charts.drawn import Drawn, FigureNotDrawn
from chipexports.charts.frames import Monthly
from chipexports.words import text as words


def requirement(series: Monthly, year: int, threshold: float) -> dict[str, float]:
    """Return what the months not yet published must bring for the year to reach a threshold.

    Parameters
    ----------
    series : Series
        Monthly values, PeriodIndex of months.
    year : int
        Calendar year.
    threshold : float
        Total of the year, unit of the series.

    Returns
    -------
    dict
        ``published``, ``months_left``, ``gap`` (0 once passed), ``average`` (gap a month), ``before``
        (the same months' average a year earlier, NaN if unknown), ``growth_pct``, ``highest`` (highest
        month up to now).
    """
    index = pd.period_range(f"{year}-01", f"{year}-12", freq="M")
    months = series.reindex(index)
    left = index[months.isna().to_numpy()]
    published = float(months.sum())
    gap = max(0.0, threshold - published)
    average = gap / len(left) if len(left) else np.nan
    before = float(series.reindex(left - 12).mean(skipna=False)) if len(left) else np.nan
    growth = 100 * (average / before - 1) if before and np.isfinite(before) else np.nan
    return {
        "published": published,
        "months_left": float(len(left)),
        "gap": gap,
        "average": average,
        "before": before,
        "growth_pct": growth,
        "highest": float(series[: index[-1]].max()),
    }


def needed(
    monthly: pd.DataFrame,
    *,
    language: str = "en",
    size: str = "page",
    as_of: str = "",
    flow: str = "export",
    currency: str = "USD",
    target_year: int | None = None,
    threshold: float | None = None,
) -> Drawn:
    """Draw the months of the last three years and the average the rest of the year must reach.

    Parameters
    ----------
    monthly : DataFrame
        The cleaned monthly table, as made by ``clean.monthly.monthly_series``.
    language, size, as_of : str
        ``en`` or ``zh``; ``column``, ``page`` or ``slide``; "YYYY-MM-DD" for the source line.
    flow, currency : str
        ``export`` or ``import``; ``CNY`` or ``USD``.
    target_year : int, optional
        Default: that of the last known month.
    threshold : float, optional
        Total of the year asked about, 100 million CNY or million USD.

    Returns
    -------
    Drawn
        In its ``data`` by month: values by role and ``needed`` (plotted unit).

    Raises
    ------
    FigureNotDrawn
        If the run has no threshold, or all twelve months are published.
    """
    months = frames.months_of(monthly, flow, language)
    series = frames.values_of(months, currency)
    last = frames.last_known(series)
    if not threshold or last is None:
        raise FigureNotDrawn(words.text("figure.left_out.no_threshold", language))
    year = int(target_year or last.year)
    need = requirement(series, year, float(threshold))
    if need["months_left"] == 0:
        raise FigureNotDrawn(words.text("figure.left_out.year_complete", language, year=year))
    canvas = Canvas("needed", language, size, tall=1.1)
    roles = _draw_months(canvas, months, currency, year)
    note = _draw_need(canvas, need, series, year, currency)
    axes.value_axis(canvas, 0, zero=True)
    canvas.heading(0, words.unit(currency, language))
    said = _said(need, currency, language, year, float(threshold))
    said["growth"] = words.partly_estimated(
        str(said["growth"]), _base_estimated(months, currency, year), language
    )
    key = "title" if np.isfinite(need["growth_pct"]) else "title_no_base"
    key = "title_passed" if need["gap"] == 0 else key
    return canvas.finish(
        title=canvas.text(key, **said),
        subtitle=canvas.text("subtitle", flow=canvas.flow(flow), **said),
        source=sources.source_line(
            language, ["gacc"], as_of=as_of, last=last, estimated="estimated" in set(roles), note=note
        ),
        caption=canvas.text("caption", **said),
    )


def _base_estimated(months: Monthly, currency: str, year: int) -> bool:
    """Return whether the months a year before those still missing hold an estimate."""
    known = frames.values_of(months, currency).reindex(pd.period_range(f"{year}-01", f"{year}-12", freq="M"))
    base = known.index[known.isna().to_numpy()] - 12
    return bool(frames.is_estimated(months, currency).reindex(base, fill_value=False).any())


def _draw_months(canvas: Canvas, months: Monthly, currency: str, year: int) -> Monthly:
    """Draw the months of three years as bars by role; return the roles of those shown."""
    unit, factor = words.unit(currency, canvas.language), words.scale(currency, canvas.language)
    shown = frames.values_of(months, currency)[f"{year - 2}-01" : f"{year}-12"] * factor
    roles = frames.roles_of(months, currency).reindex(shown.index)
    for role in ("estimated", "derived", "published"):
        part = shown[(roles == role) & shown.notna()]
        if len(part):
            labels = frames.labels_of(part.index)
            canvas.bars(0, role, role, frames.x_of(part.index), part, width=0.8 / 12, label=labels, unit=unit)
            canvas.key(role, canvas.text(f"role.{role}"), "box")
    start = float(frames.x_of(shown.index[:1])[0]) - 0.5 / 12
    axes.year_axis(canvas, 0, start, year + 1)
    return roles


def _draw_need(canvas: Canvas, need: dict[str, float], series: Monthly, year: int, currency: str) -> str:
    unit, factor = words.unit(currency, canvas.language), words.scale(currency, canvas.language)
    index = pd.period_range(f"{year}-01", f"{year}-12", freq="M")
    left = index[series.reindex(index).isna().to_numpy()]
    if need["gap"] == 0:
        return ""
    if need["average"] > 4 * need["highest"]:
        return canvas.text("off_scale")
    x = frames.x_of(left)
    canvas.bars(
        0,
        "needed",
        "threshold",
        x,
        [need["average"] * factor] * len(left),
        width=0.8 / 12,
        fill=False,
        edgecolor="#7A1E5C",
        linewidth=0.8,
        label=frames.labels_of(left),
        unit=unit,
    )
    value = words.number(need["average"] * factor, 1)
    canvas.say(
        0,
        float(x.mean()),
        need["average"] * factor,
        value,
        "threshold",
        ha="center",
        va="bottom",
        offset=(0, 0.2 * canvas.size.font),
    )
    canvas.key("threshold", canvas.text("needed"), "line")
    return ""


def _said(
    need: dict[str, float], currency: str, language: str, year: int, threshold: float
) -> dict[str, object]:
    return {
        "year": year,
        "threshold": words.money(threshold, currency, language, 0),
        "months": int(need["months_left"]),
        "average": words.money(need["average"], currency, language, 1),
        "growth": words.percent(need["growth_pct"], 0, signed=True),
        "gap": words.money(need["gap"], currency, language),
        "published": words.money(need["published"], currency, language),
        "highest": words.money(need["highest"], currency, language, 1),
    }
