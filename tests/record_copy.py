"""A copy of data/raw to break, and the tables of a day."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from chipexports.base.paths import raw_dir

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


def raise_later_figures(record: Path, as_of: str) -> None:
    """Raise by half every figure of a copied record that was published after ``as_of``.

    Goods in RMB are raised by a fifth only, so that the ratio of the two currencies moves as well.
    """
    text = pd.read_csv(record, dtype=str, keep_default_na=False)
    later = text["published"] > as_of
    assert later.any()
    text.loc[later, "value"] = [repr(float(v) * 1.5) for v in text.loc[later, "value"]]
    text.to_csv(record, index=False, lineterminator="\n")
    raw = record.parents[1]
    month = as_of[:7]
    for path, columns in (
        ("korea_customs/hs8542_exports_monthly.csv", ["value_usd_mn"]),
        ("korea_customs/semiconductors_10_20_days.csv", ["semiconductor_kusd"]),
        ("hong_kong_censtatd/hs8542_imports_monthly.csv", ["value_mainland_origin_hkd_thousand"]),
        ("taiwan_mof/electronic_components_exports_monthly.csv", ["value_usd_mn"]),
        ("market/usdcny_monthly_average.csv", ["value"]),
        ("pboc/central_parity_monthly.csv", ["value"]),
    ):
        side = pd.read_csv(raw / path, dtype={"period": str, "month": str, **dict.fromkeys(columns, float)})
        # the customs rate of a month is set in the month before; all else ends with its month
        period = side["period"] if "period" in side else side["month"]
        late = period > month if path.startswith("pboc") else period >= month
        side.loc[late, columns] *= 1.5
        side.to_csv(raw / path, index=False, lineterminator="\n")
    goods = pd.read_csv(raw / "gacc" / "goods_exports.csv", dtype={"period": str})
    back = pd.to_numeric(goods["basis"].str.extract(r"derived: (\d{4}) value /")[0])
    unseen = (goods["period"] >= month) | (back > int(as_of[:4]))
    goods.loc[unseen, "value_100mn"] *= goods.loc[unseen, "currency"].map({"USD": 1.5, "CNY": 1.2})
    goods.to_csv(raw / "gacc" / "goods_exports.csv", index=False, lineterminator="\n")
