"""Seasonal or not: each month's share of its year."""

from __future__ import annotations

import pandas as pd

from chipexports.charts import axes, frames, sources
from chipexports.charts.canvas import Canvas
from chipexports.charts.drawn import Drawn, FigureNotDrawn
from chipexports.charts.frames import Monthly
from chipexports.words import text as words


def shares(series: Monthly) -> Monthly:
    """Return each month's share of its year in percent: a row a full year, a column a month."""
    totals = frames.complete_years(series)
    if totals.empty:
        return pd.DataFrame(columns=range(1, 13), dtype=float)
    rows = {
        year: series[series.index.year == year].to_numpy() / total * 100 for year, total in totals.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(range(1, 13)))


def month_shares(
    monthly: pd.DataFrame,
    *,
    language: str = "en",
    size: str = "page",
    as_of: str = "",
    flow: str = "export",
    currency: str = "USD",
) -> Drawn:
    """Draw each month's share of its year: one dot a year, the mean as a line.

    Years with estimated months are drawn as estimates and left out of the mean, unless all are.

    Parameters
    ----------
    monthly : DataFrame
        The cleaned monthly table, as made by ``clean.monthly.monthly_series``.
    language, size, as_of : str
        ``en`` or ``zh``; ``column``, ``page`` or ``slide``; "YYYY-MM-DD" for the source line.
    flow, currency : str
        ``export`` or ``import``; ``CNY`` or ``USD``.

    Returns
    -------
    Drawn
        In its ``data`` ``year_*`` and ``mean``: ``x`` month 1 to 12, ``y`` % of the year.

    Raises
    ------
    FigureNotDrawn
        If no year has all its months.
    """
    months = frames.months_of(monthly, flow, language)
    table = shares(frames.values_of(months, currency))
    if table.empty:
        raise FigureNotDrawn(words.text("figure.left_out.no_full_year", language))
    roles = frames.roles_of(months, currency)
    estimated = {year for year in table.index if "estimated" in set(roles[roles.index.year == year])}
    firm = [year for year in table.index if year not in estimated]
    mean = table.loc[firm or list(table.index)].mean()
    canvas = Canvas("seasonality", language, size, tall=1.1)
    _draw_years(canvas, table, estimated)
    _draw_mean(canvas, mean, bool(firm))
    ten = float(mean.loc[1:10].sum())
    low, high = int(mean.idxmin()), int(mean.idxmax())
    return canvas.finish(
        title=canvas.text(
            "title",
            high=words.month_name(high, language),
            low=words.month_name(low, language),
            high_share=words.partly_estimated(words.percent(float(mean[high])), not firm, language),
            low_share=words.percent(float(mean[low])),
        ),
        subtitle=canvas.text(
            "subtitle",
            flow=canvas.flow(flow),
            currency=canvas.currency(currency),
        ),
        source=sources.source_line(
            language, ["gacc"], as_of=as_of, last=f"{table.index[-1]}-12", estimated=bool(estimated)
        ),
        caption=canvas.text("caption", ten=words.percent(ten), n=len(firm) or len(table)),
    )


def _draw_years(canvas: Canvas, table: Monthly, estimated: set[int]) -> None:
    firm = [year for year in table.index if year not in estimated]
    for year, row in table.iterrows():
        role = "estimated" if year in estimated else "published" if year == table.index[-1] else "derived"
        labels = [f"{year}-{month:02d}" for month in table.columns]
        alpha = 0.55 if role == "estimated" else 1
        canvas.dots(0, f"year_{year}", role, table.columns, row, unit="%", label=labels, alpha=alpha)
    if firm:
        canvas.key("published", canvas.text("earlier", years=_years(firm[-1:])), "dot")
    if len(firm) > 1:
        canvas.key("derived", canvas.text("earlier", years=_years(firm[:-1])), "dot")
    if estimated:
        canvas.key("estimated", canvas.text("estimated", years=_years(sorted(estimated))), "dot")


def _draw_mean(canvas: Canvas, mean: Monthly, firm: bool) -> None:
    labels = [f"{month:02d}" for month in mean.index]
    canvas.line(0, "mean", "forecast", mean.index, mean, unit="%", label=labels)
    canvas.level(0, "even", "past", 100 / 12, unit="%", linewidth=0.7)
    canvas.key("forecast", canvas.text("mean" if firm else "mean_estimated"))
    axes.month_axis(canvas, 0)
    axes.value_axis(canvas, 0, percent=True)
    canvas.heading(0, canvas.text("unit"))


def _years(years: list[int]) -> str:
    return f"{years[0]}–{years[-1]}" if len(years) > 1 else f"{years[0]}"
