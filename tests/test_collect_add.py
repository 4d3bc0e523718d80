"""Taking pages into the record: all or none, never over what is there, a sidecar beside."""

from __future__ import annotations

import gzip
import hashlib
import shutil
from pathlib import Path

import pytest
import yaml
from synthetic_pages import sheet_of, table5, table13, workbook

from chipexports.__main__ import main
from chipexports.base.errors import ChipExportsError, UsageError
from chipexports.collect.add import add_pages, publication_day, release_rows
from chipexports.collect.pages import parse_page, read_page
from chipexports.record.releases import read_releases, releases_path
from chipexports.record.vintage import releases_as_of

ROOT = Path(__file__).resolve().parents[1]
HEADINGS = ("6", "1-6 Total", "1-6 Total,1998", "1-6 Total, Year-On-Year(%)")


@pytest.fixture
def record(tmp_path, monkeypatch) -> Path:
    """Return a copy of the record that CHIPEXPORTS_ROOT points to."""
    shutil.copytree(ROOT / "data" / "raw", tmp_path / "project" / "data" / "raw")
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path / "project"))
    return releases_path()


@pytest.fixture
def page(tmp_path) -> Path:
    """Return a made-up page of June 1999, a year the record knows nothing of."""
    path = tmp_path / "june.html"
    path.write_text(table5("Jun 1999", headings=HEADINGS, date="1999/07/15"), encoding="utf-8")
    return path


def sidecars(record: Path) -> list[Path]:
    return sorted((record.parent / "pages").glob("*")) if (record.parent / "pages").exists() else []


def ic(year="1999"):
    rows = read_releases()
    return rows[
        (rows["commodity"] == "gacc_ic")
        & (rows["published"] >= f"{year}-01-01")
        & (rows["published"] < f"{year}-12-31")
    ]


def test_figures_of_a_page_go_to_the_end_of_the_record(record, page):
    before = record.read_bytes()
    added = add_pages([page])
    assert record.read_bytes().startswith(before)
    assert added.new_rows == 36
    rows = ic()
    ytd = rows[(rows["period_start"] == "1999-01") & (rows["measure"] == "value_usd")].iloc[0]
    assert (ytd["value"], ytd["unit"], ytd["published"], ytd["published_basis"], ytd["edition"]) == (
        6500.7,
        "million USD",
        "1999-07-15",
        "printed",
        "first_print",
    )
    last = rows[(rows["period_end"] == "1998-06") & (rows["measure"] == "value_usd")].iloc[0]
    assert (last["value"], last["edition"]) == (5600.1, "revised_later")


def test_sidecar_says_where_the_figures_come_from(record, page):
    add_pages([page])
    (path,) = [path for path in sidecars(record) if path.suffix == ".yml"]
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert said["publisher"].startswith("General Administration of Customs")
    assert said["title"] == "(5) China's Major Exports by Quantity and Value, Jun 1999 (in USD)"
    assert (said["period"], said["date_printed"], said["figures"]) == ("1999-06", "1999-07-15", 36)
    assert said["sha256"] == hashlib.sha256(page.read_bytes()).hexdigest()
    assert len(said["date_taken_in"]) == 10


def test_the_same_page_twice_changes_nothing(record, page):
    add_pages([page])
    before, beside = record.read_bytes(), [p.read_bytes() for p in sidecars(record)]
    assert add_pages([page]).new_rows == 0
    assert add_pages([page, page]).new_rows == 0
    assert record.read_bytes() == before
    assert [p.read_bytes() for p in sidecars(record)] == beside


def test_the_same_page_under_another_name_changes_no_figure(record, page, tmp_path):
    add_pages([page])
    before = record.read_bytes()
    again = tmp_path / "again.html"
    again.write_text(page.read_text(encoding="utf-8") + "<!-- saved again -->", encoding="utf-8")
    assert add_pages([again]).new_rows == 0
    assert record.read_bytes() == before


def test_a_page_that_contradicts_the_record_is_kept_as_a_later_vintage(record, page, tmp_path):
    add_pages([page])
    before = record.read_bytes()
    other = tmp_path / "revised.html"
    text = table5("Jun 1999", headings=HEADINGS, date="1999/07/20")
    other.write_text(
        text.replace("6,500.7&nbsp;", "6,511.7&nbsp;").replace("<b>16.1</b>", "<b>16.3</b>"), encoding="utf-8"
    )
    assert add_pages([other]).new_rows > 0
    assert record.read_bytes().startswith(before)
    rows = ic()
    both = rows[(rows["period_start"] == "1999-01") & (rows["measure"] == "value_usd")]
    assert both[["value", "edition"]].to_numpy().tolist() == [
        [6500.7, "first_print"],
        [6511.7, "revised_later"],
    ]


def test_nothing_of_a_page_is_seen_before_its_day(record, page):
    add_pages([page])
    with pytest.raises(UsageError, match="before the first release"):
        releases_as_of("1999-07-14")
    assert len(releases_as_of("1999-07-15")) == 36


@pytest.mark.parametrize("bad", ["", "<html><table><tr><td>x</td></tr></table></html>", "cut"])
def test_one_bad_page_and_nothing_is_written(record, page, tmp_path, bad):
    broken = tmp_path / "broken.html"
    text = page.read_text(encoding="utf-8")
    broken.write_text(text[: len(text) // 2] if bad == "cut" else bad, encoding="utf-8")
    before = record.read_bytes()
    with pytest.raises(UsageError, match="broken"):
        add_pages([page, broken])
    assert record.read_bytes() == before
    assert sidecars(record) == []


def test_no_sidecar_stays_when_the_record_cannot_be_written(record, page, monkeypatch):
    def full(*_):
        raise ChipExportsError("the disk is full")

    monkeypatch.setattr("chipexports.collect.add.append_rows", full)
    with pytest.raises(ChipExportsError, match="full"):
        add_pages([page])
    assert sidecars(record) == []


def test_a_page_without_a_day_goes_by_the_release_rule(record, tmp_path):
    plain = parse_page(table5("Jun 1999", headings=HEADINGS, date="").encode(), "x.html")
    assert publication_day(plain) == ("1999-07-14", "rule")
    title = "（13）Major Export Commodities in Quantity and Value,1-7.1999"
    full = table13(title, ("7", "1to7", "Percentage Change"), ("month", "ytd", "month_growth"), date="")
    assert publication_day(parse_page(full.encode(), "x.html")) == ("1999-08-18", "rule")


def test_a_page_dated_before_the_known_release_counts_from_the_release(record):
    """The English page of February 2026 is dated 6 March; the table came out on 10 March."""
    headings = ("2", "1-2 Total", "1-2 Total,2025", "1-2 Total, Year-On-Year(%)")
    page = parse_page(table5("Feb 2026", date="2026/03/06", headings=headings).encode(), "x.html")
    assert publication_day(page) == ("2026-03-10", "calendar")
    assert set(release_rows(page)[0]["published_text"]) == {"2026-03-06"}


def test_quantities_in_units_the_record_does_not_know_are_left_out_and_said(record):
    page = parse_page(table5().replace("<b>Ship</b>", "<b>Flotilla</b>").encode(), "x.html")
    rows, remarks = release_rows(page)
    assert not ((rows["commodity"] == "Ships") & (rows["measure"] == "quantity")).any()
    assert any("Flotilla" in remark for remark in remarks)
    assert ((rows["commodity"] == "Ships") & (rows["measure"] == "value_usd")).any()


def test_hostile_labels_come_back_from_the_record_as_text(record, page):
    label = '<script>alert("1,2")</script>'
    text = page.read_text(encoding="utf-8").replace("Ships", label.replace("<", "&lt;"))
    page.write_text(text, encoding="utf-8")
    add_pages([page])
    assert label in set(read_releases()["commodity"])


def test_command_line(record, page, capsys):
    assert main(["add", str(page), "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "nothing written" in said
    assert "row 8 Integrated circuits: +quantity 1999-06 300.4 100 million pieces; +value_usd 1999-06" in said
    assert "row 9 Ships: +quantity" in said
    assert sidecars(record) == []
    assert main(["add", str(page)]) == 0
    said = capsys.readouterr().out
    assert "36 new figures" in said
    assert "as_of before 1999-07-15 do not see" in said
    assert main(["add", str(page), "--dry-run"]) == 0
    assert "+" not in capsys.readouterr().out.split("gacc_ic")[0].split("row 8")[1].split("\n")[0]
    assert main(["add", str(page)]) == 0
    assert "has them all" in capsys.readouterr().out
    assert main(["add", str(page.with_name("none.html"))]) == 2
    assert "none.html" in capsys.readouterr().err


def test_reading_a_page_writes_nothing(record, page):
    before = record.read_bytes()
    read_page(page)
    assert record.read_bytes() == before


def test_the_page_itself_is_kept_compressed_and_the_same_each_time(record, page):
    add_pages([page])
    (copy,) = [path for path in sidecars(record) if path.suffix == ".gz"]
    assert gzip.decompress(copy.read_bytes()) == page.read_bytes()
    about = yaml.safe_load(copy.with_suffix(".yml").read_text(encoding="utf-8"))
    assert about["kept_as"] == copy.name
    assert about["sha256"] == hashlib.sha256(page.read_bytes()).hexdigest()
    before = copy.read_bytes()
    copy.unlink()
    add_pages([page])
    assert copy.read_bytes() == before


def test_workbook_enters_the_record_as_its_page_does(record, tmp_path):
    book = tmp_path / "june.xlsx"
    book.write_bytes(workbook(*sheet_of(table5("Jun 1999", headings=HEADINGS))))
    assert add_pages([book]).new_rows == 36
    rows = ic()
    ytd = rows[(rows["period_start"] == "1999-01") & (rows["measure"] == "value_usd")].iloc[0]
    assert (ytd["value"], ytd["published_basis"]) == (6500.7, "rule")


@pytest.mark.parametrize("kind", ["cut", "other", "formula"])
def test_bad_workbook_leaves_the_record_as_it_was(record, page, tmp_path, kind):
    good = workbook(*sheet_of(table5("May 1999")))
    data = {
        "cut": good[:3000],
        "other": workbook([["Country", "Value"], ["Korea", 1.0]]),
        "formula": workbook(*sheet_of(table5()), change=lambda _, sheet: sheet.write_formula("D9", "=1+1")),
    }[kind]
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(data)
    before = record.read_bytes()
    with pytest.raises(UsageError, match=r"bad\.xlsx"):
        add_pages([page, bad])
    assert record.read_bytes() == before
    assert sidecars(record) == []
