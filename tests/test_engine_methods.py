"""Each method against an independent computation: another implementation, a closed form, or a loop."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from engine_series import cyclic
from scipy import stats

from chipexports.forecast import run_methods
from chipexports.forecast.inputs import as_history, make_task
from chipexports.forecast.methods import METHODS, load_method
from chipexports.forecast.methods.airline import (
    RIDGE,
    AirlineFit,
    airline_forecast,
    autocovariances,
    difference,
    fit_airline,
    profile,
)
from chipexports.forecast.methods.ets import ets_covariance, ets_forecast, fit_ets, objective
from chipexports.forecast.methods.past_errors import (
    PRIOR_COMMON,
    PRIOR_OWN,
    PRIOR_YEARS,
    past_error_covariance,
)
from chipexports.forecast.methods.smoothing import Smoothing, filtered, residuals
from chipexports.forecast.methods.statespace import joint_forecast
from chipexports.forecast.methods.task import Task, gaussian_paths, real_share_of_variance
from chipexports.forecast.methods.theta import smoothing_variance
from chipexports.forecast.methods.ucm import DIFFUSE, DRIFT_VARIANCE, components, forecast, likelihood


@pytest.fixture(scope="module")
def series() -> pd.Series:
    return cyclic(112)  # 2015-01 to 2024-04


@pytest.fixture(scope="module")
def task(series):
    return make_task(as_history(series), 2024, 4000, 0)[0]


def level(task) -> np.ndarray:
    return np.exp(task.log)


@pytest.mark.parametrize("name", [name for name in METHODS if name != "indicator"])
def test_every_method_gives_paths_of_the_remaining_months(task, name):
    paths = load_method(name)(task)
    assert paths.log.shape == (4000, 8)
    assert np.isfinite(paths.log).all()
    assert load_method(name).__doc__.count("Source:") == 1


def test_growth_of_the_year_to_date_by_hand(task):
    x = level(task)
    growth = x[-4:].sum() / x[-16:-12].sum()
    want = x[-12:-4] * growth
    got = np.exp(np.median(load_method("growth_ytd")(task).log, axis=0))
    assert np.allclose(got, want, rtol=1e-9)


def test_growth_of_three_months_by_hand(task):
    x = level(task)
    want = x[-12:-4] * x[-3:].sum() / x[-15:-12].sum()
    got = np.exp(np.median(load_method("growth_3m")(task).log, axis=0))
    assert np.allclose(got, want, rtol=1e-9)


def test_seasonal_naive_by_hand(task):
    drift = np.mean([task.log[t] - task.log[t - 12] for t in range(task.n - 60, task.n)])
    want = task.log[-12:-4] + drift
    assert np.allclose(np.median(load_method("seasonal_naive")(task).log, axis=0), want, rtol=1e-9)


def test_past_error_covariance_is_a_loop_over_past_years(task):
    def flat(log, months, horizon):
        return np.full(horizon, log[-1])

    common, own, n = [], [], 0
    for back in range(1, task.n // 12):
        cut = task.n - 12 * back
        if cut + task.horizon <= task.n:
            error = task.log[cut : cut + task.horizon] - task.log[cut - 1]
            common.append(error.mean() ** 2)
            own.append(error.var())
            n += 1
    covariance = past_error_covariance(task, flat)
    shared = (sum(common) + PRIOR_YEARS * PRIOR_COMMON**2) / (n + PRIOR_YEARS)
    single = (sum(own) + PRIOR_YEARS * PRIOR_OWN**2) / (n + PRIOR_YEARS)
    assert covariance[0, 1] == pytest.approx(shared)
    assert covariance[2, 2] == pytest.approx(shared + single)


def test_gaussian_paths_have_the_mean_and_covariance_asked_for(task):
    covariance = 0.02 * np.exp(-np.abs(np.subtract.outer(np.arange(8), np.arange(8))) / 3)
    paths = gaussian_paths(task, "sarima", np.arange(8.0), covariance)
    assert np.allclose(paths.mean(axis=0), np.arange(8.0), atol=1e-12)  # antithetic pairs
    assert np.allclose(np.cov(paths.T), covariance, atol=0.0025)


@pytest.mark.parametrize("name", ["ets", "sarima", "ucm", "theta"])
def test_variance_of_the_paths_is_the_analytic_one(task, name, monkeypatch):
    import chipexports.forecast.methods.task as module

    seen = {}
    original = module.gaussian_paths

    def spy(task, method, mean, covariance):
        seen["mean"], seen["covariance"] = mean, covariance
        return original(task, method, mean, covariance)

    monkeypatch.setattr(f"chipexports.forecast.methods.{name}.gaussian_paths", spy)
    log = load_method(name)(task).log
    assert np.allclose(log.mean(axis=0), seen["mean"], atol=1e-10)
    assert np.allclose(log.var(axis=0), np.diag(seen["covariance"]), rtol=0.12)
    total = log.sum(axis=1).var()
    assert total == pytest.approx(seen["covariance"].sum(), rel=0.12)


def test_airline_autocovariances_against_statsmodels():
    from statsmodels.tsa.arima_process import ArmaProcess

    theta, seasonal = -0.4, -0.7
    ma = np.zeros(14)
    ma[[0, 1, 12, 13]] = 1, theta, seasonal, theta * seasonal
    assert np.allclose(autocovariances(theta, seasonal), ArmaProcess([1], ma).acovf(14))


def test_airline_likelihood_against_statsmodels(task):
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    w = difference(task.log)
    model = SARIMAX(w, order=(0, 0, 1), seasonal_order=(0, 0, 1, 12), concentrate_scale=True)
    values = []
    for pair in ([-0.3, -0.6], [0.2, -0.9], [-0.7, 0.1]):
        unbounded = np.arctanh(pair)
        ours = profile(unbounded, w, np.empty((len(w), 0)))[0]
        values.append(ours + 2 * model.loglike(np.array(pair)))
    assert np.ptp(values) < 1e-6  # the same function up to a constant


def test_airline_forecast_against_statsmodels(task):
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    fit = AirlineFit(-0.35, -0.6, np.zeros(0), 0.0016)
    mean, covariance = airline_forecast(fit, task.log, np.empty((task.n + 8, 0)), 8)
    model = SARIMAX(task.log, order=(0, 1, 1), seasonal_order=(0, 1, 1, 12))
    result = model.smooth([fit.theta, fit.seasonal, fit.variance])
    forecast = result.get_forecast(8)
    assert np.allclose(mean, forecast.predicted_mean, atol=2e-5)
    assert np.allclose(np.sqrt(np.diag(covariance)), forecast.se_mean, rtol=5e-3)


def test_airline_fit_recovers_simulated_coefficients():
    rng = np.random.default_rng(1)
    e = 0.05 * rng.standard_normal(1500)
    w = e[13:] - 0.4 * e[12:-1] - 0.6 * e[1:-12] + 0.24 * e[:-13]
    y = list(np.zeros(13))
    for value in w:
        y.append(value + y[-1] + y[-12] - y[-13])
    x = rng.standard_normal((len(y), 2)) * 0.1
    fit = fit_airline(np.array(y) + x @ [0.5, -0.2], x)
    assert fit.theta == pytest.approx(-0.4, abs=0.06)
    assert fit.seasonal == pytest.approx(-0.6, abs=0.06)
    assert fit.beta == pytest.approx([0.5, -0.2], abs=0.03)
    assert np.sqrt(fit.variance) == pytest.approx(0.05, rel=0.05)


def test_sarima_with_a_gap_is_near_the_complete_one(series):
    whole = make_task(as_history(series), 2024, 200, 0)[0]
    holed = series.copy()
    holed["2018-06"] = np.nan
    gap = make_task(as_history(holed), 2024, 200, 0)[0]
    a, b = (np.median(load_method("sarima")(one).log, axis=0) for one in (whole, gap))
    assert np.abs(a - b).max() < 0.01


def test_joint_forecast_against_statsmodels(task):
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    model = SARIMAX(task.log, order=(1, 1, 1), seasonal_order=(0, 1, 1, 12))
    parameters = [0.3, -0.5, -0.6, 0.0012]
    model.update(parameters)
    mean, covariance = joint_forecast(model, 6)
    result = model.smooth(parameters)
    forecast = result.get_forecast(6)
    assert np.allclose(mean, forecast.predicted_mean, atol=1e-8)
    assert np.allclose(np.sqrt(np.diag(covariance)), forecast.se_mean, rtol=1e-6)
    rng = np.random.default_rng(0)
    paths = np.squeeze(result.simulate(6, repetitions=3000, anchor="end", rng=rng))
    assert np.cov(paths)[0, 5] == pytest.approx(covariance[0, 5], rel=0.15)


def test_a_filter_of_polynomials_against_scipy():
    from scipy.signal import lfilter

    smoothing = Smoothing(0.4, 0.05, 0.1, 0.9)
    values = np.random.default_rng(0).standard_normal((60, 3))
    for above, below in ((smoothing.delta(), smoothing.theta()), (smoothing.theta(), smoothing.delta())):
        assert np.allclose(filtered(above, below, values), lfilter(above, below, values, axis=0))
        assert np.allclose(filtered(above, below, values[:, 0]), lfilter(above, below, values[:, 0]))


def statsmodels_ets(log):
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    return ETSModel(log, error="add", trend="add", damped_trend=True, seasonal="add", seasonal_periods=12)


def test_ets_forecast_against_statsmodels(task):
    smoothing = Smoothing(0.4, 0.05, 0.1, 0.9)
    error, states = residuals(task.log, smoothing)
    # its order: smoothing, level, trend, seasons with the latest first; our seasons hold the level
    result = statsmodels_ets(task.log).smooth(
        np.array([0.4, 0.05, 0.1, 0.9, 0.0, states[12], *states[11::-1]])
    )
    assert np.allclose(result.resid, error, atol=1e-8)
    mean, errors = ets_forecast(task.log, smoothing, 14)
    variance = float(np.mean(errors**2))
    assert np.allclose(mean, result.forecast(14), atol=1e-8)
    assert variance == pytest.approx(np.mean(result.resid**2))


def test_ets_fit_is_at_least_as_likely_as_statsmodels(task):
    model = statsmodels_ets(task.log)
    theirs = model.fit(disp=False, maxiter=500).llf
    smoothing, converged = fit_ets(task.log)
    variance = float(np.mean(ets_forecast(task.log, smoothing, 1)[1] ** 2))
    assert converged
    assert -task.n / 2 * (np.log(2 * np.pi * variance) + 1) > theirs - 1e-3


def test_ets_gradient_against_differences(task):
    at, step = np.array([0.4, 0.1, 0.1, 0.9]), 1e-6
    gradient = objective(at, task.log)[1]
    for i in range(4):
        ends = [objective(at + sign * step * np.eye(4)[i], task.log)[0] for sign in (1, -1)]
        assert gradient[i] == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-5)


def test_ets_covariance_by_pushing_shocks_through_the_recursion():
    alpha, beta, phi, gamma, h = 0.5, 0.1, 0.9, 0.2, 14
    responses = np.zeros((h, h))
    for shocked in range(h):
        state, trend, season = 0.0, 0.0, [0.0] * 12
        for t in range(h):
            error = 1.0 if t == shocked else 0.0
            value = state + phi * trend + season[0] + error
            responses[t, shocked] = value
            state, trend = state + phi * trend + alpha * error, phi * trend + beta * error
            season.append(season.pop(0) + gamma * error)
    want = 0.3 * responses @ responses.T
    assert np.allclose(ets_covariance(Smoothing(alpha, beta, gamma, phi), 0.3, h), want)


def test_theta_is_statsmodels_theta(task):
    from statsmodels.tsa.forecasting.theta import ThetaModel

    fit = ThetaModel(task.log, period=12, use_test=False, method="additive").fit(disp=False)
    assert np.allclose(load_method("theta")(task).log.mean(axis=0), fit.forecast(8), atol=1e-10)
    assert smoothing_variance(np.array([1.0, 2.0, 2.0]), 0.5, 0.0) == pytest.approx((1 + 0.25) / 2)


def written_out_filter(log, x, noise, ratios):
    """The means and variances, in units of the noise's, of each month given the known ones before it."""
    k = 2 + 11 + x.shape[1]
    transition = np.eye(k)
    transition[0, 1] = 1.0
    transition[2, 2:13], transition[3:13, 2:13] = -1.0, np.eye(10, 11)
    shocks = np.zeros((k, k))
    shocks[0, 0], shocks[2, 2] = np.exp(2 * np.array(ratios))
    a, p = np.zeros(k), np.eye(k) * DIFFUSE
    p[1, 1] = DRIFT_VARIANCE
    means, variances = [], []
    for value, row, extra in zip(log, x, noise, strict=True):
        z = np.concatenate([[1, 0, 1], np.zeros(10), row])
        mean, f = z @ a, z @ p @ z + extra
        if np.isfinite(value):
            gain = p @ z / f
            a, p = a + gain * (value - mean), p - np.outer(gain, gain) * f
        a, p = transition @ a, transition @ p @ transition.T + shocks
        means.append(mean)
        variances.append(f)
    return np.array(means), np.array(variances)


@pytest.mark.parametrize("holes", [(), (5, 30)])
def test_ucm_against_a_written_out_kalman_filter(task, holes):
    log, x = task.log[:46].copy(), task.regressors[:46, :2]
    log[[*holes]] = np.nan
    noise, ratios = np.where(np.arange(46) % 12 < 2, 4.0, 1.0), np.array([-0.3, -1.5])
    known, ahead = np.flatnonzero(np.isfinite(log[:40])), np.arange(40, 46)
    parts = components(x, noise)
    burn = int((known < 13).sum())
    ours, errors = likelihood(ratios, log[known], parts.of(known), burn)
    variance = float(np.mean(errors**2))
    unknown = np.concatenate([log[:40], np.full(6, np.nan)])
    means, variances = written_out_filter(unknown, x, noise, ratios)
    v, f = (log - means)[known][burn:], variances[known][burn:]
    assert variance == pytest.approx(np.mean(v**2 / f), rel=1e-8)
    assert ours == pytest.approx(stats.norm.logpdf(v, scale=np.sqrt(f * variance)).sum(), rel=1e-8)
    mean, covariance = forecast(ratios, log[known], parts, known, ahead)
    assert np.allclose(mean, means[40:])
    assert np.allclose(np.diag(covariance), variances[40:])
    # the first month known, the filter's next error says how the two months move together
    first = unknown.copy()
    first[40] = mean[0] + 1.0
    moved = written_out_filter(first, x, noise, ratios)[1][41]
    assert covariance[1, 1] - covariance[0, 1] ** 2 / covariance[0, 0] == pytest.approx(moved)


def test_ucm_counts_estimated_months_for_less(series):
    jump = series.copy()
    jump["2024-04"] *= 1.3
    errors = pd.Series(np.nan, index=series.index)
    errors["2024-04"] = 0.5 * jump["2024-04"]
    sure = load_method("ucm")(make_task(as_history(jump), 2024, 50, 0)[0]).log.mean()
    unsure = load_method("ucm")(make_task(as_history(jump, estimated=errors), 2024, 50, 0)[0]).log.mean()
    plain = load_method("ucm")(make_task(as_history(series), 2024, 50, 0)[0]).log.mean()
    centre = np.log(jump.to_numpy()[-12:]).mean() - np.log(series.to_numpy()[-12:]).mean()
    assert abs(unsure + centre - plain) < abs(sure + centre - plain) / 2


def dense_differences(n: int) -> np.ndarray:
    return difference(np.eye(n))  # its columns are the months


def test_errors_of_measurement_in_the_airline_model_by_dense_matrices(task):
    n, noise = 60, np.zeros(60)
    noise[:30] = np.random.default_rng(3).uniform(0.2, 3.0, 30)
    log, x = task.log[:n], task.regressors[:n, :2]
    d = dense_differences(n)
    gamma = autocovariances(-0.3, -0.6)
    lags = np.abs(np.subtract.outer(np.arange(n - 13), np.arange(n - 13)))
    whole = np.where(lags <= 13, gamma[np.minimum(lags, 13)], 0.0) + d @ np.diag(noise) @ d.T
    value, beta, variance = profile(np.arctanh([-0.3, -0.6]), d @ log, d @ x, noise)
    inverse = np.linalg.inv(whole)
    rest = d @ log - d @ x @ beta
    assert (d @ x).T @ inverse @ rest == pytest.approx(RIDGE * beta)
    assert variance == pytest.approx(rest @ inverse @ rest / len(rest))
    assert value == pytest.approx(len(rest) * np.log(variance) + np.linalg.slogdet(whole)[1])
    errors = np.zeros(n)
    errors[:30] = 0.05
    fit = fit_airline(log, x, errors)
    assert fit.noise is not None
    assert (fit.noise[30:] == 0).all()
    plain = fit_airline(log, x)
    assert fit.noise[0] == pytest.approx(0.05**2 / plain.variance)
    # the mean of what follows, with what is expected of the errors taken off the levels
    ahead, _ = airline_forecast(
        replace(fit, theta=-0.3, seasonal=-0.6, noise=noise), log, task.regressors[:, :2], 1
    )
    rest = d @ (log - x @ fit.beta)
    solved = inverse @ rest
    expected = noise * (d.T @ solved)
    level = log - x @ fit.beta - expected
    nearest = gamma[np.arange(1, 14)] @ solved[::-1][:13]
    assert ahead[0] == pytest.approx(
        level[-1] + level[-12] - level[-13] + nearest + task.regressors[n, :2] @ fit.beta
    )


@pytest.mark.parametrize("name", ["ets", "sarima", "ucm"])
def test_the_variance_is_that_of_months_which_figures_give(series, name):
    rng = np.random.default_rng(1)
    months = np.arange(len(series))
    smooth = 6 + 0.005 * months + 0.05 * np.sin(2 * np.pi * months / 12)
    half = len(series) // 2
    rough = smooth + np.where(months < half, 0.004, 0.06) * rng.standard_normal(len(series))
    values = pd.Series(np.exp(rough), series.index)
    errors = pd.Series(np.where(months < half, 1e-9, np.nan), series.index) * values  # estimates, sure enough
    plain, told = (
        load_method(name)(make_task(as_history(values, estimated=e), 2024, 2000, 0)[0]).log
        for e in (None, errors)
    )
    wide = told.std(axis=0) / plain.std(axis=0)
    assert wide == pytest.approx(wide[0])
    assert 1.15 < wide[0] < 1.5  # the rough half alone: up to the root of two
    all_estimates = pd.Series(1e-9, series.index) * values
    same = load_method(name)(make_task(as_history(values, estimated=all_estimates), 2024, 2000, 0)[0]).log
    assert same.std(axis=0) == pytest.approx(plain.std(axis=0), rel=1e-3)


def test_the_variance_of_real_months_by_hand():
    log_se = np.array([0.1, 0.1, 0, 0, 0, 0.1, 0, 0.0])
    nothing = np.zeros((8, 0))
    task = Task(np.zeros(8), 0, 1971, 4, 8, nothing, 2, 0, log_se)
    errors = np.arange(1.0, 8.0)  # of months 1 to 7; real with a real predecessor are 3, 4 and 7
    overall = np.mean(errors**2)
    want = (3**2 + 4**2 + 7**2 + 6 * overall) / (3 + 6) / overall
    assert real_share_of_variance(task, np.arange(1, 8), errors) == pytest.approx(want)
    assert real_share_of_variance(replace(task, log_se=np.zeros(8)), np.arange(1, 8), errors) == 1.0


def test_an_estimated_outturn_is_no_past_error(series):
    errors = pd.Series(np.nan, series.index)
    errors["2022-06"] = 1.0
    known = make_task(as_history(series), 2024, 10, 0)[0]
    told = make_task(as_history(series, estimated=errors), 2024, 10, 0)[0]

    def point(log, published, horizon):
        return np.full(horizon, log[-1] - (0.5 if len(log) == known.n - 24 else 0.0))

    with_2022 = past_error_covariance(known, point)
    without = past_error_covariance(told, point)
    assert without[0, 1] < with_2022[0, 1]
    years = known.n // 12 - 1
    assert with_2022[0, 1] * (years + 2) - without[0, 1] * (years + 1) == pytest.approx(0.25, rel=0.5)


@pytest.mark.parametrize("method", ["ets", "level_regression", "theta"])
def test_a_month_missing_long_ago_costs_what_lies_before_it_and_no_more(method):
    series = cyclic(88)
    with_gap = series.copy()
    with_gap.iloc[30] = np.nan
    cut, whole = (run_methods(one, 2022, [method], n_paths=200) for one in (series[31:], with_gap))
    assert whole.table.loc[method, "status"] == "used"
    assert whole.table.loc[method, "median"] == cut.table.loc[method, "median"]
    late = series.copy()
    late.iloc[70] = np.nan
    members = run_methods(late, 2022, methods=[method, "ucm"], n_paths=200)
    assert members.table.loc[method, "reason"] == "months missing from the history: 1"
