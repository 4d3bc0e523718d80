"""The archive of forecasts: appended once, never rewritten, scored when the outturn is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from engine_series import cyclic

from chipexports.backtest.archive import (
    append_forecasts,
    code_version,
    data_hash,
    hub_rows,
    read_archive,
    score_archive,
    without_words,
)
from chipexports.backtest.rules import weighted_interval_score
from chipexports.base.errors import ChipExportsError
from chipexports.forecast.fullyear import forecast_full_year

FAST = {"methods": ("growth_ytd", "pooled_growth"), "n_paths": 200}


def rows_of(forecast, as_of: str) -> pd.DataFrame:
    """Return the archive's rows of a forecast laid out as a run's table."""
    fixed = {"as_of": as_of, "flow": "export", "currency": "USD", "target_year": 2024, "unit": "units"}
    table = [
        {
            **fixed,
            "method": name,
            "months_published": paths.months_published,
            "mean": paths.mean,
            **paths.quantiles(),
        }
        for name, paths in {**forecast.by_method(), "combination": forecast}.items()
    ]
    return hub_rows(pd.DataFrame(table), settings=FAST, data=data_hash(forecast.known))


@pytest.fixture(scope="module")
def forecast():
    return forecast_full_year(cyclic(112), 2024, **FAST)


@pytest.fixture
def rows(forecast):
    return rows_of(forecast, "2024-05-15")


def test_hub_rows_hold_every_method_and_quantile(rows, forecast):
    assert len(rows) == 3 * 8
    assert set(rows["method"]) == {"growth_ytd", "pooled_growth", "combination"}
    assert rows["horizon"].eq(8).all()
    chosen = rows[(rows["method"] == "combination") & (rows["output_type_id"] == "0.9")]
    assert chosen["value"].iloc[0] == pytest.approx(forecast.quantile(0.9))


def test_the_same_forecast_is_appended_once(rows, tmp_path):
    path = tmp_path / "forecasts.csv"
    assert append_forecasts(rows, path) == 24
    first = path.read_bytes()
    assert append_forecasts(rows, path) == 0
    assert path.read_bytes() == first
    assert len(read_archive(path)) == 24


def test_a_later_forecast_leaves_the_earlier_bytes_as_they_were(rows, tmp_path):
    path = tmp_path / "forecasts.csv"
    append_forecasts(rows, path)
    first = path.read_bytes()
    other = rows_of(forecast_full_year(cyclic(113), 2024, **FAST), "2024-06-15")
    assert append_forecasts(other, path) == 24
    assert path.read_bytes().startswith(first)


def test_a_row_is_never_rewritten(rows, tmp_path):
    path = tmp_path / "forecasts.csv"
    append_forecasts(rows, path)
    before = path.read_bytes()
    with pytest.raises(ChipExportsError, match="never rewritten"):
        append_forecasts(rows.assign(value=rows["value"] * 1.01), path)
    assert path.read_bytes() == before


def test_archived_forecasts_are_scored_when_the_outturn_is_known(rows, forecast, tmp_path):
    path = tmp_path / "forecasts.csv"
    append_forecasts(rows, path)
    assert len(score_archive(lambda target: None, path)) == 0
    total = forecast.median * 1.03
    table = score_archive({"export_USD_2024": total}.get, path).set_index("method")
    bounds = [(level, *forecast.interval(level)) for level in (0.5, 0.8, 0.95)]
    want = weighted_interval_score(forecast.median, bounds, total)
    assert table.loc["combination", "outturn_wis"] == pytest.approx(want, rel=1e-6)
    assert table.loc["combination", "outturn_ape_pct"] == pytest.approx(100 * (1 - 1 / 1.03), rel=1e-6)


def test_an_empty_archive_reads_as_empty(tmp_path):
    assert len(read_archive(tmp_path / "none.csv")) == 0


def test_hashes_follow_what_they_hash():
    series = cyclic(30)
    changed = series.copy()
    changed.iloc[3] *= 1.001
    assert data_hash(series) == data_hash(series.copy()) != data_hash(changed)
    assert data_hash(series, series.to_frame("x")) != data_hash(series)
    assert len(code_version()) == 12
    assert np.isfinite(int(code_version(), 16))


def test_another_comment_is_no_other_engine_but_another_number_is():
    code = 'def f(x):\n    """Twice."""\n    # why\n    return 2 * x\n'
    said_otherwise = 'def f(x):\n    """Return twice.\n\n    x : float\n    """\n\n    return 2 * x\n'
    assert without_words(code) == without_words(said_otherwise)
    assert without_words(code) != without_words(code.replace("2 *", "3 *"))
