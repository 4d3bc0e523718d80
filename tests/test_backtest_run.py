"""The backtest: nothing later than an origin is seen, rows and scores are what a single forecast gives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from engine_series import cyclic

from chipexports.backtest.origins import lag_origins, panel_origins, record_origins
from chipexports.backtest.rules import crps_sample
from chipexports.backtest.run import backtest, backtest_origins
from chipexports.base.errors import UsageError
from chipexports.clean.monthly import monthly_series, to_series
from chipexports.forecast.fullyear import DEFAULT_METHODS, forecast_full_year
from chipexports.record.outturn import outturn

FAST = ("growth_ytd", "seasonal_naive", "pooled_growth")


@pytest.fixture(scope="module")
def series() -> pd.Series:
    return cyclic(108).rename("made")


@pytest.fixture(scope="module")
def table(series) -> pd.DataFrame:
    return backtest(series, [2022, 2023], months=(4, 8), methods=FAST, n_paths=200, jobs=1)


def test_rows_of_a_backtest_are_those_of_single_forecasts(series, table):
    assert len(table) == 2 * 2 * 4
    assert set(table["method"]) == {*FAST, "combination"}
    row = table[(table["method"] == "growth_ytd") & (table["origin"] == "2023-04")].iloc[0]
    one = forecast_full_year(series[:"2023-04"], 2023, methods=FAST, pooled=("pooled_growth",), n_paths=200)
    alone = one.by_method()["growth_ytd"]
    assert row["median"] == alone.median
    assert row["q975"] == pytest.approx(alone.quantile(0.975))
    total = series["2023-01":"2023-12"].sum()
    assert row["outturn"] == pytest.approx(total)
    assert row["outturn_ape_pct"] == pytest.approx(100 * abs(alone.median / total - 1))
    assert row["outturn_crps"] == pytest.approx(crps_sample(alone.totals, total))
    assert (row["as_of"], row["vintage"]) == ("2023-05-15", "lag")


def test_the_combination_pools_the_default_methods(table, series):
    # none of the default methods is among these: all are pooled
    one = forecast_full_year(series[:"2023-08"], 2023, methods=FAST, n_paths=200)
    rows = table[table["origin"] == "2023-08"].set_index("method")
    assert rows.loc["combination", "median"] == pytest.approx(one.median)
    assert not set(FAST) & set(DEFAULT_METHODS)


def test_later_months_change_no_forecast(series, table):
    changed = series.copy()
    changed["2023-05":] *= 1.5
    again = backtest(changed, [2022, 2023], months=(4,), methods=FAST, n_paths=200, jobs=1)
    columns = [name for name in table if not name.startswith("outturn")]
    before = table[table["months_published"] == 4][columns].reset_index(drop=True)
    pd.testing.assert_frame_equal(again[columns], before)


def test_two_processes_give_the_same_table(series, table):
    again = backtest(
        {"made": series, "other": series},
        [2022, 2023],
        months=(2, 4, 6, 8),
        methods=FAST,
        n_paths=200,
        jobs=2,
    )
    mine = again[(again["series"] == "made") & again["months_published"].isin([4, 8])].reset_index(drop=True)
    pd.testing.assert_frame_equal(mine, table)


def test_lag_origins_see_their_months_only(series):
    origins = list(lag_origins("made", series, [2023, 2024], (0, 3)))
    assert [o.origin for o in origins] == ["2022-12", "2023-03"]  # 2024 is not complete
    assert all(str(o.known.index[-1]) == o.origin for o in origins)
    assert origins[0].as_of == "2023-01-15"


def test_panel_origins():
    origins = panel_origins()
    assert len(origins) == 3 * 12 * 5
    for origin in origins[::17]:
        assert len(origin.known) <= 144
        assert str(origin.known.index[-1]) == origin.origin
        assert origin.indicators.index[-1] <= pd.Period(origin.as_of, "M")
    cut = panel_origins(as_of="2020-06-30")
    assert max(o.target_year for o in cut) == 2019


def test_record_origins_carry_true_vintages():
    origins = record_origins("export", "CNY", as_of="2025-02-28")
    true = [o for o in origins if o.vintage == "true"]
    assert {o.target_year for o in true} == {2024, 2025}
    one = next(o for o in true if o.origin == "2024-10")
    assert (one.as_of, one.months_published) == ("2024-11-07", 10)
    pd.testing.assert_series_equal(one.known, to_series(monthly_series("2024-11-07"), "export", "CNY"))
    assert one.outturn == outturn(2024, "export", "CNY", as_of="2025-02-28")
    assert max(o.as_of for o in origins) <= "2025-02-28"
    first = record_origins("export", "CNY", as_of="2025-02-28", truth="first_print", years=[2024])
    assert {o.outturn for o in first} == {outturn(2024, "export", "CNY", truth="first_print")}
    lag = [o for o in origins if o.vintage == "lag"]
    assert {o.target_year for o in lag} <= {2023}
    assert not any(o.months_published == 1 for o in origins)  # January comes out with February


def test_own_years_score_only_once_they_are_printed():
    origins = record_origins("export", "CNY", as_of="2024-12-10")
    assert {o.target_year for o in origins} == {2024}
    assert not any(np.isfinite(o.outturn) for o in origins)
    assert all(o.outturn_real == np.isfinite(o.outturn) for o in origins)
    hindsight = record_origins("export", "CNY", as_of="2024-12-10", outturns_as_of="2026-11-22")
    assert {o.outturn for o in hindsight if o.target_year == 2024} == {outturn(2024, "export", "CNY")}
    table = backtest_origins(origins, methods=["growth_ytd"], n_paths=20, jobs=1)
    assert table.loc[table["target_year"] == 2024, "outturn_crps"].isna().all()


def test_own_origins_begin_where_they_are_told():
    origins = record_origins("export", "USD", as_of="2026-11-22", years=[2026], history_start="2019-01")
    assert {str(o.known.index[0]) for o in origins} == {"2019-01"}
    assert {str(o.estimated.index[0]) for o in origins} == {"2019-01"}
    with pytest.raises(UsageError, match="history_start: 'x' is not a month"):
        record_origins("export", "USD", as_of="2026-11-22", history_start="x")


def test_an_estimated_outturn_scores_nothing(series):
    errors = pd.Series(np.nan, series.index)
    errors["2022-03"] = 1.0
    origins = list(lag_origins("mine", series, [2021, 2022], [6], estimated=errors))
    assert [o.outturn_real for o in origins] == [True, False]
    table = backtest_origins(origins, methods=["growth_ytd"], n_paths=20, jobs=1)
    assert table.set_index("target_year")["outturn_ape_pct"].notna().groupby(level=0).all().to_dict() == {
        2021: True,
        2022: False,
    }


def flat(history, calendar):
    return np.full(len(calendar) - len(history.values), history.values.iloc[-1])


def test_a_method_of_ones_own_in_the_table_and_the_pool(series):
    origins = list(lag_origins("mine", series, [2022], [6, 9]))
    table = backtest_origins(origins, methods=["ets", flat], pooled=["ets", flat], n_paths=200, jobs=1)
    assert table["method"].tolist() == ["ets", "flat", "combination"] * 2
    single = forecast_full_year(origins[0].history, 2022, methods=["ets", flat], n_paths=200)
    assert table.loc[2, "median"] == single.median


def test_the_panel_targets_hold_on_a_sample():
    """Every third year of the panel at two origins: better than growth carried forward by a third."""
    origins = panel_origins([2015, 2018, 2021, 2024], (4, 8))
    table = backtest_origins(origins, methods=("growth_ytd", *DEFAULT_METHODS), n_paths=400, jobs=1)
    error = table.groupby("method")["outturn_ape_pct"].mean()
    assert error["combination"] < 0.75 * error["growth_ytd"]
    inside = table[table["method"] == "combination"]
    share = ((inside["outturn"] >= inside["q10"]) & (inside["outturn"] <= inside["q90"])).mean()
    assert 0.6 <= share <= 1.0


def test_an_origin_no_method_can_forecast_has_no_row():
    table = backtest(cyclic(40), [2016], months=(2, 4), methods=["ets"], n_paths=50, jobs=1)
    assert len(table) == 0
    assert "outturn_wis" in table.columns
    assert np.isfinite(
        backtest(cyclic(60), [2019], months=(6,), methods=["ets"], n_paths=50, jobs=1)["median"]
    ).all()
