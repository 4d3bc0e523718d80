"""The year's total from paths, by hand: four paths of a year of which three months are published."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from chipexports.base.errors import UsageError
from chipexports.forecast.distribution import FullYearForecast, YearPaths, edges, rescale

MONTHS = pd.period_range("2030-01", periods=12, freq="M")
PUBLISHED = pd.Series([10.0, 20.0, 30.0], index=MONTHS[:3])
# remaining months of 1, 2, 3 and 6 each: nine of them, so totals of 60 + 9, 18, 27, 54
REST = np.array([1.0, 2.0, 3.0, 6.0])
PATHS = np.hstack([np.tile(PUBLISHED.to_numpy(), (4, 1)), np.tile(REST[:, None], (1, 9))])


@pytest.fixture
def year() -> YearPaths:
    return YearPaths(2030, MONTHS, PUBLISHED, PATHS)


@pytest.fixture
def forecast() -> FullYearForecast:
    methods = pd.DataFrame({"status": ["used", "left out"]}, index=["a", "b"])
    members = {"a": PATHS, "b": PATHS[:2] * 2}
    known = pd.Series([5.0, *PUBLISHED], index=pd.period_range("2029-12", periods=4, freq="M"))
    return FullYearForecast(2030, MONTHS, PUBLISHED, PATHS, methods, (0.5, 0.8), (70.0, 87.0), members, known)


@pytest.mark.parametrize("q", [-0.01, 1.01, float("nan")])
def test_a_quantile_outside_zero_to_one_is_refused(year: YearPaths, q: float) -> None:
    with pytest.raises(UsageError, match=r"^quantile: .* is not a number between 0 and 1; 0.9 means 90%$"):
        year.quantile(q)


@pytest.mark.parametrize("level", [0.0, 1.0, -0.5, 80.0])
def test_a_level_that_is_no_share_is_refused(year: YearPaths, level: float) -> None:
    with pytest.raises(UsageError, match=r"^level: .* is not a number between 0 and 1; 0.8 means 80%$"):
        year.interval(level)


def test_totals_are_the_published_total_plus_the_rest(year: YearPaths) -> None:
    assert year.months_published == 3
    assert year.published_total == 60.0
    assert year.totals.tolist() == [69.0, 78.0, 87.0, 114.0]
    assert year.mean == pytest.approx(87.0)


def test_quantiles_are_those_of_the_totals(year: YearPaths) -> None:
    assert year.quantile(0.0) == 69.0
    assert year.quantile(1.0) == 114.0
    assert year.median == pytest.approx(82.5)
    assert year.quantile(0.25) == pytest.approx(69 + 0.75 * 9)


def test_an_interval_leaves_equal_tails(year: YearPaths) -> None:
    # a half in the middle: the quartiles of 69, 78, 87, 114
    assert year.interval(0.5) == pytest.approx((75.75, 93.75))
    assert year.interval(0.8) == pytest.approx((69 + 0.3 * 9, 87 + 0.7 * 27))
    low, high = year.interval(1e-9)
    assert low == pytest.approx(high) == pytest.approx(82.5)


def test_the_probability_is_the_share_above_and_not_at_the_threshold(year: YearPaths) -> None:
    chances = [year.probability_above(x) for x in (68.9, 69.0, 87.0, 113.0, 114.0)]
    assert chances == [1.0, 0.75, 0.25, 0.25, 0.0]


def test_month_quantiles_of_months_and_of_the_year_to_date(year: YearPaths) -> None:
    months = year.month_quantiles([0.0, 0.5, 1.0])
    assert list(months.index) == list(MONTHS)
    assert list(months.columns) == [0.0, 0.5, 1.0]
    assert months.loc["2030-02"].tolist() == [20.0, 20.0, 20.0]
    assert months.loc["2030-04"].tolist() == [1.0, 2.5, 6.0]
    to_date = year.month_quantiles([0.0, 1.0], cumulative=True)
    assert to_date.loc["2030-03"].tolist() == [60.0, 60.0]
    assert to_date.loc["2030-05"].tolist() == [62.0, 72.0]
    assert to_date.loc["2030-12"].tolist() == [69.0, 114.0]


def test_a_complete_year_has_no_width() -> None:
    whole = pd.Series(np.arange(1.0, 13.0), index=MONTHS)
    year = YearPaths(2030, MONTHS, whole, np.tile(whole.to_numpy(), (5, 1)))
    assert year.months_published == 12
    assert set(year.totals) == {78.0}
    assert year.interval(0.95) == (78.0, 78.0)
    assert year.mean == 78.0


def test_nothing_published_leaves_all_to_the_paths() -> None:
    nothing = PUBLISHED[:0]
    year = YearPaths(2030, MONTHS, nothing, np.full((2, 12), [[1.0] * 12, [3.0] * 12]).reshape(2, 12))
    assert (year.months_published, year.published_total) == (0, 0.0)
    assert year.totals.tolist() == [12.0, 36.0]


def test_the_total_cannot_be_changed_afterwards(year: YearPaths, forecast: FullYearForecast) -> None:
    for one in (year, forecast):
        with pytest.raises(dataclasses.FrozenInstanceError):
            one.year = 2031  # type: ignore[misc]


def test_each_method_has_the_same_readouts(forecast: FullYearForecast) -> None:
    by_method = forecast.by_method()
    assert list(by_method) == ["a", "b"]
    assert by_method["a"].totals.tolist() == forecast.totals.tolist()
    assert by_method["b"].totals.tolist() == [60.0 + 18.0, 60.0 + 36.0]
    assert by_method["b"].year == 2030
    assert by_method["b"].published.equals(PUBLISHED)


def test_intervals_and_probabilities_are_those_asked_for(forecast: FullYearForecast) -> None:
    intervals = forecast.intervals()
    assert list(intervals.columns) == ["level", "low", "high"]
    assert intervals["level"].tolist() == [0.5, 0.8]
    assert intervals.iloc[0, 1:].tolist() == pytest.approx([75.75, 93.75])
    chances = forecast.probabilities()
    assert list(chances.columns) == ["threshold", "p_above"]
    assert chances.to_numpy().tolist() == [[70.0, 0.75], [87.0, 0.25]]


@pytest.mark.parametrize(
    ("level", "bounds"),
    [
        (0.5, {"q25": 0.25, "q75": 0.75}),
        (0.8, {"q10": 0.1, "q90": 0.9}),
        (0.95, {"q025": 0.025, "q975": 0.975}),
        (0.9, {"q05": 0.05, "q95": 0.95}),
        (0.999, {"q0005": 0.0005, "q9995": 0.9995}),
        (0.2, {"q40": 0.4, "q60": 0.6}),
    ],
)
def test_the_edges_of_a_level_are_named_after_their_quantiles(level: float, bounds: dict) -> None:
    assert edges(level) == bounds
    assert list(edges(level)) == list(bounds)


@pytest.mark.parametrize("factor", [0.0, -1.0, float("nan"), float("inf"), True, "2", None])
def test_a_factor_that_is_no_positive_number_is_refused(year: YearPaths, factor: object) -> None:
    with pytest.raises(UsageError, match=r"^factor: .* is not a positive number; 1 changes nothing$"):
        year.rescaled(factor)


@pytest.mark.parametrize("x", [float("nan"), True, "60", None])
def test_a_threshold_that_is_no_number_is_refused(year: YearPaths, x: object) -> None:
    with pytest.raises(UsageError, match=r"^threshold: .* is not a number; give a total in the unit"):
        year.probability_above(x)


def test_a_threshold_may_be_infinite_or_of_numpy(year: YearPaths) -> None:
    assert year.probability_above(float("inf")) == 0
    assert year.probability_above(np.float64(87)) == 0.25


@pytest.mark.parametrize("factor", [0.5, 2.0, np.float64(3.0)])
def test_rescaling_moves_the_log_of_the_rest_about_its_median(year: YearPaths, factor: float) -> None:
    wider = year.rescaled(factor)
    assert (wider.paths[:, :3] == year.paths[:, :3]).all()  # published months stay
    median = np.sqrt(18 * 27)  # of the logs of 9, 18, 27, 54
    rest = np.array([9.0, 18.0, 27.0, 54.0])
    assert wider.totals == pytest.approx(60 + median * (rest / median) ** factor)
    within = wider.paths[:, 3:] / wider.paths[:, 3:].sum(axis=1, keepdims=True)
    assert within == pytest.approx(1 / 9)  # the months of a path keep their pattern


def test_the_factor_one_and_a_complete_year_change_nothing(year: YearPaths) -> None:
    assert year.rescaled(1).paths is year.paths
    whole = pd.Series(np.arange(1.0, 13.0), index=MONTHS)
    done = YearPaths(2030, MONTHS, whole, np.tile(whole.to_numpy(), (4, 1)))
    assert done.rescaled(2.0).totals.tolist() == [78.0] * 4


def test_only_the_months_wanted_are_rescaled() -> None:
    logs = np.log([[5.0, 1.0, 3.0], [7.0, 2.0, 2.0], [9.0, 8.0, 8.0]])
    given = logs.copy()
    scaled = np.exp(rescale(logs, 2, 2.0))  # sums 4, 4, 16: median 4
    assert scaled == pytest.approx(np.array([[5.0, 1.0, 3.0], [7.0, 2.0, 2.0], [9.0, 32.0, 32.0]]))
    assert (logs == given).all()
