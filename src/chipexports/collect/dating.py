"""Settling which month a page is for when its titles and column headings do not agree.

The publisher sometimes carries last month's column headings over: its table of June 2025 is headed
"5" and "1-5 Total". A month is settled against them only where the date printed on the page, in the
month after, supports the title and nothing else.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from chipexports.collect.errors import ImpossiblePeriod
from chipexports.collect.header import Column, Title
from chipexports.collect.periods import Months


def months_after(year: int, month: int, date: dt.date) -> int:
    """Return how many months ``date`` lies after month ``month`` of ``year``."""
    return (date.year - year) * 12 + date.month - month


def settle_month(
    file: str, titles: list[Title], columns: list[Column], printed: dt.date | None
) -> tuple[int, int, list[Column], str]:
    """Return year, month, the columns with their months set right, and a remark where claims differ.

    Refused is a page whose title, columns and date printed do not tell one month.
    """
    claims = {(t.months.year or 0, t.months.last): f"the title {t.text!r}" for t in reversed(titles)}
    by_columns = _claim_of_columns(file, columns, titles[0].months.year or 0)
    everything = dict(claims)
    if by_columns:
        everything.setdefault(by_columns, "the column headings")
    if len(everything) == 1:
        return _dated(file, *next(iter(everything)), printed, columns, "")
    fits = [month for month in everything if printed and months_after(*month, printed) == 1]
    claim = "; ".join(f"{what}: {year}-{month:02d}" for (year, month), what in everything.items())
    if len(fits) != 1 or fits[0] not in claims:
        date = f"the date printed {printed}" if printed else "no date printed"
        raise ImpossiblePeriod(file, f"the page does not agree on its month ({claim}; {date})")
    year, month = fits[0]
    remark = f"the page does not agree on its month ({claim}); read as {year}-{month:02d}, printed {printed}"
    if by_columns and by_columns != (year, month):
        if by_columns[1] == 1 or by_columns[0] != year:
            raise ImpossiblePeriod(file, f"the page does not agree on its month ({claim})")
        columns = [_shifted(column, month) for column in columns]
    return _dated(file, year, month, printed, columns, remark)


def _claim_of_columns(file: str, columns: list[Column], year: int) -> tuple[int, int] | None:
    """Return year and month all headings agree on; None where none names months."""
    lasts, years = set(), set()
    for column in columns:
        months = column.months
        if months is None:
            continue
        if not months.possible or months.first not in (1, months.last):
            raise ImpossiblePeriod(file, f"the heading {column.heading!r} names no possible months")
        lasts.add(months.last)
        if not column.growth:
            years.add(months.year)
    if len(lasts) > 1:
        raise ImpossiblePeriod(file, f"the column headings end in different months: {sorted(lasts)}")
    if not lasts:
        return None
    known = {y for y in years if y is not None}
    return (year if year in known or not known else max(known), lasts.pop())


def _base_year(file: str, columns: list[Column], year: int) -> tuple[list[Column], str]:
    """Read a heading that names too early a year as last year, to be confirmed by the printed growth.

    The publisher's imports of May 2026 are headed "1-5 Total, 2024" above the figures of 2025.
    """
    settled, remark = [], ""
    for column in columns:
        months = column.months
        if column.growth or months is None or months.year in (year, year - 1):
            settled.append(column)
            continue
        same = [c for c in columns if c.measure == column.measure and not c.growth and c.months]
        last = [c for c in same if c.months and c.months.year != year]
        if (months.year or year) > year or len(last) > 1:
            raise ImpossiblePeriod(file, f"the heading {column.heading!r} does not fit a table of {year}")
        remark = f"the heading {column.heading!r} is read as {year - 1}: the growth printed bears it out"
        settled.append(replace(column, months=Months(year - 1, months.first, months.last), doubted=True))
    return settled, remark


def _shifted(column: Column, month: int) -> Column:
    months = column.months
    if months is None:
        return column
    first = month if months.first == months.last else 1
    return replace(column, months=Months(months.year, first, month))


def _dated(
    file: str, year: int, month: int, printed: dt.date | None, columns: list[Column], remark: str
) -> tuple[int, int, list[Column], str]:
    if not Months(year, month, month).possible:
        raise ImpossiblePeriod(file, f"there is no month {year}-{month:02d}")
    if printed and months_after(year, month, printed) < 1:
        raise ImpossiblePeriod(file, f"a table of {year}-{month:02d} cannot have been printed on {printed}")
    today = dt.datetime.now(tz=dt.UTC).date()
    if months_after(year, month, today) < 1 or (printed and printed > today + dt.timedelta(days=1)):
        raise ImpossiblePeriod(file, f"the table speaks of {year}-{month:02d}, which is not over yet")
    columns, base = _base_year(file, columns, year)
    return year, month, columns, "; ".join(text for text in (remark, base) if text)
