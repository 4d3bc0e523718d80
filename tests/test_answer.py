"""One question has one answer, the same on every surface, in words that claim no more than is known."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from chipexports.clean import known
from chipexports.forecast import forecast_full_year
from chipexports.forecast.answer import answer, answer_from, answer_table
from chipexports.params import load_params
from chipexports.run.steps import STEPS
from chipexports.words import answer as words
from chipexports.words.answer import Answer, Without, answer_line, answer_sentence, probability_words

ROOT = Path(__file__).resolve().parents[1]
MADE_UP = Answer(
    "2024-11-07", 2024, "export", "CNY", 10, "2024-10", 9000.0, 11000.0,
    ((0.5, 10900.0, 11100.0), (0.8, 10700.0, 11300.0)), 10000.0, 1.0,
)  # fmt: skip


def ask(name: str, **changes: object) -> Answer:
    params = load_params(ROOT / "params" / f"{name}.yaml").model_copy(update={"n_paths": 400, **changes})
    return answer(known(params.as_of, params.history_start), params)


def test_an_unconfirmed_month_is_named_with_the_answer_without_it() -> None:
    a = ask("latest", as_of="2026-11-22")
    assert a.quoted_once == ("2026-08",)
    assert a.without is not None
    assert a.without.median < a.median - 5000
    assert a.without.probability < a.probability
    english, chinese = answer_sentence(a, "en"), answer_sentence(a, "zh")
    assert "Aug 2026 rests on a single, unconfirmed copy; without Aug 2026 the forecast is" in english
    assert "2026年8月的数据仅见于一处转载" in chinese


def test_a_well_attested_year_names_no_doubt() -> None:
    a = ask("article")
    assert a.without is None or a.quoted_once
    assert 0 < a.fitted_estimates < a.fitted <= 144


def test_a_finished_year_is_the_published_total_with_both_truths() -> None:
    a = ask("article", as_of="2026-02-15", target_year=2024)
    assert a.finished
    assert a.first_print == pytest.approx(11351.6, rel=1e-5)
    assert a.median == pytest.approx(a.latest, rel=1e-4)
    assert all(low == pytest.approx(a.median) == pytest.approx(high) for _, low, high in a.intervals)
    said = answer_sentence(a, "en")
    assert "First printed as 1,135.2 bn CNY; 1,133.5 bn CNY after the latest revision." in said
    assert "probability" not in said
    assert "forecast (" not in said
    assert "%" not in answer_sentence(a, "zh")


def test_before_the_first_month_of_a_year_that_is_said() -> None:
    a = ask("latest", as_of="2026-02-15")
    assert a.months_published == 0
    assert "No month of 2026 is published yet; the data end with Dec 2025." in answer_sentence(a, "en")
    assert "(0.0" not in answer_sentence(a, "en")
    assert "Published so far" not in answer_sentence(a, "en")
    assert "2026年尚无月份数据公布" in answer_sentence(a, "zh")


@pytest.mark.parametrize(
    ("change", "english", "chinese"),
    [
        ({}, "above 99%", "99%以上"),  # every path passes, yet two months are open
        ({"probability": 0.0}, "below 1%", "1%以下"),
        ({"probability": 0.004}, "below 1%", "1%以下"),
        ({"probability": 0.426}, "43%", "43%"),
        ({"months_published": 12}, "not reached", "未达到"),
        ({"months_published": 12, "published_total": 10500.0}, "already passed", "已超过"),
        ({"published_total": 10500.0}, "already passed", "已超过"),
    ],
)
def test_what_is_simulated_is_never_certain_and_what_is_published_has_no_probability(
    change: dict, english: str, chinese: str
) -> None:
    a = replace(MADE_UP, **change)
    assert probability_words(a, "en") == english
    assert probability_words(a, "zh") == chinese


def test_a_total_passed_by_published_months_is_said_as_a_fact() -> None:
    a = replace(MADE_UP, published_total=10500.0)
    assert "already **passed 1,000.0 bn CNY**" in answer_sentence(a, "en")
    assert "probability" not in answer_sentence(a, "en")


def test_levels_decide_the_intervals_that_are_said() -> None:
    a = ask("smoke", levels=[0.6, 0.9])
    assert [level for level, *_ in a.intervals] == [0.6, 0.9]
    assert "(90% interval " in answer_sentence(a, "en")
    assert "; 60%: " in answer_sentence(a, "en")
    assert "80%" not in answer_sentence(a, "en")


@pytest.mark.parametrize(
    ("value", "currency", "english", "chinese"),
    [
        (418000.0, "USD", "418.0 bn USD", "4,180亿美元"),
        (40700.0, "USD", "40.7 bn USD", "407亿美元"),
        (3456.0, "USD", "3.5 bn USD", "34.6亿美元"),
        (0.001, "USD", "0.0000010 bn USD", "0.000010亿美元"),
        (11351.6, "CNY", "1,135.2 bn CNY", "11,352亿元"),
        (0.0, "CNY", "0.0 bn CNY", "0亿元"),
    ],
)
def test_amounts_have_digits_by_their_size(value, currency, english, chinese) -> None:
    assert words.amount(value, currency, "en") == english
    assert words.amount(value, currency, "zh") == chinese


def test_the_table_gives_the_answer_back() -> None:
    for a in (
        MADE_UP,
        replace(MADE_UP, quoted_once=("2024-09", "2024-10"), outturn=11351.6),
        replace(MADE_UP, without=Without("2024-10", 1.0, 0.5, 1.5, 0.0), first_print=5.0, latest=6.0),
    ):
        assert answer_from(answer_table(a)) == a


def test_missing_tables_are_named_by_spans() -> None:
    due = pd.DataFrame(
        {
            "period": ["2026-08", "2026-09", "2026-11", "2026-08"],
            "flow": ["export", "export", "export", "import"],
            "currency": "CNY",
        }
    )
    line = words.missing_line(due, "export", "2026-12-22", "en")
    assert line == (
        "Due by 22 Dec 2026 but not in the record: the tables in yuan for Aug 2026 to Sep 2026, Nov 2026."
    )
    assert words.missing_line(due.iloc[:0], "export", "2026-12-22", "zh") == ""


def amounts(text: str) -> list[float]:
    """Return every amount in billions that a text names, in order."""
    return [float(x.replace(",", "")) for x in re.findall(r"([\d,]+\.\d) bn", text)]


def report_texts(run: str) -> list[str]:
    """Return what a report of a run says, as a page and in Word."""
    import pypandoc

    from chipexports.report.build import write_report
    from chipexports.report.formats import visible_text

    paths = {path.suffix: path for path in write_report(run, ["html", "docx"], figures=False)}
    word = pypandoc.convert_file(str(paths[".docx"]), "plain", format="docx", extra_args=["--wrap=none"])
    page = visible_text(paths[".html"].read_text(encoding="utf-8"))
    return [" ".join(text.split()) for text in (page, word)]


def test_every_surface_gives_the_same_answer(tmp_path, monkeypatch) -> None:
    """Library, tables, load_run, archive row, README's mark and sliders: one number each."""
    import importlib.util

    from notebook_cells import run_cells

    from chipexports.forecast.tables import forecast_row
    from chipexports.lab.explore import Explorer
    from chipexports.lab.settings import Settings
    from chipexports.results import load_run

    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "raw").symlink_to(ROOT / "data" / "raw")
    shutil.copytree(ROOT / "params", tmp_path / "params")
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    params = load_params("article").model_copy(update={"run": "one-answer"})
    day = known(params.as_of, params.history_start)
    a = answer(day, params)
    expected = (a.median, *a.main[1:], a.probability)

    plain = forecast_full_year(day.history("export", "CNY"), 2024)
    row = forecast_row(params)
    settings = Settings(params.as_of, 2024, "export", "CNY", tuple(params.methods), "equal", 10000.0)
    view = Explorer().view(settings)
    step = next(step for step in STEPS if step.name == "06_forecast_full_year")
    monkeypatch.setenv("CHIPEXPORTS_NOTEBOOK", step.declared)
    only_png = params.literals() | {"figure_formats": ["png"]}
    run_cells("06_forecast_full_year", until="06-tables", **only_png)
    monkeypatch.delenv("CHIPEXPORTS_NOTEBOOK")
    run = load_run("one-answer").answer
    combination = load_run("one-answer").forecast.iloc[-1]
    shown = {
        "forecast_full_year": (plain.median, *plain.interval(0.8), plain.probability_above(10000)),
        "sweep and archive": tuple(row[name] for name in ("median", "q10", "q90", "p_above")),
        "sliders": (
            view.forecast.median,
            *view.forecast.interval(0.8),
            view.answer(without=False).probability,
        ),
        "load_run": (run.median, *run.main[1:], run.probability),
        "forecast.csv": tuple(combination[name] for name in ("median", "q10", "q90", "p_above")),
    }
    for name, numbers in shown.items():
        assert numbers == pytest.approx(expected, rel=1e-6), name

    own = (
        (tmp_path / "params" / "article.yaml")
        .read_text(encoding="utf-8")
        .replace("run: article", "run: one-answer")
    )
    (tmp_path / "params" / "one-answer.yaml").write_text(own, encoding="utf-8")
    line = answer_line(a, "en")
    for text in report_texts("one-answer"):
        assert f"{a.median / 10:,.1f} bn CNY" in text
        assert f"{a.main[1] / 10:,.1f}–{a.main[2] / 10:,.1f}" in text
        assert "above 99%" in text
    said = [round(x / 10, 1) for x in (a.median, *a.main[1:])]
    spec = importlib.util.spec_from_file_location("readme", ROOT / "tools" / "readme.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    for surface in (line, tool.answer("article", "en"), answer_sentence(run, "en")):
        assert surface.replace("**", "") == line
    assert amounts(line)[0] == said[0]
    assert f"{said[1]:,}–{said[2]:,}" in line
