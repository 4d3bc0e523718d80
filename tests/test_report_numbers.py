"""Every number in a report is taken from a table of its run: found there again by other means."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from sample_run import write_sample

from chipexports.charts import catalogue
from chipexports.lab.results import load_run
from chipexports.report.build import build_report
from chipexports.report.html import render_html, visible_text
from chipexports.words.text import glossary

NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
# shown unit by currency and language: table unit times this
SCALE = {("CNY", "en"): 0.1, ("USD", "en"): 0.001, ("CNY", "zh"): 1.0, ("USD", "zh"): 0.01}
# numbers that stand in the sentences themselves: levels of intervals and the article's date
WORDED = {"80", "95", "2024", "12"}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    write_sample(tmp_path)
    return tmp_path


def cells(root: Path, table: str) -> list[dict[str, str]]:
    path = root / "data" / "processed" / "sample" / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def numbers(text: str) -> list[str]:
    return NUMBER.findall(text)


def agrees(shown: str, value: float) -> bool:
    """Whether ``value`` rounds to the one number that ``shown`` holds."""
    (token,) = numbers(shown)
    digits = len(token.partition(".")[2])
    sign = -1 if re.search(r"[−-]\d", shown) else 1
    return abs(sign * float(token.replace(",", "")) - value) <= 0.5000001 * 10**-digits


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_listed_number_is_made_of_its_cells(root, language) -> None:
    _, m = build_report(load_run("sample"), language)
    checked = 0
    for entry in m.numbers.entries:
        if not entry.cells or entry.cells[0][0] == "parameters":
            continue
        table = entry.cells[0][0]
        rows = cells(root, table)
        values = [rows[index][column] for _, index, column in entry.cells if column]
        if entry.how.startswith("count of"):
            assert int(entry.shown.replace(",", "")) == len(set(entry.cells))
        elif entry.how.startswith("money"):
            assert agrees(entry.shown, SCALE[entry.how[6:], language] * float(values[0])), entry
        elif entry.how in ("percent", "number"):
            assert agrees(entry.shown, float(values[0])), entry
        elif entry.how == "share":
            assert agrees(entry.shown, 100 * float(values[0])), entry
        elif entry.how == "chance":
            p = 100 * float(values[0])
            assert ("99" in entry.shown) if p > 99 else agrees(entry.shown, p), entry
        elif entry.how == "per cent off":
            assert agrees(entry.shown, 100 * (float(values[0]) / float(values[1]) - 1)), entry
        elif entry.how in ("month", "day"):
            assert {int(n) for n in numbers(entry.shown)} <= {int(n) for n in values[0].split("-")}
        else:
            assert entry.how == "text"
            assert entry.shown == " ".join(values[0].split())
        checked += 1
    assert checked > 100


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_number_of_the_page_is_unlisted(root, language) -> None:
    report, m = build_report(load_run("sample"), language)
    page = render_html(report)
    listed = {token for entry in m.numbers.entries for token in numbers(entry.shown)}
    body = re.sub(r"<figcaption>.*?</figcaption>", " ", page, flags=re.DOTALL)
    body = re.sub(r"<math.*?</math>", " ", body, flags=re.DOTALL)
    text = visible_text(body, figures=False)
    text = re.sub(rf"({report.words['table']}|{report.words['figure']}) \d+", " ", text)
    unlisted = set(numbers(text)) - listed - WORDED
    assert unlisted == set()


def test_sentences_hold_no_numbers_of_their_own() -> None:
    for key, entry in glossary().items():
        if key.startswith("report."):
            for template in entry.values():
                bare = re.sub(r"\{[^}]*\}", "", template)
                assert set(numbers(bare)) <= WORDED | {"300"}, key  # 300 dpi


def test_captions_say_what_their_tables_hold(root) -> None:
    report, _ = build_report(load_run("sample"))
    pool = []
    for picture in report.pictures():
        # what the months still need is a table of its own beside the one the figure is drawn from
        for table in {*catalogue.FIGURES[picture.name].tables, "needed"}:
            for row in cells(root, table):
                pool += [float(v) for v in row.values() if re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", v)]
        counted = [float(len(cells(root, t))) for t in catalogue.FIGURES[picture.name].tables]
        scaled = [v * f for v in pool + counted for f in (1, 0.1, 0.001, 100)]
        for part in picture.caption:
            text = re.sub(r"\d{1,2} \w{3} \d{4}|\w{3} \d{4}", " ", part)
            for token in set(numbers(text)) - WORDED - {"50"}:
                digits = len(token.partition(".")[2])
                near = min(abs(v - float(token.replace(",", ""))) for v in scaled)
                assert near <= 0.5000001 * 10**-digits, (picture.name, part, token)
