"""What notebook cells say: tables as Markdown, the answer in words, what the record lacks."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from chipexports.base.errors import ChipExportsError
from chipexports.params import load_params
from chipexports.run import tables
from chipexports.stages.forecast import answer, fan_table, forecast_by_library, forecast_table
from chipexports.stages.prose import Answer, markdown_table

ROOT = Path(__file__).resolve().parents[1]


def test_a_table_not_made_yet_names_its_notebook(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    with pytest.raises(ChipExportsError, match="run notebook 02_clean_series first"):
        tables.load("latest", "monthly")


def test_hostile_words_in_a_table_stay_words() -> None:
    table = pd.DataFrame({"commodity": ["<script>alert(1)</script> | x"], "value": [1234.56]})
    made = markdown_table(table)
    assert "<script" not in made
    assert made.splitlines()[-1].endswith("| 1,234.6 |")
    assert made.splitlines()[-1].count("|") == 3
    assert markdown_table(table.iloc[:0]) == ""
    assert Answer("words")._repr_markdown_() == "words"


def test_the_forecast_by_the_library_is_that_of_its_tables() -> None:
    made = forecast_by_library(load_params(ROOT / "params" / "smoke.yaml"))
    table, fan = forecast_table(made), fan_table(made.forecast)
    row = table.iloc[-1]
    assert row["method"] == "combination"
    assert fan.loc[11, "ytd_median"] == pytest.approx(row["median"])
    assert fan.loc[9, "ytd_q025"] == pytest.approx(row["published_total"])
    assert (made.forecast.totals > row["threshold"]).mean() == row["p_above"]
    assert f"{row['median'] / 10:,.1f} bn CNY" in answer(made).words
