"""Seasonal or not: each month's share of its year, and what the Spring Festival's date does."""

from __future__ import annotations

import numpy as np
import pandas as pd

from chipexports import text as words
from chipexports.festival import SPRING_FESTIVAL
from chipexports.figures import axes, frames, sources
from chipexports.figures.canvas import Canvas
from chipexports.figures.drawn import Drawn, FigureNotDrawn

GOODS = "china_goods_usd_100mn"


def shares(series: pd.Series) -> pd.DataFrame:
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
    for year in table.index:
        role = "estimated" if year in estimated else "published" if year == table.index[-1] else "derived"
        canvas.dots(
            0, f"year_{year}", role, table.columns, table.loc[year], unit="%",
            label=[f"{year}-{month:02d}" for month in table.columns], alpha=0.55 if role == "estimated" else 1,
        )  # fmt: skip
    _mean(canvas, mean)
    canvas.level(0, "even", "past", 100 / 12, unit="%", linewidth=0.7)
    axes.month_axis(canvas, 0)
    axes.value_axis(canvas, 0, percent=True)
    canvas.heading(0, canvas.text("unit"))
    if firm:
        canvas.key("published", f"{table.index[-1]}", "dot")
        if len(firm) > 1:
            canvas.key("derived", canvas.text("earlier", years=_years(firm[:-1])), "dot")
    if estimated:
        canvas.key("estimated", canvas.text("estimated", years=_years(sorted(estimated))), "dot")
    canvas.key("forecast", canvas.text("mean" if firm else "mean_estimated"))
    ten = float(mean.loc[1:10].sum())
    low, high = int(mean.idxmin()), int(mean.idxmax())
    return canvas.finish(
        title=canvas.text(
            "title", high=words.month_name(high, language), low=words.month_name(low, language),
            high_share=words.percent(float(mean[high])), low_share=words.percent(float(mean[low])),
        ),
        subtitle=canvas.text("subtitle", flow=words.text(f"flow.{flow}.title", language),
                             currency=words.text(f"currency.{currency}", language)),
        source=sources.source_line(
            language, ["gacc"], as_of=as_of, last=f"{table.index[-1]}-12", estimated=bool(estimated)
        ),
        caption=canvas.text("caption", ten=words.percent(ten), n=len(firm) or len(table)),
    )  # fmt: skip


def _mean(canvas: Canvas, mean: pd.Series) -> None:
    canvas.line(
        0, "mean", "forecast", mean.index, mean, unit="%", label=[f"{month:02d}" for month in mean.index]
    )


def _years(years: list[int]) -> str:
    return f"{years[0]}–{years[-1]}" if len(years) > 1 else f"{years[0]}"


def february_ratio(series: pd.Series) -> pd.DataFrame:
    """Return, by year, February against January in 100 x log and the festival's day counted from 20 January."""
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
    for series, frame, role in (("goods", goods, "past"), ("chips", chips, "published")):
        if len(frame):
            canvas.dots(
                0, series, role, frame["day"], frame["ratio"], label=frame["year"].astype(str), unit="log points",
                markersize=(3.4 if series == "chips" else 2.4) * canvas.size.line,
            )  # fmt: skip
            canvas.key(role, canvas.text(series), "dot")
    for row in chips.itertuples():
        canvas.say(0, row.day, row.ratio, str(row.year), "published", offset=(0.6 * canvas.size.font, 0))
    slope = _fit(canvas, goods if len(goods) >= 5 else chips)
    axes.zero_line(canvas, 0)
    canvas.axes[0].set_xlim(-1, 33)
    days = [2, 12, 22]
    canvas.axes[0].set_xticks(
        days, [words.text("pattern.day_and_month", language, month=words.month_name(m, language), day=d)
               for m, d in ((1, 22), (2, 1), (2, 11))]
    )  # fmt: skip
    canvas.axes[0].set_xlabel(canvas.text("x"))
    axes.value_axis(canvas, 0)
    canvas.heading(0, canvas.text("unit"))
    change = words.percent(100 * (np.exp(7 * slope / 100) - 1), 1, signed=True)
    return canvas.finish(
        title=canvas.text("title_goods" if len(goods) >= 5 else "title", change=change),
        subtitle=canvas.text("subtitle"),
        source=sources.source_line(language, ["gacc"], as_of=as_of),
        caption=canvas.text("caption", chips=len(chips), goods=len(goods)),
    )


def _fit(canvas: Canvas, frame: pd.DataFrame) -> float:
    """Draw the least-squares line and return its slope per day, in 100 x log."""
    if len(frame) < 2 or frame["day"].nunique() < 2:
        return 0.0
    slope, start = np.polyfit(frame["day"].to_numpy(float), frame["ratio"].to_numpy(float), 1)
    x = np.array([frame["day"].min(), frame["day"].max()], dtype=float)
    canvas.line(0, "fit", "forecast", x, start + slope * x, unit="log points", linewidth=canvas.size.line)
    canvas.key("forecast", canvas.text("fit"))
    return float(slope)
