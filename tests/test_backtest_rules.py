"""Scoring rules: closed forms, a worked case, and the size of the test by simulation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from chipexports.backtest.rules import (
    crps_sample,
    diebold_mariano,
    interval_score,
    pit_value,
    weighted_interval_score,
)
from chipexports.backtest.run import score
from chipexports.backtest.scores import score_table


def test_crps_of_a_small_sample_by_its_double_sum():
    x, y = np.array([3.0, 1.0, 4.0, 1.5]), 2.0
    want = np.abs(x - y).mean() - np.abs(np.subtract.outer(x, x)).mean() / 2
    assert crps_sample(x, y) == pytest.approx(want)
    assert crps_sample(np.array([2.0, 2.0]), 5.0) == pytest.approx(3.0)  # a point: its absolute error


def test_crps_of_a_normal_distribution():
    x = stats.norm.ppf((np.arange(20000) + 0.5) / 20000, loc=10, scale=2)
    for y in (10.0, 13.0):
        z = (y - 10) / 2
        closed = 2 * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi))
        assert crps_sample(x, y) == pytest.approx(closed, rel=1e-3)


def test_interval_score_inside_and_outside():
    assert interval_score(90.0, 110.0, 0.8, 100.0) == 20.0
    assert interval_score(90.0, 110.0, 0.8, 115.0) == pytest.approx(20 + 2 / 0.2 * 5)


def test_weighted_interval_score_worked():
    """Median 100, 50% 95-105, 80% 90-110, outturn 107."""
    parts = 0.5 * 7 + 0.25 * (10 + 4 * 2) + 0.1 * 20
    got = weighted_interval_score(100.0, [(0.5, 95.0, 105.0), (0.8, 90.0, 110.0)], 107.0)
    assert got == pytest.approx(parts / 2.5)


def test_weighted_interval_score_of_many_levels_is_the_crps():
    x = np.sort(np.random.default_rng(0).gamma(3.0, 2.0, 4000))
    levels = np.linspace(0.01, 0.99, 99)
    bounds = [(a, *np.quantile(x, [(1 - a) / 2, (1 + a) / 2])) for a in levels]
    assert weighted_interval_score(np.median(x), bounds, 9.0) == pytest.approx(crps_sample(x, 9.0), rel=0.02)


def test_pit():
    assert pit_value(np.array([1.0, 2.0, 3.0, 4.0]), 2.5) == 0.5


def test_diebold_mariano_by_hand():
    """Loss differences -1, -2, -3, -4: mean -2.5, variance of the mean 1.25 / 4."""
    statistic, p = diebold_mariano(np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 4.0, 6.0, 8.0]))
    assert statistic == pytest.approx(-2.5 / np.sqrt(1.25 / 4) * np.sqrt(3 / 4))
    assert statistic == pytest.approx(stats.ttest_1samp([-1, -2, -3, -4], 0).statistic)
    assert p == pytest.approx(stats.ttest_1samp([-1, -2, -3, -4], 0).pvalue)


def test_diebold_mariano_says_nothing_of_too_little():
    assert np.isnan(diebold_mariano(np.ones(2), np.zeros(2))).all()
    assert np.isnan(diebold_mariano(np.ones(5), np.zeros(5))).all()


def test_diebold_mariano_keeps_its_size_and_has_power():
    rng = np.random.default_rng(2)
    rejected = np.mean([diebold_mariano(*rng.gamma(2, 1, (2, 12)))[1] < 0.05 for _ in range(2000)])
    assert 0.02 < rejected < 0.08
    better = [diebold_mariano(rng.gamma(2, 1, 12), 3 + rng.gamma(2, 1, 12)) for _ in range(200)]
    assert np.mean([statistic < 0 and p < 0.05 for statistic, p in better]) > 0.9


def tiny() -> pd.DataFrame:
    """Two methods, four years, one origin; absolute percentage errors 1, 2, 3, 4 and twice as much."""
    rows = []
    for method, factor in (("combination", 1), ("growth_ytd", 2)):
        for i, year in enumerate(range(2020, 2024), start=1):
            middle = 100.0 + factor * i
            rows.append(
                {
                    "series": "x_mn", "method": method, "target_year": year, "months_published": 6,
                    "median": middle, "q025": middle - 6, "q10": middle - 3, "q25": middle - 1.5,
                    "q75": middle + 1.5, "q90": middle + 3, "q975": middle + 6, "outturn": 100.0,
                    "outturn_ape_pct": factor * i, "outturn_crps": 0.5 * factor * i,
                    "outturn_wis": 0.4 * factor * i, "outturn_pit": 0.1 * i,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def test_score_table_worked():
    table = score_table(tiny()).set_index(["method", "months_published"])
    row = table.loc[("combination", "6")]
    assert row["n_cases"] == 4
    assert row["outturn_mape_pct"] == 2.5
    assert row["outturn_crps_pct"] == pytest.approx(1.25)
    assert row["outturn_wis_pct"] == pytest.approx(1.0)
    assert row["outturn_coverage_50"] == 0.25  # errors 1, 2, 3, 4 against 1.5
    assert row["outturn_coverage_80"] == 0.75
    assert row["outturn_coverage_95"] == 1.0
    assert row["outturn_width_80_pct"] == 6.0
    assert row["outturn_dm_stat"] == pytest.approx(stats.ttest_1samp([-1, -2, -3, -4], 0).statistic)
    assert np.isnan(table.loc[("growth_ytd", "6"), "outturn_dm_stat"])
    assert table.loc[("combination", "all"), "outturn_mape_pct"] == 2.5


def test_series_of_the_panel_are_scored_together_too():
    second = tiny().assign(series="y_mn", outturn_ape_pct=10.0)
    table = score_table(pd.concat([tiny(), second])).set_index(["series", "method", "months_published"])
    assert table.loc[("panel", "combination", "6"), "n_cases"] == 8
    assert table.loc[("panel", "combination", "all"), "outturn_mape_pct"] == pytest.approx(6.25)


def test_rows_without_an_outturn_are_passed_over():
    rows = tiny()
    rows.loc[rows["target_year"] == 2023, "outturn"] = np.nan
    table = score_table(rows).set_index(["method", "months_published"])
    assert table.loc[("combination", "all"), "n_cases"] == 3


def test_a_forecast_without_an_outturn_has_no_score():
    assert all(np.isnan(value) for value in score(np.ones(5), float("nan")).values())
