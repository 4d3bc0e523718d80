"""How the forecast of each year moved from one day to the next, drawn from the rows of a sweep."""

from __future__ import annotations

from itertools import product
from typing import Any

import pandas as pd

from chipexports.charts import axes, sources
from chipexports.charts.canvas import Canvas
from chipexports.charts.drawn import Drawn, FigureNotDrawn
from chipexports.charts.fan import BANDS
from chipexports.charts.frames import Monthly
from chipexports.words import text as words

MOST_PANELS = 6
CURRENCIES = ("CNY", "USD")
LAST = 13.2  # right edge of a panel in months since the year began: December comes out in January


def month_by_month(
    sweep: pd.DataFrame, *, language: str = "en", size: str = "page", flow: str = "export"
) -> Drawn:
    """Draw, for each year and currency, the forecasts made on one day after the other.

    Parameters
    ----------
    sweep : DataFrame
        The sweep's ``forecasts.csv``: ``flow, as_of, target_year, currency, months_published, median,
        q025 ... q975, threshold, p_above, outturn``, table's unit.
    language, size : str
        ``en`` or ``zh``; ``column``, ``page`` or ``slide``.
    flow : str
        The flow drawn.

    Returns
    -------
    Drawn
        In its ``data``: ``x`` months since the year began, ``y`` its total (plotted unit).

    Raises
    ------
    FigureNotDrawn
        If no year has forecasts of two days, or several sets share one.
    """
    rows = forecasts_by_day(sweep, flow, language)
    currencies = [c for c in CURRENCIES if (rows["currency"] == c).any()]
    years = sorted(rows["target_year"].unique())[-(MOST_PANELS // len(currencies)) :]
    canvas = Canvas(
        "month_by_month", language, size, panels=len(currencies) * len(years), columns=len(years), tall=1.1
    )
    shown = rows[rows["target_year"].isin(years)]
    near = []
    for panel, (currency, year) in enumerate(product(currencies, years)):
        one = shown[(shown["currency"] == currency) & (shown["target_year"] == year)]
        canvas.heading(panel, words.unit(currency, language), str(year))
        if one.empty:
            canvas.axes[panel].set_visible(False)
            continue
        _draw(canvas, panel, one, currency, int(year))
        if _threshold(canvas, panel, one, currency):
            near.append(one)
        _finish_axes(canvas, panel)
    _explain(canvas, shown, near)
    return canvas.finish(
        title=_title(canvas, shown, currencies[-1]),
        subtitle=canvas.text("subtitle", flow=canvas.flow(flow)),
        source=sources.source_line(language, ["gacc"], as_of=str(shown["as_of"].max()), forecast=True),
        caption=canvas.text("join").join([canvas.text("caption"), *_chances(canvas, near)]),
        alt=_alt(canvas, shown, currencies[-1]),
    )


def forecasts_by_day(sweep: pd.DataFrame, flow: str = "export", language: str = "en") -> Monthly:
    """Return the forecasts of a sweep, one per year, currency and day, in this order.

    Parameters
    ----------
    sweep : DataFrame
        The sweep's ``forecasts.csv``.
    flow : str
        The flow wanted.
    language : str
        Language of the reason, where there is one.

    Returns
    -------
    DataFrame
        Its rows, sorted; ``target_year`` as an integer.

    Raises
    ------
    FigureNotDrawn
        If no year has forecasts of two days, or several sets share one.
    """
    rows: Any = sweep[sweep["flow"] == flow].dropna(subset=["median"]).astype({"target_year": int})
    key = ["target_year", "currency", "as_of"]
    if rows.duplicated(key).any():
        raise FigureNotDrawn(words.text("figure.left_out.shared_day", language))
    if rows.empty or rows.groupby(key[:2])["as_of"].nunique().max() < 2:
        raise FigureNotDrawn(words.text("figure.left_out.one_day", language))
    return rows.sort_values(key).reset_index(drop=True)


def _draw(canvas: Canvas, panel: int, one: Monthly, currency: str, year: int) -> None:
    unit, factor = words.unit(currency, canvas.language), words.scale(currency, canvas.language)
    x, extra = _place(one["as_of"], year), {"label": one["as_of"].astype(str), "unit": unit}
    for low, high, role, alpha in BANDS:
        edges = (one[edge].astype(float) * factor for edge in (low, high))
        canvas.band(panel, f"{low}_{high}", role, x, *edges, alpha=alpha, **extra)
    median, dots = one["median"].astype(float) * factor, 1.4 * canvas.size.line
    canvas.line(panel, "median", "forecast", x, median, marker="o", markersize=dots, **extra)
    last, role, place = float(median.iloc[-1]), "forecast", float(x.iloc[-1])
    outturn = one["outturn"].dropna()
    if len(outturn):
        last, role, place = float(outturn.iloc[-1]) * factor, "outturn", max(LAST, place + 0.3)
        canvas.level(panel, "outturn", "outturn", last, unit=unit)
    canvas.end_label(panel, place, last, words.number(last, 1 if last < 1000 else 0), role)


def _place(days: Any, year: int) -> Monthly:
    """Return days as months since the year began: 1 is the first of February."""
    at: Any = pd.to_datetime(days.astype(str))
    return 12.0 * (at.dt.year - year) + at.dt.month - 1 + (at.dt.day - 1) / at.dt.days_in_month


def _finish_axes(canvas: Canvas, panel: int) -> None:
    """Mark the months in which forecasts were made, to January of the next year."""
    ax = canvas.axes[panel]
    ax.set_xlim(min(1.7, ax.dataLim.x0 - 0.3), max(LAST, ax.dataLim.x1 + 0.3))
    ticks = [place for place in (2, 5, 8, 11) if place > ax.get_xlim()[0]]
    ax.set_xticks(ticks, [words.month_name(place + 1, canvas.language) for place in ticks])
    across = len(canvas.grid[0])
    if panel // across == (len(canvas.axes) - 1) // across:
        ax.set_xlabel(canvas.text("x"))
    axes.value_axis(canvas, panel)


def _threshold(canvas: Canvas, panel: int, one: Monthly, currency: str) -> bool:
    """Draw the threshold where it is near the forecasts; say whether it is."""
    value = float(one["threshold"].iloc[-1])
    least, most = float(one["q025"].min()), float(one["q975"].max())
    near = value > 0 and abs(value - (least + most) / 2) < 0.75 * (most - least)
    if near:
        scaled = value * words.scale(currency, canvas.language)
        canvas.level(panel, "threshold", "threshold", scaled, unit=words.unit(currency, canvas.language))
    return near


def _amount(canvas: Canvas, one: Monthly) -> str:
    """Write the threshold of a panel with its unit."""
    row = one.iloc[-1]
    return words.money(float(row["threshold"]), str(row["currency"]), canvas.language, 0)


def _explain(canvas: Canvas, shown: Monthly, near: list[Monthly]) -> None:
    for role, word in (("interval", "50"), ("interval_wide", "95")):
        canvas.key(role, canvas.text(f"band_{word}"), "box")
    canvas.key("forecast", canvas.text("median"))
    if shown["outturn"].notna().any():
        canvas.key("outturn", canvas.text("outturn_line"))
    if near:
        amounts = list(dict.fromkeys(_amount(canvas, one) for one in near))
        joined = canvas.text("threshold_join").join(amounts)
        canvas.key("threshold", canvas.text("threshold_line", amounts=joined))


def _chances(canvas: Canvas, near: list[Monthly]) -> list[str]:
    """Say how the chance to pass a threshold moved while the year was open."""
    said = []
    for one in near:
        still_open = one[one["months_published"].astype(int) < 12]
        if len(still_open) > 1 and still_open["p_above"].between(0.01, 0.99).any():
            first, last = still_open.iloc[0], still_open.iloc[-1]
            values = {
                f"{when}_{name}": words.day(row["as_of"], canvas.language)
                if name == "day"
                else words.chance(float(row["p_above"]), canvas.language)
                for when, row in (("first", first), ("last", last))
                for name in ("day", "chance")
            }
            year = int(last["target_year"])
            said.append(canvas.text("chance", year=year, threshold=_amount(canvas, one), **values))
    return said


def _moved(canvas: Canvas, one: Monthly, currency: str) -> dict[str, object]:
    """Return the words for the first and the last forecast of a year."""
    language, first, last = canvas.language, one.iloc[0], one.iloc[-1]
    return {
        "year": int(last["target_year"]),
        "first_day": words.day(first["as_of"], language),
        "last_day": words.day(last["as_of"], language),
        "first": words.money(float(first["median"]), currency, language),
        "last": words.money(float(last["median"]), currency, language),
    }


def _title(canvas: Canvas, shown: Monthly, currency: str) -> str:
    """Say how far the forecast of the last year moved."""
    mine = shown[shown["currency"] == currency]
    counts = mine.groupby("target_year")["as_of"].nunique()
    year = counts[counts > 1].index.max() if (counts > 1).any() else counts.index.max()
    return canvas.text("title", **_moved(canvas, mine[mine["target_year"] == year], currency))


def _alt(canvas: Canvas, shown: Monthly, currency: str) -> str:
    """Describe the figure: one sentence a year."""
    mine = shown[shown["currency"] == currency]
    said = []
    for _, one in mine.groupby("target_year"):
        outturn, values = one["outturn"].dropna(), _moved(canvas, one, currency)
        key = "alt_outturn" if len(outturn) else "alt"
        amount = words.money(float(outturn.iloc[-1]), currency, canvas.language) if len(outturn) else ""
        said.append(canvas.text(key, **values, outturn=amount))
    return canvas.text("join").join([canvas.text("alt_start", n=len(canvas.axes)), *said])
