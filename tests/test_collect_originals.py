"""Pages as published against a hand check: ten cells each, typed from the raw HTML, not from the parser."""

from __future__ import annotations

from pathlib import Path

import pytest

from chipexports.base.paths import project_root
from chipexports.collect.errors import WrongTable
from chipexports.collect.pages import read_page

ORIGINALS = Path(project_root()).parent / "shared" / "data" / "originals"
pytestmark = pytest.mark.skipif(
    not ORIGINALS.is_dir(), reason="the pages as published are not on this machine"
)

IC = "gacc_ic"
# file: (commodity, period_start, period_end, measure, figure as printed) x 10
BY_HAND = {
    "gacc_2025-06_exports_usd.html": [
        (IC, "2025-06", "2025-06", "quantity", "318.4"),
        (IC, "2025-06", "2025-06", "value_usd", "17218.6"),
        (IC, "2025-01", "2025-06", "quantity", "1677.7"),
        (IC, "2025-01", "2025-06", "value_usd", "90473.3"),
        (IC, "2024-01", "2024-06", "value_usd", "76108.9"),
        (IC, "2025-01", "2025-06", "yoy_usd", "18.9"),
        ("Ships", "2025-06", "2025-06", "quantity", "689.0"),
        ("Furniture and parts thereof", "2025-01", "2025-06", "yoy_usd", "-6.8"),
        ("Aquatic products", "2025-01", "2025-06", "value_usd", "9804.3"),
        ("Hi-tech products", "2024-01", "2024-06", "value_usd", "410426.6"),
    ],
    "gacc_2026-02_exports_usd.html": [
        (IC, "2026-02", "2026-02", "quantity", "220.2"),
        (IC, "2026-02", "2026-02", "value_usd", "20409.7"),
        (IC, "2026-01", "2026-02", "value_usd", "43324.4"),
        (IC, "2025-01", "2025-02", "quantity", "461.4"),
        (IC, "2025-01", "2025-02", "value_usd", "25097.1"),
        (IC, "2026-01", "2026-02", "yoy_qty", "13.7"),
        (IC, "2026-01", "2026-02", "yoy_usd", "72.6"),
        ("Ships", "2026-01", "2026-02", "value_usd", "10597.3"),
        ("Footwear", "2025-01", "2025-02", "quantity", "15.0"),
        ("Furniture and parts thereof", "2026-02", "2026-02", "value_usd", "5251.1"),
    ],
    "gacc_2026-03_exports_usd.html": [
        (IC, "2026-03", "2026-03", "quantity", "325.3"),
        (IC, "2026-03", "2026-03", "value_usd", "29146.9"),
        (IC, "2026-01", "2026-03", "quantity", "849.9"),
        (IC, "2026-01", "2026-03", "value_usd", "72470.7"),
        (IC, "2025-01", "2025-03", "value_usd", "40832.8"),
        (IC, "2026-01", "2026-03", "yoy_usd", "77.5"),
        ("Aquatic products", "2026-01", "2026-03", "yoy_usd", "-3.9"),
        ("Ships", "2025-01", "2025-03", "quantity", "1525.0"),
        ("Footwear", "2026-03", "2026-03", "quantity", "4.1"),
        ("Hi-tech products", "2026-01", "2026-03", "value_usd", "269374.9"),
    ],
    "gacc_2026-04_exports_usd.html": [
        (IC, "2026-04", "2026-04", "quantity", "320.4"),
        (IC, "2026-04", "2026-04", "value_usd", "31085.0"),
        (IC, "2026-01", "2026-04", "quantity", "1170.3"),
        (IC, "2026-01", "2026-04", "value_usd", "103535.3"),
        (IC, "2025-01", "2025-04", "quantity", "1058.0"),
        (IC, "2026-01", "2026-04", "yoy_qty", "10.6"),
        ("Ships", "2026-01", "2026-04", "yoy_qty", "-4.6"),
        ("Footwear", "2026-01", "2026-04", "yoy_usd", "-10.3"),
        ("Aquatic products", "2026-04", "2026-04", "value_usd", "1655.9"),
        ("Furniture and parts thereof", "2025-01", "2025-04", "value_usd", "21704.1"),
    ],
    "gacc_2026-06_exports_cny.html": [
        (IC, "2026-06", "2026-06", "quantity", "316.8"),
        (IC, "2026-06", "2026-06", "value_cny", "2613.0"),
        (IC, "2026-01", "2026-06", "quantity", "1794.4"),
        (IC, "2026-01", "2026-06", "value_cny", "12263.5"),
        (IC, "2025-01", "2025-06", "value_cny", "6497.5"),
        (IC, "2026-01", "2026-06", "yoy_cny", "88.7"),
        ("Aquatic products", "2025-01", "2025-06", "quantity", "213.8"),
        ("Ships", "2026-06", "2026-06", "value_cny", "435.7"),
        ("Furniture and parts thereof", "2026-01", "2026-06", "yoy_cny", "-0.9"),
        ("Hi-tech products", "2026-06", "2026-06", "value_cny", "8127.6"),
    ],
    "gacc_2026-06_exports_usd.html": [
        (IC, "2026-06", "2026-06", "quantity", "316.8"),
        (IC, "2026-06", "2026-06", "value_usd", "38205.0"),
        (IC, "2026-01", "2026-06", "quantity", "1794.4"),
        (IC, "2026-01", "2026-06", "value_usd", "177281.6"),
        (IC, "2025-01", "2025-06", "value_usd", "90402.8"),
        (IC, "2026-01", "2026-06", "yoy_usd", "96.1"),
        ("Aquatic products", "2026-01", "2026-06", "yoy_usd", "-0.2"),
        ("Ships", "2026-01", "2026-06", "yoy_qty", "0.7"),
        ("Footwear", "2026-06", "2026-06", "value_usd", "4075.5"),
        ("Hi-tech products", "2025-01", "2025-06", "value_usd", "436232.2"),
    ],
}
ANOTHER_TABLE = ("gacc_2026-06_regimes_exports.html", "gacc_index_2025.html", "gacc_index_2026.html")


@pytest.mark.parametrize("name", BY_HAND)
def test_ten_cells_of_each_page_stand_as_printed(name):
    figures = read_page(ORIGINALS / name).figures.set_index(
        ["commodity", "period_start", "period_end", "measure"]
    )
    assert len(BY_HAND[name]) == 10
    wrong = [
        (cell, figures.loc[cell[:4], "text"])
        for cell in BY_HAND[name]
        if figures.loc[cell[:4], "text"] != cell[4]
    ]
    assert not wrong


@pytest.mark.parametrize("name", BY_HAND)
def test_every_page_tells_its_month(name):
    page = read_page(ORIGINALS / name)
    assert (page.period, page.currency.lower()) == (name[5:12], name[21:24])
    assert page.flow == "export"
    assert page.figures["commodity"].nunique() == 31


@pytest.mark.parametrize("name", ANOTHER_TABLE)
def test_other_pages_of_the_publisher_are_refused(name):
    with pytest.raises(WrongTable, match=name):
        read_page(ORIGINALS / name)


def test_headings_left_over_from_the_month_before_are_said():
    page = read_page(ORIGINALS / "gacc_2025-06_exports_usd.html")
    assert any("2025-05" in remark and "read as 2025-06" in remark for remark in page.remarks)


def test_every_page_in_the_folder_is_either_checked_by_hand_or_refused():
    assert {path.name for path in ORIGINALS.glob("*.html")} == {*BY_HAND, *ANOTHER_TABLE}
