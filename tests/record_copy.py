"""A copy of data/raw to break, and the tables of a day."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from chipexports.paths import raw_dir

ROW = {
    "flow": "export",
    "commodity": "gacc_ic",
    "period_start": "2026-01",
    "period_end": "2026-09",
    "measure": "value_usd",
    "value": "297000.5",
    "unit": "million USD",
    "published": "2026-10-14",
    "published_basis": "printed",
    "edition": "first_print",
    "source": "a page",
}


def copy_record(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Path:
    """Work on a copy of the record below ``folder``; return the path of its releases.csv."""
    shutil.copytree(raw_dir(), folder / "data" / "raw")
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(folder))
    return folder / "data" / "raw" / "gacc" / "releases.csv"


def rows(*changes: dict) -> pd.DataFrame:
    """Return rows for the record: `ROW` with changes."""
    return pd.DataFrame([{**ROW, **change} for change in changes])
