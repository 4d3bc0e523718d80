"""Against imports: exports, imports, and how much of imports exports cover."""

from __future__ import annotations

import pandas as pd

from chipexports.charts import axes, frames, sources
from chipexports.charts.canvas import Canvas
from chipexports.charts.drawn import Drawn, FigureNotDrawn
from chipexports.charts.frames import Monthly
from chipexports.words import text as words


def _balance_table(monthly: pd.DataFrame, currency: str, language: str = "en") -> Monthly:
    """Return exports, imports, balance (table's unit) and cover ratio in percent, sums of twelve months.

    Raises
    ------
    FigureNotDrawn
        If exports or imports are not in the table.
    """
    sums, estimated = {}, {}
    for flow in ("export", "import"):
        months = frames.months_of(monthly, flow, language)
        sums[flow] = frames.twelve_month_sum(frames.values_of(months, currency))
        estimated[flow] = frames.roles_of(months, currency) == "estimated"
    table = pd.DataFrame(sums).dropna(how="all")
    table["balance"] = table["export"] - table["import"]
    table["cover"] = 100 * table["export"] / table["import"]
    guess = pd.DataFrame(estimated).astype("boolean").fillna(False).any(axis=1)
    table["estimated"] = guess.rolling(12, min_periods=1).max().astype(bool).reindex(table.index)
    return table


def trade_balance(
    monthly: pd.DataFrame, *, language: str = "en", size: str = "page", as_of: str = "", currency: str = "USD"
) -> Drawn:
    """Draw sums of twelve months of exports and imports, and the cover ratio.

    Parameters
    ----------
    monthly : DataFrame
        The cleaned monthly table, as made by ``clean.monthly.monthly_series``.
    language, size, as_of : str
        ``en`` or ``zh``; ``column``, ``page`` or ``slide``; "YYYY-MM-DD" for the source line.
    currency : str
        ``CNY`` or ``USD``.

    Returns
    -------
    Drawn
        In its ``data`` by month: ``import, export, gap`` (plotted unit), ``cover`` (%).

    Raises
    ------
    FigureNotDrawn
        If there are no imports (or exports), or never twelve months of both.
    """
    table = _balance_table(monthly, currency, language)
    known = table.dropna()
    if known.empty:
        raise FigureNotDrawn(words.text("figure.left_out.no_twelve", language))
    table = table[known.index[0] :]
    canvas = Canvas("trade_balance", language, size, panels=2, columns=1, ratios=[1.25, 1.0])
    _draw_sums(canvas, table, currency)
    cover = _draw_cover(canvas, table)
    x = frames.x_of(table.index)
    for panel in (0, 1):
        axes.year_axis(canvas, panel, x[0], x[-1])
        axes.value_axis(canvas, panel, zero=True, percent=panel == 1)
    if table["estimated"].any():
        canvas.key("estimated", canvas.text("sum_estimated"))
    last = known.index[-1]
    return canvas.finish(
        title=canvas.text(
            "title" if known["balance"].iloc[-1] < 0 else "title_surplus",
            month=words.month(last, language),
            cover=words.partly_estimated(words.percent(cover), bool(known["estimated"].iloc[-1]), language),
            gap=words.money(abs(float(known["balance"].iloc[-1])), currency, language),
        ),
        subtitle=canvas.text("subtitle", currency=canvas.currency(currency)),
        source=sources.source_line(
            language, ["gacc"], as_of=as_of, last=last, estimated=bool(table["estimated"].any())
        ),
        caption=canvas.text("caption"),
    )


def _draw_sums(canvas: Canvas, table: Monthly, currency: str) -> None:
    unit, factor = words.unit(currency, canvas.language), words.scale(currency, canvas.language)
    x, labels = frames.x_of(table.index), frames.labels_of(table.index)
    guess = table["estimated"].map({True: "estimated"})
    for flow in ("import", "export"):
        sums = table[flow] * factor
        canvas.line_by_role(0, flow, x, sums, guess.fillna(flow), label=labels, unit=unit)
        value = words.number(float(sums.dropna().iloc[-1]), 1 if canvas.language == "en" else 0)
        canvas.end_of(0, sums, canvas.text("end", flow=canvas.flow(flow), value=value), flow)
    low, high = table["export"] * factor, table["import"] * factor
    canvas.band(0, "gap", "past", x, low, high, label=labels, unit=unit, alpha=0.25)
    canvas.heading(0, unit, canvas.text("panel_sums"))


def _draw_cover(canvas: Canvas, table: Monthly) -> float:
    """Draw the cover ratio and return its last value."""
    x, labels = frames.x_of(table.index), frames.labels_of(table.index)
    roles = table["estimated"].map({True: "estimated", False: "export"})
    canvas.line_by_role(1, "cover", x, table["cover"], roles, label=labels, unit="%")
    cover = float(table["cover"].dropna().iloc[-1])
    canvas.end_of(1, table["cover"], words.percent(cover), "export")
    canvas.heading(1, canvas.text("unit_cover"), canvas.text("panel_cover"))
    return cover
