"""Notebook 04 as a reader meets it: its numbers by another way, other runs, an order of one's own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from notebook_cells import proof, run_cells, sentences
from one_language import foreign
from scipy import stats

NOTEBOOK = "04_model_exports"
AS_OF = "2026-11-22"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("latest")


@pytest.fixture(scope="module")
def latest(folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHIPEXPORTS_OUTPUT", str(folder))
        yield run_cells(NOTEBOOK, as_of=AS_OF)


def test_what_did_not_converge_or_cannot_carry_a_model_is_called_so(latest):
    assert "converged" in latest.names["by_order"]
    assert "cannot carry a seasonal model" in sentences(latest)["04-remedies-words"]


def test_a_break_is_not_found_where_there_is_none(latest):
    names = latest.names
    rng, hits = np.random.default_rng(1), 0
    for _ in range(400):
        noise = rng.standard_normal(names["shapes"].shape[0])
        hits += np.abs(noise @ names["shapes"]).max() > names["critical"]
    assert 0.02 <= hits / 400 <= 0.09  # five per cent, with the search for the date allowed for


def test_a_break_is_found_where_one_is_put(latest):
    names = latest.names
    place = names["shapes"].shape[1] // 2
    noise = np.random.default_rng(2).standard_normal(names["shapes"].shape[0]) + 6 * names["shapes"][:, place]
    t = noise @ names["shapes"]
    assert abs(int(np.argmax(np.abs(t))) - place) <= 2
    assert np.abs(t).max() > names["critical"]


def test_whitening_gives_the_models_own_innovations(latest):
    names = latest.names
    assert names["noise"][24:] == pytest.approx(names["residual"].to_numpy()[24:], abs=0.05)


def test_closed_form_and_statsmodels_agree(latest):
    names = latest.names
    assert names["closed"] == pytest.approx(names["opened"], abs=1e-6)
    gaps = names["beside"]["difference"]
    assert abs(gaps["sarima"]) < 1.0
    assert abs(gaps["ets"]) < 1.0


def test_box_cox_by_hand(latest):
    """The scaled likelihood at one power is the plain one plus the Jacobian of the transform."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    names = latest.names
    y, x = np.exp(names["log"]), names["past"]
    z = (y**0.5 - 1) / 0.5
    fit = SARIMAX(z, exog=x, concentrate_scale=True, **names["airline_order"]).fit(disp=False, maxiter=300)
    jacobian = -0.5 * np.log(y.iloc[13:]).sum()
    logs = names["likelihood"][str(names["last"]), 0.0] - names["log"].iloc[13:].sum()
    wanted = names["likelihood"][str(names["last"]), 0.5] - names["likelihood"][str(names["last"]), 0.0]
    assert fit.llf + jacobian - logs == pytest.approx(wanted, abs=0.1)


def test_the_fitted_year_by_simulation(latest):
    names = latest.names
    fit, h = names["airline"], names["h"]
    draws = np.asarray(
        fit.simulate(h, anchor="end", exog=names["future"], repetitions=8000, rng=np.random.default_rng(3))
    )
    total = (names["published"].sum() + np.exp(draws.reshape(h, -1)).sum(axis=0)) / 1e3
    row = names["years"].loc["sarima"].astype(float)
    assert row["median"] == pytest.approx(np.median(total), rel=0.004)
    assert row["low_80"] == pytest.approx(np.quantile(total, 0.1), rel=0.006)
    assert row["high_80"] == pytest.approx(np.quantile(total, 0.9), rel=0.006)


def test_second_difference_moves_the_year_more_than_the_interval_says(latest):
    order = latest.names["by_order"]["median"].astype(float)
    assert order["(0, 2, 1) (0, 1, 1)"] - order["(0, 1, 1) (0, 1, 1)"] > 15


def test_spread_by_what_a_month_rests_on(latest):
    names = latest.names
    residual, real = names["residual"], names["real"]
    soft = residual[~real[residual.index]]
    assert names["by_base"].at["estimated", "rms"] == pytest.approx(np.sqrt((soft**2).mean()))
    assert names["by_base"]["n"].sum() == len(residual)
    ratio, p = names["estimates_test"]
    assert p == pytest.approx(stats.f.sf(ratio, names["by_base"].at["real_on_real", "n"], len(soft)))
    assert ("do not by themselves" in sentences(latest)["04-basis-words"]) == (p > 0.05)


def test_break_and_surge(latest):
    names = latest.names
    assert str(names["broke"]) in ("2025-10", "2025-11", "2025-12", "2026-01")
    assert 450 < names["shapes_table"].at["lasting", "total"] < 490
    assert 410 < names["shapes_table"].at["surge", "total"] < 440
    assert names["shapes_table"].at["surge", "lr"] >= names["shapes_table"].at["lasting", "lr"]
    leaning = "lean towards a surge" in sentences(latest)["04-ended-words"]
    assert leaning == (names["ended_p"] < 0.05)


def test_the_end_of_a_surge_is_not_believed_where_growth_lasts(latest):
    """Under a lasting change the simulated p-value rejects about one time in twenty."""
    names = latest.names
    rng, lasts, stops = np.random.default_rng(4), names["lasts"], names["stops"]
    favour = lambda x: ((x @ stops) ** 2).max(axis=-1) - (x @ lasts) ** 2  # noqa: E731
    null = rng.standard_normal((4000, len(lasts))) + 4.0 * lasts
    bound = np.quantile(favour(null), 0.95)
    again = rng.standard_normal((4000, len(lasts))) + 4.0 * lasts
    assert (favour(again) > bound).mean() == pytest.approx(0.05, abs=0.015)


def test_titles_state_what_was_computed(latest):
    names, charts = latest.names, latest.charts
    newest = names["residual"][names["residual"].index.year == 2026]
    assert f"{(newest > 0).sum()} of {len(newest)} residuals of 2026" in charts["residuals"].title
    inside = names["out"] == (0, 0)
    assert ("Both sums stay inside" in charts["stability"].title) == inside
    assert f"|t| = {names['t_value'].abs().max():.1f}" in charts["growth_break"].title
    widths = (names["remedies"]["high_80"] - names["remedies"]["low_80"]).drop("estimates_left_out")
    assert f"{widths.min():.0f} to {widths.max():.0f}" in charts["remedies"].title
    for c in charts.values():
        assert c.alt
        assert c.alt != c.title
        assert len(c.data)


def test_the_table_for_the_report(latest, folder):
    table = pd.read_csv(folder / "data" / "processed" / "draft" / "diagnostics.csv")
    assert list(table.columns) == ["method", "diagnostic", "statistic", "p", "objects"]
    assert {"sarima", "ets", "ucm"} <= set(table["method"])
    assert (table["objects"] == (table["p"] < 0.05)).all()
    against = table[table["objects"]]["diagnostic"]
    assert {"predictive_failure", "break_of_growth"} <= set(against)
    assert "logs" not in set(against)
    assert "no break in growth" in sentences(latest)["04-verdict-words"]


def test_calibration_is_stated_as_it_is(latest):
    names = latest.names
    words = sentences(latest)["04-calibration-words"]
    assert f"the combination by {names['factors'].at['combination', 'factor']:.2f}" in words
    assert f"{int(names['own_errors']['real'].sum())} have an outturn free of estimates" in words


def test_the_english_run_has_no_chinese(latest):
    assert not foreign(latest, "en")


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({"history_start": "2023-06"}, id="short"),
        pytest.param({"as_of": "2019-03-14", "target_year": 2019}, id="2019", marks=pytest.mark.slow),
        pytest.param(
            {"as_of": "2023-02-01", "target_year": 2023, "currency": "CNY", "language": "zh"},
            id="2023 in yuan, Chinese",
        ),
        pytest.param({"target_year": 2025}, id="a finished year", marks=pytest.mark.slow),
    ],
)
def test_other_runs(params, tmp_path, monkeypatch):
    monkeypatch.setenv("CHIPEXPORTS_OUTPUT", str(tmp_path))
    state = run_cells(NOTEBOOK, **params)
    said = sentences(state)
    if not state.names["enough"]:
        assert "too few" in said["04-answers-words"]
        assert "Skipped" in said["04-orders-table"]
        assert state.names["diagnostics"].empty
    if params.get("target_year") == 2025:
        assert state.names["years"]["median"].astype(float).nunique() == 1
        assert "complete" in said["04-answers-words"]
    assert not foreign(state, params.get("language", "en"))


def test_another_order_beside_the_shipped_one(latest):
    """A researcher's cell: its full year and residual tests, and as a method beside the engine's."""
    own, methods = proof(
        latest,
        """
from chipexports.forecast import from_statsmodels

def mine(y, x):
    return SARIMAX(y, exog=x, order=(2, 1, 0), seasonal_order=(0, 1, 1, 12))

fit = mine(log, past).fit(disp=False, maxiter=500)
display(pd.DataFrame({"mine": diagnosis(fit), "shipped": diagnosis(airline)}).T)
run_methods(history, year, methods=["sarima", from_statsmodels(mine, name="sarima_210")]).table
""",
    )
    assert own.loc["mine", "ljung_box_12"] > 0.05
    assert own.loc["mine", "median"] == pytest.approx(
        latest.names["by_order"].loc["(2, 1, 0) (0, 1, 1)", "median"], abs=0.2
    )
    assert methods.loc["sarima_210", "status"] == "used"
    assert methods.loc["sarima_210", "median"] / 1e3 == pytest.approx(own.loc["mine", "median"], rel=0.01)
