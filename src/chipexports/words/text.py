"""Every word a reader sees, in English and Chinese, from one glossary; numbers and dates in both manners."""

from __future__ import annotations

import math

import pandas as pd

from chipexports.base.units import in_language
from chipexports.words.glossary import LANGUAGES, check_language, collecting, glossary, has, text

__all__ = [
    "LANGUAGES",
    "chance",
    "check_language",
    "collecting",
    "day",
    "decimals",
    "flow_name",
    "glossary",
    "has",
    "money",
    "month",
    "month_name",
    "number",
    "own",
    "partly_estimated",
    "percent",
    "rose",
    "scale",
    "text",
    "unit",
]

MINUS = "\u2212"

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# plotted unit = table unit x scale: English counts in billions, Chinese in 亿 (100 million)
_SCALE = {
    ("CNY", "en"): 0.1,
    ("CNY", "zh"): 1.0,
    ("USD", "en"): 1e-3,
    ("USD", "zh"): 1e-2,
    ("quantity", "en"): 0.1,
    ("quantity", "zh"): 1.0,
}


def scale(measure: str, language: str) -> float:
    """Return the factor from the table's unit to the plotted unit.

    Parameters
    ----------
    measure : str
        ``"CNY"``, ``"USD"`` or ``"quantity"``.
    language : str
        ``"en"`` or ``"zh"``.

    Returns
    -------
    float
        Billions or 亿 per 100 million CNY, million USD or 100 million pieces; 1 for the unit of a series of
        one's own, which is shown as it is.
    """
    return _SCALE.get((measure, check_language(language)), 1.0)


def unit(measure: str, language: str) -> str:
    """Return the plotted unit's name: bn CNY, bn USD, bn pieces; 亿元, 亿美元, 亿个; or one's own."""
    key = f"unit.{measure.lower()}"
    return text(key, language) if has(key) else in_language(measure, check_language(language))


def flow_name(flow: str, language: str, start: bool = False, key: str = "flow") -> str:
    """Return the word for "export" or "import", or the name of a series of one's own.

    ``start`` asks for the form at the head of a sentence, ``key`` for the place of the words in the glossary.
    """
    known = f"{key}.{flow}.title" if start else f"{key}.{flow}"
    if has(known):
        return text(known, language)
    name = in_language(flow, check_language(language))
    return name[:1].upper() + name[1:] if start else name


def own(key: str, series: object) -> str:
    """Return a key, or with a series of one's own that of what is said of it in other words."""
    return f"own.{key}" if series and has(f"own.{key}") else key


def number(value: float, digits: int = 1, *, signed: bool = False) -> str:
    """Write a number with thousands separators and a real minus sign; NaN and infinities are an en dash."""
    if value is None or not math.isfinite(value):
        return "–"
    out = f"{value:+,.{digits}f}" if signed else f"{value:,.{digits}f}"
    if float(out.replace(",", "")) == 0:
        out = out.lstrip("+-")
    return out.replace("-", MINUS)


def percent(value: float, digits: int = 1, *, signed: bool = False) -> str:
    """Write a percentage given in per cent: ``percent(17.4, signed=True)`` gives ``+17.4%``."""
    return f"{number(value, digits, signed=signed)}%"


def money(value: float, currency: str, language: str, digits: int | None = None) -> str:
    """Write an amount given in the table's unit: ``money(11351.6, "CNY", "en")`` gives 1,135.2 bn CNY."""
    scaled = value * scale(currency, language)
    if digits is None:
        digits = decimals(scaled, language)
    return text("pattern.amount", language, value=number(scaled, digits), unit=unit(currency, language))


def decimals(scaled: float, language: str) -> int:
    """Return how many decimals an amount is shown with, given in billions (English) or 亿 (Chinese)."""
    # one decimal from 1 on, none from 100亿 on; below 1 as many as show two digits, never just zeros
    size = abs(scaled)
    if not math.isfinite(size) or size == 0:
        return 1 if language == "en" else 0
    if size >= 100 and language == "zh":
        return 0
    if size >= 100_000:
        return 0
    return 1 if size >= 1 else 1 - math.floor(math.log10(size))


def month(period: pd.Period | str, language: str) -> str:
    """Write a month given as Period or "YYYY-MM": Oct 2024, 2024年10月."""
    value = pd.Period(period, freq="M")
    if check_language(language) == "zh":
        return f"{value.year}年{value.month}月"
    return f"{_MONTHS[value.month - 1]} {value.year}"


def month_name(number_of_month: int, language: str) -> str:
    """Write a month without its year: Oct, 10月."""
    return f"{number_of_month}月" if check_language(language) == "zh" else _MONTHS[number_of_month - 1]


def day(date: object, language: str) -> str:
    """Write a date given as such or as "YYYY-MM-DD": 7 Nov 2024, 2024年11月7日."""
    value = pd.Timestamp(str(date))
    if check_language(language) == "zh":
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def rose(change: float, language: str, digits: int = 1) -> str:
    """Say a change given in per cent in words: rose 17.4%, fell 5.0%; 增长17.4%, 下降5.0%."""
    size = percent(abs(change), digits)
    return text("pattern.rose" if change >= 0 else "pattern.fell", language, change=size)


def partly_estimated(number: str, estimated: bool, language: str) -> str:
    """Add to a number in words that it rests on estimated months, where it does."""
    return text("pattern.partly_estimated", language, said=number) if estimated else number


def chance(probability: float, language: str) -> str:
    """Write a share of paths in whole per cent, never as 0 or 100: none of 2,000 paths is not never."""
    if probability is None or not math.isfinite(probability):
        return "–"
    share = 100 * probability
    if share < 1:
        return text("pattern.below_one_percent", language)
    if share > 99:
        return text("pattern.above_99_percent", language)
    return percent(share, 0)
