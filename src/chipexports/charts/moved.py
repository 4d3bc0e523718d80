"""Why the forecast moved: from one date to the next, step by step, adding up exactly."""

from __future__ import annotations

from typing import Any

import pandas as pd

from chipexports.charts import parts, style
from chipexports.charts.figure import Chart, FigureNotDrawn, chart
from chipexports.words import text as words


def moved(news: pd.DataFrame, params: object = None, **options: Any) -> Chart:
    """Draw where the forecast stood after each step, a dot each, with what the step added between them.

    Parameters
    ----------
    news : DataFrame
        ``step`` (start|revision|news|reestimation|end or a name of one's own), ``period``,
        ``contribution``, ``total``, table's unit; ``total`` is the forecast after the step.
    params : RunParams or mapping, optional
        The run.
    **options : object
        As for `chart`.

    Returns
    -------
    Chart
        Its ``data``: the table in the plotted unit.

    Raises
    ------
    FigureNotDrawn
        There is no start or no end.
    """
    rows = news.reset_index(drop=True)
    steps = list(rows["step"].astype(str))
    with chart("moved", params, **parts.given(options, forecast=True)) as c:
        if "start" not in steps or "end" not in steps:
            raise FigureNotDrawn(words.text("figure.left_out.no_news", c.language))
        totals = rows["total"].astype(float) * c.scale
        names = [_label(c, row) for row in rows.to_dict("records")]
        for place, row in enumerate(rows.to_dict("records")):
            level = row["step"] in ("start", "end")
            change = 0.0 if level else float(row["contribution"]) * c.scale
            total = float(totals[place])
            role = "published" if level else "good" if change >= 0 else "forecast"
            color = style.ROLES[role].color
            c.ax.plot([total - change, total], [place, place], color=color, lw=2.2 * style.line_width())
            if place:
                link = [float(totals[place - 1])] * 2
                c.ax.plot(link, [place - 1, place], color=style.MUTED, lw=0.6, zorder=1.5)
            c.ax.plot(
                total, place, "o", color=color, zorder=4, ms=style.line_width() * 3, gid=f"step-{place}"
            )
            digits = parts.digits_of(total, c, 1)
            text = words.number(total if level else change, digits, signed=not level)
            right = max(total, total - change)
            c.ax.annotate(
                text,
                (right, place),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                color=style.ROLES[role].text,
                annotation_clip=False,
            )
        c.ax.set(yticks=range(len(rows)), yticklabels=names, ylim=(len(rows) - 0.5, -0.5), xlabel=c.unit)
        c.ax.margins(x=0.08)
        c.ax.tick_params(axis="y", labelcolor=style.INK)
        c.ax.grid(visible=True, axis="x")
        c.ax.grid(visible=False, axis="y")
        _words(c, rows)
        c.data = rows.assign(
            **{
                name: rows[name].astype(float) * c.scale
                for name in ("contribution", "total", "expected", "actual")
                if name in rows
            }
        )
    return c


def _words(c: Chart, rows: pd.DataFrame) -> None:
    first, last = (float(rows.loc[rows["step"] == step, "total"].iloc[0]) for step in ("start", "end"))
    between = rows[~rows["step"].isin(["start", "end"])]
    place = between["contribution"].astype(float).abs().to_numpy().argmax() if len(between) else 0
    largest = between.iloc[int(place)] if len(between) else None
    facts: dict[str, object] = {
        "flow": c.flow,
        "year": c.params.target_year or "",
        "first": parts.amount(first, c, unit=False),
        "last": parts.amount(last, c),
        "change": words.percent(100 * (last / first - 1), 1, signed=True),
    }
    if largest is not None:
        facts["step"] = _label(c, largest.to_dict()).replace("\n", " ")
        digits = parts.digits_of(last * c.scale, c, 1)
        facts["part"] = words.number(float(largest["contribution"]) * c.scale, digits, signed=True)
    c.title, c.subtitle, c.caption = c.t("title", **facts), c.t("subtitle", **facts), c.t("caption")
    c.alt = c.t("alt" if largest is not None else "alt_none", **facts)


def _label(c: Chart, row: dict[Any, Any]) -> str:
    period = str(row.get("period", "") or "")
    known = words.has(f"figure.moved.step.{row['step']}")
    step = c.t(f"step.{row['step']}") if known else str(row["step"])
    if period[:4].isdigit() and len(period) in (7, 10):
        when = words.month(period, c.language) if len(period) == 7 else words.day(period, c.language)
        return c.t("of", step=step, when=when)
    return step
