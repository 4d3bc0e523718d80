"""The answer by month: what is published, and the fan of the months that remain."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from chipexports.charts import parts, style
from chipexports.charts.figure import Chart, FigureNotDrawn, chart
from chipexports.charts.lines import end_label
from chipexports.words import text as words

#: a threshold this many times the upper bound is named in the source line instead of drawn
_FAR = 2.5


def fan(fan: pd.DataFrame, forecast: pd.DataFrame, params: object = None, **options: Any) -> Chart:
    """Draw the months of the year and the sum since January, with a band for each of the run's levels.

    Parameters
    ----------
    fan : DataFrame
        ``period, kind`` (published|forecast) and quantiles ``month_q10 … ytd_median …``, table's unit.
    forecast : DataFrame
        The forecast table; the row of the pool gives the words.
    params : RunParams or mapping, optional
        The run: ``levels``, ``threshold``, ``currency``, ``language`` and so on.
    **options : object
        As for `chart`: ``width``, ``grey``, ``formats``, ``save`` ...

    Returns
    -------
    Chart
        Its ``data``: the table in the plotted unit, with the threshold.

    Raises
    ------
    FigureNotDrawn
        The fan holds no month, or not the bounds of the levels asked for.

    Examples
    --------
    >>> import numpy as np
    >>> table = pd.DataFrame({"period": [f"2026-{m:02d}" for m in range(1, 13)], "kind": "forecast"})
    >>> for name, share in {"q10": 0.9, "median": 1.0, "q90": 1.1}.items():
    ...     table[f"month_{name}"], table[f"ytd_{name}"] = 3e4 * share, 3e4 * share * np.arange(1, 13)
    >>> row = pd.DataFrame({"method": ["combination"], "median": [3.6e5], "q10": [3.2e5], "q90": [4e5]})
    >>> fan(table, row, {"levels": [0.8]}, save=False).title
    'Exports in 2026: 360.0 bn USD forecast (80% interval 320.0–400.0)'
    """
    rows = fan.dropna(subset=["ytd_median"])
    with chart("fan", params, panels=2, **parts.given(options, forecast=True)) as c:
        if rows.empty:
            raise FigureNotDrawn(words.text("figure.left_out.no_fan", c.language))
        year = parts.target_year(c, str(rows["period"].iloc[0])[:4])
        ahead = int((rows["kind"] == "forecast").sum())
        levels = parts.levels_in(rows, c.params.levels, "ytd_")
        for ax, kind in zip(c.axes, ("month", "ytd"), strict=True):
            _draw(c, ax, rows, kind, levels if ahead else [])
            ax.set(title=c.t(kind), ylabel=c.unit)
            parts.month_ticks(c, ax)
        threshold = c.params.threshold
        if threshold and threshold <= _FAR * float(rows["ytd_median"].max()):
            value = float(threshold) * c.scale
            parts.threshold_line(c.axes[1], value)
            number = parts.question(threshold, c, unit=False)
            end_label(c.axes[1], 12.5, value, number, style.ROLES["threshold"].text)
        elif threshold:
            c.source = c.source_line(note=c.t("off_scale", amount=parts.question(threshold, c)))
        for ax in c.axes:
            ax.set_ylim(0, 1.04 * ax.dataLim.y1)
        lines = [("published", c.t("role.published"))] if ahead < 12 else []
        lines += [("forecast", c.t("median"))] if ahead else []
        drawn = any(line.get_gid() == "threshold" for line in c.axes[1].lines)
        lines += [("threshold", c.t("threshold", amount=parts.question(threshold, c)))] if drawn else []
        parts.explain(c, levels if ahead else [], lines)
        _words(c, parts.combination_row(forecast), year, ahead, levels)
        c.data = _data(rows, c.scale, threshold)
    return c


def _draw(c: Chart, ax: Axes, rows: pd.DataFrame, kind: str, levels: list[float]) -> None:
    known = int((rows["kind"] == "published").sum())
    months = pd.PeriodIndex(rows["period"].astype(str), freq="M").month
    median = pd.Series(rows[f"{kind}_median"].astype(float).to_numpy() * c.scale, months)
    ahead = slice(max(known - 1, 0), None)  # the fan begins at the last published month
    if levels:
        parts.draw_bands(ax, months[ahead], rows.iloc[ahead], levels, c.scale, f"{kind}_")
        ax.plot(median.iloc[ahead], color=style.ROLES["forecast"].color, marker="o")
    if known:
        ax.plot(median.iloc[:known], color=style.ROLES["published"].color, marker="o", zorder=3)
    role = "forecast" if levels else "published"
    text = words.number(median.iloc[-1], 1 if median.iloc[-1] < 1000 else 0)
    end_label(ax, months[-1] + 0.5, median.iloc[-1], text, style.ROLES[role].text)


def _words(c: Chart, row: Any, year: int, ahead: int, levels: list[float]) -> None:
    facts = {"year": year, "flow": c.flow, "months": 12 - ahead}
    median = float(row["median"])
    if not ahead:
        c.title = c.t("title_complete", total=parts.amount(median, c), **facts)
        c.subtitle = c.t("subtitle_complete", **facts)
        c.alt = c.t("alt_complete", total=parts.amount(median, c), **facts)
        return
    level = parts.middle_level(levels)
    low, high = (float(row[name]) for name in parts.edges(level))
    facts |= {
        "median": parts.amount(median, c),
        "level": parts.percent_of(level),
        "low": parts.amount(low, c, unit=False),
        "high": parts.amount(high, c, unit=False),
    }
    c.title, c.subtitle, c.alt = c.t("title", **facts), c.t("subtitle", **facts), c.t("alt", **facts)
    c.caption = c.t("caption", levels=c.t("and").join(parts.percent_of(x) for x in sorted(levels)))


def _data(rows: pd.DataFrame, factor: float, threshold: float | None) -> pd.DataFrame:
    """Return the table in the plotted unit."""
    out = rows.copy()
    amounts = [str(name) for name in out if str(name).startswith(("month_", "ytd_"))]
    out[amounts] = out[amounts].astype(float) * factor
    return out.assign(threshold=float(threshold) * factor if threshold else float("nan"))
