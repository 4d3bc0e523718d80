"""The workbook: a sheet a table, numbers as numbers, months as dates, charts, the same bytes on a rerun."""

from __future__ import annotations

import datetime as dt
import io
import re
import time
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook
from sample_run import write_sample

from chipexports.report.build import build_report
from chipexports.report.workbook import workbook
from chipexports.results import load_run


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    write_sample(tmp_path)
    return tmp_path


def made(language: str = "en") -> bytes:
    run = load_run("sample")
    return workbook(run, build_report(run, language)[1])


def sheet(book: bytes, name: str) -> list[list]:
    return CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_name(name).to_python()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_first_sheet_holds_the_answer_and_a_link_to_every_table(root, language) -> None:
    book = made(language)
    names = CalamineWorkbook.from_filelike(io.BytesIO(book)).sheet_names
    text = " ".join(str(cell) for row in sheet(book, names[0]) for cell in row)
    assert ("1,135.1 bn CNY" if language == "en" else "11,351亿元") in text
    run = load_run("sample")
    assert set(run.tables) - {"totals"} <= set(names)
    links = zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml").decode()
    for name in set(run.tables) - {"totals"}:
        assert f"'{name}'!A1" in links.replace("&apos;", "'")


def test_values_are_those_of_the_tables_with_real_dates_and_units(root) -> None:
    book, table = made(), pd.DataFrame(load_run("sample").table("monthly"))
    rows = sheet(book, "monthly")
    head = rows[1]
    assert head == list(table.columns)
    assert rows[0][head.index("value_cny_100mn")] == "100 million CNY"
    values = [row[head.index("value_cny_100mn")] for row in rows[2:]]
    assert values == pytest.approx(table["value_cny_100mn"].tolist())
    assert rows[2][head.index("period")] == dt.date(2022, 1, 1)
    assert sheet(book, "answer")[2][0] == dt.date(2024, 11, 7)


def test_hostile_words_stay_text(root) -> None:
    path = root / "data" / "processed" / "sample" / "releases.csv"
    table = pd.read_csv(path)
    table["note"] = '=cmd|"/c calc"!A1'
    table["source"] = "http://x.invalid"
    table.to_csv(path, index=False)
    archive = zipfile.ZipFile(io.BytesIO(made()))
    for name in archive.namelist():
        if name.startswith("xl/worksheets/sheet"):
            assert "<f>" not in archive.read(name).decode()
        assert b"x.invalid" not in archive.read(name) or name == "xl/sharedStrings.xml"


def test_header_is_frozen_filtered_and_charts_are_native(root) -> None:
    archive = zipfile.ZipFile(io.BytesIO(made()))
    sheets = [archive.read(n).decode() for n in archive.namelist() if re.match(r"xl/worksheets/sheet\d+", n)]
    assert sum("<autoFilter" in text and 'state="frozen"' in text for text in sheets) == len(sheets) - 2
    assert sum(name.startswith("xl/charts/chart") for name in archive.namelist()) == 3


def test_same_bytes_at_another_time(root) -> None:
    first = made()
    time.sleep(2.1)  # zip keeps even seconds
    assert made() == first
