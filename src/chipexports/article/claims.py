"""The ten claims of the article of 25 December 2024, each compared with the record."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from chipexports.article import evidence, rules
from chipexports.article.finding import Finding
from chipexports.words import text as words
from chipexports.words.names import name_of, span_label

RULES: dict[int, Callable[[str], Finding]] = {
    1: lambda as_of: evidence.ten_years_ago(),
    2: lambda as_of: evidence.share_2021(),
    3: lambda as_of: evidence.share_2022(),
    4: rules.trade_deficit,
    5: rules.world_share,
    6: rules.ten_months,
    7: rules.trillion,
    8: rules.from_importer,
    9: rules.destinations,
    10: rules.main_products,
}
DECIDED_BY = {claim: "evidence" if claim <= 3 else "data" for claim in RULES}
COLUMNS = (
    "claim_id",
    "text_zh",
    "text_en",
    "short_zh",
    "short_en",
    "claimed",
    "computed",
    "unit",
    "record_says_en",
    "record_says_zh",
    "source",
    "verdict",
    "reason_en",
    "reason_zh",
    "decided_by",
    "verdict_on_article_day",
)


def check_claims(as_of: str = "2026-11-22", *, language: str = "en") -> pd.DataFrame:
    """Hold each claim against what was published by ``as_of``.

    Parameters
    ----------
    as_of : str
        "YYYY-MM-DD"; claims that data decide see only what was published by the end of that day.
        Evidence quoted from elsewhere carries no such date and is not cut.
    language : str
        Accepted for a uniform interface; the table holds both languages.

    Returns
    -------
    DataFrame
        One row a claim: ``claim_id``, words and short words in both languages, ``claimed``,
        ``computed``, ``unit``, ``record_says_*``, ``source``, ``verdict`` (holds|holds_with_remark|
        does_not_hold|cannot_be_checked), ``reason_*``, ``decided_by`` (data|evidence) and
        ``verdict_on_article_day``: the verdict with what was known on 2024-12-25 (or ``as_of``).

    Raises
    ------
    UsageError
        If ``as_of`` is not a date or lies before the first release, or the language is not known.
    """
    words.check_language(language)
    then = min(as_of, rules.ARTICLE_DAY)
    rows = []
    for claim, rule in RULES.items():
        finding = rule(as_of)
        that_day = finding if then == as_of else rule(then)
        rows.append(_row(claim, finding) | {"verdict_on_article_day": that_day.verdict})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(claim: int, finding: Finding) -> dict[str, object]:
    row: dict[str, object] = {
        "claim_id": claim,
        "claimed": finding.claimed,
        "computed": finding.computed,
        "unit": finding.unit,
        "source": finding.source,
        "verdict": finding.verdict,
        "decided_by": DECIDED_BY[claim],
    }
    for language in words.LANGUAGES:
        placeholders = _in_words(finding, language)
        area = f"article.{claim}"
        row[f"text_{language}"] = words.text(f"{area}.text", language)
        row[f"short_{language}"] = words.text(f"{area}.short", language)
        key = f"{area}.record.{finding.case}"
        record = (
            key
            if words.has(key)
            else f"{area}.record"
            if finding.case != "unknown"
            else "article.record.unknown"
        )
        row[f"record_says_{language}"] = words.text(record, language, **placeholders)
        reason = f"{area}.reason.{finding.case}"
        row[f"reason_{language}"] = words.text(
            reason if words.has(reason) else f"article.reason.{finding.case}", language, **placeholders
        )
    return row


def _in_words(finding: Finding, language: str) -> dict[str, object]:
    """Return the finding's values as words: numbers with one decimal, years bare, places by name."""
    placeholders: dict[str, object] = {}
    for key, value in finding.values.items():
        if key == "passed_by":
            placeholders[key] = words.month(str(value), language)
        elif key == "top":
            placeholders[key] = name_of("partner", str(value), language)
        elif isinstance(value, tuple):
            placeholders[key] = words.money(*value, language, 1)
        elif isinstance(value, float):
            placeholders[key] = words.number(value, 2 if key == "ratio" else 1)
        else:
            placeholders[key] = value
    if {"start", "end"} <= set(finding.values):
        span = (str(finding.values["start"]), str(finding.values["end"]))
        placeholders["span"] = span_label(*span, language)
    return placeholders
