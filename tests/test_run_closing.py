"""What a run ends with: the newest figure and how well it is attested, what is left out, what is due."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from chipexports.record.vintage import missing_releases
from chipexports.run.closing import closing, closing_lines


def add(root: Path, *rows: dict[str, str]) -> None:
    """Add figures to the record of a copy, as those of exports in US dollars but for what is given."""
    path = root / "data" / "raw" / "gacc" / "releases.csv"
    with path.open(encoding="utf-8") as file:
        known = list(csv.DictReader(file))
    like = [
        r
        for r in known
        if r["flow"] == "export" and r["measure"] == "value_usd" and r["commodity"] == "gacc_ic"
    ]
    like = [r for r in like if r["period_start"] == r["period_end"]][-1]
    with path.open("a", encoding="utf-8") as file:
        for number, row in enumerate(rows):
            csv.DictWriter(file, known[0]).writerow({**like, "row_id": f"r00000000{number:02d}", **row})


OCTOBER = {"period_start": "2026-10", "period_end": "2026-10", "published": "2026-11-24"}


def test_the_newest_figure_its_standing_and_what_is_due(project_copy: Path) -> None:
    kept = closing("2026-09-14", "export", "USD", "en")
    newest, due = closing_lines(kept, dt.date(2026, 11, 20))
    assert newest == (
        "Newest figure: exports in US dollars for Aug 2026, published 14 Sep 2026; "
        "quoted once, not confirmed elsewhere."
    )
    assert due.endswith("the tables of exports in US dollars for Sep 2026, Oct 2026.")
    assert closing_lines(kept, dt.date(2026, 9, 15))[1] == (
        "Next due: exports in US dollars for Sep 2026, by 14 Oct 2026."
    )
    # January comes out with February
    assert "for Jan 2027, Feb 2027" in closing_lines(closing_of_year(project_copy), dt.date(2027, 2, 1))[1]
    assert closing_lines(kept, dt.date(2028, 1, 20))[1].endswith("for Sep 2026 to Dec 2027.")


def closing_of_year(root: Path) -> dict:
    days = {"09": "2026-10-14", "10": "2026-11-14", "11": "2026-12-14", "12": "2027-01-14"}
    add(
        root,
        *({"period_start": f"2026-{m}", "period_end": f"2026-{m}", "published": d} for m, d in days.items()),
    )
    return closing("2027-01-14", "export", "USD", "en")


def test_what_the_record_holds_is_left_out_by_name_and_not_called_missing(project_copy: Path) -> None:
    before = missing_releases("2026-11-22")
    october = (before["period"] == "2026-10") & (before["flow"] == "export") & (before["currency"] == "USD")
    assert october.sum() == 1
    add(project_copy, OCTOBER)
    after = missing_releases("2026-11-22")
    assert len(after) == len(before) - 1
    assert not after.isin(before[october].to_dict("list")).all(axis=1).any()
    kept = closing("2026-11-22", "export", "USD", "en")
    lines = closing_lines(kept, dt.date(2026, 11, 25))
    assert lines[1:] == [
        "Left out, as published after 22 Nov 2026: 1 of the record's figures, up to Oct 2026; "
        "`as_of: newest` uses them."
    ]
    assert closing("2026-11-24", "export", "USD", "en")["left_out"] == ""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_sentence_is_in_the_language_of_the_run(language: str) -> None:
    lines = closing_lines(closing("2026-09-14", "import", "CNY", language), dt.date(2026, 11, 25))
    chinese = ["\u4e00" <= line[0] <= "\u9fff" for line in lines]
    assert chinese == [language == "zh"] * len(lines)
