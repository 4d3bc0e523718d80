"""How much: monthly values with the twelve-month sum, in both currencies, months by basis made visible."""

from __future__ import annotations

import pandas as pd

from chipexports.charts import axes, frames, sources
from chipexports.charts.canvas import Canvas
from chipexports.charts.drawn import Drawn, FigureNotDrawn
from chipexports.charts.frames import Monthly
from chipexports.words import text as words

CURRENCIES = ("USD", "CNY")


def monthly_exports(
    monthly: pd.DataFrame,
    *,
    scale: str = "level",
    language: str = "en",
    size: str = "page",
    as_of: str = "",
    flow: str = "export",
    currency: str = "USD",
) -> Drawn:
    """Draw each month's value and the sum of twelve months, in USD and CNY.

    Parameters
    ----------
    monthly : DataFrame
        The cleaned monthly table, as made by ``clean.monthly.monthly_series``.
    scale : str
        ``level``: month and sum in panels of their own; ``log``: both in one panel per currency.
    language, size, as_of : str
        ``en`` or ``zh``; ``column``, ``page`` or ``slide``; "YYYY-MM-DD" for the source line.
    flow : str
        ``export`` or ``import``.
    currency : str
        The currency the title speaks of.

    Returns
    -------
    Drawn
        In its ``data`` by month ``month_*`` and ``sum12_*`` of ``usd`` and ``cny`` (plotted unit).

    Raises
    ------
    FigureNotDrawn
        If the flow has no values.
    """
    months = frames.months_of(monthly, flow, language)
    shown = [c for c in CURRENCIES if frames.values_of(months, c).notna().any()]
    if not shown:
        raise FigureNotDrawn(words.text("figure.left_out.no_values", language))
    log = scale == "log"
    name = "exports_log" if log else "exports_level"
    canvas = Canvas(name, language, size, panels=len(shown) * (1 if log else 2), columns=len(shown))
    for place, measure in enumerate(shown):
        lower = place if log else _panel(place, True, len(shown), size)
        _draw_months(canvas, place if log else _panel(place, False, len(shown), size), months, measure)
        _draw_sum(canvas, lower, months, measure)
        for panel in {place} if log else {_panel(place, False, len(shown), size), lower}:
            x = frames.x_of(months.index)
            axes.year_axis(canvas, panel, x[0], x[-1])
            axes.log_axis(canvas, panel) if log else axes.value_axis(canvas, panel, zero=True)
    _explain(canvas, months, shown, flow, log)
    return _finish(canvas, months, currency if currency in shown else shown[0], flow, as_of)


def _panel(place: int, below: bool, count: int, size: str) -> int:
    if size == "column":
        return 2 * place + below
    return place + count * below


def _draw_months(canvas: Canvas, panel: int, months: Monthly, measure: str) -> None:
    unit = words.unit(measure, canvas.language)
    series = frames.values_of(months, measure) * words.scale(measure, canvas.language)
    canvas.line_by_role(
        panel,
        f"month_{measure.lower()}",
        frames.x_of(months.index),
        series,
        frames.roles_of(months, measure),
        label=frames.labels_of(months.index),
        unit=unit,
        linewidth=0.75 * canvas.size.line,
    )
    canvas.heading(panel, unit, canvas.text("month"))


def _draw_sum(canvas: Canvas, panel: int, months: Monthly, measure: str) -> None:
    unit = words.unit(measure, canvas.language)
    total = frames.twelve_month_sum(frames.values_of(months, measure)) * words.scale(measure, canvas.language)
    roles = frames.roles_of(months, measure)
    estimated = (roles == "estimated").rolling(12, min_periods=1).max().astype(bool)
    canvas.line_by_role(
        panel,
        f"sum12_{measure.lower()}",
        frames.x_of(months.index),
        total,
        estimated.map({True: "estimated", False: "published"}),
        label=frames.labels_of(months.index),
        unit=unit,
        linewidth=1.3 * canvas.size.line,
    )
    last = frames.last_known(total)
    if last is not None:
        x = float(frames.x_of(pd.PeriodIndex([last]))[0])
        digits = 1 if total[last] < 1000 else 0
        canvas.end_label(panel, x, float(total[last]), words.number(float(total[last]), digits), "published")
    canvas.heading(panel, unit, canvas.text("sum12"))


def _explain(canvas: Canvas, months: Monthly, shown: list[str], flow: str, log: bool) -> None:
    used = {role for measure in shown for role in frames.roles_of(months, measure)}
    for role in ("published", "derived", "estimated"):
        if role in used:
            canvas.key(role, canvas.text(f"role.{role}"))
    if log:
        for panel, measure in enumerate(shown):
            canvas.heading(panel, words.unit(measure, canvas.language), canvas.text("both"))


def _finish(canvas: Canvas, months: Monthly, measure: str, flow: str, as_of: str) -> Drawn:
    language = canvas.language
    series = frames.values_of(months, measure)
    total = frames.twelve_month_sum(series)
    last = frames.last_known(total)
    label = canvas.flow(flow)
    if last is None:
        month = frames.last_known(series)
        amount = words.money(float(series[month]), measure, language) if month is not None else "–"
        title = canvas.text("title_short", flow=label, month=words.month(month, language), amount=amount)
    else:
        change = float(frames.growth(total)[last])
        key = "title" if pd.notna(change) else "title_level"
        title = canvas.text(
            key,
            flow=label,
            month=words.month(last, language),
            amount=words.money(float(total[last]), measure, language),
            change=words.partly_estimated(
                words.percent(change, 1, signed=True),
                bool(frames.rests_on_estimates(frames.is_estimated(months, measure), "sum12")[last]),
                language,
            ),
        )
    hidden = "excluded" in months and months["excluded"].astype("boolean").fillna(False).any()
    used = {role for c in CURRENCIES for role in frames.roles_of(months, c)}
    return canvas.finish(
        title=title,
        subtitle=canvas.text("subtitle", flow=label),
        source=sources.source_line(
            language,
            ["gacc"],
            as_of=as_of,
            last=months.index[-1],
            estimated="estimated" in used,
            note=canvas.text("excluded") if hidden else "",
        ),
        caption=canvas.text("caption"),
    )
