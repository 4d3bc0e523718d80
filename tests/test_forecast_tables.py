"""The tables of a forecast, a run's tables on disk, and words of the record as Markdown."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from chipexports.clean import known
from chipexports.forecast.answer import forecast_of
from chipexports.forecast.tables import fan_table, forecast_row, forecast_table
from chipexports.params import load_params
from chipexports.words.markdown import markdown_table

ROOT = Path(__file__).resolve().parents[1]


def test_hostile_words_in_a_table_stay_words() -> None:
    table = pd.DataFrame({"commodity": ["<script>alert(1)</script> | x"], "value": [1234.56]})
    made = markdown_table(table)
    assert "<script" not in made
    assert made.splitlines()[-1].endswith("| 1,234.6 |")
    assert made.splitlines()[-1].count("|") == 3
    assert markdown_table(table.iloc[:0]) == ""


def test_the_tables_are_those_of_the_forecast() -> None:
    params = load_params(ROOT / "params" / "smoke.yaml").model_copy(update={"levels": [0.6, 0.9]})
    forecast = forecast_of(known(params.as_of, params.history_start), params)
    table, fan = forecast_table(forecast, params), fan_table(forecast)
    row = table.iloc[-1]
    assert row["method"] == "combination"
    assert fan.loc[11, "ytd_median"] == pytest.approx(row["median"])
    assert fan.loc[9, "ytd_q025"] == pytest.approx(row["published_total"])
    assert (forecast.totals > row["threshold"]).mean() == row["p_above"]
    # the bounds of the levels asked for are there, whatever they are
    assert (row["q20"], row["q80"], row["q05"], row["q95"]) == pytest.approx(
        (*forecast.interval(0.6), *forecast.interval(0.9))
    )
    assert fan.loc[11, "ytd_q95"] == pytest.approx(row["q95"])
    assert forecast_row(params)["median"] == row["median"]
