"""What the engine refuses, and that it says which and what to do; then the properties of what it gives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chipexports.base.errors import UsageError
from chipexports.forecast.fullyear import COMBINATIONS, METHODS, forecast_full_year
from chipexports.forecast.inputs import (
    GapError,
    MethodError,
    SeriesError,
    SeriesWarning,
    TooShortError,
    YearError,
)


def monthly(values, start="2016-01") -> pd.Series:
    return pd.Series(
        np.asarray(values, dtype=float), index=pd.period_range(start, periods=len(values), freq="M")
    )


def seasonal(n: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    t = np.arange(n)
    return np.exp(5 + 0.006 * t + 0.1 * np.sin(2 * np.pi * t / 12) + 0.04 * rng.standard_normal(n))


@pytest.fixture(scope="module")
def series() -> pd.Series:
    return monthly(seasonal(100))  # 2016-01 to 2024-04


@pytest.mark.parametrize("value", [0.0, -1.0, np.inf])
def test_a_value_that_is_not_positive_is_refused(series, value):
    series = series.copy()
    series["2020-03"] = value
    with pytest.raises(SeriesError, match=r"2020-03.*not a positive number"):
        forecast_full_year(series, 2024)


def test_text_is_refused(series):
    with pytest.raises(SeriesError, match="2020-03"):
        forecast_full_year(series.astype(object).where(series.index != pd.Period("2020-03"), "many"), 2024)


def test_an_index_that_is_not_monthly_is_refused(series):
    with pytest.raises(SeriesError, match=r"monthly PeriodIndex|not months"):
        forecast_full_year(series.to_timestamp(), 2024)
    with pytest.raises(SeriesError, match=r"monthly PeriodIndex|not months"):
        forecast_full_year(series.reset_index(drop=True), 2024)
    with pytest.raises(SeriesError, match="frequency"):
        forecast_full_year(series.groupby(series.index.asfreq("Q")).sum(), 2024)


def test_a_month_twice_is_refused(series):
    with pytest.raises(SeriesError, match="2024-04 appears twice"):
        forecast_full_year(pd.concat([series, series.tail(1)]), 2024)


def test_a_gap_inside_the_target_year_is_refused(series):
    series = series.copy()
    series["2024-02"] = np.nan
    with pytest.raises(GapError, match="2024-02 is missing but 2024-04 is known"):
        forecast_full_year(series, 2024)


def test_a_year_before_the_series_or_far_ahead_is_refused(series):
    with pytest.raises(YearError, match="2015 is not whole in the series, which begins 2016-01"):
        forecast_full_year(series, 2015)
    with pytest.raises(YearError, match="too far"):
        forecast_full_year(series, 2027)


@pytest.mark.parametrize("n", [1, 5, 12])
def test_too_few_months_are_refused_with_every_methods_reason(n):
    with pytest.raises(TooShortError, match="ucm: needs 18 months"):
        forecast_full_year(monthly(seasonal(n), "2023-01"), 2024 if n == 12 else 2023)


def test_no_known_month_is_refused():
    with pytest.raises(TooShortError, match="no month is known"):
        forecast_full_year(monthly([np.nan, np.nan]), 2016)


def test_unknown_and_empty_methods_are_refused(series):
    with pytest.raises(MethodError, match=r"'arima' does not exist; choose from .*sarima"):
        forecast_full_year(series, 2024, methods=["arima"])
    with pytest.raises(MethodError, match="not a list"):
        forecast_full_year(series, 2024, methods="sarima")
    with pytest.raises(MethodError, match="not a list"):
        forecast_full_year(series, 2024, methods=[])
    with pytest.raises(MethodError, match="twice"):
        forecast_full_year(series, 2024, methods=["ets", "ets"])
    with pytest.raises(MethodError, match=r"combination.*choose from"):
        forecast_full_year(series, 2024, combination="best")
    with pytest.raises(MethodError, match="pooled"):
        forecast_full_year(series, 2024, methods=["ets"], pooled=["sarima"])


@pytest.mark.parametrize("bad", [{"n_paths": 1}, {"n_paths": 2.5}, {"levels": [0.0]}, {"levels": [80]}])
def test_other_settings_are_refused(series, bad):
    with pytest.raises(UsageError, match=next(iter(bad))):
        forecast_full_year(series, 2024, **bad)


def test_a_calendar_with_a_hole_is_refused(series):
    calendar = pd.DataFrame({"x": 0.0}, index=pd.period_range("2016-01", "2024-11", freq="M"))
    with pytest.raises(UsageError, match="no value for 2024-12"):
        forecast_full_year(series, 2024, calendar=calendar)


SHAPES = ("plain", "constant", "gaps", "shift", "spiky")


@st.composite
def positive_series(draw) -> tuple[pd.Series, int]:
    """A random positive series of one to 90 months, and a target year one may ask for."""
    n = draw(st.integers(1, 90))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    shape = draw(st.sampled_from(SHAPES))
    values = seasonal(n, int(rng.integers(10**6))) * 10.0 ** draw(st.integers(-6, 6))
    if shape == "constant":
        values = np.full(n, values[0])
    if shape == "shift":
        values[n // 2 :] *= draw(st.sampled_from([0.05, 20.0]))
    if shape == "spiky":
        values *= np.exp(rng.standard_t(2, n))
    series = monthly(values, f"2015-{draw(st.integers(1, 12)):02d}")
    if shape == "gaps":
        series = series.where(rng.random(n) > 0.15)
    last = series.last_valid_index()
    year = (last.year if last is not None else 2016) + draw(st.sampled_from([0, 0, 0, 1]))
    return series, year


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(positive_series(), st.sampled_from(sorted(COMBINATIONS)))
def test_any_positive_series_gives_ordered_quantiles_or_a_documented_error(case, combination):
    series, year = case
    try:
        forecast = forecast_full_year(
            series,
            year,
            methods=tuple(METHODS),
            combination=combination,
            n_paths=60,
            thresholds=[series.max()],
        )
    except (TooShortError, GapError, YearError):
        return
    totals = forecast.totals
    assert np.isfinite(totals).all()
    assert np.isfinite(forecast.paths).all()
    quantiles = [forecast.quantile(q) for q in (0.0, 0.025, 0.1, 0.5, 0.9, 0.975, 1.0)]
    assert (np.diff(quantiles) >= 0).all()
    assert totals.min() >= forecast.published_total * (1 - 1e-12)
    assert abs(forecast.methods["weight"].sum() - 1) < 1e-9 or forecast.months_published == 12
    for one in forecast.by_method().values():
        assert np.isfinite(one.totals).all()


@pytest.fixture
def calm() -> pd.Series:
    rng = np.random.default_rng(3)
    index = pd.period_range("2019-01", periods=80, freq="M")
    return pd.Series(1000 * np.exp(0.01 * np.arange(80) + 0.04 * rng.standard_normal(80)), index)


def refused(series: pd.Series, words: str, kind: type[Exception] = SeriesError) -> None:
    with pytest.raises(kind, match=words):
        forecast_full_year(series, 2025)


@pytest.mark.parametrize(
    ("step", "words"), [(2, "one month in 2"), (3, "one month in 3 .*quarterly"), (6, "half")]
)
def test_months_known_at_regular_distances_are_no_monthly_series(calm, step, words):
    refused(calm[::step], words)
    refused(calm.where(np.arange(80) % step == 0), words)
    if step < 6:  # and so they are when monthly ones follow
        refused(pd.concat([calm[:40:step], calm[40:]]), words)


def test_gaps_without_a_pattern_are_gaps(calm):
    holed = calm.copy()
    holed[["2020-01", "2020-02", "2021-01", "2022-01", "2023-01", "2024-01"]] = np.nan
    assert forecast_full_year(holed, 2025, methods=["ucm"], n_paths=50).median > 0


@pytest.mark.parametrize(
    ("freq", "words"),
    [
        ("QS", "one in 3 months; monthly values"),
        ("MS", r"index.to_period\('M'\)$"),
        ("D", "sum"),
        ("W", "sum"),
    ],
)
def test_dates_are_refused_with_what_makes_them_months(freq, words):
    dated = pd.Series(1.0, pd.date_range("2018-01-01", periods=100, freq=freq))
    refused(dated, words)
    refused(dated.to_period({"QS": "Q", "MS": "M"}.get(freq, freq)) if freq != "MS" else dated, words)
    if freq in "DW":  # the remedy gives months
        assert dated.groupby(dated.index.to_period("M")).sum().index.freqstr == "M"


def test_year_to_dates_are_refused(calm):
    refused(calm.groupby(calm.index.year).cumsum(), "are these year-to-dates")
    from_april = (calm.index - 3).year
    refused(calm.groupby(from_april).cumsum(), "starts again in April")
    rising = pd.Series(1.02 ** np.arange(80), calm.index)
    assert forecast_full_year(rising, 2025, n_paths=50).median > 0


@pytest.mark.parametrize(
    ("months", "factor", "first", "size"),
    [
        (slice(-3, None), 10, "2025-06", "10 times"),
        (slice(-1, None), 1000, "2025-08", "1,000 times"),
        (slice(0, 30), 1e-4, "2021-07", "10,000 times"),
        (slice(40, 41), 10, "2022-05", "10 times"),
        (slice(-3, None), 0.01, "2025-06", "1/100 of"),
    ],
)
def test_a_slip_in_the_unit_is_refused_by_name(calm, months, factor, first, size):
    calm.iloc[months] *= factor
    refused(calm, f"{first} is about {size} the month before")


def test_a_fall_to_a_tenth_is_said_while_it_lasts_and_forecast(calm):
    over, lasting = calm.copy(), calm.copy()
    over.iloc[20:30] /= 12
    assert forecast_full_year(over, 2025, n_paths=50).median > 0
    lasting.iloc[-3:] /= 10
    with pytest.warns(SeriesWarning, match="2025-06 is about 1/10 of the month before"):
        forecast_full_year(lasting, 2025, n_paths=50)


def test_a_season_of_tenfold_moves_is_no_slip():
    index = pd.period_range("2015-01", periods=110, freq="M")
    swing = pd.Series(100 * np.where(index.month == 7, 12.0, 1.0) * 1.001 ** np.arange(110), index)
    assert forecast_full_year(swing, 2024, n_paths=50).median > 0


@pytest.mark.parametrize("year", ["2025", 2025.0, True, None])
def test_a_year_of_the_wrong_kind_is_refused(calm, year):
    with pytest.raises(YearError, match=f"year: {year!r} is not a whole number"):
        forecast_full_year(calm, year)


@pytest.mark.parametrize(
    "words",
    [
        {"levels": 0.8},
        {"levels": ["0.8"]},
        {"levels": "0.8"},
        {"levels": [np.nan]},
        {"thresholds": 25000},
        {"thresholds": ["25000"]},
        {"thresholds": [np.nan]},
        {"thresholds": [np.inf]},
        {"seed": -1},
        {"seed": 1.5},
        {"seed": None},
        {"seed": "a"},
        {"n_paths": True},
        {"indicators": pd.Series([1.0])},
        {"indicators": [1.0]},
        {"indicators": pd.DataFrame({"a": [1.0]})},
        {"indicators": pd.DataFrame({"a": ["x"]}, pd.period_range("2020-01", periods=1, freq="M"))},
        {"calendar": pd.Series([1.0])},
        {"estimated": 5.0},
        {"estimated": pd.Series([1.0])},
    ],
)
def test_arguments_of_the_wrong_kind_are_refused_by_name(calm, words):
    (name,) = words
    with pytest.raises(UsageError, match=f"^{name}: "):
        forecast_full_year(calm, 2025, **words)


def test_a_negative_standard_error_is_refused(calm):
    errors = pd.Series(np.nan, calm.index)
    errors["2021-05"] = -3.0
    with pytest.raises(UsageError, match=r"estimated: -3\.0 in 2021-05 is not a standard error"):
        forecast_full_year(calm, 2025, estimated=errors)


def test_a_lone_method_that_abstains_is_named_with_what_to_change(calm):
    words = "methods: indicator cannot forecast 2025 .*no indicator.*choose other methods"
    zeros = pd.DataFrame({"other": 0.0 * calm})
    for extra in ({}, {"indicators": zeros}):
        with pytest.raises(TooShortError, match=words):
            forecast_full_year(calm, 2025, methods=["indicator"], **extra)
        with pytest.raises(TooShortError, match=words):
            forecast_full_year(calm, 2025, methods=["ets", "indicator"], pooled=["indicator"], **extra)


def test_read_outs_refuse_what_is_no_number(calm):
    forecast = forecast_full_year(calm, 2025, n_paths=50)
    for call in (
        lambda: forecast.quantile([0.1]),
        lambda: forecast.interval("0.8"),
        lambda: forecast.probability_above("25000"),
        lambda: forecast.probability_above(np.nan),
        lambda: forecast.probability_above(None),
    ):
        with pytest.raises(UsageError):
            call()
