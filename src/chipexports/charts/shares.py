"""Shares of a whole by period, with what is not known as a part of its own."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from chipexports.charts import axes, style
from chipexports.charts.canvas import Canvas
from chipexports.charts.frames import Monthly
from chipexports.words import text as words


def span_label(start: str, end: str, language: str, *, lines: bool = True) -> str:
    """Write a span of months: 2024, Q1 2026, Jan–Jul 2026, Mar 2026; in one line or two."""
    first, last = pd.Period(start, freq="M"), pd.Period(end, freq="M")
    year = first.year
    if (first.month, last.month) == (1, 12):
        return str(year) if lines else words.text("pattern.year", language, year=year)
    if first == last:
        part = words.month_name(first.month, language)
    elif first.month % 3 == 1 and last.month == first.month + 2:
        part = words.text(f"term.quarter_{(first.month + 2) // 3}", language)
    else:
        part = words.text(
            "pattern.month_span",
            language,
            first=words.month_name(first.month, language).removesuffix("月"),
            last=words.month_name(last.month, language),
        )
    if lines:
        return f"{part}\n{year}"
    return words.text("pattern.part_of_year", language, part=part, year=year)


def name_of(area: str, raw: str, language: str) -> str:
    """Return the glossary's name of a product or partner; one it does not know keeps its own name."""
    key = f"{area}.{re.sub(r'[^a-z0-9]+', '_', raw.lower()).strip('_')}"
    return words.text(key, language) if words.has(key) else raw


def with_unknown(shares: pd.DataFrame) -> Monthly:
    """Add a column ``unknown``: what is missing to 100 %, never below nought.

    Parameters
    ----------
    shares : DataFrame
        Percent, a row a whole.

    Returns
    -------
    DataFrame
        The shares and ``unknown``, in percent; a gap of up to 0.05 counts as none.
    """
    missing = 100 - shares.sum(axis=1)
    return shares.assign(unknown=missing.where(missing > 0.05, 0.0))


def stacked_shares(
    canvas: Canvas,
    panel: int,
    shares: pd.DataFrame,
    names: dict[str, str],
    ticks: list[str],
    spans: list[str],
) -> None:
    """Draw stacked columns of shares, a row of ``shares`` each; the unknown part stays open.

    Parameters
    ----------
    canvas, panel
        The panel to draw on.
    shares : DataFrame
        Percent; a column a part (a last one ``unknown`` is hatched), a row a period.
    names : dict
        Words for the columns.
    ticks, spans : list of str
        Labels of the columns in the figure and in the CSV.
    """
    x, base = np.arange(len(shares), dtype=float), np.zeros(len(shares))
    for place, part in enumerate(shares.columns):
        height = shares[part].fillna(0).to_numpy(dtype=float)
        open_part = part == "unknown"
        role = "unknown" if open_part else f"share{place % len(style.SHADES) + 1}"
        look = (
            {"hatch": "....", "edgecolor": "#B5B5B5"}
            if open_part
            else {"edgecolor": "white", "linewidth": 0.4}
        )
        if height.sum() > 0:
            canvas.bars(
                panel, f"share_{part}", role, x, height, bottom=base, width=0.8, label=spans, unit="%", **look
            )
            canvas.key(role, names[part], "box")
            if canvas.size_name != "column" and not open_part:
                _write_shares(canvas, panel, x, height, base, style.SHADES[place % len(style.SHADES)])
        base = base + height
    canvas.axes[panel].set_xticks(x, ticks)
    canvas.axes[panel].tick_params(axis="x", length=0)
    canvas.axes[panel].set_xlim(-0.6, len(shares) - 0.4)
    canvas.axes[panel].set_ylim(0, 100)
    axes.value_axis(canvas, panel, zero=True, percent=True)


def _write_shares(
    canvas: Canvas, panel: int, x: np.ndarray, height: np.ndarray, base: np.ndarray, shade: tuple[str, str]
) -> None:
    for place, tall, foot in zip(x, height, base, strict=True):
        if tall >= 9:
            note = canvas.say(
                panel,
                place,
                foot + tall / 2,
                words.percent(tall, 0),
                ha="center",
                color=shade[1],
                fontsize=0.88 * canvas.size.font,
            )
            note.set_gid(f"on-{shade[0]}")
