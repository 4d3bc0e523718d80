"""Against imports: exports, imports, and how much of imports exports cover."""

from __future__ import annotations

import pandas as pd

from chipexports import text as words
from chipexports.figures import axes, frames, sources
from chipexports.figures.canvas import Canvas
from chipexports.figures.drawn import Drawn, FigureNotDrawn


def balance_table(monthly: pd.DataFrame, currency: str, language: str = "en") -> pd.DataFrame:
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

    Raises
    ------
    FigureNotDrawn
        If there are no imports (or exports), or never twelve months of both.
    """
    table = balance_table(monthly, currency, language)
    known = table.dropna()
    if known.empty:
        raise FigureNotDrawn(words.text("figure.left_out.no_twelve", language))
    table = table[known.index[0] :]
    canvas = Canvas("trade_balance", language, size, panels=2, columns=1, ratios=[1.25, 1.0])
    unit, factor = words.unit(currency, language), words.scale(currency, language)
    x, labels = frames.x_of(table.index), frames.labels_of(table.index)
    roles = table["estimated"].map({True: "estimated"})
    for flow in ("import", "export"):
        canvas.line_by_role(0, flow, x, table[flow] * factor, roles.fillna(flow), label=labels, unit=unit)
        last = frames.last_known(table[flow])
        if last is not None:
            place = float(frames.x_of(pd.PeriodIndex([last]))[0])
            word = canvas.text(
                "end", flow=words.text(f"flow.{flow}.title", language),
                value=words.number(float(table[flow][last]) * factor, 1 if language == "en" else 0),
            )  # fmt: skip
            canvas.end_label(0, place, float(table[flow][last]) * factor, word, flow)
    canvas.band(
        0,
        "gap",
        "past",
        x,
        table["export"] * factor,
        table["import"] * factor,
        label=labels,
        unit=unit,
        alpha=0.25,
    )
    canvas.line_by_role(1, "cover", x, table["cover"], roles.fillna("export"), label=labels, unit="%")
    last = known.index[-1]
    cover = float(known["cover"].iloc[-1])
    place = float(frames.x_of(pd.PeriodIndex([last]))[0])
    canvas.end_label(1, place, cover, words.percent(cover), "export")
    for panel in (0, 1):
        axes.year_axis(canvas, panel, x[0], x[-1])
        axes.value_axis(canvas, panel, zero=True, percent=panel == 1)
    canvas.heading(0, unit, canvas.text("panel_sums"))
    canvas.heading(1, canvas.text("unit_cover"), canvas.text("panel_cover"))
    if table["estimated"].any():
        canvas.key("estimated", canvas.text("sum_estimated"))
    return canvas.finish(
        title=canvas.text(
            "title" if known["balance"].iloc[-1] < 0 else "title_surplus",
            month=words.month(last, language), cover=words.percent(cover),
            gap=words.money(abs(float(known["balance"].iloc[-1])), currency, language),
        ),
        subtitle=canvas.text("subtitle", currency=words.text(f"currency.{currency}", language)),
        source=sources.source_line(
            language, ["gacc"], as_of=as_of, last=last, estimated=bool(table["estimated"].any())
        ),
        caption=canvas.text("caption"),
    )  # fmt: skip
