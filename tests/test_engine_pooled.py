"""The pooled growth regression and the indicators: rows by a loop, coefficients by a closed form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from engine_series import cyclic

from chipexports.backtest.origins import panel, panel_origins
from chipexports.forecast.inputs import as_history, make_task
from chipexports.forecast.methods import growth_regression, indicator
from chipexports.forecast.methods.growth_regression import RIDGE, RIDGE_INTERCEPT, huber_ridge, panel_logs
from chipexports.forecast.methods.growth_rows import features, past_rows, window_growth
from chipexports.forecast.methods.indicator import others_acceleration
from chipexports.forecast.methods.pooled_growth import FADE, joined_growth, pooled_growth
from chipexports.forecast.methods.task import Abstain


@pytest.fixture(scope="module")
def series() -> pd.Series:
    return cyclic(112)


def growth(x, end, months, lag=0):
    end -= lag
    return np.log(sum(x[end - months : end]) / sum(x[end - months - 12 : end - 12]))


def test_features_by_a_loop(series):
    x = series.to_numpy()
    got = features(x, np.array([60, 100]))
    for row, end in zip(got, (60, 100), strict=True):
        want = [
            growth(x, end, 1), growth(x, end, 3), growth(x, end, 6), growth(x, end, 12),
            growth(x, end, 3) - growth(x, end, 3, 3), growth(x, end, 12, 12),
        ]  # fmt: skip
        assert row == pytest.approx(want)


def test_a_window_with_a_gap_is_not_known(series):
    x = series.to_numpy().copy()
    x[50] = np.nan
    ends = np.array([50, 51, 53, 54, 63, 66])
    known = np.isfinite(window_growth(x, ends, 3))
    assert known.tolist() == [True, False, False, True, False, True]
    assert np.isnan(window_growth(x, np.array([10, 200]), 3)).all()


def test_past_rows_by_a_loop(series):
    x, first = series.to_numpy(), series.index[0].ordinal
    rows = past_rows(np.log(x), first, (4,), 2023)
    years = list(range(2016, 2023))
    assert len(rows.growth) == len(years)
    for row, year in zip(rows.growth, years, strict=True):
        january = (year - 2015) * 12
        rest, before = x[january + 4 : january + 12], x[january - 8 : january]
        assert row == pytest.approx(np.log(rest.sum() / before.sum()))
    assert (rows.ordinals == [(y - 1970) * 12 + 4 for y in years]).all()


def test_a_year_whose_outcome_is_not_known_gives_no_row(series):
    rows = past_rows(np.log(series.to_numpy()), series.index[0].ordinal, (4,), 2100)
    assert rows.ordinals.max() < (2024 - 1970) * 12


def test_huber_ridge_is_the_closed_form_where_no_residual_is_large():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((60, 2)) * [1.0, 10.0]
    y = 0.3 + x @ [0.5, -0.02] + 0.01 * rng.uniform(-1, 1, 60)
    fit = huber_ridge(x, y, np.ones(60))
    scales = x.std(axis=0)
    design = np.column_stack([np.ones(60), x / scales])
    ridge = np.diag([RIDGE_INTERCEPT, RIDGE, RIDGE])
    weights = np.minimum(1.0, 1.345 * 1.4826 * np.median(abs(y - design @ fit.coefficients)) / 1e-9)
    assert weights.min() == 1.0
    closed = np.linalg.solve(design.T @ design + ridge, design.T @ y)
    assert fit.coefficients == pytest.approx(closed, abs=0.02)
    assert fit.predict(x[3]) == pytest.approx(design[3] @ fit.coefficients)


def test_huber_ridge_does_not_follow_an_outlier():
    x = np.linspace(-1, 1, 80)[:, None]
    y = 0.5 * x[:, 0] + 0.01 * np.cos(37 * np.arange(80))
    y[3] = 50.0
    fit = huber_ridge(x, y, np.ones(80))
    assert fit.predict(np.array([1.0])) == pytest.approx(0.5, abs=0.05)
    least_squares = np.polyval(np.polyfit(x[:, 0], y, 1), 1.0)
    assert abs(least_squares - 0.5) > 0.5


def test_a_missing_feature_counts_as_average():
    x = np.array([[1.0, np.nan], [2.0, 4.0], [3.0, 6.0], [4.0, 8.0]])
    fit = huber_ridge(x, np.arange(4.0), np.ones(4))
    assert fit.means == pytest.approx([2.5, 6.0])
    assert fit.predict(np.array([2.0, np.nan])) == pytest.approx(fit.predict(np.array([2.0, 6.0])))


def test_the_series_itself_is_not_counted_twice(series):
    other = cyclic(112, seed=9)
    table = pd.DataFrame({"itself": series * 3.0, "other": other})
    task = make_task(as_history(series, indicators=table), 2024, 10, 0)[0]
    assert set(panel_logs(task)) == {"other"}


def test_nothing_after_the_origin_reaches_the_forecast(series):
    """The record's panel is cut before the origin's month was out: later figures do not matter."""
    task = make_task(as_history(series), 2024, 10, 0)[0]
    last = max(first + len(log) for log, first in panel_logs(task).values())
    assert last <= task.first + task.n


def test_a_series_that_follows_its_growth_is_forecast_exactly():
    """Growth that never changes is what the regression must give back."""
    log = 5 + 0.01 * np.arange(112) + 0.1 * np.sin(2 * np.pi * np.arange(112) / 12)
    steady = pd.Series(np.exp(log), index=pd.period_range("2015-01", periods=112, freq="M"))
    tables = pd.DataFrame({name: steady * k * 1.01 ** np.arange(112) for name, k in (("a", 2), ("b", 5))})
    task = make_task(as_history(steady, indicators=tables), 2024, 400, 0)[0]
    rest = np.median(np.exp(pooled_growth(task).log).sum(axis=1))
    truth = np.exp(log[100:108] + 0.12).sum() / np.exp(np.mean(np.log(steady.to_numpy()[-12:])))
    assert rest == pytest.approx(truth, rel=0.03)


def test_indicators_are_used_with_the_lag_they_have(series):
    late = cyclic(112, seed=5)[:"2024-03"]  # one month behind
    task = make_task(as_history(series, indicators=pd.DataFrame({"late": late})), 2024, 10, 0)[0]
    end = task.first + task.n
    x, first = late.to_numpy(), late.index[0].ordinal
    got = others_acceleration(task, np.array([end, end - 12]))
    for value, at in zip(got, (end, end - 12), strict=True):
        cut = at - 1 - first
        assert value == pytest.approx(growth(x, cut, 3) - growth(x, cut, 3, 3))


def test_indicators_too_late_or_absent_make_the_method_abstain(series):
    with pytest.raises(Abstain, match="no indicator with more"):
        indicator.indicator(make_task(as_history(series), 2024, 10, 0)[0])
    old = pd.DataFrame({"old": cyclic(112, seed=5)[:"2023-12"]})
    with pytest.raises(Abstain, match="within 2 months"):
        indicator.indicator(make_task(as_history(series, indicators=old), 2024, 10, 0)[0])


def test_too_short_a_history_makes_the_method_abstain():
    short = cyclic(12, "2023-01")
    with pytest.raises(Abstain, match="twelve months"):
        growth_regression.require_whole_year(make_task(as_history(short), 2024, 10, 0)[0])
    with pytest.raises(Abstain, match="whole year before"):
        growth_regression.require_whole_year(make_task(as_history(cyclic(40, "2020-08")), 2024, 10, 0)[0])


@pytest.mark.parametrize("wanted", [1, 2, 5, 12])
@pytest.mark.parametrize("total_growth", [-0.4, 0.0, 0.5])
def test_the_joined_path_keeps_its_total_and_starts_near_recent_growth(series, wanted, total_growth):
    last = pd.Period("2023-12", "M") - wanted
    task = make_task(as_history(series[:last]), 2023, 10, 0)[0]
    x = np.exp(task.log)
    before = x[-12:][:wanted]
    by_month = joined_growth(task, total_growth)
    assert before @ np.exp(by_month) == pytest.approx(np.exp(total_growth) * before.sum())
    recent = np.log(x[-3:].sum() / x[-15:-12].sum())
    lasting = (by_month[0] - FADE * recent) / (1 - FADE)  # one month gives it, the others must agree
    fading = recent - lasting
    assert by_month == pytest.approx([lasting + FADE**j * fading for j in range(1, wanted + 1)])


def test_without_the_months_a_year_ago_growth_is_common_to_all(series):
    task = make_task(as_history(series[:"2022-12"]), 2023, 10, 0)[0]
    log = task.log.copy()
    log[-14] = np.nan
    assert joined_growth(replace(task, log=log), 0.1) == pytest.approx(np.full(12, 0.1))


def test_the_next_month_is_nearer_on_the_panel_than_by_common_growth(monkeypatch):
    def next_month_error() -> float:
        errors = []
        for origin in panel_origins(years=range(2018, 2026), months=(2, 4, 6, 8)):
            month = pd.Period(origin.origin, "M") + 1
            outcome = panel()[origin.series].get(month, np.nan)
            task = make_task(origin.history, origin.target_year, 200, 0)[0]
            centre = np.log(origin.history.values.iloc[-12:]).mean()
            errors.append(abs(np.log(outcome) - np.median(pooled_growth(task).log[:, 0]) - centre))
        return float(np.nanmean(errors))

    joined = next_month_error()
    monkeypatch.setattr("chipexports.forecast.methods.pooled_growth.FADE", 1e-9)  # gone after a month: common
    assert joined < 0.9 * next_month_error()
