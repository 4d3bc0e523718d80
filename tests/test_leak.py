"""Nothing published after ``as_of`` reaches a table of a run, save the columns named ``outturn…``."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from notebook_cells import run_cells
from record_copy import copy_record, raise_later_figures

from chipexports.params import RunParams, load_params
from chipexports.params.notebook import STEP
from chipexports.run.steps import find_step
from chipexports.run.tables import MADE_BY, table_path

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = (
    "01_collect_releases",
    "02_clean_series",
    "05_backtest_methods",
    "06_forecast_full_year",
    "07_check_article",
)
SMALL = {"methods": ["growth_ytd", "indicator", "pooled_growth"], "n_paths": 100}


def run_notebooks(params: RunParams) -> dict[str, pd.DataFrame]:
    """Write every table of a run as its notebooks do; return them as text, cell for cell."""
    for name in NOTEBOOKS:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(STEP, find_step(name).declared)  # by hand it would be the draft
            run_cells(name, **params.literals())
    return {
        name: pd.read_csv(table_path(params.run, name), dtype=str)
        for name in MADE_BY
        if name != "diagnostics"
    }


@pytest.mark.parametrize("currency", ["USD", pytest.param("CNY", marks=pytest.mark.slow)])
def test_later_figures_reach_no_table_but_its_outturn_columns(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, currency: str
) -> None:
    params = load_params(ROOT / "params" / "article.yaml").model_copy(update={**SMALL, "currency": currency})
    monkeypatch.setenv("CHIPEXPORTS_OUTPUT", str(tmp_path / "before"))
    before = run_notebooks(params)
    record = copy_record(monkeypatch, tmp_path / "changed")
    raise_later_figures(record, params.as_of)
    shutil.copytree(ROOT / "params", tmp_path / "changed" / "params")  # 07 asks the article's question
    monkeypatch.setenv("CHIPEXPORTS_OUTPUT", str(tmp_path / "after"))
    after = run_notebooks(params)
    scored = []
    for name, table in before.items():
        kept = [column for column in table if not column.startswith("outturn")]
        pd.testing.assert_frame_equal(after[name][kept], table[kept], obj=name)
        scored += [name] if not after[name].equals(table) else []
    # the change did arrive: the outturn columns, and they alone, moved
    assert {"forecast", "evolution", "claims"} <= set(scored)
    assert not {"backtest", "scores"} & set(scored)  # these score only with outturns printed by then
