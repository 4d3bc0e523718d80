"""Read-outs: worked by hand, adding up exactly, and refusing what cannot be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from engine_series import cyclic

from chipexports.base.errors import UsageError
from chipexports.forecast.fullyear import forecast_full_year
from chipexports.forecast.questions.condition import condition_on
from chipexports.forecast.questions.currencies import both_currencies, rate_paths
from chipexports.forecast.questions.needed import needed
from chipexports.forecast.questions.news import why_moved
from chipexports.forecast.questions.scenario import scenario
from chipexports.series import History

FAST = {"methods": ("growth_ytd", "pooled_growth"), "n_paths": 300}


@pytest.fixture(scope="module")
def series() -> pd.Series:
    return cyclic(112)  # 2015-01 to 2024-04


@pytest.fixture(scope="module")
def forecast(series):
    return forecast_full_year(series, 2024, **FAST)


def rates(last: str) -> pd.Series:
    months = pd.period_range("2019-01", last, freq="M")
    return pd.Series(7.0 + 0.1 * np.sin(np.arange(len(months))), index=months)


def history(values: pd.Series) -> History:
    return History(values, "2024-12-31")


def test_needed_by_hand(forecast, series):
    row = needed(forecast, 12000.0).iloc[0]
    published, before = series["2024-01":"2024-04"].sum(), series["2023-05":"2023-12"]
    assert row["months_remaining"] == 8
    assert row["needed_total"] == pytest.approx(12000 - published)
    assert row["needed_monthly_average"] == pytest.approx((12000 - published) / 8)
    assert row["needed_growth_pct"] == pytest.approx(100 * ((12000 - published) / before.sum() - 1))
    assert row["growth_to_date_pct"] == pytest.approx(
        100 * (published / series["2023-01":"2023-04"].sum() - 1)
    )
    assert row["p_above"] == forecast.probability_above(12000.0)


def test_a_threshold_already_passed_needs_nothing(forecast):
    row = needed(forecast, 1.0).iloc[0]
    assert (row["needed_total"], row["needed_growth_pct"], row["p_above"]) == (0.0, -100.0, 1.0)


def test_a_complete_year_needs_no_average():
    row = needed(forecast_full_year(cyclic(108), 2023), 1e6).iloc[0]
    assert row["months_remaining"] == 0
    assert np.isnan(row["needed_monthly_average"])


def test_conditioning_on_nothing_and_on_everything():
    paths = np.exp(np.random.default_rng(0).normal(0, 0.1, (50, 3)))
    assert np.allclose(condition_on(paths, {}), paths)
    assert np.allclose(condition_on(paths, {0: 1.0, 1: 2.0, 2: 3.0}), [[1.0, 2.0, 3.0]])


def test_conditioning_is_the_conditional_mean_of_a_joint_normal():
    covariance = np.array([[0.04, 0.02, 0.0], [0.02, 0.03, 0.01], [0.0, 0.01, 0.02]])
    rng = np.random.default_rng(1)
    paths = np.exp(rng.multivariate_normal([1.0, 2.0, 3.0], covariance, 60000))
    moved = np.log(condition_on(paths, {0: np.exp(1.3)}))
    assert moved[:, 0] == pytest.approx(1.3)
    assert moved[:, 1].mean() == pytest.approx(2.0 + 0.02 / 0.04 * 0.3, abs=0.01)
    assert moved[:, 2].mean() == pytest.approx(3.0, abs=0.01)
    assert moved[:, 1].var() == pytest.approx(0.03 - 0.02**2 / 0.04, rel=0.05)


def test_why_it_moved_adds_up_exactly(series):
    old = series[:"2024-02"].copy()
    old["2023-06"] *= 0.97  # what was revised later
    table = why_moved(history(old), history(series), 2024, **FAST)
    assert table["step"].tolist() == ["start", "revision", "news", "news", "reestimation", "end"]
    assert table["period"].tolist() == ["", "", "2024-03", "2024-04", "", ""]
    start, end = table["total"].iloc[[0, -1]]
    assert table["contribution"].sum() == pytest.approx(end - start, abs=1e-9 * end)
    assert np.allclose(table["contribution"].iloc[1:-1], np.diff(table["total"].iloc[:-1]))
    assert start == forecast_full_year(old, 2024, **FAST).median
    assert end == forecast_full_year(series, 2024, **FAST).median
    assert table["actual"].iloc[2] == series["2024-03"]
    assert table["contribution"].iloc[1] != 0


def test_without_revision_or_news_nothing_moved(series):
    table = why_moved(history(series), history(series), 2024, **FAST)
    assert table["step"].tolist() == ["start", "revision", "reestimation", "end"]
    assert table["contribution"].fillna(0).eq(0).all()


def test_a_better_month_than_expected_is_good_news(series):
    old = series[:"2024-03"]
    better = series.copy()
    better["2024-04"] *= 1.2
    for new, sign in ((better, 1), (series * np.where(series.index == "2024-04", 0.7, 1.0), -1)):
        news = why_moved(history(old), history(new), 2024, **FAST).set_index("step").loc["news"]
        assert np.sign(news["actual"] - news["expected"]) == sign
        assert np.sign(news["contribution"]) == sign


def test_news_backwards_is_refused(series):
    with pytest.raises(UsageError, match="swap them"):
        why_moved(history(series), history(series[:"2024-03"]), 2024, **FAST)


def test_scenario_of_growth_by_hand(forecast, series):
    got = scenario(forecast, growth=0.1)
    want = series["2024-01":"2024-04"].sum() + 1.1 * series["2023-05":"2023-12"].sum()
    assert got.median == pytest.approx(want)
    assert got.interval(0.8) == pytest.approx((want, want))


def test_scenario_of_single_months(forecast):
    middle = float(np.median(forecast.paths[:, 4]))
    high = scenario(forecast, path={"2024-05": 1.3 * middle})
    assert (high.paths[:, 4] == 1.3 * middle).all()
    assert high.median > forecast.median + 0.25 * middle  # the others move along
    assert (high.paths[:, :4] == forecast.paths[:, :4]).all()
    everything = {f"2024-{m:02d}": 500.0 for m in range(5, 13)}
    assert scenario(forecast, path=everything).median == pytest.approx(forecast.published_total + 4000)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "either"),
        ({"growth": 0.1, "path": {}}, "either"),
        ({"growth": -1.0}, "not above -1"),
        ({"path": {"2024-02": 5.0}}, "2024-02 is not a remaining month"),
        ({"path": {"2025-02": 5.0}}, "2025-02 is not a remaining month"),
        ({"path": {"2024-08": -5.0}}, "not a positive number"),
    ],
)
def test_scenarios_that_cannot_be_are_refused(forecast, arguments, words):
    with pytest.raises(UsageError, match=words):
        scenario(forecast, **arguments)


@pytest.mark.parametrize("currency", ["CNY", "USD"])
def test_both_currencies_agree_path_by_path(forecast, currency):
    factor = {"CNY": 100 / 7.1, "USD": 7.1 / 100}[currency]
    other = forecast.published * factor
    both = both_currencies(forecast, other, rates("2024-05"), currency)
    cny, usd = both.cny.paths[:, 4:], both.usd.paths[:, 4:]
    assert np.allclose(cny * 100, usd * both.rates[:, 4:])
    given = both.cny if currency == "CNY" else both.usd
    assert given.median == forecast.median
    assert np.allclose((both.usd if currency == "CNY" else both.cny).paths[:, :4], other.to_numpy())
    table = both.table().set_index("currency")
    assert table.loc["CNY", "median"] * 100 / table.loc["USD", "median"] == pytest.approx(7.1, rel=0.05)
    assert (table["q10"] < table["q90"]).all()


def test_rate_paths_are_known_then_a_random_walk():
    known = rates("2024-05")
    months = pd.period_range("2024-01", periods=12, freq="M")
    paths = rate_paths(known, months, 4000, 0)
    assert np.ptp(paths[:, :5], axis=0).max() < 1e-12
    assert np.allclose(paths[0, :5], known["2024-01":"2024-05"])
    spread = np.log(paths).std(axis=0)[5:]
    sd = np.diff(np.log(known.to_numpy()[-60:])).std()
    assert np.allclose(spread, sd * np.sqrt(np.arange(1, 8)), rtol=0.06)


def test_currencies_refuse_what_they_do_not_know(forecast):
    with pytest.raises(UsageError, match="EUR"):
        both_currencies(forecast, forecast.published, rates("2024-05"), "EUR")
    with pytest.raises(UsageError, match="2024-04 is not known"):
        both_currencies(forecast, forecast.published[:3], rates("2024-05"), "CNY")
    with pytest.raises(UsageError, match="24 are needed"):
        both_currencies(forecast, forecast.published, rates("2020-05"), "CNY")
