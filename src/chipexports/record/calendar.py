"""When a month's customs table is published: the known day, else the rule."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.record.raw import kept_for, table_path

CALENDAR = "gacc/calendar.csv"
# Known RMB tables came out between the 7th and the 14th of the next month. Where the day is not
# known the rule takes the last of these: a figure is never assumed to be out too early.
RULE_DAY = 14
# the fuller tables (single month's growth, January by itself) follow about the 18th
FULL_TABLE_DAY = 18


def parse_day(as_of: str) -> str:
    """Return ``as_of``, which must be a day written YYYY-MM-DD."""
    try:
        if dt.date.fromisoformat(as_of).isoformat() == as_of:
            return as_of
    except (TypeError, ValueError):
        pass
    raise UsageError(f"as_of: {as_of!r} is not a date; write it YYYY-MM-DD, e.g. '2024-11-07'")


@kept_for(CALENDAR)
def known_dates() -> dict[tuple[str, str], dt.date]:
    """Return the known days of publication by (period, currency)."""
    table = pd.read_csv(table_path(CALENDAR), dtype=str, keep_default_na=False)
    return {
        (period, currency): dt.date.fromisoformat(day)
        for period, currency, day in zip(table["period"], table["currency"], table["published"], strict=True)
    }


def rule_date(period: str, day: int) -> dt.date:
    """Return ``day`` of the month after ``period``; January comes out with February, in March.

    >>> rule_date("2026-12", 14), rule_date("2026-01", 14)
    (datetime.date(2027, 1, 14), datetime.date(2026, 3, 14))
    """
    month = pd.Period(period, freq="M")
    following = month + (2 if month.month == 1 else 1)
    return dt.date(following.year, following.month, day)


def due_date(period: str, currency: str = "CNY") -> dt.date:
    """Return the day the customs table of ``period`` came out, or is due by the rule.

    RMB and USD tables come out together; where only the RMB day is known it serves both.
    """
    dates = known_dates()
    table = f"{period[:4]}-02" if period.endswith("-01") else period
    return dates.get((table, currency)) or dates.get((table, "CNY")) or rule_date(table, RULE_DAY)


def publication_day(
    period: str, currency: str, printed: dt.date | None, full_table: bool = False
) -> tuple[dt.date, str]:
    """Return the day from which a table's figures count as published, and on what it rests."""
    # The customs date their English pages up to six days before the table is out (December 2025 is dated
    # 2026-01-08 and came out on the 14th), so the printed day alone is not trusted: the later of it and the
    # known day of the release counts, or of it and the rule where that day is not known.
    table = f"{period[:4]}-02" if period.endswith("-01") else period
    dates = known_dates()
    day, basis = dates.get((table, currency)) or dates.get((table, "CNY")), "calendar"
    if day is None:
        day, basis = rule_date(table, FULL_TABLE_DAY if full_table else RULE_DAY), "rule"
    return (printed, "printed") if printed is not None and printed >= day else (day, basis)


def as_of_dates(first: str, last: str) -> list[tuple[str, dt.date]]:
    """Return (month, day it became known) for each month from ``first`` to ``last``.

    January and February share their day in March: nothing of a year is known in mid-February.
    """
    months = pd.period_range(first, last, freq="M").strftime("%Y-%m")
    return [(month, due_date(month)) for month in months]


def due_by(as_of: str, first: str) -> list[str]:
    """Return the months from ``first`` on whose table was due by the end of ``as_of``."""
    end = dt.date.fromisoformat(parse_day(as_of))
    months = pd.period_range(first, pd.Period(end, freq="M"), freq="M").strftime("%Y-%m")
    return [month for month in months if due_date(month) <= end]
