"""Months that ``python -m chipexports fetch`` brought home after the shipped tables end.

The shipped table of a series is never touched: a fetched table adds months the shipped one does not
hold, and of several fetched tables the one taken in last counts. A month that both hold keeps its
shipped value, so that results for the past do not move because somebody fetched.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.record.releases import stamp
from chipexports.record.schema import MONTH

Stamp = tuple[str, int, int]
_DAY = re.compile(r"_(\d{4}-\d{2}-\d{2})(?:_(\d+))?$")


def stamps(shipped: Path, name: str) -> tuple[Stamp, ...]:
    """Return the stamps of a shipped table and of what was fetched for it, oldest first."""
    # a name ends with the day it was taken in, and a number where a day came twice
    tables = sorted((shipped.parent / "fetched").glob(f"{name}*.csv"), key=taken_in)
    return (stamp(shipped), *(stamp(path) for path in tables))


def taken_in(path: Path) -> tuple[str, int]:
    """Return the day a fetched table's name ends with, and its number where a day came twice."""
    match = _DAY.search(path.stem)
    return (match[1], int(match[2] or 1)) if match else ("", 0)


def months(files: tuple[Stamp, ...], column: str) -> pd.Series:
    """Return a monthly series: the shipped months, and those that only fetched tables hold."""
    shipped, *fetched = [_read(Path(name), column) for name, _, _ in files]
    for table in reversed(fetched):
        shipped = pd.concat([shipped, table[~table.index.isin(shipped.index)]])
    return shipped.sort_index()


def _read(path: Path, column: str) -> pd.Series:
    table = pd.read_csv(path, dtype={"period": str})
    lacking = {"period", column} - set(table.columns)
    if lacking:
        raise UsageError(f"{path}: has no column {min(lacking)}; remove the file and fetch it again")
    values = pd.to_numeric(table[column], errors="coerce")
    good = table["period"].str.fullmatch(MONTH.pattern) & (values > 0)
    if not good.all() or table["period"].duplicated().any():
        raise UsageError(
            f"{path}: holds what is not a month or not a positive number, or a month twice; "
            "remove the file and fetch it again"
        )
    return pd.Series(values.to_numpy(dtype=float), index=pd.PeriodIndex(table["period"], freq="M"))
