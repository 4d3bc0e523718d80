"""How well it would have done: error by months published, coverage, probability integral transform."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from chipexports.charts import axes, sources
from chipexports.charts.canvas import Canvas
from chipexports.charts.drawn import Drawn, FigureNotDrawn
from chipexports.charts.frames import Monthly
from chipexports.words import text as words

COMBINATION = "combination"
BASELINES = ("growth_ytd", "seasonal_naive")
LEVELS = (50, 80, 95)


def method_name(method: str, language: str) -> str:
    """Return a method's name in words."""
    key = f"method.{method}"
    return words.text(key, language) if words.has(key) else method.replace("_", " ")


def _one_series(scores: Monthly) -> Monthly:
    """Return the rows of all series together where there are such, else of the first series."""
    names = list(dict.fromkeys(scores["series"].astype(str)))
    chosen = next((name for name in ("all", "pooled", "panel") if name in names), names[0])
    return scores[scores["series"].astype(str) == chosen]


def errors(scores: pd.DataFrame, *, language: str = "en", size: str = "page", as_of: str = "") -> Drawn:
    """Draw the mean absolute percentage error of the year's total by months published, a line a method.

    Parameters
    ----------
    scores : DataFrame
        As made by ``backtest.scores.score_table``; ``outturn_mape_pct`` is drawn.
    language, size, as_of : str
        ``en`` or ``zh``; ``column``, ``page`` or ``slide``; "YYYY-MM-DD" for the source line.

    Returns
    -------
    Drawn
        In its ``data`` a series a method: ``x`` months published, ``y`` %.

    Raises
    ------
    FigureNotDrawn
        If no score is given by months published.
    """
    rows = _one_series(scores)
    rows = rows.assign(months=pd.to_numeric(rows["months_published"], errors="coerce")).dropna(
        subset=["months", "outturn_mape_pct"]
    )
    if rows.empty:
        raise FigureNotDrawn(words.text("figure.left_out.no_scores", language))
    table = rows.pivot_table(index="months", columns="method", values="outturn_mape_pct")
    canvas = Canvas("backtest_errors", language, size, tall=1.25)
    others = [m for m in table if m not in (COMBINATION, *BASELINES)]
    for method in [
        *others,
        *[b for b in BASELINES if b in table],
        *[c for c in (COMBINATION,) if c in table],
    ]:
        role = _role(str(method))
        line = table[method].dropna()
        canvas.line(
            0,
            method,
            role,
            line.index,
            line,
            unit="%",
            label=line.index.astype(int).astype(str),
            linewidth=canvas.size.line * (1.7 if method == COMBINATION else 0.9),
        )
    _label_errors(canvas, table, others)
    axes.value_axis(canvas, 0, zero=True, percent=True)
    canvas.axes[0].set_xlabel(canvas.text("x"))
    canvas.axes[0].set_xticks(sorted(table.index.astype(int)))
    canvas.heading(0, canvas.text("unit"))
    cases = pd.to_numeric(rows.get("n_cases"), errors="coerce")
    return canvas.finish(
        title=_errors_title(canvas, table),
        subtitle=canvas.text("subtitle"),
        source=sources.source_line(language, ["gacc", "korea", "taiwan"], as_of=as_of, forecast=True),
        caption=canvas.text("caption", n=words.number(float(cases.max()) if len(cases) else np.nan, 0)),
    )


def _role(method: str) -> str:
    return {COMBINATION: "forecast", BASELINES[0]: "published", BASELINES[1]: "taiwan"}.get(method, "past")


def _label_errors(canvas: Canvas, table: Monthly, others: list[str]) -> None:
    start = table.index.min()
    ax = canvas.axes[0]
    ax.set_xlim(start - 0.15, table.index.max() + 0.15)
    for method in (COMBINATION, *BASELINES):
        if method in table:
            canvas.key(_role(method), method_name(method, canvas.language))
    if others:
        canvas.key("past", canvas.text("other_methods", n=len(others)))


def _errors_title(canvas: Canvas, table: Monthly) -> str:
    base = next((b for b in BASELINES if b in table), None)
    months = [m for m in (10, 9, 8, 6) if m in table.index] or [table.index.max()]
    month = months[0]
    if COMBINATION not in table or base is None:
        best = table.mean().idxmin()
        return canvas.text(
            "title_best",
            method=method_name(best, canvas.language),
            error=words.percent(float(table[best].mean())),
        )
    return canvas.text(
        "title",
        months=int(month),
        error=words.percent(float(table.loc[month, COMBINATION])),
        base=words.percent(float(table.loc[month, base])),
        baseline=method_name(base, canvas.language),
    )


def coverage(scores: pd.DataFrame, *, language: str = "en", size: str = "page", as_of: str = "") -> Drawn:
    """Draw the share of outturns inside the 50, 80 and 95 % intervals of each method.

    Parameters
    ----------
    scores : DataFrame
        As made by ``backtest.scores.score_table``; ``outturn_coverage_*`` (share or %) is drawn.
    language, size, as_of : str
        ``en`` or ``zh``; ``column``, ``page`` or ``slide``; "YYYY-MM-DD" for the source line.

    Returns
    -------
    Drawn
        In its ``data`` a series a level: ``x`` %, ``y`` the place of the method in ``label``.

    Raises
    ------
    FigureNotDrawn
        If no coverage over all months is given.
    """
    rows = _one_series(scores)
    rows = rows[rows["months_published"].astype(str) == "all"]
    columns = [f"outturn_coverage_{level}" for level in LEVELS if f"outturn_coverage_{level}" in rows]
    rows = rows.dropna(subset=columns, how="all") if columns else rows.iloc[:0]
    if rows.empty:
        raise FigureNotDrawn(words.text("figure.left_out.no_scores", language))
    rows = rows.assign(first=rows["method"] != COMBINATION).sort_values(["first", "method"])
    canvas = Canvas("backtest_coverage", language, size, tall=1.35)
    factor = 100.0 if float(rows[columns].max().max()) <= 1.0 else 1.0
    _draw_coverage(canvas, rows, columns, factor)
    head = rows.iloc[0]
    return canvas.finish(
        title=canvas.text(
            "title",
            method=method_name(str(head["method"]), language),
            share=words.percent(float(head.get("outturn_coverage_80", np.nan)) * factor, 0),
        ),
        subtitle=canvas.text("subtitle"),
        source=sources.source_line(language, ["gacc", "korea", "taiwan"], as_of=as_of, forecast=True),
        caption=canvas.text("caption", n=words.number(float(head.get("n_cases", np.nan)), 0)),
    )


def _draw_coverage(canvas: Canvas, rows: Monthly, columns: list[str], factor: float) -> None:
    places = np.arange(len(rows), dtype=float)
    for column, role in zip(columns, ("published", "derived", "forecast"), strict=False):
        level = int(column.rsplit("_", 1)[1])
        look = {"markersize": 3.4 * canvas.size.line, "clip_on": False}
        values = rows[column].astype(float) * factor
        canvas.dots(0, column, role, values, places, label=rows["method"], unit="%", **look)
        canvas.axes[0].axvline(level, color="#7A1E5C", linewidth=0.8, linestyle=(0, (5, 2)), zorder=1)
        canvas.key(role, canvas.text("level", level=level), "dot")
    canvas.key("threshold", canvas.text("nominal"))
    axes.category_axis(canvas, 0, [method_name(str(m), canvas.language) for m in rows["method"]])
    ticks = [0, 20, 50, 80, 95]
    canvas.axes[0].set_xlim(0, 100)
    canvas.axes[0].set_xticks(ticks, [words.percent(tick, 0) for tick in ticks])
    canvas.axes[0].set_xlabel(canvas.text("x"))


def pit(
    backtest: pd.DataFrame, *, language: str = "en", size: str = "page", as_of: str = "", bins: int = 10
) -> Drawn:
    """Draw the histogram of where outturns fell in their forecast distributions; flat is calibrated.

    Parameters
    ----------
    backtest : DataFrame
        The backtest's rows; ``outturn_pit`` of the combination with under twelve months published.
    language, size, as_of : str
        ``en`` or ``zh``; ``column``, ``page`` or ``slide``; "YYYY-MM-DD" for the source line.
    bins : int
        Number of bars.

    Returns
    -------
    Drawn
        In its ``data``: ``x`` middle of a bar, 0 to 1; ``y`` % of forecasts.

    Raises
    ------
    FigureNotDrawn
        If fewer than 20 forecasts of the combination have an outturn.
    """
    rows = backtest[backtest["method"] == COMBINATION]
    if "months_published" in rows:
        rows = rows[pd.to_numeric(rows["months_published"], errors="coerce") < 12]
    values = rows["outturn_pit"].dropna().astype(float).to_numpy()
    if len(values) < 20:
        raise FigureNotDrawn(words.text("figure.left_out.few_pit", language, n=len(values)))
    counts, edges = np.histogram(values, bins=bins, range=(0, 1))
    share = 100 * counts / len(values)
    # quantiles of the binomial distribution; scipy.stats would take a third of a second to import
    chances = special.bdtr(np.arange(len(values) + 1), len(values), 1 / bins)
    low, high = (100 * np.searchsorted(chances, [0.025, 0.975]) / len(values)).tolist()
    canvas = Canvas("backtest_pit", language, size)
    canvas.bars(
        0, "pit", "derived", (edges[1:] + edges[:-1]) / 2, share, width=0.92 / bins, unit="% of forecasts"
    )
    canvas.band(
        0, "even_95", "interval", [0, 1], [low] * 2, [high] * 2, unit="% of forecasts", alpha=0.4, zorder=2.2
    )
    canvas.level(0, "even", "threshold", 100 / bins, unit="% of forecasts")
    canvas.key("derived", canvas.text("observed"), "box")
    canvas.key("threshold", canvas.text("even"))
    canvas.key("interval", canvas.text("chance"), "box")
    canvas.axes[0].set_xlim(0, 1)
    canvas.axes[0].set_xlabel(canvas.text("x"))
    axes.value_axis(canvas, 0, zero=True, percent=True)
    canvas.heading(0, canvas.text("unit"))
    ends = float(share[0] + share[-1])
    key = "title_wide" if ends < 2 * low else "title_narrow" if ends > 2 * high else "title_even"
    return canvas.finish(
        title=canvas.text(key, share=words.percent(ends, 0), even=words.percent(200 / bins, 0)),
        subtitle=canvas.text("subtitle", n=words.number(len(values), 0)),
        source=sources.source_line(language, ["gacc", "korea", "taiwan"], as_of=as_of, forecast=True),
        caption=canvas.text("caption"),
    )
