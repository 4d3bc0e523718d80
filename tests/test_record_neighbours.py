"""Hong Kong's mirror and Korea's first days of a month: cut at the day, gaps as gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from record_copy import copy_record

from chipexports.base.errors import UsageError
from chipexports.record.neighbours import hong_kong_as_of, korea_days_as_of


@pytest.mark.parametrize(
    ("as_of", "last"), [("2020-03-30", "2019-12"), ("2020-03-31", "2020-01"), ("2026-11-22", "2023-11")]
)
def test_the_mirror_is_known_two_months_after_a_month_and_ends(as_of, last):
    assert str(hong_kong_as_of(as_of).index[-1]) == last


def test_the_mirror_leaves_out_the_months_that_jump():
    mirror = hong_kong_as_of("2026-11-22")
    assert mirror.index[mirror.isna()].astype(str).tolist() == ["2019-03", "2019-04", "2019-05"]
    assert mirror["2016-01"] == pytest.approx(14282891 / 7.8e3)
    assert hong_kong_as_of("2016-03-30").empty


def test_the_days_of_a_month_come_out_one_after_the_other():
    def month(as_of):
        return korea_days_as_of(as_of).reindex(pd.period_range("2026-05", "2026-05", freq="M")).iloc[0]

    assert month("2026-05-10").isna().all()
    assert month("2026-05-11").notna().tolist() == [True, False, False]
    assert month("2026-05-21").notna().tolist() == [True, True, False]
    assert month("2026-05-31").notna().tolist() == [True, True, False]
    whole = month("2026-06-01")
    assert whole["days_10"] < whole["days_20"] < whole["whole"]


def test_what_is_no_month_is_refused_by_name(monkeypatch, tmp_path):
    record = copy_record(monkeypatch, tmp_path)
    path = record.parents[1] / "hong_kong_censtatd" / "hs8542_imports_monthly.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("2016-02,", "Feb 2016,", 1), encoding="utf-8")
    with pytest.raises(UsageError, match=r"hs8542_imports_monthly\.csv: its column period"):
        hong_kong_as_of("2026-11-22")
    with pytest.raises(UsageError, match="as_of"):
        korea_days_as_of("today")


def test_no_later_neighbour_reaches_an_estimate(monkeypatch, tmp_path):
    from chipexports.clean import known

    day = "2021-06-30"
    before = known(day).monthly("export")
    record = copy_record(monkeypatch, tmp_path)
    path = record.parents[1] / "hong_kong_censtatd" / "hs8542_imports_monthly.csv"
    table = pd.read_csv(path, dtype={"period": str, "value_mainland_origin_hkd_thousand": float})
    late = table["period"] > "2021-04"
    table.loc[late, "value_mainland_origin_hkd_thousand"] *= np.linspace(2, 9, late.sum())
    table.to_csv(path, index=False)
    pd.testing.assert_frame_equal(known(day).monthly("export"), before)
    table.loc[table["period"] == "2021-04", "value_mainland_origin_hkd_thousand"] *= 2
    table.to_csv(path, index=False)
    assert not known(day).monthly("export").equals(before)
