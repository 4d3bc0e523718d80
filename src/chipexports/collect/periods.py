"""Which months a title, a column heading or a date speaks of, in English and in Chinese."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WORD = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_TO = r"\s*(?:-|–|—|~|to|and|&|至|到)\s*"
# a year whose digits may be parted by blanks where the page splits them over tags: "202 5"
_YEAR = r"(?<!\d)((?:1\s?9|2\s?0)\s?\d\s?\d)(?!\d)"
_TITLE = (
    re.compile(rf"{_WORD}(?:{_TO}{_WORD})?[\s,]*{_YEAR}"),
    re.compile(rf"(?<![\d.])(\d{{1,2}})(?:{_TO}(\d{{1,2}}))?\s*[.,/]\s*{_YEAR}"),
)
_TITLE_ZH = re.compile(rf"{_YEAR}\s*年\s*(\d{{1,2}})\s*月?(?:{_TO}(\d{{1,2}})\s*月?)?")
_RANGE_WORDS = re.compile(rf"{_WORD}{_TO}{_WORD}")
_RANGE = re.compile(rf"(?<!\d)(\d{{1,2}})\s*月?{_TO}(\d{{1,2}})(?!\d)")
_SINGLE_WORD = re.compile(rf"(?<![a-z]){_WORD}(?![a-z])")
_SINGLE = re.compile(r"(?<!\d)(\d{1,2})(?:\s*月)?(?!\d)")
_LAST_YEAR = re.compile(r"last year|previous year|上年|去年")
_COMPARED = re.compile(r"比?(?:上年|去年)(?:同期|同月)?|同比|year[- ]on[- ]year|last year")
_DATES = (
    (re.compile(r"(?<!\d)(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})"), (1, 2, 3)),
    (re.compile(r"(?<!\d)(\d{1,2})/(\d{1,2})/(\d{4})"), (3, 1, 2)),
)


@dataclass(frozen=True)
class Months:
    """Months ``first`` to ``last`` of ``year`` (year None: not named there)."""

    year: int | None
    first: int
    last: int

    @property
    def possible(self) -> bool:
        """Whether such months exist."""
        return 1 <= self.first <= self.last <= 12 and (self.year is None or 1980 <= self.year <= 2100)

    @property
    def span(self) -> tuple[str, str]:
        """First and last month as "YYYY-MM"."""
        return f"{self.year}-{self.first:02d}", f"{self.year}-{self.last:02d}"


def _month(text: str) -> int:
    return int(text) if text.isdigit() else _NAMES.index(text[:3]) + 1


def title_months(text: str) -> Months | None:
    """Read the months a page title speaks of; None where it names none.

    >>> title_months("(5) China's Major Exports by Quantity and Value, Jun 2025 (in USD)")
    Months(year=2025, first=6, last=6)
    >>> title_months("(13)Major Export Commodities in Quantity and Value,1-7.2026")
    Months(year=2026, first=1, last=7)
    >>> title_months("(5)2025年1至2月全国出口重点商品量值表(人民币值)")
    Months(year=2025, first=1, last=2)
    """
    text = text.lower()
    if match := _TITLE_ZH.search(text):
        year, first, last = match.groups()
        return Months(_year(year), int(first), int(last or first))
    for pattern in _TITLE:
        if match := pattern.search(text):
            first, last, year = match.groups()
            return Months(_year(year), _month(first), _month(last or first))
    return None


def _year(text: str) -> int:
    return int("".join(text.split()))


def heading_months(text: str, year: int, end: int) -> Months | None:
    """Read the months a column heading speaks of, in a table for ``year`` that runs to month ``end``.

    A heading that says only "total" means January to ``end``; one that names an earlier year, or says
    "last year", speaks of that year. None where the heading names no months.

    >>> heading_months("1-6 Total, 202 5", 2026, 6)
    Months(year=2025, first=1, last=6)
    >>> heading_months("1to7", 2026, 7), heading_months("Jan-May in Total", 2019, 5)
    (Months(year=2026, first=1, last=7), Months(year=2019, first=1, last=5))
    """
    text = text.lower()
    named = re.search(_YEAR, text)
    that_year = _year(named.group(1)) if named else year - 1 if _LAST_YEAR.search(text) else year
    rest = text[: named.start()] + " " + text[named.end() :] if named else text
    for pattern in (_RANGE_WORDS, _RANGE):
        if match := pattern.search(rest):
            return Months(that_year, _month(match[1]), _month(match[2]))
    if re.search(r"total|cumulative|累计|year[- ]to[- ]date", rest):
        match = _SINGLE.search(rest)
        return Months(that_year, 1, int(match[1]) if match else end)
    for pattern in (_SINGLE_WORD, _SINGLE):
        if match := pattern.search(rest):
            month = _month(match[1])
            return Months(that_year, month, month)
    if re.search(r"当月|本月|this month|current month", rest):
        return Months(that_year, end, end)
    return Months(that_year, 1, end) if _LAST_YEAR.search(text) else None


def growth_months(text: str, year: int, end: int) -> Months | None:
    """Read the months a heading of growth speaks of; None where it says only that it is growth.

    >>> growth_months("累计比去年同期±%", 2026, 6), growth_months("Percentage Change", 2026, 7)
    (Months(year=2026, first=1, last=6), None)
    """
    months = heading_months(_COMPARED.sub(" ", text.lower()), year, end)
    return months and Months(year, months.first, months.last)


def printed_date(texts: list[str]) -> dt.date | None:
    """Return the first date printed in ``texts`` (2026/07/15, 06/10/2019, 2026-07-14, 2026年7月14日)."""
    for text in texts:
        for pattern, (y, m, d) in _DATES:
            if not (match := pattern.search(text)):
                continue
            year, month, day = (int(match[i]) for i in (y, m, d))
            if month > 12 >= day and y == 3:
                month, day = day, month
            try:
                return dt.date(year, month, day)
            except ValueError:
                continue
    return None
