"""The answer as a distribution: the simulated totals, the threshold, and the probability written out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from chipexports.charts import axes, sources
from chipexports.charts.canvas import Canvas
from chipexports.charts.drawn import Drawn, FigureNotDrawn
from chipexports.charts.fan import combination_row
from chipexports.charts.frames import Monthly
from chipexports.words import text as words

OFF_SCALE = 1.0  # a threshold further away than this many widths of the distribution is named, not drawn


def distribution(
    totals: pd.DataFrame,
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
    """Draw the totals of all simulated paths, the 80 % interval, the threshold and the outturn.

    Parameters
    ----------
    totals : DataFrame
        ``total`` of each path, table's unit.
    forecast : DataFrame
        The forecast table; its combination gives ``outturn``, where known.
    language, size, as_of : str
        ``en`` or ``zh``; ``column``, ``page`` or ``slide``; "YYYY-MM-DD" for the source line.
    flow, currency : str
        Those of the tables: ``export`` or ``import``; ``CNY`` or ``USD``.
    target_year : int, optional
        Default: that of the forecast table.
    threshold : float, optional
        Total asked about, table's unit; named instead of drawn where it lies far away.

    Returns
    -------
    Drawn
        In its ``data``: ``x`` totals (plotted unit), ``y`` % of paths ``below`` and ``above``.

    Raises
    ------
    FigureNotDrawn
        If there are no finite totals.
    """
    values = totals["total"].to_numpy(dtype=float)
    values = values[np.isfinite(values)]
    if not len(values):
        raise FigureNotDrawn(words.text("figure.left_out.no_totals", language))
    row = combination_row(forecast)
    canvas = Canvas("distribution", language, size, tall=1.15)
    factor = words.scale(currency, language)
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9])
    wide = float(high - low) > 1e-9 * abs(middle)
    _bars(canvas, values * factor, threshold * factor if threshold else None, wide)
    note = _marks(canvas, values, row, threshold, currency, wide)
    _mark_axes(canvas, currency)
    said = {
        "year": int(target_year or row.get("target_year", 0)),
        "flow": canvas.flow(flow),
        "chance": words.chance(_above(values, threshold), language),
        "threshold": words.money(float(threshold or np.nan), currency, language, 0),
        "total": words.money(float(middle), currency, language),
        "low": words.number(low * factor, 1 if language == "en" else 0),
        "high": words.money(high, currency, language),
    }
    key = ("title" if threshold else "title_interval") if wide else "title_complete"
    return canvas.finish(
        title=canvas.text(key, **said),
        subtitle=canvas.text("subtitle", n=words.number(len(values), 0), **said),
        source=sources.source_line(language, ["gacc"], as_of=as_of, forecast=wide, note=note),
        caption=canvas.text("caption", **said),
    )


def _mark_axes(canvas: Canvas, currency: str) -> None:
    axes.value_axis(canvas, 0, axis="x")
    canvas.axes[0].set_yticks([])
    canvas.axes[0].grid(visible=False)
    canvas.axes[0].set_xlabel(words.unit(currency, canvas.language))
    canvas.heading(0, canvas.text("unit"))


def _above(values: np.ndarray, threshold: float | None) -> float:
    """Return the share of paths above the threshold; what is only simulated is never certain."""
    if not threshold:
        return np.nan
    share = float(np.mean(values > threshold))
    certain = float(np.ptp(values)) <= 1e-9 * abs(float(values[0]))
    return share if certain else min(max(share, 0.5 / len(values)), 1 - 0.5 / len(values))


def _bars(canvas: Canvas, values: np.ndarray, threshold: float | None, wide: bool) -> None:
    if not wide:
        canvas.bars(0, "total", "published", [values[0]], [100.0], width=0.004 * abs(values[0]), unit="%")
        canvas.axes[0].set_xlim(0.9 * values[0], 1.1 * values[0])
        return
    first, last = np.quantile(values, [0.002, 0.998])
    edges = np.linspace(first, last, 41)
    if threshold is not None and first < threshold < last:
        step = edges[1] - edges[0]
        edges = np.concatenate(
            [np.arange(threshold, first - step, -step)[::-1], np.arange(threshold, last + step, step)[1:]]
        )
    counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), bins=edges)
    middle, share = (edges[1:] + edges[:-1]) / 2, 100 * counts / len(values)
    above = middle > threshold if threshold is not None else np.zeros(len(middle), dtype=bool)
    for series, role, chosen in (("below", "quantity", ~above), ("above", "forecast", above)):
        if chosen.any() and share[chosen].sum() > 0:
            canvas.bars(
                0,
                series,
                role if threshold is not None else "forecast",
                middle[chosen],
                share[chosen],
                width=0.92 * (edges[1] - edges[0]),
                unit="% of paths",
            )


def _marks(
    canvas: Canvas, values: np.ndarray, row: Monthly, threshold: float | None, currency: str, wide: bool
) -> str:
    language, factor, ax = canvas.language, words.scale(currency, canvas.language), canvas.axes[0]
    top = ax.get_ylim()[1]
    font, note = canvas.size.font, ""
    ax.set_ylim(0, 1.42 * top)
    if wide:
        low, middle, high = np.quantile(values, [0.1, 0.5, 0.9]) * factor
        canvas.line(
            0, "interval_80", "zero", [low, middle, high], [1.06 * top] * 3, unit="", marker="|", markersize=5
        )
        label = canvas.text("interval", median=words.number(middle, 1 if language == "en" else 0))
        canvas.say(0, middle, 1.06 * top, label, "zero", ha="center", va="bottom", offset=(0, 0.45 * font))
    if threshold:
        low, high = ax.get_xlim()
        reach = OFF_SCALE * (high - low)
        if low - reach < threshold * factor < high + reach:
            line = threshold * factor
            canvas.record(0, "threshold", "threshold", [line], [0.0])
            ax.axvline(
                line, color="#7A1E5C", linestyle=(0, (5, 2)), linewidth=0.8 * canvas.size.line, ymax=0.93
            )
            ax.set_xlim(min(low, line - 0.03 * (high - low)), max(high, line + 0.03 * (high - low)))
            _threshold_label(canvas, line, words.money(float(threshold), currency, language, 0), 1.32 * top)
        else:
            note = canvas.text("off_scale", amount=words.money(float(threshold), currency, language, 0))
    outturn = row.get("outturn", np.nan)
    if pd.notna(outturn):
        low, high = ax.get_xlim()
        place = float(outturn) * factor
        canvas.dots(
            0, "outturn", "outturn", [place], [0.0], unit="", markersize=11, marker="^", clip_on=False
        )
        ax.set_xlim(min(low, place - 0.02 * (high - low)), max(high, place + 0.02 * (high - low)))
        canvas.key(
            "outturn", canvas.text("outturn", amount=words.money(float(outturn), currency, language)), "dot"
        )
    return note


def _threshold_label(canvas: Canvas, line: float, amount: str, height: float) -> None:
    low, high = canvas.axes[0].get_xlim()
    right = line < (low + high) / 2
    offset = (0.5 if right else -0.5) * canvas.size.font
    canvas.say(0, line, height, amount, "threshold", ha="left" if right else "right", offset=(offset, 0))
