"""The regression learnt on many series: what it must do on series whose future is known, and its training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from chipexports.backtest.train_level_regression import learn, main, read_panel, table_of
from chipexports.base.errors import UsageError
from chipexports.forecast.fullyear import forecast_full_year
from chipexports.forecast.methods.level_regression import (
    COEFFICIENTS,
    coefficients,
    regressors,
    season,
    volatility,
)

PANEL = Path(__file__).parents[2] / "shared" / "data" / "panel" / "panel_long.csv"
SEASON = 0.2 * np.sin(np.arange(12) * 2 * np.pi / 12)


def monthly(log: np.ndarray, start: str = "2015-01") -> pd.Series:
    return pd.Series(np.exp(log), index=pd.period_range(start, periods=len(log), freq="M"))


def panel_file(folder: Path, rows: list[tuple[str, str, float]]) -> Path:
    file = folder / "panel.csv"
    pd.DataFrame(rows, columns=["series_id", "period", "value"]).to_csv(file, index=False)
    return file


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("a", "2020-01", 0.0)], "a in 2020-01 is not above zero"),
        ([("a", "2020-01", 1.0), ("a", "2020-03", 1.0)], "a has a gap"),
        ([("a", "2020-01", 1.0), ("a", "2020-01", 2.0)], "a has a gap or months out of order"),
    ],
)
def test_a_panel_that_cannot_be_learnt_from(tmp_path: Path, rows: list, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read_panel(panel_file(tmp_path, rows))


def test_a_panel_without_its_columns(tmp_path: Path) -> None:
    file = tmp_path / "panel.csv"
    file.write_text("series_id,month,value\na,2020-01,1\n")
    with pytest.raises(UsageError, match="no column 'period'"):
        read_panel(file)


def test_too_few_origins(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="fewer than 100 origins"):
        learn({"a": np.log(np.arange(1.0, 41.0))})


def test_aggregates_and_the_country_left_out_are_not_learnt_from(tmp_path: Path) -> None:
    file = panel_file(tmp_path, [(name, "2020-01", 1.0) for name in "abc"])
    about = {"series_id": list("abc"), "level": ["leaf", "leaf", "aggregate"], "country": ["X", "Y", "Y"]}
    pd.DataFrame(about).to_csv(tmp_path / "series.csv", index=False)
    assert set(read_panel(file)) == {"a", "b"}
    assert set(read_panel(file, leave_out="X")) == {"b"}


def test_a_season_is_found_though_one_month_is_stray() -> None:
    log = np.tile(SEASON, 8)
    log[40] += 1.5
    assert season(log) == pytest.approx(SEASON, abs=0.03)


def test_a_series_at_rest_has_no_deviation() -> None:
    base, x = regressors(np.tile(SEASON, 6) + 3.0)
    assert base == pytest.approx(3.0 + SEASON)
    assert x == pytest.approx(np.zeros((12, 6)), abs=1e-9)


def test_volatility_is_that_of_yearly_growth() -> None:
    rng = np.random.default_rng(1)
    log = np.cumsum(rng.normal(0, 0.05, 400))
    growth = (log[12:] - log[:-12])[-60:]
    expected = 1.4826 * np.median(np.abs(growth - np.median(growth)))
    assert volatility(log) == pytest.approx(expected)
    assert volatility(np.zeros(60)) == 0.02


def test_learning_finds_the_coefficients_of_a_known_world() -> None:
    """Level changes are lasting in a random walk: all weight falls on the last month."""
    rng = np.random.default_rng(2)
    walks = {str(i): np.cumsum(rng.normal(0, 0.05, 240)) for i in range(30)}
    learnt = learn(walks)
    last_month, last_3, last_6 = learnt.slopes[0, :3]
    assert last_month == pytest.approx(1.0, abs=0.12)
    assert (last_3, last_6) == pytest.approx((0.0, 0.0), abs=0.15)
    errors = np.sqrt(np.diag(learnt.covariance))
    # a random walk's errors grow with the root of the distance; the cut at two standard deviations of a
    # year's growth holds the farthest back
    assert errors[3] / errors[0] == pytest.approx(2, rel=0.2)
    assert 2 < errors[11] / errors[0] < np.sqrt(12)


def test_the_shipped_errors_grow_with_distance_and_go_together() -> None:
    covariance = coefficients().covariance
    assert covariance == pytest.approx(covariance.T)
    assert np.linalg.eigvalsh(covariance).min() > 0
    assert (np.diff(np.diag(covariance)) > 0).all()
    assert np.abs(coefficients().slopes[:, :3].sum(axis=1) - 1).max() < 0.45


def test_the_unit_does_not_matter_and_spread_follows_volatility() -> None:
    rng = np.random.default_rng(3)
    calm = np.tile(SEASON, 10)[:116] + np.cumsum(rng.normal(0, 0.01, 116))
    wild = np.tile(SEASON, 10)[:116] + (calm - np.tile(SEASON, 10)[:116]) * 5
    method = {"methods": ["level_regression"], "n_paths": 500}
    one = forecast_full_year(monthly(calm), 2024, **method)
    other = forecast_full_year(monthly(calm + np.log(1000.0)), 2024, **method)
    assert other.median == pytest.approx(1000 * one.median, rel=1e-6)
    spread = [
        np.log(f.paths[:, 8:].sum(axis=1)).std()
        for f in (one, forecast_full_year(monthly(wild), 2024, **method))
    ]
    assert 2.5 < spread[1] / spread[0] < 5.5


def test_the_path_joins_a_new_level() -> None:
    """After a lasting step half a year ago the next month lies near the new level, not near last year's."""
    log = np.tile(SEASON, 10)[:116].copy()
    log[-6:] += 0.3
    forecast = forecast_full_year(monthly(log), 2024, methods=["level_regression"], n_paths=500)
    following = np.log(np.median(forecast.paths[:, 8])) - SEASON[8]
    assert 0.2 < following < 0.35


@pytest.mark.parametrize("months", [20, 24])
def test_a_short_series_is_declined(months: int) -> None:
    series = monthly(np.tile(SEASON, 3)[:months], start=str(pd.Period("2024-08", "M") - months + 1))
    forecast = forecast_full_year(series, 2024, methods=["level_regression", "growth_ytd"], n_paths=100)
    assert forecast.methods.loc["level_regression", "status"] == "abstained"


@pytest.mark.slow
@pytest.mark.skipif(not PANEL.is_file(), reason="the panel it is learnt from is not part of the project")
def test_the_shipped_table_is_what_the_command_makes(tmp_path: Path) -> None:
    out = tmp_path / "coefficients.csv"
    done = CliRunner().invoke(main, [str(PANEL), "--output", str(out)])
    assert done.exit_code == 0, done.output
    pd.testing.assert_frame_equal(pd.read_csv(out), pd.read_csv(COEFFICIENTS), atol=2e-4, rtol=0)
    assert list(table_of(coefficients()).columns) == list(pd.read_csv(COEFFICIENTS).columns)
