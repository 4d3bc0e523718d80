"""Calibration: scales by a written-out mean, own errors by re-running the model, no look ahead."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from engine_series import cyclic

from chipexports.forecast import COMBINATIONS, METHODS, calibration
from chipexports.forecast.calibration import (
    MAX_ERROR,
    NEIGHBOUR_WEIGHT,
    PANEL_CASES,
    PRIOR_CASES,
    own_scale,
    panel_errors,
    panel_scale,
    past_errors_of,
    relative_errors,
)
from chipexports.forecast.distribution import rescale
from chipexports.forecast.inputs import as_history, make_task
from chipexports.forecast.methods.airline import airline_forecast, fit_airline

ORIGIN = (2020 - 1970) * 12 + 5  # June 2020


def test_the_stored_errors_are_complete():
    table = panel_errors()
    assert set(table["method"]) == {*METHODS, *COMBINATIONS}
    assert table["months_published"].between(0, 11).all()
    assert table.groupby("series")["target_year"].max().eq(2025).all()
    assert np.isfinite(table[["log_error", "spread"]]).all(axis=None)
    assert (table["spread"] > 0).all()
    assert not table.duplicated(["series", "target_year", "months_published", "method"]).any()


def test_panel_scale_is_the_weighted_root_mean_square_of_past_errors():
    table = pd.read_csv(calibration.PANEL_ERRORS)
    top, bottom = PRIOR_CASES, PRIOR_CASES
    for row in table[table["method"] == "sarima"].itertuples():
        if row.target_year < 2020 and abs(row.months_published - 6) <= 1:
            weight = 1.0 if row.months_published == 6 else NEIGHBOUR_WEIGHT
            top += weight * min(abs(row.log_error / row.spread), MAX_ERROR) ** 2
            bottom += weight
    assert panel_scale("sarima", 2020, 6, ORIGIN) == pytest.approx(np.sqrt(top / bottom))


def test_later_years_and_outturns_not_yet_known_do_not_count(monkeypatch):
    before = panel_scale("equal", 2020, 6, ORIGIN)
    table = panel_errors().copy()
    later = (table["target_year"] >= 2020) | (table["known"] > ORIGIN)
    table.loc[later, "log_error"] *= 10
    for cached in (panel_scale, calibration._relative, calibration._by_method):
        cached.cache_clear()
    monkeypatch.setattr(calibration, "panel_errors", lambda: table)
    assert panel_scale("equal", 2020, 6, ORIGIN) == before
    assert panel_scale("equal", 2022, 6, ORIGIN + 24) > 1.1 * before
    for cached in (panel_scale, calibration._relative, calibration._by_method):
        cached.cache_clear()


def test_before_the_panel_begins_the_scale_is_one():
    assert panel_scale("equal", 1960, 6, -120) == 1.0
    assert relative_errors(("ets", "ucm"), 1960, 6, -120) == {"ets": 1.0, "ucm": 1.0}


def test_own_past_errors_by_running_the_model_again():
    series = cyclic(112)
    task = make_task(as_history(series), 2024, 10, 0)[0]
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
    clipped = np.minimum(np.abs(errors), MAX_ERROR)
    assert own_scale(task) == pytest.approx(np.sqrt((PANEL_CASES + (clipped**2).sum()) / (PANEL_CASES + 6)))


def test_short_or_gappy_series_have_no_errors_of_their_own():
    assert own_scale(make_task(as_history(cyclic(40)), 2018, 10, 0)[0]) == 1.0
    holed = cyclic(112)
    holed["2020-01"] = np.nan
    assert own_scale(make_task(as_history(holed), 2024, 10, 0)[0]) == 1.0


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
