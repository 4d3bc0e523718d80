"""Names of products and partners, and spans of months, as a sentence writes them."""

from __future__ import annotations

import re

import pandas as pd

from chipexports.words import text as words


def span_label(start: str, end: str, language: str) -> str:
    """Write a span of months: 2024, Q1 2026, Jan–Jul 2026, Mar 2026."""
    first, last = pd.Period(start, freq="M"), pd.Period(end, freq="M")
    year = first.year
    if (first.month, last.month) == (1, 12):
        return words.text("pattern.year", language, year=year)
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
    return words.text("pattern.part_of_year", language, part=part, year=year)


def name_of(area: str, raw: str, language: str) -> str:
    """Return the glossary's name of a product or partner; one it does not know keeps its own name."""
    key = f"{area}.{re.sub(r'[^a-z0-9]+', '_', raw.lower()).strip('_')}"
    return words.text(key, language) if words.has(key) else raw
