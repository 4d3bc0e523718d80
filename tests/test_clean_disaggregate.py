"""Temporal disaggregation against independent computations, and on months it has not seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from chipexports.base.errors import ChipExportsError
from chipexports.clean.build import known_by
from chipexports.clean.disaggregate import conditional, months_from_totals, random_walk, smooth_level
from chipexports.clean.estimate import Growth, Stretch, constraints, estimate, mean_movement, movement
from chipexports.clean.evaluate import hidden_months
from chipexports.clean.monthly import monthly_series
from chipexports.clean.totals import growth_only
from chipexports.record.neighbours import MIRROR

LATEST = "2026-11-22"
NONE = pd.DataFrame()


def months(start: str, n: int) -> pd.PeriodIndex:
    return pd.period_range(start, periods=n, freq="M")


@pytest.fixture
def case():
    rng = np.random.default_rng(3)
    n = 36
    scale = 100 * np.exp(0.01 * np.arange(n) + 0.1 * rng.standard_normal(n))
    members = np.zeros((7, n))
    for row, (start, end) in enumerate([(0, 12), (12, 15), (15, 24), (24, 25), (25, 26), (26, 27), (27, 36)]):
        members[row, start:end] = 1.0
    truth = scale * (1 + 0.05 * np.cumsum(rng.standard_normal(n)) / 6)
    spread = np.outer(scale, scale) * (0.03**2 * random_walk(n) + 0.04**2 * np.eye(n))
    return members @ truth, members, scale, spread


def test_repeated_totals_are_refused(case):
    totals, members, scale, spread = case
    with pytest.raises(ChipExportsError, match="repeat"):
        conditional(scale, spread, np.vstack([members, members[0]]), np.r_[totals, totals[0]], np.zeros(8))


def test_the_estimate_is_the_normal_given_the_figures(case):
    # against plain inverses: the conditional normal as in any textbook
    totals, members, scale, spread = case
    noise = np.r_[50.0, np.zeros(6)]
    middle = np.linalg.inv(members @ spread @ members.T + np.diag(noise**2))
    values = scale + spread @ members.T @ middle @ (totals - members @ scale)
    covariance = spread - spread @ members.T @ middle @ members @ spread
    found = conditional(scale, spread, members, totals, noise)
    assert found.values == pytest.approx(values, rel=1e-9)
    assert found.covariance == pytest.approx(covariance, abs=1e-6)
    assert found.pull == pytest.approx(members.T @ middle @ (totals - members @ scale), rel=1e-8)


def test_exact_totals_are_met_and_known_months_have_no_error(case):
    totals, members, scale, spread = case
    found = conditional(scale, spread, members, totals, np.zeros(7))
    assert members @ found.values == pytest.approx(totals, rel=1e-10)
    assert np.diag(found.covariance)[24:27] == pytest.approx([0, 0, 0], abs=1e-8)
    assert (np.diag(found.covariance)[:12] > 0).all()
    # a total rounded coarsely leaves its months to the others
    loose = conditional(scale, spread, members, totals, np.r_[1e6, np.zeros(6)])
    assert abs(members[0] @ loose.values - totals[0]) > 1


def test_standard_errors_hold_what_they_say():
    rng = np.random.default_rng(11)
    n, inside, cases = 48, 0, 200
    level = np.full(n, 100.0)
    members = np.kron(np.eye(8), np.ones((1, 6)))
    error = 0.03**2 * random_walk(n) + 0.04**2 * np.eye(n)
    root = np.linalg.cholesky(error)
    for _ in range(cases):
        truth = level * (1 + root @ rng.standard_normal(n))
        figures = (members, members @ truth, np.zeros(8))
        found = months_from_totals(level, np.zeros(n), np.zeros((n, n)), error, figures)
        spread = np.sqrt(np.diag(found.covariance))
        inside += (np.abs(found.values - truth) <= 1.2816 * spread).mean()
    assert inside / cases == pytest.approx(0.8, abs=0.04)


def test_season_of_known_months_is_taken_up_by_the_exponent():
    index = months("2015-01", 96)
    season = np.where(index.month == 3, 0.12, -0.12 / 11)
    truth = pd.Series(100 * np.exp(season), index=index)
    known = dict(truth[index.year >= 2017].items())
    years = [
        Stretch(tuple(index[index.year == y]), float(truth[index.year == y].sum()), ()) for y in (2015, 2016)
    ]
    found_months, found = estimate(known, years, NONE)
    early = pd.Series(found.values, found_months)[:"2016-12"]
    assert early[early.index.month == 3].mean() > 106  # drawn towards no season by the prior, but found
    assert (early[early.index.month != 3] - 99).abs().max() < 3


def test_movement_of_a_seasonal_series_is_its_season():
    season = np.tile(np.log([0.8, 0.7] + [1.05] * 10), 4)
    season -= season[:12].mean()
    found = movement(np.exp(5 + season))
    assert found[12:36] == pytest.approx(season[12:36], abs=1e-12)
    gappy = np.exp(5 + season)
    gappy[20] = np.nan
    assert np.isnan(movement(gappy)[20])


def test_an_indicator_that_is_not_there_says_nothing():
    index = months("2015-01", 48)
    season = 0.2 * np.sin(np.arange(48) * np.pi / 6)
    one = pd.Series(np.exp(season), index=index)
    ended = one.where(index < pd.Period("2017-01", "M"))
    both = mean_movement(pd.DataFrame({"one": one, "ended": ended}), index)
    assert both[24:] == pytest.approx(mean_movement(pd.DataFrame({"one": one}), index)[24:])
    assert mean_movement(pd.DataFrame({"ended": ended}), index)[30] == 0.0
    # the mirror counts three times
    flat = pd.Series(1.0, index=index)
    assert mean_movement(pd.DataFrame({MIRROR: one, "flat": flat}), index) == pytest.approx(
        0.75 * mean_movement(pd.DataFrame({"one": one}), index)
    )


def test_nothing_to_estimate_is_none():
    assert estimate({}, [], NONE) is None


def test_constraints_add_up_months():
    index = months("2020-01", 4)
    totals, members = constraints({index[3]: 7.0}, [Stretch(tuple(index[:3]), 6.0, ())], index)
    assert totals.tolist() == [7.0, 6.0]
    assert members.tolist() == [[0, 0, 0, 1], [1, 1, 1, 0]]


def test_smooth_level_goes_through_the_averages():
    members = np.kron(np.eye(2), np.ones((1, 3)))
    assert smooth_level(np.array([3.0, 12.0]), members).tolist() == [1.0, 1.0, 2.0, 3.0, 4.0, 4.0]


@pytest.mark.parametrize("rate", [None, 7.0])
def test_growth_alone_moves_the_months_it_speaks_of(rate):
    # two years known by their totals; the first half grew by 40%, the year by 20%
    index = months("2020-01", 24)
    stretches = [Stretch(tuple(index[:12]), 1200.0, ()), Stretch(tuple(index[12:]), 1440.0, ())]
    rates = {} if rate is None else dict.fromkeys(index, rate)
    growth = Growth(tuple(index[12:18]), 1.4, 0.0005, rates, "row")
    _, without = estimate({}, stretches, NONE)
    _, found = estimate({}, stretches, NONE, [growth])
    halves = [found.values[12:18].sum(), found.values[:6].sum()]
    assert without.values[12:18].sum() / without.values[:6].sum() < 1.3
    assert halves[0] / halves[1] == pytest.approx(1.4, abs=0.015)  # within the revision of the base
    assert found.values[:12].sum() == pytest.approx(1200)
    assert np.diag(found.covariance)[:6].mean() < np.diag(without.covariance)[:6].mean()
    # what lies outside the months is passed over
    outside = growth._replace(months=tuple(index[:6]))
    _, same = estimate({}, stretches, NONE, [outside])
    assert same.values == pytest.approx(without.values)


def test_growth_with_its_value_is_not_counted_twice():
    visible = known_by(LATEST).visible
    found = growth_only(visible, "export", {"value_usd": {}, "value_cny": known_by(LATEST).rates})
    spans = {(str(g.months[0]), str(g.months[-1])) for g in found if g.months[0].year >= 2017}
    assert spans == {
        ("2017-01", "2017-06"),
        ("2018-01", "2018-06"),
        ("2020-01", "2020-05"),
        ("2020-01", "2020-08"),
        ("2020-01", "2020-11"),
        ("2022-01", "2022-02"),
        ("2022-01", "2022-04"),
    }


def test_hidden_months_are_found_better_than_by_plain_shares():
    table = hidden_months(LATEST).set_index(["of", "hidden", "known"])
    assert table.at[("china", "2023–2025", "quarters"), "ratio"] <= 0.55
    assert table.at[("china", "2023", "quarters"), "mape_pct"] <= 3.5
    assert table.at[("korea", "2014–2022", "years"), "ratio"] <= 0.8
    weights = table["months"]
    assert 76 <= np.average(table["coverage_80_pct"], weights=weights) <= 88
    quarters = table.index.get_level_values("known") == "quarters"
    assert np.average(table["coverage_80_pct"][quarters], weights=weights[quarters]) >= 74


def test_estimated_months_end_the_year_as_printed_years_do():
    export = monthly_series(LATEST).query("flow == 'export'").set_index("period")
    value, error = export["value_usd_mn"], export["se_usd_mn"]
    ratios = [value[f"{y}-12"] / value[f"{y}-10"] for y in range(2016, 2023)]
    assert np.mean(ratios) == pytest.approx(1.14, abs=0.04)  # in print 1.26, 1.13, 1.31 of 2023-2025
    assert 100 * (error / value)["2014-05":].median() <= 5.5


def test_the_mirror_of_hong_kong_is_no_indicator_of_imports():
    inputs = known_by(LATEST)
    assert MIRROR in inputs.of("export")
    assert MIRROR not in inputs.of("import")
    assert MIRROR not in inputs.indicators  # nor of the forecast
