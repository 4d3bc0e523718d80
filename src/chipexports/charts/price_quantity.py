"""Price or quantity: growth of value as unit value and pieces, exactly additive in log change."""

from __future__ import annotations

import numpy as np
import pandas as pd

from chipexports.charts import axes, frames, sources
from chipexports.charts.canvas import Canvas
from chipexports.charts.drawn import Drawn, FigureNotDrawn
from chipexports.charts.frames import Monthly
from chipexports.charts.shares import span_label
from chipexports.words import text as words


def split_by_month(value: Monthly, quantity: Monthly) -> Monthly:
    """Return each month's growth on the year before as unit value and pieces.

    Parameters
    ----------
    value, quantity : Series
        Amounts and pieces, PeriodIndex of months, any units.

    Returns
    -------
    DataFrame
        ``value, price, quantity`` in 100 x log change, ``value == price + quantity`` exactly.
    """
    return _split(value, quantity, 12)


def split_by_year(value: Monthly, quantity: Monthly) -> Monthly:
    """Return each year's growth as unit value and pieces; the last year up to its last known month.

    Returns
    -------
    DataFrame
        As ``split_by_month``, index the last month of the span compared (December of full years).
    """
    both = value.notna() & quantity.notna()
    value, quantity = (frames.year_to_date(item.where(both)) for item in (value, quantity))
    by_month = _split(value, quantity, 12)
    ends = by_month.dropna().groupby(by_month.dropna().index.year).tail(1).index
    last = by_month.dropna().index.max() if len(ends) else None
    return by_month.loc[[end for end in ends if end.month == 12 or end == last]]


def _split(value: Monthly, quantity: Monthly, lag: int) -> Monthly:
    change = pd.DataFrame({"quantity": quantity, "price": value / quantity}).astype(float)
    logs: Monthly = 100 * np.log(change.where(change > 0))
    out = logs - logs.shift(lag)
    return out.assign(value=out["price"] + out["quantity"])[["value", "price", "quantity"]]


def price_quantity(
    monthly: pd.DataFrame,
    *,
    by: str = "month",
    language: str = "en",
    size: str = "page",
    as_of: str = "",
    flow: str = "export",
    currency: str = "USD",
    months_shown: int = 36,
) -> Drawn:
    """Draw growth of value as stacked bars of unit value and pieces, with the total as a dot.

    Parameters
    ----------
    monthly : DataFrame
        The cleaned monthly table, as made by ``clean.monthly.monthly_series``.
    by : str
        ``month`` or ``year``.
    language, size, as_of : str
        ``en`` or ``zh``; ``column``, ``page`` or ``slide``; "YYYY-MM-DD" for the source line.
    flow, currency : str
        ``export`` or ``import``; ``CNY`` or ``USD``.
    months_shown : int
        How many months back, for ``by="month"``.

    Returns
    -------
    Drawn
        In its ``data``: ``quantity, price, value`` in 100 x log change on the year before.

    Raises
    ------
    FigureNotDrawn
        If quantities, or values a year before, are missing.
    """
    months = frames.months_of(monthly, flow, language)
    value, quantity = frames.values_of(months, currency), frames.values_of(months, "quantity")
    if quantity.notna().sum() == 0:
        raise FigureNotDrawn(words.text("figure.left_out.no_quantity", language))
    yearly = by == "year"
    parts = (split_by_year if yearly else split_by_month)(value, quantity).dropna()
    parts = parts if yearly else parts.iloc[-months_shown:]
    if parts.empty:
        raise FigureNotDrawn(words.text("figure.left_out.no_year_before", language))
    canvas = Canvas(f"price_quantity_{'yearly' if yearly else 'monthly'}", language, size, tall=1.15)
    flags = frames.is_estimated(months, currency, "quantity")
    guess = frames.rests_on_estimates(flags, "ytd" if yearly else "month")[parts.index]
    if yearly:  # months of a full year add up to its printed total, whatever they are themselves
        guess &= parts.index.month != 12
    _draw(canvas, parts, guess, yearly)
    return canvas.finish(
        title=_title(canvas, parts, guess, flow, yearly),
        subtitle=canvas.text(
            "subtitle",
            flow=canvas.flow(flow),
            currency=canvas.currency(currency),
        ),
        source=sources.source_line(
            language, ["gacc"], as_of=as_of, last=parts.index[-1], estimated=bool(guess.any())
        ),
        caption=canvas.text("caption"),
    )


def _draw(canvas: Canvas, parts: Monthly, guess: Monthly, yearly: bool) -> None:
    x = parts.index.year.to_numpy(dtype=float) if yearly else frames.x_of(parts.index)
    _stack(canvas, parts, guess, x, 0.62 if yearly else 0.75 / 12)
    axes.zero_line(canvas, 0)
    if yearly:
        ticks = [span_label(f"{end.year}-01", str(end), canvas.language) for end in parts.index]
        canvas.axes[0].set_xticks(x, ticks)
        canvas.axes[0].set_xlim(x[0] - 0.6, x[-1] + 0.6)
    else:
        axes.year_axis(canvas, 0, x[0] - 0.05, x[-1])
    axes.value_axis(canvas, 0)
    canvas.heading(0, canvas.text("unit_log"))
    for role, kind in (("price", "box"), ("quantity", "box")):
        canvas.key(role, canvas.text(role), kind)
    canvas.key("zero", canvas.text("value"), "dot")
    if guess.any():
        canvas.key("past", canvas.text("paler"), "box")


def _stack(canvas: Canvas, parts: Monthly, guess: Monthly, x: np.ndarray, width: float) -> None:
    labels = frames.labels_of(parts.index)
    same = np.sign(parts["price"]) == np.sign(parts["quantity"])
    base = parts["quantity"].where(same, 0.0)
    unit = "log points"
    canvas.bars(
        0, "quantity", "quantity", x, parts["quantity"], width=width, label=labels, unit=unit, faint=guess
    )
    canvas.bars(
        0,
        "price",
        "price",
        x,
        parts["price"],
        bottom=base,
        width=width,
        label=labels,
        unit=unit,
        faint=guess,
        hatch="////",
        edgecolor="white",
    )
    canvas.dots(
        0,
        "value",
        "zero",
        x,
        parts["value"],
        label=labels,
        unit=unit,
        markersize=2.6 * canvas.size.line,
        markeredgecolor="white",
        markeredgewidth=0.6,
    )


def _title(canvas: Canvas, parts: Monthly, guess: Monthly, flow: str, yearly: bool) -> str:
    language, firm = canvas.language, parts.index[~guess.to_numpy()]
    last = firm[-1] if len(firm) else parts.index[-1]
    row = parts.loc[last]
    yearly_span = span_label(f"{last.year}-01", str(last), language, lines=False)
    when = yearly_span if yearly else words.month(last, language)
    key = "title_price" if abs(row["price"]) >= abs(row["quantity"]) else "title_quantity"
    said = {
        "when": when,
        "flow": canvas.flow(flow),
        "value": words.partly_estimated(
            words.rose(100 * (np.exp(row["value"] / 100) - 1), language), not len(firm), language
        ),
        "price": words.percent(100 * (np.exp(row["price"] / 100) - 1), 1, signed=True),
        "quantity": words.percent(100 * (np.exp(row["quantity"] / 100) - 1), 1, signed=True),
    }
    return canvas.text(key, **said)
