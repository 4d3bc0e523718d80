"""Every number in a report is taken from a table of its run: found there again by other means."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from sample_run import write_sample

from chipexports.report.build import build_report
from chipexports.report.formats import TEMPLATES, render_html, visible_text
from chipexports.results import load_run

NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
# shown unit by currency and language: table unit times this
SCALE = {("CNY", "en"): 0.1, ("USD", "en"): 0.001, ("CNY", "zh"): 1.0, ("USD", "zh"): 0.01}
# numbers that stand in the sentences themselves: levels of intervals and the article's date
WORDED = {"80", "25", "2024", "12", "5", "7714"}


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
    _, c = build_report(load_run("sample"), language)
    checked = 0
    for entry in c.n.listed().itertuples():
        if not isinstance(entry.table, str) or entry.table in ("", "parameters"):
            continue
        rows = (
            c.computed[entry.table].to_dict("records")
            if entry.table in c.computed
            else cells(root, entry.table)
        )
        at = [int(i) for i in entry.rows.split()]
        columns = entry.column.split() or [""]
        values = [str(rows[at[0]][column]) for column in columns if column]
        if entry.how.startswith("count of"):
            assert int(entry.shown.replace(",", "")) == len(set(at))
        elif entry.how.startswith("money"):
            assert agrees(entry.shown, SCALE[entry.how[6:], language] * float(values[0])), entry
        elif entry.how in ("percent", "number"):
            assert agrees(entry.shown, float(values[0])), entry
        elif entry.how == "change":
            assert agrees(entry.shown, abs(float(values[0]))), entry
        elif entry.how == "share":
            assert agrees(entry.shown, 100 * float(values[0])), entry
        elif entry.how == "chance":
            p = 100 * float(values[0])
            assert (
                ("99" in entry.shown) if p > 99 else ("1" in entry.shown) if p < 1 else agrees(entry.shown, p)
            )
        elif entry.how == "per cent off":
            assert agrees(entry.shown, abs(100 * (float(values[0]) / float(values[1]) - 1))), entry
        elif entry.how in ("month", "day"):
            assert {int(n) for n in numbers(entry.shown)} <= {int(n) for n in values[0].split("-")}
        elif entry.how == "reason":
            assert set(numbers(entry.shown)) <= set(numbers(values[1]))
        elif entry.how == "text of":
            assert set(map(int, numbers(entry.shown))) <= {int(n) for n in re.findall(r"\d+", values[0])}
        elif entry.how == "months of":
            assert int(entry.shown) == len(values[0].split())
        elif entry.how == "level":
            assert columns == [f"low_{entry.shown}"]
        elif entry.how == "p value":
            assert abs(float(entry.shown.lstrip("<")) - float(values[0])) <= 0.001
        else:
            assert entry.how == "text"
            assert entry.shown.replace("\\", "") == " ".join(values[0].split())
        checked += 1
    assert checked > 100


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_number_of_the_page_is_unlisted(root, language) -> None:
    document, c = build_report(load_run("sample"), language)
    page = render_html(document).decode()
    listed = {token for shown in c.n.listed()["shown"] for token in numbers(shown)}
    body = re.sub(r"<figcaption.*?</figcaption>|<title>.*?</title>", " ", page, flags=re.DOTALL)
    text = visible_text(body, figures=False)
    text = re.sub(rf"({c.say('word.table')}|{c.say('word.figure')}) ?\d+", " ", text)
    assert set(numbers(text)) - listed - WORDED == set()


def test_the_template_holds_no_numbers_of_its_own() -> None:
    for path in TEMPLATES.glob("report.*.md"):
        bare = re.sub(r"\{[{%].*?[%}]\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert set(numbers(bare)) <= WORDED, path.name


def test_both_languages_show_the_same_cells(root) -> None:
    shown = []
    for language in ("en", "zh"):
        _, c = build_report(load_run("sample"), language)
        listed = c.n.listed()
        listed = listed[~listed["column"].str.contains("_en|_zh", na=False) & listed["table"].ne("")]
        shown.append(set(zip(listed["table"], listed["rows"], listed["column"], strict=True)))
    assert shown[0] == shown[1]


def test_a_cell_cannot_be_shown_without_a_filter(root) -> None:
    _, c = build_report(load_run("sample"))
    with pytest.raises(TypeError, match="through a filter"):
        str(c.n.rows("forecast")[0].median)
