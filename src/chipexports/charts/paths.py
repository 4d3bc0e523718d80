"""How much, against the one-trillion line: year-to-date paths of the years, in yuan."""

from __future__ import annotations

from typing import Any

import pandas as pd

from chipexports.charts import axes, frames, sources
from chipexports.charts.canvas import Canvas
from chipexports.charts.drawn import Drawn, FigureNotDrawn
from chipexports.charts.frames import Monthly
from chipexports.words import text as words

TRILLION = 10_000.0  # 100 million CNY
OFF_SCALE = 3.0  # a line further above the highest path than this factor is named, not drawn


def ytd_paths(
    monthly: pd.DataFrame,
    *,
    language: str = "en",
    size: str = "page",
    as_of: str = "",
    flow: str = "export",
    currency: str = "CNY",
    threshold: float | None = None,
    years: int = 7,
) -> Drawn:
    """Draw the sum since January of each year and the line of one trillion yuan.

    Parameters
    ----------
    monthly : DataFrame
        The cleaned monthly table, as made by ``clean.monthly.monthly_series``.
    language, size, as_of : str
        ``en`` or ``zh``; ``column``, ``page`` or ``slide``; "YYYY-MM-DD" for the source line.
    flow : str
        ``export`` or ``import``.
    currency, threshold
        The paths are in yuan, as the line is; a run's threshold is taken when it is in yuan
        (100 million CNY), one trillion otherwise.
    years : int
        How many of the last years are shown.

    Returns
    -------
    Drawn
        In its ``data`` a series a year: ``x`` month 1 to 12, ``y`` sum since January (plotted unit).

    Raises
    ------
    FigureNotDrawn
        If no year has a known January.
    """
    line = float(threshold) if threshold and currency == "CNY" else TRILLION
    months = frames.months_of(monthly, flow, language)
    paths = frames.year_to_date(frames.values_of(months, "CNY"))
    known = sorted(set(paths.dropna().index.year))[-years:]
    if not known:
        raise FigureNotDrawn(words.text("figure.left_out.no_january", language))
    canvas = Canvas("ytd_paths", language, size, tall=1.25)
    factor, roles = words.scale("CNY", language), frames.roles_of(months, "CNY")
    for year in known:
        path = paths[paths.index.year == year].dropna() * factor
        _draw_year(canvas, path, roles[path.index], year == known[-1])
    note = _draw_line(canvas, line, float(paths[paths.index.year.isin(known)].max()))
    canvas.heading(0, words.unit("CNY", language))
    axes.month_axis(canvas, 0, first=0.6, last=12.0)
    axes.value_axis(canvas, 0, zero=True)
    _explain(canvas, roles[paths[paths.index.year.isin(known)].index])
    return canvas.finish(
        title=_title(canvas, paths, line, flow),
        subtitle=canvas.text("subtitle", flow=canvas.flow(flow)),
        source=sources.source_line(
            language,
            ["gacc"],
            as_of=as_of,
            last=paths.last_valid_index(),
            estimated="estimated" in set(roles[roles.index.year.isin(known)]),
            note=note,
        ),
        caption=canvas.text("caption"),
    )


def _draw_line(canvas: Canvas, line: float, top: float) -> str:
    """Draw the threshold where it is near the paths; return a sentence where it lies off the scale."""
    amount = _round_money(line, canvas.language)
    if line > OFF_SCALE * top:
        return canvas.text("off_scale", amount=amount)
    value = line * words.scale("CNY", canvas.language)
    canvas.level(0, "threshold", "threshold", value, unit=words.unit("CNY", canvas.language))
    offset = (0, 0.25 * canvas.size.font)
    canvas.say(0, 0.75, value, canvas.text("line", amount=amount), "threshold", va="bottom", offset=offset)
    return ""


def _draw_year(canvas: Canvas, path: Monthly, roles: Monthly, current: bool) -> None:
    year, last = path.index[0].year, path.index[-1]
    kinds = ("estimated", "published" if current else "derived")
    kind = next((kind for kind in kinds if kind in set(roles)), "past")
    kind = "published" if current and kind != "estimated" else kind
    canvas.line(
        0,
        f"year_{year}",
        kind,
        path.index.month,
        path,
        label=frames.labels_of(path.index),
        unit=words.unit("CNY", canvas.language),
        linewidth=canvas.size.line * (1.7 if current else 1.0),
        marker="o" if len(path) == 1 else None,
    )
    end, weight = float(path.iloc[-1]), 600 if current else "normal"
    if last.month == 12:
        canvas.end_label(0, 12, end, str(year), kind, fontweight=weight)
    else:  # the lines of other years run on to its right
        look: Any = {
            "ha": "right",
            "va": "bottom",
            "fontweight": weight,
            "offset": (0, 0.3 * canvas.size.font),
        }
        canvas.say(0, last.month, end, str(year), kind, **look)


def _explain(canvas: Canvas, roles: Monthly) -> None:
    if "estimated" in set(roles):
        canvas.key("estimated", canvas.text("role.year_estimated"))
    if "derived" in set(roles):
        canvas.key("derived", canvas.text("role.year_derived"))


def _round_money(line: float, language: str) -> str:
    if line == TRILLION:
        return words.text("term.one_trillion_yuan", language)
    return words.money(line, "CNY", language, 0)


def _crossing(paths: Monthly, line: float) -> dict[int, pd.Period]:
    """Return for every year that passed the line the first month in which it had."""
    passed = paths[paths > line]
    return {int(year): group.index[0] for year, group in passed.groupby(passed.index.year)}


def _title(canvas: Canvas, paths: Monthly, line: float, flow: str) -> str:
    language, last = canvas.language, paths.last_valid_index()
    crossed, year = _crossing(paths, line), last.year
    said: dict[str, object] = {
        "flow": canvas.flow(flow),
        "line": _round_money(line, language),
        "year": year,
        "month": words.month(last, language),
        "amount": words.money(float(paths[last]), "CNY", language),
    }
    if year not in crossed:
        gap = words.money(line - float(paths[last]), "CNY", language)
        said["flow"] = words.text(f"flow.{flow}", language)
        return canvas.text("title_below", gap=gap, **said)
    said["crossed"] = words.month_name(crossed[year].month, language)
    before = [other for other in crossed if other < year]
    if not before:
        return canvas.text("title_first", **said)
    return canvas.text(
        "title",
        before=max(before),
        month_before=words.month_name(crossed[max(before)].month, language),
        **said,
    )
