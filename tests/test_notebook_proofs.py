"""What a researcher does in notebooks 01, 05 and 06 in fifteen lines, without opening the package."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from notebook_cells import proof, run_cells, sentences

from chipexports.collect.add import add_pages

pytestmark = pytest.mark.filterwarnings("ignore:The set_bad function:PendingDeprecationWarning")
ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "tests" / "fixtures" / "pages" / "en05_usd_month.html"
AS_OF = "2026-11-22"

MINE = """
def mine(history, calendar):
    \"\"\"Growth of the last three months on a year before, carried on, with the spread of past months.\"\"\"
    log = np.log(history.values)
    yearly, ahead = log.diff(12).dropna(), len(calendar) - len(log)
    base = log.reindex(calendar.index[len(log):] - 12).to_numpy()
    steps = np.random.default_rng(1).normal(yearly.iloc[-3:].mean(), yearly.diff().std(), (400, 1))
    return np.exp(base + steps + np.zeros(ahead))
"""


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHIPEXPORTS_OUTPUT", str(tmp_path_factory.mktemp("proofs")))
        yield


@pytest.fixture(scope="module")
def forecast(output):
    return run_cells("06_forecast_full_year", until="06-by-method", as_of=AS_OF, n_paths=400)


def test_a_method_of_ones_own_in_the_pool(forecast):
    """(e): it stands in the table beside the shipped ones, has a weight and moves the pool."""
    before = forecast.names["sides"]
    (table,) = proof(
        forecast,
        MINE
        + """
mixed = settings | {"methods": [*settings["methods"], mine], "pooled": [*params.methods, mine]}
with_mine = forecast_full_year(history, year, **mixed)
table = summary({"combination": with_mine, **with_mine.by_method()}, level, threshold, bn)
table.assign(weight=with_mine.methods["weight"].reindex(table.index))
""",
    )
    assert set(before.index) | {"mine"} == set(table.index)
    assert table.at["mine", "weight"] == pytest.approx(0.25)
    assert table["weight"].drop("combination").sum() == pytest.approx(1)
    assert table.at["mine", "low_80"] < table.at["mine", "median"] < table.at["mine", "high_80"]
    assert table.at["combination", "median"] != pytest.approx(before.at["combination", "median"], abs=0.01)
    for name in before.index.drop("combination"):
        assert table.at[name, "median"] == pytest.approx(before.at[name, "median"])


def test_a_method_of_ones_own_in_the_backtest_table(output):
    """(e): scored at every origin beside the shipped ones, and pooled with them."""
    state = run_cells("05_backtest_methods", until="05-one", as_of=AS_OF, n_paths=200)
    state.names["panel"] = [o for o in state.names["panel"] if o.target_year >= 2024]
    state.names["own"] = []
    (table,) = proof(
        state,
        MINE
        + """
shipped = ["growth_ytd", "seasonal_naive"]
tried = backtest_origins(panel, methods=[*shipped, mine], pooled=["seasonal_naive", mine], n_paths=400)
errors = tried.pivot_table(index="method", columns="months_published", values="outturn_ape_pct")
errors
""",
    )
    assert set(table.index) == {"growth_ytd", "seasonal_naive", "mine", "combination"}
    assert np.isfinite(table.to_numpy()).all()
    scored = state.names["tried"].groupby("method").size()
    assert scored["mine"] == scored["growth_ytd"] == len(state.names["panel"])
    one = state.names["tried"].query("method == 'mine'").iloc[0]
    assert one["outturn_ape_pct"] == pytest.approx(100 * abs(one["median"] / one["outturn"] - 1))


def test_the_newest_page_kept_is_read_beside_the_record(tmp_path, monkeypatch):
    project = tmp_path / "project"
    shutil.copytree(ROOT / "data" / "raw", project / "data" / "raw")
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(project))
    monkeypatch.setenv("CHIPEXPORTS_OUTPUT", str(tmp_path))
    state = run_cells("01_collect_releases", until="01-page-words", as_of=AS_OF)
    assert "No page of this flow is kept" in sentences(state)["01-page"]
    assert "chipexports add FILE" in sentences(state)["01-page-words"]
    add_pages([PAGE])
    state = run_cells("01_collect_releases", until="01-page-words", as_of=AS_OF)
    (table,) = (value for value in state.shown["01-page"] if isinstance(value, pd.DataFrame))
    assert len(table)
    assert {"value", "value in the record", "standing"} <= set(table)
    assert PAGE.name in sentences(state)["01-page-words"]
    early = run_cells("01_collect_releases", until="01-page-words", as_of="2019-03-14", target_year=2019)
    assert "No page of this flow is kept" in sentences(early)["01-page"]


@pytest.mark.parametrize(
    "params",
    [
        {"target_year": 2025},
        {"as_of": "2019-03-14", "target_year": 2019, "threshold": 90_000.0},
        {"as_of": "2023-02-01", "target_year": 2023, "currency": "CNY", "flow": "import", "language": "zh"},
        {"as_of": "2026-01-20"},
    ],
    ids=["a finished year", "2019", "imports in yuan, Chinese", "no month of the year"],
)
@pytest.mark.parametrize("notebook", ["01_collect_releases", "02_clean_series", "06_forecast_full_year"])
def test_other_runs_say_what_does_not_apply(notebook, params, tmp_path, monkeypatch):
    monkeypatch.setenv("CHIPEXPORTS_OUTPUT", str(tmp_path))
    state = run_cells(notebook, n_paths=100, **params)
    said = sentences(state)
    silent = [cell for cell, shown in state.shown.items() if cell.endswith("-table") and not shown]
    assert not silent
    if notebook.startswith("06"):
        assert ("nothing left to forecast" in said["06-by-method"]) == (params.get("target_year") == 2025)
    if notebook.startswith("06") and params.get("as_of") == "2026-01-20":
        assert "is no part of its total" in said["06-moved"]


@pytest.mark.parametrize(
    ("as_of", "words"),
    [
        ("2026-07-21", "first 20 days of Jul 2026"),
        ("2026-08-01", "Korea's Jul 2026 differed"),
        (AS_OF, "Nothing to say"),
    ],
)
def test_the_month_under_way_is_told_where_korea_has_printed_it(as_of, words, output):
    state = run_cells("06_forecast_full_year", until="06-running-words", as_of=as_of, n_paths=100)
    assert words in sentences(state)["06-running"] + sentences(state).get("06-running-words", "")
