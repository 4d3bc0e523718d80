"""Months that ``python -m chipexports fetch`` brought home after the shipped tables end.

The shipped table of a series is never touched: a fetched table adds months the shipped one does not
hold, and of several fetched tables the one taken in last counts. A month that both hold keeps its
shipped value, so that results for the past do not move because somebody fetched.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.base.paths import raw_dir
from chipexports.record.raw import table_path
from chipexports.record.schema import MONTH

_DAY = re.compile(r"_(\d{4}-\d{2}-\d{2})(?:_(\d+))?$")


def with_fetched(shipped: str) -> tuple[str, str]:
    """Return the name of a shipped table below ``data/raw``, and one that fits what was fetched for it."""
    path = PurePosixPath(shipped)
    return shipped, f"{path.parent}/fetched/{path.stem.removesuffix('_monthly')}*.csv"


def taken_in(path: Path) -> tuple[str, int]:
    """Return the day a fetched table's name ends with, and its number where a day came twice."""
    match = _DAY.search(path.stem)
    return (match[1], int(match[2] or 1)) if match else ("", 0)


def months(shipped: str, column: str) -> pd.Series:
    """Return a monthly series: the shipped months, and those that only fetched tables hold."""
    series = _read(table_path(shipped), column)
    for path in sorted(raw_dir().glob(with_fetched(shipped)[1]), key=taken_in, reverse=True):
        table = _read(path, column)
        series = pd.concat([series, table[~table.index.isin(series.index)]])
    return series.sort_index()


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
