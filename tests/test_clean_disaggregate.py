"""Temporal disaggregation against independent computations, and on months it has not seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from chipexports.base.errors import ChipExportsError
from chipexports.clean.disaggregate import disaggregate, error_covariance, smooth_level
from chipexports.clean.estimate import Stretch, constraints, estimate, learn, movement
from chipexports.clean.evaluate import hidden_months


@pytest.fixture
def case():
    rng = np.random.default_rng(3)
    n = 36
    scale = 100 * np.exp(0.01 * np.arange(n) + 0.1 * rng.standard_normal(n))
    members = np.zeros((7, n))
    for row, (start, end) in enumerate([(0, 12), (12, 15), (15, 24), (24, 25), (25, 26), (26, 27), (27, 36)]):
        members[row, start:end] = 1.0
    truth = scale * (1 + 0.05 * np.cumsum(rng.standard_normal(n)) / 6)
    return members @ truth, members, scale


def test_repeated_totals_are_refused(case):
    totals, members, scale = case
    twice = np.vstack([members, members[0]])
    with pytest.raises(ChipExportsError, match="repeat"):
        disaggregate(np.r_[totals, totals[0]], twice, np.ones((len(scale), 1)), scale, 1.0)


def test_an_unknown_method_is_refused():
    with pytest.raises(ChipExportsError, match="not one of"):
        estimate({}, [], pd.DataFrame(), "guess")


def test_totals_are_met_exactly_and_known_months_have_no_error(case):
    totals, members, scale = case
    for rho in (1.0, 0.7, None):
        found = disaggregate(totals, members, np.ones((len(scale), 1)), scale, rho)
        assert members @ found.values == pytest.approx(totals, rel=1e-10)
        assert found.errors[24:27] == pytest.approx([0, 0, 0], abs=1e-4)
        assert (found.errors[:12] > 0).all()


def test_denton_cholette_equals_the_explicit_system(case):
    # minimise the squared changes of x / p subject to C x = y: first-order conditions, one matrix
    totals, members, scale = case
    n, m = len(scale), len(totals)
    change = (np.eye(n) - np.eye(n, k=-1))[1:] / scale
    system = np.zeros((n + m, n + m))
    system[:n, :n] = change.T @ change
    system[:n, n:] = members.T
    system[n:, :n] = members
    explicit = np.linalg.solve(system, np.r_[np.zeros(n), totals])[:n]
    found = disaggregate(totals, members, np.ones((n, 1)), scale, 1.0)
    # Fernandez starts its random walk at an unknown level: the constant regressor
    assert found.values == pytest.approx(explicit, rel=1e-8)


def test_chow_lin_equals_the_textbook_formulae(case):
    # Chow and Lin (1971), equations as printed, with plain inverses
    totals, members, scale = case
    n, rho = len(scale), 0.6
    z = np.column_stack([np.ones(n), np.sin(np.arange(n))])
    x = z * scale[:, None]
    v = np.array([[rho ** abs(i - j) / (1 - rho**2) for j in range(n)] for i in range(n)])
    v = np.diag(scale) @ v @ np.diag(scale)
    w = np.linalg.inv(members @ v @ members.T)
    xa = members @ x
    beta = np.linalg.inv(xa.T @ w @ xa) @ xa.T @ w @ totals
    residual = totals - xa @ beta
    gain = v @ members.T @ w
    sigma2 = residual @ w @ residual / (len(totals) - 2)
    open_part = x - gain @ xa
    cov = sigma2 * (v - gain @ members @ v + open_part @ np.linalg.inv(xa.T @ w @ xa) @ open_part.T)
    found = disaggregate(totals, members, z, scale, rho)
    assert found.coefficients == pytest.approx(beta, rel=1e-8)
    assert found.values == pytest.approx(x @ beta + gain @ residual, rel=1e-9)
    assert found.errors**2 == pytest.approx(np.diag(cov).clip(0), rel=1e-6, abs=1e-6)


def test_covariance_of_the_error():
    walk = np.linalg.inv((np.eye(4) - np.eye(4, k=-1)).T @ (np.eye(4) - np.eye(4, k=-1)))
    assert error_covariance(4, 1.0) == pytest.approx(walk)
    assert error_covariance(3, 0.5)[0] == pytest.approx([4 / 3, 2 / 3, 1 / 3])


def test_standard_errors_hold_what_they_say():
    rng = np.random.default_rng(11)
    n, inside, cases = 48, 0, 200
    scale = np.full(n, 100.0)
    members = np.kron(np.eye(8), np.ones((1, 6)))
    for _ in range(cases):
        truth = 100 * (5 + 0.05 * np.cumsum(rng.standard_normal(n)))
        found = disaggregate(members @ truth, members, np.ones((n, 1)), scale, 1.0)
        inside += (np.abs(found.values - truth) <= 1.2816 * found.errors).mean()
    assert inside / cases == pytest.approx(0.8, abs=0.04)


def test_movement_of_a_seasonal_series_is_its_season():
    season = np.tile(np.log([0.8, 0.7] + [1.05] * 10), 4)
    season -= season[:12].mean()
    found = movement(np.exp(5 + season))
    assert found[12:36] == pytest.approx(season[12:36], abs=1e-12)
    gappy = np.exp(5 + season)
    gappy[20] = np.nan
    assert movement(gappy)[20] == 0.0


def test_learning_finds_the_season_of_known_months():
    months = pd.period_range("2015-01", periods=72, freq="M")
    season = np.where(months.month == 3, 0.1, -0.1 / 11)
    path = 100 * np.exp(season)
    known = np.arange(72) >= 24
    found = learn(path, np.zeros(72), known, months)
    march = months.month == 3
    assert found[:24][march[:24]].mean() > 0.05  # drawn towards zero by the prior, but found
    assert abs(found[:24][~march[:24]]).max() < 0.03


def test_nothing_to_estimate_is_none():
    assert estimate({}, [], pd.DataFrame()) is None


def test_constraints_add_up_months():
    months = pd.period_range("2020-01", periods=4, freq="M")
    totals, members = constraints({months[3]: 7.0}, [Stretch(tuple(months[:3]), 6.0, ())], months)
    assert totals.tolist() == [7.0, 6.0]
    assert members.tolist() == [[0, 0, 0, 1], [1, 1, 1, 0]]


def test_smooth_level_goes_through_the_averages():
    members = np.kron(np.eye(2), np.ones((1, 3)))
    assert smooth_level(np.array([3.0, 12.0]), members).tolist() == [1.0, 1.0, 2.0, 3.0, 4.0, 4.0]


def test_hidden_months_are_found_better_than_by_plain_shares():
    table = hidden_months("2026-11-22").set_index(["case", "method"])
    used = table.xs("denton_cholette", level="method")
    for name in ("China 2023-2025, quarters known", "Korea 2014-2022, years known"):
        assert used.loc[name, "ratio"] <= 0.8, name
        textbook = table.loc[name].loc[["chow_lin", "fernandez"], "mape_pct"]
        assert used.loc[name, "mape_pct"] < textbook.min()
    assert used["coverage_80_pct"].mean() >= 75
