"""Months as people and programs write them."""

from __future__ import annotations

import datetime as dt
import re

import pandas as pd

_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_CHINESE = {name: i for i, name in enumerate("一二三四五六七八九", start=1)} | {
    "十": 10,
    "十一": 11,
    "十二": 12,
}
#: year and month, each pattern with or without a day; tried in this order
_PATTERNS = (
    re.compile(r"(?P<y>\d{4})\s*年\s*(?P<m>\d{1,2})\s*月(?:份|\s*\d{1,2}\s*日)?"),
    re.compile(r"(?P<y>\d{4})\s*年\s*(?P<c>十[一二]?|[一二三四五六七八九])月(?:份)?"),
    re.compile(r"(?P<y>\d{4})\s*[-/.]\s*(?P<m>\d{1,2})(?:\s*[-/.]\s*(?P<d>\d{1,2})(?:[T ]\d{2}:\d{2}.*)?)?"),
    re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})?"),
    re.compile(r"(?P<y>\d{4})\s*-?M(?P<m>\d{1,2})", re.IGNORECASE),
    re.compile(r"(?:(?P<d>\d{1,2})[\s-]+)?(?P<n>[A-Za-z]{3,9})\.?[\s,-]+(?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})[\s,-]+(?P<n>[A-Za-z]{3,9})\.?"),
    re.compile(r"(?P<m>\d{1,2})/(?P<y>\d{4})"),
)
_QUARTER = re.compile(
    r"\d{4}\s*[-/ ]?\s*Q[1-4]|Q[1-4]\s*[-/ ]?\s*\d{4}|\d{4}\s*年?\s*第?[1-4一二三四]\s*季度?", re.I
)
#: day numbers of a spreadsheet: 1950 to 2100; other whole numbers are no dates
_SERIAL = range(18264, 73051)
_EPOCH = dt.date(1899, 12, 30)


def is_quarter(cell: object) -> bool:
    """Say whether a cell names a quarter, e.g. ``2024Q1`` or ``2024年第1季度``."""
    return bool(_QUARTER.fullmatch(str(cell).strip()))


def day_of(cell: object) -> dt.date | None:
    """Return the day a cell means, the first of the month where it names only a month; None if neither."""
    # 2024-01, 2024/1, 202401, 20240131, Jan 2024, 31 Jan 2024, 2024年1月, 2024M01, 01/2024, a date, a
    # spreadsheet's day number
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    if isinstance(cell, float) and not cell.is_integer():
        return None
    text = str(int(cell)) if isinstance(cell, float) else str(cell).strip()
    if text.isdecimal() and len(text) == 5 and int(text) in _SERIAL:
        return _EPOCH + dt.timedelta(days=int(text))
    for pattern in _PATTERNS:
        found = pattern.fullmatch(text)
        if found:
            return _day(found.groupdict())
    return None


def _day(part: dict[str, str | None]) -> dt.date | None:
    year = int(part["y"] or 0)
    if part.get("n"):
        name = str(part["n"]).lower()[:3]
        month = _NAMES.index(name) + 1 if name in _NAMES else 0
    elif part.get("c"):
        month = _CHINESE[str(part["c"])]
    else:
        month = int(part["m"] or 0)
    try:
        return dt.date(year, month, int(part.get("d") or 1))
    except ValueError:
        return None


def month_of(cell: object) -> pd.Period | None:
    """Return the month a cell names or lies in; None if it is not a date."""
    day = day_of(cell)
    return None if day is None or not 1900 <= day.year <= 2199 else pd.Period(day, freq="M")
