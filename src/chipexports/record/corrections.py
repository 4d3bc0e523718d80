"""Corrections of misprints: applied when the record is read, each guarded by what it expects."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import yaml

from chipexports.errors import UsageError

NEEDED = {"row_id", "expect", "set", "reason", "source"}


def read_corrections(path: Path) -> list[dict]:
    """Return the corrections of ``path``, each with row_id, expect, set, reason and source.

    Raises
    ------
    UsageError
        The file is no YAML list, or an entry lacks a part.
    """
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not YAML ({str(error).splitlines()[0]})") from error
    if not isinstance(entries, list):
        raise UsageError(f"{path}: must be a list of corrections")
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict) or set(entry) != NEEDED:
            raise UsageError(f"{path}: correction {number} must have exactly {', '.join(sorted(NEEDED))}")
    return entries


def apply_corrections(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return ``table`` (texts as in the file) with the corrections of ``path`` applied.

    ``set: {drop: true}`` leaves the row out of every computation; it stays in the file.

    Raises
    ------
    UsageError
        A row is gone, or no longer says what the correction expects: the source may have mended
        itself, so the correction must be looked at again.
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
            found = str(table.at[at, column])
            if found != str(expected):
                raise UsageError(
                    f"{path}: row {entry['row_id']} was expected to say {column} {expected!s} but says "
                    f"{found}; look at the correction again ({entry['reason']})"
                )
        for column, value in entry["set"].items():
            if column == "drop":
                dropped.append(at)
            else:
                table.at[at, column] = str(value)
        table.at[at, "note"] = f"{table.at[at, 'note']!s} corrected: {entry['reason']}".strip()
    return table.drop(index=dropped)
