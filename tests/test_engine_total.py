"""Identities of the year's total: what must hold whatever the method says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from engine_series import cyclic

from chipexports.forecast.combination import pool, pool_weights
from chipexports.forecast.fullyear import METHODS, forecast_full_year
from chipexports.forecast.members import DEFAULT_ALONE, DEFAULT_METHODS
from chipexports.params import model

ALL = tuple(METHODS)


@pytest.fixture(scope="module")
def series() -> pd.Series:
    return cyclic(112)  # 2015-01 to 2024-04


@pytest.fixture(scope="module")
def forecast(series):
    return forecast_full_year(series, 2024, methods=ALL, thresholds=[1e3], n_paths=400)


def test_twelve_published_months_give_the_published_total_and_no_width():
    series = cyclic(108)
    forecast = forecast_full_year(series, 2023)
    total = series["2023-01":"2023-12"].sum()
    assert forecast.published_total == total
    assert forecast.median == pytest.approx(total, rel=1e-15)
    low, high = forecast.interval(0.95)
    assert high - low <= total * 1e-12
    assert forecast.probability_above(total * 0.999) == 1.0
    assert forecast.months_published == 12
    assert set(forecast.methods["status"]) == {"not needed"}


def test_no_published_month_gives_a_year_ahead_forecast(series):
    forecast = forecast_full_year(series[:"2023-12"], 2024, n_paths=400)
    assert (forecast.months_published, forecast.published_total) == (0, 0.0)
    assert 0.7 < forecast.median / series["2023-01":"2023-12"].sum() < 1.4
    # the months before the target year that are not known either are simulated on the way
    early = forecast_full_year(series[:"2023-10"], 2024, n_paths=400)
    assert early.paths.shape == (400, 12)
    assert early.methods.loc["level_regression", "status"] == "abstained"


def test_paths_hold_the_published_months(forecast, series):
    assert forecast.paths.shape == (400, 12)
    assert (forecast.paths[:, :4] == series["2024-01":"2024-04"].to_numpy()).all()
    assert np.allclose(forecast.totals, forecast.paths.sum(axis=1))
    assert forecast.published_total == pytest.approx(series["2024-01":"2024-04"].sum())


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(forecast, series):
    again = forecast_full_year(series, 2024, methods=ALL, thresholds=[1e3], n_paths=400)
    assert again.paths.tobytes() == forecast.paths.tobytes()
    other = forecast_full_year(series, 2024, methods=ALL, n_paths=400, seed=1)
    assert other.paths.tobytes() != forecast.paths.tobytes()
    assert other.median == pytest.approx(forecast.median, rel=0.02)


def test_scaling_the_series_scales_the_result(forecast, series):
    scaled = forecast_full_year(series * 7.25e3, 2024, methods=ALL, n_paths=400)
    assert np.allclose(scaled.paths, forecast.paths * 7.25e3, rtol=1e-9)
    assert scaled.methods["weight"].equals(forecast.methods["weight"])


def test_permuting_paths_changes_nothing(forecast):
    from dataclasses import replace

    order = np.random.default_rng(3).permutation(len(forecast.paths))
    shuffled = replace(forecast, paths=forecast.paths[order])
    assert shuffled.median == forecast.median
    assert shuffled.mean == forecast.mean
    assert shuffled.interval(0.8) == forecast.interval(0.8)
    assert shuffled.probability_above(1e3) == forecast.probability_above(1e3)


def test_a_method_does_not_depend_on_its_company(series, forecast):
    alone = forecast_full_year(series, 2024, methods=["sarima"], n_paths=400)
    with_all = forecast.by_method()["sarima"]
    assert np.allclose(np.sort(alone.by_method()["sarima"].totals), np.sort(with_all.totals))


def test_read_outs_agree_with_the_paths(forecast):
    totals = np.sort(forecast.totals)
    assert forecast.quantile(0.0) == pytest.approx(totals[0])
    assert forecast.mean == pytest.approx(totals.mean())
    assert forecast.probability_above(totals[100]) == pytest.approx((totals > totals[100]).mean())
    table = forecast.intervals()
    assert table["level"].tolist() == [0.5, 0.8, 0.95]
    assert (np.diff(table["high"] - table["low"]) > 0).all()
    assert forecast.probabilities().loc[0, "p_above"] == forecast.probability_above(1e3)
    months = forecast.month_quantiles([0.1, 0.9], cumulative=True)
    assert months.loc["2024-12", 0.1] == pytest.approx(np.quantile(forecast.totals, 0.1))


def test_methods_not_pooled_are_shown_with_weight_zero(series):
    forecast = forecast_full_year(series, 2024, methods=["ets", "growth_ytd"], pooled=["ets"], n_paths=100)
    assert forecast.methods["status"].tolist() == ["used", "shown"]
    assert forecast.methods["weight"].tolist() == [1.0, 0.0]
    assert set(forecast.by_method()) == {"ets", "growth_ytd"}


def test_weights_sum_to_one_and_trimming_drops_the_extremes():
    medians = {"a": 1.0, "b": 2.0, "c": 3.0, "d": 9.0}
    equal = pool_weights("equal", medians, 2024, 4, 651)
    trimmed = pool_weights("trimmed", medians, 2024, 4, 651)
    assert equal == dict.fromkeys("abcd", 0.25)
    assert trimmed == {"a": 0.0, "b": 0.5, "c": 0.5, "d": 0.0}
    score = pool_weights("score", {"sarima": 1.0, "seasonal_naive": 1.0}, 2024, 8, 655)
    assert sum(score.values()) == pytest.approx(1.0)
    assert score["sarima"] > score["seasonal_naive"]


def test_the_pool_takes_paths_in_proportion():
    paths = {name: np.full((10, 2), i) for i, name in enumerate("abc")}
    pooled = pool(paths, {"a": 0.25, "b": 0.25, "c": 0.5}, 10)
    assert np.bincount(pooled[:, 0].astype(int)).tolist() == [3, 2, 5]
    assert len(pool(paths, dict.fromkeys("abc", 1 / 3), 10)) == 10


def test_a_fit_that_did_not_converge_or_runs_away_is_left_out_and_said(series, monkeypatch):
    import chipexports.forecast.members as engine
    from chipexports.forecast.methods.task import Paths

    def load(name):
        flat = np.zeros
        return {
            "ets": lambda task: Paths(flat((task.n_paths, task.horizon)), converged=False),
            "sarima": lambda task: Paths(flat((task.n_paths, task.horizon)) + 9.0),
            "ucm": lambda task: Paths(flat((task.n_paths, task.horizon)) * np.nan),
            "theta": lambda task: Paths(flat((task.n_paths, task.horizon))),
        }[name]

    monkeypatch.setattr(engine, "load_method", load)
    table = forecast_full_year(series, 2024, methods=["ets", "sarima", "ucm", "theta"], n_paths=50).methods
    assert table["status"].tolist() == ["left out", "left out", "left out", "used"]
    assert "did not converge" in table.loc["ets", "reason"]
    assert "range of the last 24 months" in table.loc["sarima", "reason"]
    assert "NaN" in table.loc["ucm", "reason"]
    assert table["weight"].tolist() == [0, 0, 0, 1]


def test_a_series_without_indicators_has_ets_in_their_place():
    series = cyclic(65)  # to May 2020
    alone = forecast_full_year(series, 2020, n_paths=200)
    assert list(alone.methods.index) == list(DEFAULT_ALONE) == list(model.DEFAULT_ALONE)
    assert (alone.methods["status"] == "used").all()
    lead = pd.DataFrame({"lead": cyclic(72).shift(1).bfill()})
    beside = forecast_full_year(series, 2020, indicators=lead, n_paths=200)
    assert list(beside.methods.index) == list(DEFAULT_METHODS) == list(model.DEFAULT_METHODS)
