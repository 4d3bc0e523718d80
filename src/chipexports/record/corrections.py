"""Corrections of misprints: applied when the record is read, each guarded by what it expects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.base.yaml_text import NotYaml, load_yaml_text
from chipexports.record import schema

NEEDED = {"row_id", "expect", "set", "reason", "source"}
DROP = "drop"
# the name of a row is made of what was printed: a correction changes what is read, not what the row is
SETTABLE = tuple(name for name in schema.COLUMNS if name != "row_id")


def read_corrections(path: Path) -> list[dict[str, Any]]:
    """Return the corrections of ``path``: row_id, expect, set, reason and source, every value as text."""
    try:
        entries = load_yaml_text(path.read_bytes()) or []
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from error
    except NotYaml as error:
        raise UsageError(f"{path}: {error}") from error
    if not isinstance(entries, list):
        raise UsageError(f"{path}: must be a list of corrections")
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict) or set(entry) != NEEDED:
            raise UsageError(f"{path}: correction {number} must have exactly {', '.join(sorted(NEEDED))}")
        if problem := _problem(entry):
            raise UsageError(f"{path}: correction {number}: {problem}")
    return entries


def _problem(entry: dict[str, Any]) -> str:
    """Return what is wrong with the parts of a correction; "" when nothing is."""
    for name in ("row_id", "reason", "source"):
        if not isinstance(entry[name], str) or not entry[name].strip():
            return f"{name} must be text"
    for name, allowed in (("expect", schema.COLUMNS), ("set", (*SETTABLE, DROP))):
        part = entry[name]
        if not isinstance(part, dict) or not part:
            return f"{name} must name at least one column and what stands there"
        for column, value in part.items():
            if column not in allowed:
                return f"{name}: there is no column {column!r} to {name}; there are {', '.join(allowed)}"
            if not isinstance(value, str):
                return f"{name}: {column} must be one value"
    if entry["set"].get(DROP, "true") != "true":
        return "set: drop can only be true; leave it out otherwise"
    value = entry["set"].get("value", "0")
    return "" if schema.NUMBER.fullmatch(value) else f"set: value {value!r} is not a number as printed"


def apply_corrections(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return ``table`` (texts as in the file) with the corrections of ``path`` applied.

    ``set: {drop: true}`` leaves the row out of every computation; it stays in the file. Refused is a
    correction whose row is gone or no longer says what it expects: the source may have mended itself.
    """
    entries = read_corrections(path)
    if not entries:
        return table
    table = table.copy()
    place = {name: number for number, name in enumerate(table["row_id"])}
    dropped = []
    for entry in entries:
        at = place.get(entry["row_id"])
        if at is None:
            raise UsageError(f"{path}: row {entry['row_id']} is not in the record; remove its correction")
        for column, expected in entry["expect"].items():
            text = str(table.at[at, column])
            if text != expected:
                raise UsageError(
                    f"{path}: row {entry['row_id']} was expected to say {column} {expected} but says "
                    f"{text}; look at the correction again ({entry['reason']})"
                )
        for column, value in entry["set"].items():
            if column == DROP:
                dropped.append(at)
            else:
                table.at[at, column] = value
        table.at[at, "note"] = f"{table.at[at, 'note']!s} corrected: {entry['reason']}".strip()
    return table.drop(index=dropped)
