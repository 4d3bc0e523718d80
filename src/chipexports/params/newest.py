"""What the record spans: its first and its newest day, for ``as_of: newest`` and for refusing other days."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass

from chipexports.base.errors import ChipExportsError
from chipexports.base.files import write_text_atomic
from chipexports.base.paths import project_root, raw_dir

NEWEST = "newest"
# what the span follows from; reading the record takes half a second, comparing these files does not
FILES = ("gacc/releases.csv", "gacc/calendar.csv", "corrections.yml")


@dataclass(frozen=True)
class Span:
    """Days of the first and the newest release of the customs, and the first year they print."""

    first: str
    newest: str
    first_year: int


def record_span() -> Span:
    """Return what the record spans, corrections applied."""
    digest = hashlib.sha256()
    for name in FILES:
        path = raw_dir() / name
        digest.update(path.read_bytes() if path.is_file() else b"none")
    key = digest.hexdigest()
    noted = project_root() / ".cache" / "record-span.json"
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        span_then = json.loads(noted.read_text(encoding="utf-8"))
        if span_then.pop("record") == key:
            return Span(**span_then)
    from chipexports.record.releases import read_releases
    from chipexports.record.vintage import STAND_IN

    table = read_releases()
    # what was fetched from UN Comtrade is not a release of the customs: it does not move the newest day
    days = table.loc[table["commodity"] != STAND_IN, "published"]
    span = Span(str(days.min()), str(days.max()), int(str(table["period_start"].min())[:4]))
    with contextlib.suppress(ChipExportsError):  # a folder that may not be written costs time, not the answer
        write_text_atomic(noted, json.dumps({"record": key, **asdict(span)}))
    return span


def resolve(as_of: object) -> object:
    """Return the day that ``newest`` stands for; anything else as it is."""
    return record_span().newest if isinstance(as_of, str) and as_of.strip() == NEWEST else as_of


def outside(as_of: str, target_year: int) -> str | None:
    """Return in one sentence why nothing can be known on a day, or of a year; None when something can.

    A day later than today is one of which nobody can know what will have been published, but a clock that is
    wrong refuses no day up to the newest release.
    """
    span = record_span()
    if as_of < span.first:
        return (
            f"as_of: {as_of} lies before the first release in the record, {span.first}; "
            "take that day or a later one"
        )
    today = dt.date.today().isoformat()
    if as_of > max(today, span.newest):
        return (
            f"as_of: {as_of} lies in the future (today is {today}); take {NEWEST}, which is {span.newest}, "
            "or another day that has come"
        )
    if target_year < span.first_year + 2:
        return (
            f"target_year: the record begins with {span.first_year}, and a forecast needs two years before "
            f"its own; take {span.first_year + 2} or later"
        )
    return None
