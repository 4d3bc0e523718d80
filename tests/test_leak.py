"""Nothing published after ``as_of`` reaches a table of a run, save the columns named ``outturn…``."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from record_copy import copy_record, raise_later_figures

from chipexports.params import RunParams, load_params
from chipexports.run.tables import MADE_BY, table_path
from chipexports.stages import article, backtest, clean, collect, forecast, readout

ROOT = Path(__file__).resolve().parents[1]
SMALL = {"methods": ["growth_ytd", "indicator", "pooled_growth"], "n_paths": 100}


def run_stages(params: RunParams) -> dict[str, pd.DataFrame]:
    """Write every table of a run as its notebooks do; return them as text, cell for cell."""
    collect.collect_releases(params)
    clean.clean_series(params)
    backtest.run_backtest(params)
    made = forecast.make_forecast(params)
    readout.moved(made)
    readout.what_is_needed(made)
    readout.in_both_currencies(made)
    article.check_article(params)
    return {
        name: pd.read_csv(table_path(params.run, name), dtype=str)
        for name in MADE_BY
        if name != "diagnostics"
    }


@pytest.mark.parametrize("currency", ["CNY", "USD"])
def test_later_figures_reach_no_table_but_its_outturn_columns(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, currency: str
) -> None:
    params = load_params(ROOT / "params" / "article.yaml").model_copy(update={**SMALL, "currency": currency})
    monkeypatch.setenv("CHIPEXPORTS_OUTPUT", str(tmp_path / "before"))
    before = run_stages(params)
    record = copy_record(monkeypatch, tmp_path / "changed")
    raise_later_figures(record, params.as_of)
    monkeypatch.setenv("CHIPEXPORTS_OUTPUT", str(tmp_path / "after"))
    after = run_stages(params)
    scored = []
    for name, table in before.items():
        kept = [column for column in table if not column.startswith("outturn")]
        pd.testing.assert_frame_equal(after[name][kept], table[kept], obj=name)
        scored += [name] if not after[name].equals(table) else []
    # the change did arrive: the outturn columns, and they alone, moved
    assert {"forecast", "evolution", "claims"} <= set(scored)
    assert not {"backtest", "scores"} & set(scored)  # these score only with outturns printed by then
