"""Calibration: every forecast by its own past errors, by hand; no look ahead; real outturns only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from engine_series import cyclic

from chipexports.backtest import on_panel, panel_origins
from chipexports.backtest.panel_errors import case_rows, main
from chipexports.forecast import (
    COMBINATIONS,
    DEFAULT_METHODS,
    METHODS,
    calibration,
    calibration_table,
    forecast_full_year,
    own_past_errors,
    run_methods,
)
from chipexports.forecast.calibration import (
    HALF_LIFE,
    MAX_ERROR,
    NEIGHBOUR_WEIGHT,
    PRIOR_CASES,
    cases_of,
    mixture_quantiles,
    own_cases,
    panel_cases,
    panel_scale,
    past_errors_of,
    relative_errors,
    standardised,
)
from chipexports.forecast.distribution import rescale
from chipexports.forecast.inputs import as_history, make_task
from chipexports.forecast.methods.airline import airline_forecast, fit_airline
from chipexports.series import History

ORIGIN = (2020 - 1970) * 12 + 5  # June 2020
PAIR = ("ets", "pooled_growth")


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.read_csv(calibration.PANEL_ERRORS)


def test_the_stored_errors_are_complete(table):
    assert set(table["method"]) == set(METHODS)
    assert table["months_published"].between(0, 11).all()
    assert table.groupby("series")["target_year"].max().eq(2025).all()
    assert np.isfinite(table[["log_error", "spread"]]).all(axis=None)
    assert (table["spread"] > 0).all()
    assert not table.duplicated(["series", "target_year", "months_published", "method"]).any()


def by_hand(rows, year: int, months: int) -> float:
    """Return the factor from (target year, months published, standardised error), all known in time."""
    top = bottom = PRIOR_CASES
    for then, k, error in rows:
        if then < year and abs(k - months) <= 1:
            weight = (1.0 if k == months else NEIGHBOUR_WEIGHT) * 0.5 ** ((year - 1 - then) / HALF_LIFE)
            top += weight * min(abs(error), MAX_ERROR) ** 2
            bottom += weight
    return float(np.clip(np.sqrt(top / bottom), 0.5, 2.5))


def test_a_methods_scale_is_the_weighted_root_mean_square_of_its_errors(table):
    rows = table[table["method"] == "sarima"]
    errors = zip(
        rows["target_year"], rows["months_published"], rows["log_error"] / rows["spread"], strict=True
    )
    scale, cases = panel_scale(("sarima",), 2020, 6, ORIGIN)
    assert scale == pytest.approx(by_hand(errors, 2020, 6))
    near = (rows["target_year"] < 2020) & (rows["months_published"] - 6).abs().le(1)
    assert cases == near.sum()


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.8, 0.2)])
def test_a_pools_scale_is_that_of_errors_drawn_from_its_methods(table, shares):
    rng = np.random.default_rng(0)
    draws = np.sort(rng.standard_normal(20001))
    errors = []
    key = ["target_year", "months_published"]
    use = table[(table["target_year"] < 2020) & (table["months_published"] - 6).abs().le(1)]
    for at, rows in use.groupby(["series", *key]):
        rows = rows.set_index("method").reindex(PAIR).dropna()
        parts = [
            rng.permutation(-row["log_error"] + row["spread"] * draws)[: int(20000 * share)]
            for (_, row), share in zip(rows.iterrows(), shares, strict=False)
        ]
        low, middle, high = np.quantile(np.concatenate(parts), calibration.SPREAD_QUANTILES)
        errors.append((at[1], at[2], -2 * middle / (high - low)))
    weights = dict(zip(PAIR, shares, strict=True))
    assert panel_scale(PAIR, 2020, 6, ORIGIN, weights)[0] == pytest.approx(by_hand(errors, 2020, 6), rel=0.02)


def test_a_mixture_of_one_or_of_equals_is_a_normal():
    one = mixture_quantiles(np.array([[3.0]]), np.array([[2.0]]), np.ones((1, 1)), (0.158655, 0.5))
    assert one[:, 0] == pytest.approx([1.0, 3.0], abs=1e-4)
    same = mixture_quantiles(np.full((1, 3), 3.0), np.full((1, 3), 2.0), np.full((1, 3), 1 / 3), (0.841345,))
    assert same[0, 0] == pytest.approx(5.0, abs=1e-4)
    apart = mixture_quantiles(np.array([[0.0, 10.0]]), np.ones((1, 2)), np.array([[0.25, 0.75]]), (0.25,))
    assert 2 < apart[0, 0] < 8


def test_later_years_and_outturns_not_yet_known_do_not_count(table):
    later = (table["target_year"] >= 2020) | (table["known"] > "2020-06")
    worse = cases_of(table.assign(log_error=table["log_error"] * np.where(later, 10, 1)))
    for names in (("ucm",), PAIR, DEFAULT_METHODS):
        before = panel_scale(names, 2020, 6, ORIGIN)
        assert panel_scale(names, 2020, 6, ORIGIN, cases=worse) == before
        assert panel_scale(names, 2022, 6, ORIGIN + 24, cases=worse)[0] > 1.1 * before[0]
    names = tuple(METHODS)
    for weights in COMBINATIONS:  # the weights a pool would have had look no further either
        errors = [standardised(cases, names, weights) for cases in (panel_cases(), worse)]
        early = panel_cases().target_year < 2019
        assert errors[0][early] == pytest.approx(errors[1][early], nan_ok=True)


def test_before_the_panel_begins_the_scale_is_one():
    assert panel_scale(("ets",), 1960, 6, -120) == (1.0, 0)
    assert relative_errors(("ets", "ucm"), 1960, 6, -120) == {"ets": 1.0, "ucm": 1.0}


@pytest.mark.parametrize("method", DEFAULT_METHODS)
@pytest.mark.parametrize("combination", COMBINATIONS)
def test_the_combination_of_one_method_is_that_method(method, combination):
    history = panel_origins([2024], [6])[0].history
    settings = {"combination": combination, "n_paths": 101}
    forecast = forecast_full_year(history, 2024, methods=[method], **settings)
    assert (forecast.paths == forecast.by_method()[method].paths).all()
    both = forecast_full_year(history, 2024, methods=["theta", method], pooled=[method], **settings)
    assert (both.paths == forecast.paths).all()


def test_the_members_of_a_pool_decide_its_calibration():
    origin = panel_origins([2024], [6])[0]
    everyone = (*DEFAULT_METHODS, "ets", "sarima", "pooled_growth")
    members = run_methods(origin.history, 2024, everyone, n_paths=101)
    factors = {
        pool: calibration_table(members, methods=pool).loc["combination", "factor"]
        for pool in (PAIR, ("sarima", "indicator"), DEFAULT_METHODS)
    }
    assert len(set(factors.values())) == 3
    whole = calibration_table(run_methods(origin.history, 2024, DEFAULT_METHODS, n_paths=101))
    assert factors[DEFAULT_METHODS] == whole.loc["combination", "factor"]
    assert (whole["own_factor"] == 1).all()
    weighted = calibration_table(members, {"ets": 0.5, "pooled_growth": 0.5})
    assert weighted.loc["combination", "factor"] == pytest.approx(factors[PAIR])


def test_own_past_errors_by_running_the_airline_model_again():
    task = make_task(as_history(cyclic(112)), 2024, 10, 0)[0]
    fit = fit_airline(task.log, task.regressors[: task.n])
    errors = past_errors_of(task)["standardised"].to_numpy()
    assert len(errors) == 6  # 2018 to 2023: before, fewer than 36 months precede April
    cut = task.n - 12
    mean, covariance = airline_forecast(fit, task.log[:cut], task.regressors, task.horizon)
    actual = np.exp(task.log[cut : cut + 8]).sum()
    rng = np.random.default_rng(0)
    draws = np.exp(mean + rng.standard_normal((40000, 8)) @ np.linalg.cholesky(covariance).T).sum(axis=1)
    want = (np.log(actual) - np.log(draws).mean()) / np.log(draws).std()
    assert errors[0] == pytest.approx(want, abs=0.05)


def test_short_or_gappy_series_have_no_errors_of_their_own():
    assert own_past_errors(cyclic(40), 2018).empty
    holed = cyclic(112)
    holed["2020-01"] = np.nan
    assert own_past_errors(holed, 2024).empty


def last_level(history, calendar):
    """Paths about the last month that are far too narrow."""
    h = len(calendar) - len(history.values)
    noise = 1e-3 * np.random.default_rng(0).standard_normal((200, h))
    return history.values.iloc[-1] * np.exp(noise)


def half_estimated() -> History:
    series = cyclic(112)
    errors = pd.Series(np.nan, index=series.index)
    errors[:"2021-06"] = 0.05 * series[:"2021-06"]
    return History(series, "2024-05-10", standard_errors=errors)


def test_a_method_of_ones_own_is_calibrated_by_its_own_real_errors():
    history = half_estimated()
    forecast = forecast_full_year(history, 2024, methods=["ets", last_level], n_paths=200)
    members = run_methods(history, 2024, ["ets", last_level], n_paths=200)
    factors = calibration_table(members)
    errors = own_past_errors(history, 2024, last_level)
    assert errors["real"].sum() == 2
    assert errors.loc[2023, "log_error"] == pytest.approx(
        np.log(history.values["2023-05":"2023-12"].sum() / (8 * history.values["2023-04"])), abs=1e-3
    )
    squares = np.minimum(errors.loc[errors["real"], "standardised"].abs(), MAX_ERROR) ** 2
    wide = np.sqrt((PRIOR_CASES + squares.sum()) / (PRIOR_CASES + 2))
    assert factors.loc["last_level"].tolist() == pytest.approx([2, 1.0, wide, wide])
    assert wide > 1.5
    assert factors.loc["ets", "own_factor"] == 1
    # of the pool the own past is asked as well, as one of its methods has no other
    assert factors.loc["combination", "cases"] == 2
    assert forecast.median == members.pool().rescaled(factors.loc["combination", "factor"]).median
    worse = replace(history, values=history.values.mul(np.where(history.estimated, 1.5, 1.0)))
    again = own_cases(run_methods(worse, 2024, ["ets", last_level], n_paths=200), ["last_level"])
    assert again.target_year.tolist() == [2023, 2022]


def test_a_method_of_ones_own_can_be_tried_on_the_panel():
    tried = on_panel(last_level, months=[10])
    origin = panel_origins([2024], [10])[0]
    members = run_methods(origin.history, 2024, ["ets", tried], n_paths=200)
    table = calibration_table(members)
    assert table.loc["last_level", "cases"] == len(tried.panel.query("target_year < 2024"))
    assert table.loc["last_level", "panel_factor"] == calibration.MAX_SCALE
    assert table.loc["combination", "own_factor"] == 1
    row = tried.panel.query("series == @origin.series and target_year == 2024").iloc[0]
    rest = origin.outturn - origin.known["2024"].sum()
    assert row["log_error"] == pytest.approx(np.log(rest / (2 * origin.known.iloc[-1])), abs=2e-3)


def test_rescaling_keeps_the_median_the_order_and_the_pattern():
    rng = np.random.default_rng(0)
    paths = rng.normal(0, 0.2, (999, 9)).cumsum(axis=1)
    for factor in (0.5, 1.7):
        scaled = rescale(paths, 6, factor)
        before, after = (np.exp(p[:, -6:]).sum(axis=1) for p in (paths, scaled))
        assert np.median(after) == pytest.approx(np.median(before))
        assert (np.argsort(before) == np.argsort(after)).all()
        log_before, log_after = np.log(before), np.log(after)
        assert np.allclose(log_after - np.median(log_after), factor * (log_before - np.median(log_before)))
        assert np.allclose(np.diff(scaled[:, -6:]), np.diff(paths[:, -6:]))
        assert (scaled[:, :3] == paths[:, :3]).all()


def test_the_shipped_errors_are_those_the_command_makes(table):
    for origin in panel_origins([2019], [3, 9]):
        at = (table["series"] == origin.series) & (table["target_year"] == 2019)
        shipped = table[at & (table["months_published"] == origin.months_published)].set_index("method")
        made = pd.DataFrame(case_rows(origin, tuple(METHODS))).set_index("method")
        assert set(made.index) == set(shipped.index)
        columns = ["log_error", "spread"]
        assert made[columns].to_numpy() == pytest.approx(
            shipped.loc[made.index, columns].to_numpy(), abs=5e-5
        )


def test_asking_the_command_for_help_computes_and_writes_nothing(tmp_path):
    before = calibration.PANEL_ERRORS.stat().st_mtime_ns
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    assert "--output" in result.output
    refused = CliRunner().invoke(main, ["--jobs", "none"])
    assert refused.exit_code == 2
    assert calibration.PANEL_ERRORS.stat().st_mtime_ns == before
