"""Notebook 06's read-outs: why the forecast moved, what is still needed, both currencies."""

from __future__ import annotations

import datetime as dt

from chipexports.base.errors import UsageError
from chipexports.clean.monthly import to_series
from chipexports.forecast.questions.currencies import both_currencies
from chipexports.forecast.questions.needed import needed
from chipexports.forecast.questions.news import ForecastInputs, why_moved
from chipexports.record.calendar import as_of_dates
from chipexports.record.indicators import indicators_as_of
from chipexports.record.rates import rates_as_of
from chipexports.run import tables
from chipexports.stages.forecast import Forecasted, Inputs, forecast_settings, inputs_as_of
from chipexports.stages.prose import Answer, labelled
from chipexports.words.text import day, money, number, percent, text

OTHER = {"CNY": "USD", "USD": "CNY"}


def before_last_release(made: Forecasted) -> str:
    """Return the day before the last month of the series became known, "YYYY-MM-DD"."""
    last = str(made.inputs.series.last_valid_index())
    known_on = [date for _, date in as_of_dates(last, last)] or [dt.date.fromisoformat(made.params.as_of)]
    return str(min(known_on[-1], dt.date.fromisoformat(made.params.as_of)) - dt.timedelta(days=1))


def moved(made: Forecasted) -> Answer:
    """Split the change since the last release into revisions, news and re-estimation; write ``news``."""
    p = made.params
    earlier = before_last_release(made)
    old = inputs_as_of(p, earlier)
    steps = why_moved(_seen(old), _seen(made.inputs), p.target_year, **forecast_settings(p))
    tables.save(p, "news", steps)
    start, end = steps["total"].iloc[0], steps["total"].iloc[-1]
    words = text(
        "notebook.06.moved",
        p.language,
        since=day(earlier, p.language),
        start=money(start, p.currency, p.language),
        end=money(end, p.currency, p.language),
        change=money(end - start, p.currency, p.language),
    )
    return Answer(words)


def _seen(inputs: Inputs) -> ForecastInputs:
    return ForecastInputs(inputs.series, indicators_as_of(inputs.params.as_of), inputs.estimated)


def what_is_needed(made: Forecasted) -> Answer:
    """Say what the remaining months must average to reach the threshold; write ``needed``."""
    p = made.params
    row = tables.save(p, "needed", needed(made.forecast, p.threshold)).iloc[0]
    names = (
        "needed_monthly_average",
        "published_monthly_average",
        "last_year_monthly_average",
        "needed_total",
    )
    key = "notebook.06.needed" if row["needed_total"] > 0 else "notebook.06.passed"
    words = text(
        key,
        p.language,
        months=int(row["months_remaining"]),
        threshold=money(p.threshold, p.currency, p.language),
        growth=percent(row["needed_growth_pct"], signed=True),
        **{name: money(row[name], p.currency, p.language) for name in names},
    )
    return Answer(words)


def in_both_currencies(made: Forecasted) -> Answer:
    """Show the total in CNY and USD from the same paths; write ``both_currencies``."""
    p = made.params
    other = to_series(made.inputs.monthly, p.flow, OTHER[p.currency])
    try:
        both = both_currencies(made.forecast, other, rates_as_of(p.as_of), p.currency, seed=p.seed)
    except UsageError as reason:
        return Answer(str(reason))
    table = tables.save(p, "both_currencies", both.table())
    words = text("notebook.06.both", p.language, rate=number(table["average_rate"].iloc[0], 3))
    shown = table[["currency", "published_total", "q10", "median", "q90"]].astype(object)
    for name in ("published_total", "q10", "median", "q90"):
        shown[name] = [money(v, c, p.language) for v, c in zip(table[name], table["currency"], strict=True)]
    return Answer(words, labelled(shown, p.language))
