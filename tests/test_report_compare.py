"""What changed between two runs: made-up changes are found, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from sample_run import write_sample

from chipexports.base.errors import ChipExportsError, UsageError
from chipexports.report.command import compare
from chipexports.report.compare import compare_page, compare_runs
from chipexports.report.formats import visible_text


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    write_sample(tmp_path, "newer")
    write_sample(tmp_path, "older", combination="trimmed")
    return tmp_path


def change(root: Path, run: str, table: str, row: int, column: str, value: object) -> None:
    path = root / "data" / "processed" / run / f"{table}.csv"
    frame = pd.read_csv(path)
    frame.loc[row, column] = value
    frame.to_csv(path, index=False)


def rows(table: pd.DataFrame, part: str) -> pd.DataFrame:
    return table[table["part"] == part]


def test_same_runs_differ_in_nothing_but_the_parameter(root) -> None:
    found = compare_runs("older", "newer")
    assert list(found.table["part"]) == ["parameter"]
    assert found.table.iloc[0][["item", "before", "after"]].tolist() == ["combination", "trimmed", "equal"]
    assert any("the same in both" in line for line in found.sentences)
    assert "No month revised." in found.sentences


def test_new_and_revised_months_and_the_forecast(root) -> None:
    path = root / "data" / "processed" / "older" / "monthly.csv"
    pd.read_csv(path).iloc[:-1].to_csv(path, index=False)
    change(root, "older", "monthly", 30, "value_cny_100mn", 1000.0)
    change(root, "older", "forecast", 2, "median", 11000.0)
    found = compare_runs("older", "newer")
    assert rows(found.table, "new month")["item"].tolist() == ["2024-10"]
    revised = rows(found.table, "revised month").iloc[0]
    assert revised["item"] == "2024-07"
    assert revised["change_pct"] == pytest.approx(0.94)
    median = rows(found.table, "forecast").set_index("item").loc["median"]
    assert median["change_pct"] == pytest.approx(100 * (median["after"] / 11000 - 1), abs=5e-4)
    words = found.words()
    assert "from 1,100.0 bn CNY" in words
    assert "New months (1): Oct 2024." in words
    assert "Jul 2024 (+0.94%)" in words


def test_estimates_that_moved_are_not_called_revisions(root) -> None:
    change(root, "older", "monthly", 0, "value_cny_100mn", 700.0)
    found = compare_runs("older", "newer")
    assert "No month revised." in found.sentences
    assert rows(found.table, "month re-estimated")["item"].tolist() == ["2022-01"]


def test_months_that_are_gone_are_named(root) -> None:
    path = root / "data" / "processed" / "newer" / "monthly.csv"
    pd.read_csv(path).iloc[1:].to_csv(path, index=False)
    assert "Months in the first run only (1): Jan 2022." in compare_runs("older", "newer").sentences


def test_forecasts_of_two_kinds_are_not_subtracted(root) -> None:
    change(root, "older", "forecast", 2, "target_year", 2023)
    found = compare_runs("older", "newer")
    assert rows(found.table, "forecast")["change_pct"].isna().all()
    assert "not subtracted" in found.words()


def test_chinese_words(root) -> None:
    assert "参数" in compare_runs("older", "newer", language="zh").words()


def test_unknown_run_and_half_run_are_one_sentence(root) -> None:
    with pytest.raises(UsageError, match="did you mean 'older'"):
        compare_runs("odler", "newer")
    (root / "data" / "processed" / "older" / "forecast.csv").unlink()
    with pytest.raises(ChipExportsError, match="has not reached its forecast"):
        compare_runs("older", "newer")


def test_command_writes_the_table(root, tmp_path) -> None:
    target = tmp_path / "changes.csv"
    result = CliRunner().invoke(compare, ["older", "newer", "--csv", str(target)], catch_exceptions=False)
    assert result.exit_code == 0
    assert "From run older to run newer" in result.output
    assert pd.read_csv(target)["item"].tolist() == ["combination"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_shows_both_answers_the_overlay_and_the_differences(root, tmp_path, language) -> None:
    target = tmp_path / "both.html"
    change(root, "older", "answer", 0, "p_above", 0.0)
    given = ["older", "newer", "--html", str(target), "--language", language]
    result = CliRunner().invoke(compare, given, catch_exceptions=False)
    assert result.exit_code == 0
    page = " ".join(target.read_text(encoding="utf-8").split())
    assert ("below 1%" if language == "en" else "1%以下") in page
    assert page.count("<svg") == 1
    assert "<script" not in page
    assert ("No new months" if language == "en" else "新增") in page


def test_no_path_of_all_above_is_not_said_to_be_zero(root) -> None:
    for run, p in (("older", 0.0), ("newer", 1.0)):
        change(root, run, "forecast", 2, "p_above", p)
    said = compare_runs("older", "newer").words()
    assert "Probability of passing 1,000.0 bn CNY: below 1%, now above 99%." in said


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["probability of passing the threshold", "below 1%", "above 99%", "full year, 2.5% quantile"]),
        ("zh", ["超过门槛的概率", "1%以下", "99%以上", "全年2.5%分位数"]),
    ],
)
def test_the_page_says_names_and_amounts_in_words(root, tmp_path, language, expected) -> None:
    for run, p, low in (("older", 0.0, 9000.0), ("newer", 1.0, 9500.0)):
        change(root, run, "forecast", 2, "p_above", p)
        change(root, run, "forecast", 2, "q025", low)
    page = visible_text(compare_page("older", "newer", language=language).decode(), figures=False)
    page = " ".join(page.split())
    for words in [*expected, "900.0 bn CNY" if language == "en" else "9,000亿元"]:
        assert words in page
    assert not re.search(r"\b(q025|p_above|published_total)\b", page)


def test_two_series_of_ones_own_are_compared_key_by_key_and_not_month_by_month(root: Path) -> None:
    for run, name, file in (("cars", "cars|汽车", "cars.csv"), ("toys", "toys|玩具", "toys.csv")):
        about = {"file": file, "name": {"en": name.split("|")[0], "zh": name.split("|")[1]}}
        write_sample(root, run, series=about, flow=name, currency="tonnes")
        for table in ("forecast", "monthly"):
            path = root / "data" / "processed" / run / f"{table}.csv"
            frame = pd.read_csv(path).assign(flow=name)
            frame.to_csv(path, index=False)
    found = compare_runs("cars", "toys")
    assert "cars 2024" in found.sentences[1]
    assert "toys 2024" in found.sentences[1]
    assert not found.table["part"].str.contains("month").any()
    assert dict(
        zip(rows(found.table, "parameter")["item"], rows(found.table, "parameter")["after"], strict=True)
    ) == {
        "series.file": "toys.csv",
        "series.name": "toys, 玩具",
    }
