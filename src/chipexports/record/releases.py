"""The record of printed figures: read it, and add rows to its end. Nothing is ever overwritten."""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.base.files import write_bytes_atomic
from chipexports.base.locks import held
from chipexports.base.paths import raw_dir
from chipexports.record import schema
from chipexports.record.corrections import apply_corrections
from chipexports.record.raw import kept_for

#: the tables the record is read from
RECORD = ("gacc/releases.csv", "corrections.yml")


def releases_path() -> Path:
    """Return where the record lies: ``data/raw/gacc/releases.csv``."""
    return raw_dir() / "gacc" / "releases.csv"


def read_releases() -> pd.DataFrame:
    """Return a fresh copy of the record, corrections applied, ``value`` as a float with its ``half`` unit."""
    return _read().copy()


@kept_for(*RECORD)
def _read() -> pd.DataFrame:
    path = releases_path()
    table = _read_text(path)
    table = apply_corrections(table, raw_dir() / "corrections.yml")
    table["half"] = [schema.half_unit(text) for text in table["value"]]
    table["value"] = table["value"].astype(float)
    return schema.validate(table.reset_index(drop=True), schema.releases_schema(), str(path))


def _read_text(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not a CSV table in UTF-8 ({str(error).strip()})") from error
    if tuple(table.columns) != schema.COLUMNS:
        raise UsageError(f"{path}: its columns are {', '.join(table.columns)}, not those of the record")
    bad = ~table["value"].str.fullmatch(schema.NUMBER.pattern).to_numpy(dtype=bool)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise UsageError(f"{path}: line {row + 2}: value {table['value'].iloc[row]!r} is not a number")
    return table


def append_rows(rows: pd.DataFrame) -> int:
    """Add printed figures, ``value`` as text, to the record's end, all or none; return how many were new.

    A figure that contradicts the first print by more than its rounding becomes a later vintage
    (``revised_later``), never an overwrite.
    """
    path = releases_path()
    with _writing(path):
        old = _read_text(path)
        fresh = _prepare(rows, old)
        if fresh:
            buffer = io.StringIO()
            csv.DictWriter(buffer, schema.COLUMNS, lineterminator="\n").writerows(fresh)
            content = path.read_bytes()
            if not content.endswith(b"\n"):
                content += b"\n"
            write_bytes_atomic(path, content + buffer.getvalue().encode("utf-8"), durable=True)
    return len(fresh)


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Hold the lock of the record; the system frees it when the process ends, in whatever way."""
    busy = f"{path}: another process has been writing to it for a minute; wait for it, then try again"
    unwritable = f"{path.parent}: cannot be written ({{reason}}); the record is unchanged"
    with held(path.with_name(".releases.lock"), timeout=60, busy=busy, unwritable=unwritable):
        yield


def _prepare(rows: pd.DataFrame, old: pd.DataFrame) -> list[dict[str, str]]:
    unknown = sorted(set(rows.columns) - set(schema.COLUMNS))
    lacking = [c for c in schema.COLUMNS if c not in rows.columns and c not in schema.OPTIONAL]
    if unknown or lacking:
        raise UsageError(
            f"rows for the record: unknown columns {unknown}, missing columns {lacking}; "
            "the record is unchanged"
        )
    known = set(old["row_id"])
    keys = list(schema.FIGURE)
    first = old[old["edition"] == "first_print"]
    printed: dict[tuple, list[str]] = {}
    for key, value in zip(first[keys].itertuples(index=False, name=None), first["value"], strict=True):
        printed.setdefault(key, []).append(value)
    fresh = []
    for number, record in enumerate(rows.to_dict("records"), start=1):
        row = _as_text(record)
        schema.check_row(
            row, f"row {number} ({row['commodity']}, {row['period_start']} to {row['period_end']})"
        )
        key = tuple(row[k] for k in keys)
        if row["edition"] == "first_print":
            if key in printed and not any(_agree(row["value"], other) for other in printed[key]):
                row["edition"] = "revised_later"
            else:
                printed.setdefault(key, []).append(row["value"])
        row["row_id"] = schema.row_id(row[k] for k in schema.IDENTITY)
        if row["row_id"] not in known:
            known.add(row["row_id"])
            fresh.append(row)
    return fresh


def _as_text(record: dict) -> dict[str, str]:
    row = dict.fromkeys(schema.COLUMNS, "")
    for name, value in record.items():
        missing = value is None or (isinstance(value, float) and np.isnan(value))
        row[str(name)] = "" if missing else str(value).strip()
    return row


def _agree(one: str, other: str) -> bool:
    reach = schema.half_unit(one) + schema.half_unit(other)
    return abs(float(one) - float(other)) <= reach * (1 + 1e-9)
