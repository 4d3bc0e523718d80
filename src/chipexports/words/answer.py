"""The answer to a question, and the one place that puts it into words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from chipexports.words.text import (
    chance,
    day,
    decimals,
    flow_name,
    money,
    month,
    number,
    percent,
    scale,
    text,
)

MAIN_LEVEL = 0.8
YEAR = 12
#: more doubtful months than this are counted, not listed
LISTED = 3


@dataclass(frozen=True)
class Without:
    """The answer without the figures of one month."""

    month: str
    median: float
    low: float
    high: float
    probability: float


@dataclass(frozen=True)
class Answer:
    """What is said to the question "how much in this year, and how sure": numbers only, words elsewhere.

    Computed by `chipexports.forecast.answer.answer`, kept in ``answer.csv`` of a run. Amounts are in the
    table's unit: million USD or 100 million CNY.

    Attributes
    ----------
    as_of : str
        "YYYY-MM-DD": what was published by the end of this day is known.
    year : int
        Target year.
    flow, currency : str
        "export" or "import"; "USD" or "CNY".
    months_published : int
        Months of the year that are known, 0 to 12.
    last : str
        Last month known, "YYYY-MM".
    published_total : float
        Sum of the months published.
    median : float
        Forecast of the year, or its published total where twelve months are.
    intervals : tuple of (level, low, high)
        Central intervals at the levels asked for, ascending.
    threshold, probability : float
        The total asked about, and the share of paths above it.
    first_print, latest : float or None
        A finished year as first printed and as last revised by ``as_of``.
    outturn : float or None
        What the year came to, where that became known after ``as_of``.
    quoted_once, estimated : tuple of str
        Published months of the year (and the last month known) that rest on one unconfirmed copy, or are
        estimates, "YYYY-MM".
    fitted, fitted_estimates : int
        Months the methods are fitted to, and how many of them are estimates.
    without : Without or None
        The answer without the last month of `quoted_once`.
    """

    as_of: str
    year: int
    flow: str
    currency: str
    months_published: int
    last: str
    published_total: float
    median: float
    intervals: tuple[tuple[float, float, float], ...]
    threshold: float
    probability: float
    first_print: float | None = None
    latest: float | None = None
    outturn: float | None = None
    quoted_once: tuple[str, ...] = ()
    estimated: tuple[str, ...] = ()
    fitted: int = 0
    fitted_estimates: int = 0
    without: Without | None = None

    @property
    def finished(self) -> bool:
        """Whether all twelve months are published."""
        return self.months_published == YEAR

    @property
    def passed(self) -> bool:
        """Whether published months alone are above the threshold."""
        return self.published_total > self.threshold

    @property
    def main(self) -> tuple[float, float, float]:
        """The interval that is named first: the level nearest to 80%, with its bounds."""
        return min(self.intervals, key=lambda interval: abs(interval[0] - MAIN_LEVEL))


def amount(value: float, currency: str, language: str) -> str:
    """Write an amount with its unit, digits by its size and language.

    Parameters
    ----------
    value : float
        Million USD, 100 million CNY or 100 million pieces.
    currency : {"USD", "CNY", "quantity"}
        What is counted.
    language : {"en", "zh"}
        Billions in English, 亿 in Chinese.

    Returns
    -------
    str
        Such as "418.0 bn USD", "4,180亿美元".

    Examples
    --------
    >>> amount(418000, "USD", "en"), amount(418000, "USD", "zh"), amount(3456, "USD", "zh")
    ('418.0 bn USD', '4,180亿美元', '34.6亿美元')
    """
    return money(value, currency, language)


def amount_range(low: float, high: float, currency: str, language: str) -> str:
    """Write the bounds of an interval without their unit: "398.0–440.3", "3,980—4,403"."""
    factor = scale(currency, language)
    digits = decimals(min(abs(low), abs(high)) * factor, language)
    bounds = {"low": number(low * factor, digits), "high": number(high * factor, digits)}
    return text("answer.range", language, **bounds)


def probability(p: float, language: str) -> str:
    """Write a probability: "below 1%", "above 99%", else whole per cent.

    What is simulated is never certain: none of 2,000 paths is not 0%. A published fact has no
    probability; see `probability_words`.

    Examples
    --------
    >>> probability(0.0, "en"), probability(0.87, "en"), probability(1.0, "zh")
    ('below 1%', '87%', '99%以上')
    """
    return chance(p, language)


def probability_words(answer: Answer, language: str) -> str:
    """Return the probability of passing the threshold, or the published fact: "passed", "not reached"."""
    if answer.passed:
        return text("answer.fact.passed", language)
    if answer.finished:
        return text("answer.fact.not_reached", language)
    return probability(answer.probability, language)


def answer_parts(answer: Answer, language: str) -> dict[str, str]:
    """Return the sentences of the answer in Markdown, in reading order, by what they say, e.g. ``chance``."""
    a, c = answer, answer.currency
    flow = flow_name(a.flow, language, key="answer.flow")
    flow = flow[:1].upper() + flow[1:]
    common = {"flow": flow, "year": a.year, "as_of": day(a.as_of, language)}
    threshold = amount(a.threshold, c, language)
    parts = {}
    if a.finished:
        parts["forecast"] = text(
            "answer.finished", language, total=amount(a.median, c, language), **common
        ) + _truths(a, language)
        key = "answer.finished_above" if a.passed else "answer.finished_below"
        parts["chance"] = text(key, language, threshold=threshold)
        return _join_rest(parts, a, language)
    level, low, high = a.main
    others = "".join(
        text(
            "answer.other_interval",
            language,
            level=_level(one),
            range=amount_range(lower, upper, c, language),
        )
        for one, lower, upper in a.intervals
        if one != level
    )
    parts["forecast"] = text(
        "answer.forecast",
        language,
        median=amount(a.median, c, language),
        level=_level(level),
        range=amount_range(low, high, c, language),
        others=others,
        **common,
    )
    if a.months_published:
        parts["published"] = text(
            "answer.published",
            language,
            months=months_of_year(a.months_published, a.year, language),
            total=amount(a.published_total, c, language),
        )
    else:
        parts["published"] = text("answer.nothing_yet", language, year=a.year, last=month(a.last, language))
    if a.passed:
        parts["chance"] = text("answer.passed", language, threshold=threshold)
    else:
        parts["chance"] = text(
            "answer.chance", language, threshold=threshold, p=probability(a.probability, language)
        )
    if a.outturn is not None:
        miss = 100 * (a.median / a.outturn - 1)
        parts["outturn"] = text(
            "answer.outturn_below" if miss < 0 else "answer.outturn_above",
            language,
            outturn=amount(a.outturn, c, language),
            error=percent(abs(miss)),
            year=a.year,
        )
    return _join_rest(parts, a, language)


def _truths(a: Answer, language: str) -> str:
    """Name both truths of a finished year, where the record holds both and they differ in print."""
    if a.first_print is None or a.latest is None:
        return ""
    first, latest = (amount(x, a.currency, language) for x in (a.first_print, a.latest))
    if first == latest:
        return ""
    return text("join", language) + text("answer.truths", language, first=first, latest=latest)


def _join_rest(parts: dict[str, str], a: Answer, language: str) -> dict[str, str]:
    """Add on what the answer rests."""
    if a.quoted_once:
        key = "answer.quoted_once" if len(a.quoted_once) == 1 else "answer.quoted_once_each"
        parts["unconfirmed"] = text(key, language, months=_months(a.quoted_once, language))
        if a.without is not None:
            w = a.without
            parts["unconfirmed"] += text(
                "answer.without",
                language,
                month=month(w.month, language),
                median=amount(w.median, a.currency, language),
                level=_level(a.main[0]),
                range=amount_range(w.low, w.high, a.currency, language),
                p=probability(w.probability, language),
                threshold=amount(a.threshold, a.currency, language),
            )
        parts["unconfirmed"] += text("answer.stop", language)
    if a.estimated:
        parts["estimated"] = text("answer.estimated", language, months=_months(a.estimated, language))
    if a.fitted_estimates and not a.finished:
        parts["fitted"] = text("answer.fitted", language, n=a.fitted, estimates=a.fitted_estimates)
    return parts


def _level(level: float) -> str:
    return f"{100 * level:g}"


def months_of_year(n: int, year: int, language: str) -> str:
    """Write the first months of a year: "January–August 2026", "2026年1—8月"."""
    first, last = pd.Period(f"{year}-01", "M"), pd.Period(f"{year}-{n:02d}", "M")
    key = "answer.month_of_year" if n == 1 else "answer.months_of_year"
    names = {"first": first.strftime("%B"), "last": last.strftime("%B")}
    return text(key, language, year=year, n=n, **names)


def _months(months: Sequence[str], language: str) -> str:
    if len(months) > LISTED:
        return text("answer.n_months", language, n=len(months), last=month(months[-1], language))
    return text("report.list_comma", language).join(month(one, language) for one in months)


def answer_sentence(answer: Answer, language: str) -> str:
    """Return the answer as a paragraph: how much, how sure, and on what it rests.

    Parameters
    ----------
    answer : Answer
        Computed by `chipexports.forecast.answer.answer`.
    language : {"en", "zh"}
        Language of the words.

    Returns
    -------
    str
        Markdown: the forecast and the probability are strong.
    """
    return text("join", language).join(answer_parts(answer, language).values())


def answer_line(answer: Answer, language: str) -> str:
    """Return the answer as plain text for a terminal."""
    return answer_sentence(answer, language).replace("**", "")


def missing_line(missing: pd.DataFrame, flow: str, as_of: str, language: str) -> str:
    """Return the line that names the tables due by ``as_of`` and not in the record, or ""."""
    due = missing[missing["flow"] == flow]
    if due.empty:
        return ""
    named = []
    for currency, part in due.groupby("currency"):
        spans = [_span(first, last, language) for first, last in spans_of(part["period"])]
        months = text("report.list_comma", language).join(spans)
        money_name = text(f"currency.{currency}", language)
        named.append(text("answer.missing_of", language, currency=money_name, months=months))
    tables = text("answer.semicolon", language).join(named)
    return text("answer.missing", language, as_of=day(as_of, language), tables=tables)


def spans_of(months: Sequence[str] | pd.Series) -> list[tuple[str, str]]:
    """Return months as spans without a gap: first and last of each.

    >>> spans_of(["2026-08", "2026-09", "2026-11"])
    [('2026-08', '2026-09'), ('2026-11', '2026-11')]
    """
    periods = sorted({pd.Period(one, "M") for one in months})
    spans: list[list[pd.Period]] = []
    for period in periods:
        if spans and period == spans[-1][1] + 1:
            spans[-1][1] = period
        else:
            spans.append([period, period])
    return [(str(first), str(last)) for first, last in spans]


def _span(first: str, last: str, language: str) -> str:
    if first == last:
        return month(first, language)
    return text("answer.span", language, first=month(first, language), last=month(last, language))


__all__ = [
    "Answer",
    "Without",
    "amount",
    "amount_range",
    "answer_line",
    "answer_parts",
    "answer_sentence",
    "missing_line",
    "probability",
    "probability_words",
    "spans_of",
]
