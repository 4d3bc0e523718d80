"""The steps behind a forecast, called one by one, and models of one's own."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from engine_series import cyclic

from chipexports.base.errors import UsageError
from chipexports.forecast import (
    calendar_regressors,
    calibration_table,
    forecast_full_year,
    from_statsmodels,
    full_year,
    joint_covariance,
    log_series,
    own_past_errors,
    run_methods,
)
from chipexports.forecast.inputs import MethodError, YearError
from chipexports.series import History

METHODS = ("ets", "sarima", "ucm", "growth_ytd")


@pytest.fixture(scope="module")
def history() -> History:
    series = cyclic(112)
    errors = pd.Series(np.nan, index=series.index)
    errors[:"2021-06"] = 0.05 * series[:"2021-06"]
    other = pd.DataFrame({"other": cyclic(112, seed=9)})
    return History(series, "2024-05-10", "million USD", standard_errors=errors, indicators=other)


@pytest.fixture(scope="module")
def members(history):
    return run_methods(history, 2024, METHODS, n_paths=400)


def test_a_history_brings_what_the_keywords_would(history):
    methods = ("ucm", "indicator")
    whole = forecast_full_year(history, 2024, methods=methods, n_paths=200)
    by_hand = forecast_full_year(
        history.values,
        2024,
        methods=methods,
        n_paths=200,
        indicators=history.indicators,
        estimated=history.standard_errors,
    )
    assert (whole.paths == by_hand.paths).all()
    bare = forecast_full_year(history.values, 2024, methods=("ucm",), n_paths=200)
    assert (bare.by_method()["ucm"].paths != whole.by_method()["ucm"].paths).any()
    other = forecast_full_year(history, 2024, methods=methods, n_paths=200, indicators=history.indicators * 2)
    assert other.paths == pytest.approx(whole.paths)  # another unit


@pytest.mark.parametrize("year", [2016, 2023])
def test_a_year_that_is_over_gives_its_total(history, year):
    forecast = forecast_full_year(history, year, n_paths=50)
    total = history.values[str(year)].sum()
    assert forecast.interval(0.95) == pytest.approx((total, total))
    assert forecast.months_published == 12
    with pytest.raises(YearError, match=f"{year} is complete"):
        run_methods(history, year)
    with pytest.raises(YearError, match="begins 2015-01"):
        forecast_full_year(history, 2014)


def test_the_steps_redone_are_the_forecast(history, members):
    forecast = forecast_full_year(history, 2024, methods=METHODS, n_paths=400)
    table = calibration_table(members)
    redone = members.pool("equal").rescaled(table.loc["combination", "factor"])
    assert redone.median == forecast.median
    assert redone.interval(0.8) == forecast.interval(0.8)
    each = members.calibrated()
    for name, one in forecast.by_method().items():
        assert (each.paths(name).to_numpy() == one.paths).all()
    assert list(table.index) == [*METHODS, "combination"]
    assert table["factor"].to_numpy() == pytest.approx(table["panel_factor"] * table["own_factor"])


def test_members_read_outs_agree_with_their_paths(members, history):
    paths = members.paths("sarima")
    assert paths.shape == (400, 12)
    assert paths.columns.astype(str).tolist()[::11] == ["2024-01", "2024-12"]
    assert (paths["2024-02"] == history.values["2024-02"]).all()
    assert members.totals["sarima"].to_numpy() == pytest.approx(paths.sum(axis=1).to_numpy())
    row = members.table.loc["sarima"]
    assert row["median"] == pytest.approx(members.totals["sarima"].median())
    assert (row["low80"], row["high80"]) == pytest.approx(
        tuple(members.totals["sarima"].quantile([0.1, 0.9]))
    )
    with pytest.raises(MethodError, match="'theta' was not run"):
        members.paths("theta")


def test_weights_of_ones_own(members):
    assert members.weights({"ets": 3, "ucm": 1}) == {"ets": 0.75, "sarima": 0, "ucm": 0.25, "growth_ytd": 0}
    alone = members.pool({"ets": 1})
    assert (alone.paths == members.paths("ets").to_numpy()).all()
    for wrong in ({"theta": 1.0}, {"ets": -1.0}, {"ets": 0.0}, {"ets": np.nan}):
        with pytest.raises(MethodError, match="weights"):
            members.pool(wrong)


def test_rescaling_a_year_moves_the_spread_alone(members):
    year = members.pool("equal")
    wide = year.rescaled(2.0)
    log = [np.log(np.sort(one.totals) - one.published_total) for one in (year, wide)]
    assert log[1] - np.median(log[1]) == pytest.approx(2 * (log[0] - np.median(log[0])))
    assert wide.median == pytest.approx(year.median)
    assert (wide.paths[:, :4] == year.paths[:, :4]).all()
    for wrong in (0.0, -1.0, np.nan):
        with pytest.raises(UsageError, match="factor"):
            year.rescaled(wrong)


def test_own_past_errors_say_which_outturns_are_real(history):
    errors = own_past_errors(history, 2024)
    # April of 2021 is an origin whose rest holds May and June 2021, which are estimates
    assert errors["real"].to_dict() == {
        2023: True,
        2022: True,
        2021: False,
        2020: False,
        2019: False,
        2018: False,
    }
    assert errors["standardised"].to_numpy() == pytest.approx(errors["log_error"] / errors["sd"])
    with pytest.raises(YearError, match="2023 is complete"):
        own_past_errors(history, 2023)


def test_logs_and_calendar_of_the_months_used(history):
    table = log_series(history)
    assert len(table) == 112
    assert np.exp(table["log"]).to_numpy() == pytest.approx(history.values.to_numpy())
    assert table["log_se"].iloc[[0, -1]].tolist() == pytest.approx([0.05, 0.0])
    assert table["kind"].iloc[[0, -1]].tolist() == ["estimate", "customs"]
    past, future = calendar_regressors(history, until="2025-03")
    assert past.index.equals(history.values.index)
    assert future.index.astype(str)[[0, -1]].tolist() == ["2024-05", "2025-03"]
    assert len(calendar_regressors(history)[1]) == 8
    assert len(log_series(cyclic(200))) == 144
    with pytest.raises(UsageError, match="lies before the last month known"):
        calendar_regressors(history, until="2023-12")


def airline(y, x):
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    return SARIMAX(y, exog=x, order=(0, 1, 1), seasonal_order=(0, 1, 1, 12))


def damped(y, x):
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    parts = {"error": "add", "trend": "add", "damped_trend": True, "seasonal": "add"}
    return ETSModel(y, seasonal_periods=12, **parts)


def level(y, x):
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    return UnobservedComponents(y, exog=x, level="rwdrift", seasonal=12)


def concentrated(y, x):
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    order = {"order": (0, 1, 1), "seasonal_order": (0, 1, 1, 12)}
    return SARIMAX(y, exog=x, concentrate_scale=True, **order)


@pytest.mark.parametrize("build", [airline, concentrated, level])
def test_joint_covariance_has_the_variances_and_the_simulated_sums(history, build):
    past, future = calendar_regressors(history, until="2024-12")
    results = build(log_series(history)["log"], past).fit(disp=False, maxiter=50)
    mean, covariance = joint_covariance(results, 8, exog=future)
    one_by_one = results.get_forecast(8, exog=future)
    assert mean.to_numpy() == pytest.approx(one_by_one.predicted_mean.to_numpy())
    assert np.diag(covariance) == pytest.approx(np.asarray(one_by_one.var_pred_mean))
    if build is concentrated:  # its simulate() forgets the scale
        return
    draws = results.simulate(8, anchor="end", exog=future, repetitions=4000, rng=np.random.default_rng(1))
    simulated = np.asarray(draws).sum(axis=0).std()
    # the states at the origin are drawn at their mean: the covariance also holds what is not known of them
    assert np.sqrt(covariance.sum()) >= 0.97 * simulated
    if build is airline:
        assert np.sqrt(covariance.sum()) == pytest.approx(simulated, rel=0.05)


def test_joint_covariance_of_ets_is_that_of_its_simulation(history):
    results = damped(log_series(history)["log"], None).fit(disp=False, maxiter=200)
    mean, covariance = joint_covariance(results, 8)
    assert mean.to_numpy() == pytest.approx(results.forecast(8).to_numpy())
    draws = results.simulate(8, anchor="end", repetitions=6000, rng=np.random.default_rng(1))
    assert np.sqrt(covariance.sum()) == pytest.approx(np.asarray(draws).sum(axis=0).std(), rel=0.05)
    with pytest.raises(UsageError, match="not the result of a linear state-space model"):
        joint_covariance(results.params, 8)


def test_the_year_of_a_joint_forecast(history):
    published = history.values["2024"]
    mean, covariance = np.full(8, 7.0), 0.01 * np.eye(8) + 0.02
    year = full_year(mean, covariance, published, n_paths=20000)
    assert year.median == pytest.approx(published.sum() + 8 * np.exp(7.0 + 0.005), rel=5e-3)
    rest = np.log(year.totals - year.published_total)
    assert rest.std() == pytest.approx(np.sqrt(0.02 + 0.01 / 8), rel=0.03)
    assert (full_year(mean, covariance, published).paths == year.paths).all()
    none = full_year(
        pd.Series(np.zeros(12), pd.period_range("2024-01", periods=12, freq="M")), np.eye(12), published[:0]
    )
    assert none.months_published == 0
    for wrong in (
        (mean[:7], covariance, published),
        (mean, covariance[:7], published),
        (mean, covariance, published[1:]),
    ):
        with pytest.raises(UsageError, match="full_year"):
            full_year(*wrong)


def flat(history, calendar):
    """Last month for ever: a point forecast."""
    return np.full(len(calendar) - len(history.values), history.values.iloc[-1])


def drawn(history, calendar):
    """Fifty paths about the last month."""
    h = len(calendar) - len(history.values)
    return history.values.iloc[-1] * np.exp(0.1 * np.random.default_rng(1).standard_normal((50, h)))


def test_methods_of_ones_own_stand_beside_the_shipped_ones(history):
    mine = from_statsmodels(airline, name="airline_in_the_open")
    forecast = forecast_full_year(history, 2024, methods=["sarima", mine, flat, drawn], n_paths=500)
    assert forecast.methods["status"].tolist() == ["used"] * 4
    assert forecast.methods["weight"].tolist() == [0.25] * 4
    each = forecast.by_method()
    assert list(each) == ["sarima", "airline_in_the_open", "flat", "drawn"]
    assert each["airline_in_the_open"].median == pytest.approx(
        each["sarima"].median, rel=0.02
    )  # which knows the estimates
    assert each["flat"].median == pytest.approx(
        history.values["2024"].sum() + 8 * history.values.iloc[-1], rel=0.02
    )
    assert each["flat"].interval(0.8)[0] < each["flat"].median * 0.99
    alone = forecast_full_year(history, 2024, methods=["sarima"], n_paths=500)
    assert (alone.by_method()["sarima"].paths == each["sarima"].paths).all()


def wrong_length(history, calendar):
    return np.ones(3)


def not_finite(history, calendar):
    return np.full(len(calendar) - len(history.values), np.nan)


def test_methods_of_ones_own_that_cannot_be(history):
    with pytest.raises(UsageError, match="without a name"):
        forecast_full_year(history, 2024, methods=[lambda history, calendar: None])
    with pytest.raises(MethodError, match="flat appears twice"):
        forecast_full_year(history, 2024, methods=[flat, flat])
    with pytest.raises(UsageError, match=r"wrong_length gave an array of shape \(3,\); wanted are 8 months"):
        forecast_full_year(history, 2024, methods=[wrong_length])
    table = forecast_full_year(history, 2024, methods=["ets", not_finite], n_paths=50).methods
    assert table["status"].to_dict() == {"ets": "used", "not_finite": "left out"}


def test_a_model_that_does_not_converge_is_shown_and_not_pooled(history):
    from dataclasses import replace

    mine = replace(from_statsmodels(airline, name="stopped"), maxiter=1)
    table = forecast_full_year(history, 2024, methods=["ets", mine], n_paths=50).methods
    assert table.loc["stopped", ["status", "weight"]].tolist() == ["left out", 0.0]


def test_importing_the_room_loads_no_models():
    code = "import sys, chipexports.forecast; print({'scipy', 'pandas'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
