"""The collectors by name, and the one way they are run: all answers checked, then everything written."""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path

import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.collect.fetched import write_fetched
from chipexports.collect.http import Limits, Session, base_url
from chipexports.record.releases import append_rows
from chipexports.record.schema import MONTH

# source: first month by default; None: a year back
SOURCES: dict[str, str | None] = {
    "comtrade": None,
    "fred": "1981-01",
    "korea": "2013-01",
    "taiwan": "2001-01",
}


def month_span(source: str, start: str | None, end: str | None) -> list[str]:
    """Return the months to ask for, or refuse a month that is not YYYY-MM, or an end before the start."""
    last_month = pd.Period(dt.datetime.now(tz=dt.UTC).date(), freq="M") - 1
    first = start or SOURCES[source] or str(last_month - 11)
    last = end or str(last_month)
    for name, month in (("--start", first), ("--end", last)):
        if not MONTH.fullmatch(month):
            raise UsageError(f"{name}: {month!r} is not a month; write it YYYY-MM, e.g. 2024-05")
    if not "1980-01" <= first <= last <= str(last_month):
        raise UsageError(f"--start {first} to --end {last}: no span of months up to {last_month}")
    return [str(month) for month in pd.period_range(first, last, freq="M")]


def fetch_source(
    source: str,
    start: str | None = None,
    end: str | None = None,
    *,
    limits: Limits | None = None,
    sleep: Callable[[float], None] = time.sleep,
    say: Callable[[str], None] = lambda _: None,
) -> list[Path]:
    """Fetch one source and return the tables written below ``data/raw/<publisher>/fetched``.

    What a source gives of the record's own lines (UN Comtrade: the months of HS 8542) is added to its end.
    ``sleep`` waits between tries; ``say`` is called with each remark on what was fetched.

    Raises
    ------
    UsageError
        An unknown source, an invalid month, or a missing key.
    FetchError
        Out of reach, or an answer that failed a check: nothing is written.
    """
    if source not in SOURCES:
        raise UsageError(f"fetch: no source {source!r}; there are {', '.join(SOURCES)}")
    months = month_span(source, start, end)
    collector = import_module(f"chipexports.collect.{source}")
    with Session(source, base_url(source, collector.BASE), limits, sleep) as session:
        items = collector.fetch(session, months, _bar(source))
    written = write_fetched(items)
    for item in items:
        if len(item.record):
            append_rows(item.record)
    for item in items:
        for remark in item.remarks:
            say(f"{source}: {remark}")
    return written


def _bar(source: str) -> Callable[[Iterable], Iterable]:
    """Return a wrapper that shows a bar on a terminal and nothing elsewhere."""
    from tqdm import tqdm

    return lambda items: tqdm(
        items, desc=source, unit="request", disable=not sys.stderr.isatty(), leave=False
    )
