"""How fast: growth on the year before, month and year-to-date, and the part that is the exchange rate."""

from __future__ import annotations

import pandas as pd

from chipexports.charts import axes, frames, sources
from chipexports.charts.canvas import Canvas
from chipexports.charts.drawn import Drawn, FigureNotDrawn
from chipexports.charts.frames import Monthly
from chipexports.charts.style import ROLES
from chipexports.words import text as words

_LOOK = {"USD": "published", "CNY": "forecast"}


def rate_part(cny: Monthly, usd: Monthly) -> Monthly:
    """Return growth in yuan as the sum of growth in dollars and of the rate, in 100 x log change.

    Parameters
    ----------
    cny, usd : Series
        The same amounts in 100 million CNY and million USD, PeriodIndex of months.

    Returns
    -------
    DataFrame
        ``cny, usd, rate`` by month, with ``cny == usd + rate`` exactly.
    """
    dlog_cny, dlog_usd = frames.growth(cny, log=True), frames.growth(usd, log=True)
    return pd.DataFrame({"cny": dlog_cny, "usd": dlog_usd, "rate": dlog_cny - dlog_usd})


def growth(
    monthly: pd.DataFrame,
    *,
    language: str = "en",
    size: str = "page",
    as_of: str = "",
    flow: str = "export",
    currency: str = "USD",
    years: int = 4,
) -> Drawn:
    """Draw growth of the month and of the year to date, both currencies, and what the rate adds.

    Parameters
    ----------
    monthly : DataFrame
        The cleaned monthly table, as made by ``clean.monthly.monthly_series``.
    language, size, as_of : str
        ``en`` or ``zh``; ``column``, ``page`` or ``slide``; "YYYY-MM-DD" for the source line.
    flow : str
        ``export`` or ``import``.
    currency : str
        The currency the title speaks of.
    years : int
        How many years back from the last month.

    Returns
    -------
    Drawn
        In its ``data`` ``month_*`` and ``ytd_*`` of ``usd``, ``cny`` (%) and ``rate`` (100 x log).

    Raises
    ------
    FigureNotDrawn
        If no month has a value a year before.
    """
    months = frames.months_of(monthly, flow, language)
    series = {c: frames.values_of(months, c) for c in ("USD", "CNY")}
    to_date = {c: frames.year_to_date(s) for c, s in series.items()}
    shown = [c for c in series if frames.growth(series[c]).notna().any()]
    if not shown:
        raise FigureNotDrawn(words.text("figure.left_out.no_year_before", language))
    first = months.index[-1] - 12 * years + 1
    start = max(first, min(frames.growth(series[c]).first_valid_index() for c in shown))
    both = len(shown) == 2
    canvas = Canvas("growth", language, size, panels=4 if both else 2, columns=2)
    guesses = {c: frames.is_estimated(months, c) for c in series}
    for panel, values in enumerate((series, to_date)):
        _growth_panel(canvas, panel, {c: values[c][start:] for c in shown}, values, guesses)
        if both:
            part = rate_part(values["CNY"], values["USD"])[start:]
            _rate_panel(canvas, panel + 2, part)
    main = currency if currency in shown else shown[0]
    title, last = _title(canvas, to_date, series, main, flow, guesses[main])
    return canvas.finish(
        title=title,
        subtitle=canvas.text("subtitle", flow=canvas.flow(flow)),
        source=sources.source_line(
            language,
            ["gacc"],
            as_of=as_of,
            last=last,
            estimated=any(flags[start - 12 :].any() for flags in guesses.values()),
        ),
        caption=canvas.text("caption" if both else "caption_one"),
    )


def _growth_panel(
    canvas: Canvas,
    panel: int,
    shown: dict[str, Monthly],
    values: dict[str, Monthly],
    guesses: dict[str, Monthly],
) -> None:
    kind = ("month", "ytd")[panel]
    for measure in shown:
        change = frames.growth(values[measure])[shown[measure].index]
        guess = frames.rests_on_estimates(guesses[measure], kind)[change.index]
        if guess.any():
            canvas.key("estimated", canvas.text("rests_on_estimates"))
        canvas.line_by_role(
            panel,
            f"{kind}_{measure.lower()}",
            frames.x_of(change.index),
            change,
            guess.map({True: "estimated", False: _LOOK[measure]}),
            color=ROLES[_LOOK[measure]].color,
            label=frames.labels_of(change.index),
            unit="%",
            marker="o",
            markersize=1.4 * canvas.size.line,
            linewidth=0.8 * canvas.size.line,
        )
        canvas.end_of(panel, change, canvas.currency(measure), _LOOK[measure])
    index = next(iter(shown.values())).index
    x = frames.x_of(index)
    axes.zero_line(canvas, panel)
    axes.year_axis(canvas, panel, x[0], x[-1])
    axes.value_axis(canvas, panel, percent=True)
    canvas.heading(panel, canvas.text("unit_yoy"), canvas.text(kind))


def _rate_panel(canvas: Canvas, panel: int, part: Monthly) -> None:
    x = frames.x_of(part.index)
    kind = "month" if panel == 2 else "ytd"
    canvas.bars(
        panel,
        f"{kind}_rate",
        "remark",
        x,
        part["rate"],
        width=0.8 / 12,
        label=frames.labels_of(part.index),
        unit="log points",
    )
    axes.zero_line(canvas, panel)
    axes.year_axis(canvas, panel, x[0], x[-1])
    axes.value_axis(canvas, panel)
    canvas.heading(panel, canvas.text("unit_log"), canvas.text(f"rate_{kind}"))


def _title(
    canvas: Canvas,
    to_date: dict[str, Monthly],
    series: dict[str, Monthly],
    main: str,
    flow: str,
    guess: Monthly,
) -> tuple[str, pd.Period]:
    language = canvas.language
    said = {
        "flow": canvas.flow(flow),
        "currency": canvas.currency(main),
    }
    change = frames.growth(to_date[main])
    last = frames.last_known(change)
    if last is None:
        change = frames.growth(series[main])
        last = change.last_valid_index()
        amount = words.rose(float(change[last]), language)
        amount = words.partly_estimated(
            amount, bool(frames.rests_on_estimates(guess, "month")[last]), language
        )
        return canvas.text("title_month", month=words.month(last, language), change=amount, **said), last
    key = "title_year" if last.month == 12 else "title_ytd" if last.month > 1 else "title_january"
    span = words.text(
        "pattern.months_of_year",
        language,
        first=words.month_name(1, language),
        last=words.month_name(last.month, language),
        year=last.year,
    )
    amount = words.rose(float(change[last]), language)
    amount = words.partly_estimated(amount, bool(frames.rests_on_estimates(guess, "ytd")[last]), language)
    return canvas.text(key, year=last.year, span=span, change=amount, **said), last
