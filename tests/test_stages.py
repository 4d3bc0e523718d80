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
from chipexports.stages.words import answer_line, answer_words, chance_words

ROOT = Path(__file__).resolve().parents[1]
ROW = {
    "run": "made-up",
    "as_of": "2024-11-07",
    "target_year": 2024,
    "flow": "export",
    "currency": "CNY",
    "months_published": 10,
    "published_total": 9000.0,
    "median": 11000.0,
    "q025": 10500.0,
    "q10": 10700.0,
    "q90": 11300.0,
    "q975": 11500.0,
    "threshold": 10000.0,
    "p_above": 1.0,
    "outturn": 10000.0,
}


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


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "above 99%"),  # every path passes, yet two months are open
        ({"p_above": 0.0}, "below 1%"),
        ({"p_above": 0.426}, "43%"),
        ({"months_published": 12}, "100%"),  # the year is over
        ({"published_total": 10500.0}, "100%"),  # passed already
    ],
)
def test_a_simulated_chance_is_never_certain(change: dict, said: str) -> None:
    assert chance_words(pd.Series(ROW | change), "en") == said


def test_the_answer_counts_in_billions_and_in_yi() -> None:
    english, chinese = (answer_words(pd.Series(ROW), language, "2024-10") for language in ("en", "zh"))
    assert "**1,100.0 bn CNY**" in english
    assert "missed it by +10.0%" in english
    assert "**11,000亿元**" in chinese
    assert "nan" not in answer_words(pd.Series(ROW | {"outturn": float("nan")}), "en", "2024-10")


def test_the_last_lines_of_a_run_name_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    params = load_params(ROOT / "params" / "article.yaml")
    tables.save(params, "forecast", pd.DataFrame([ROW | {"run": "article"}]))
    due = {"period": "2024-10", "flow": "export", "currency": "USD", "due": "2024-11-07", "why": ""}
    tables.save(params, "missing", pd.DataFrame([due, due | {"flow": "import"}]))
    assert answer_line("article").splitlines() == [
        "Full year 2024 exports, known to 2024-11-07: 1,100.0 bn CNY (80 %: 1,070.0–1,130.0); "
        "P(> 1,000.0 bn CNY) = above 99%; outturn 1,000.0",
        "Due by 2024-11-07 but not in the record: tables of exports in USD of 2024-10",
    ]


def test_the_forecast_by_the_library_is_that_of_its_tables() -> None:
    made = forecast_by_library(load_params(ROOT / "params" / "smoke.yaml"))
    table, fan = forecast_table(made), fan_table(made.forecast)
    row = table.iloc[-1]
    assert row["method"] == "combination"
    assert fan.loc[11, "ytd_median"] == pytest.approx(row["median"])
    assert fan.loc[9, "ytd_q025"] == pytest.approx(row["published_total"])
    assert (made.forecast.totals > row["threshold"]).mean() == row["p_above"]
    assert f"{row['median'] / 10:,.1f} bn CNY" in answer(made).words
