"""Made-up pages in every layout of the publisher are read cell for cell."""

from __future__ import annotations

import pytest
from synthetic_pages import FOLDER, GOODS, pages, table5, table13, table_rows

from chipexports.collect.dating import months_after
from chipexports.collect.errors import ImpossiblePeriod, UnknownUnit
from chipexports.collect.grid import clean
from chipexports.collect.header import read_unit
from chipexports.collect.lines import is_integrated_circuits, parents
from chipexports.collect.pages import parse_page, read_page
from chipexports.collect.periods import Months, growth_months, heading_months, printed_date, title_months
from chipexports.collect.printed import pieces_factor, printed_number, value_unit
from chipexports.record.quantities import quantity_unit

IC = "gacc_ic"
# file: flow, currency, month, day printed, growth is of the month
LAYOUTS = {
    "en05_usd_month.html": ("export", "USD", "2020-06", "2020-07-15"),
    "en05_cny_year_in_two_tags.html": ("export", "CNY", "2020-06", "2020-07-15"),
    "en05_cny_joint_jan_feb.html": ("export", "CNY", "2020-02", "2020-03-11"),
    "en05_usd_february.html": ("export", "USD", "2020-02", "2020-03-06"),
    "en05_cny10000_december.html": ("export", "CNY", "2019-12", "2020-01-14"),
    "en05_cny_month_names.html": ("export", "CNY", "2019-05", "2019-06-10"),
    "en05_usd_headings_of_the_month_before.html": ("export", "USD", "2020-06", "2020-07-15"),
    "en05_usd_without_units.html": ("export", "USD", "2020-06", "2020-07-15"),
    "en06_cny_heading_of_an_earlier_year.html": ("import", "CNY", "2020-06", "2020-07-10"),
    "en06_usd_imports.html": ("import", "USD", "2020-06", "2020-07-15"),
    "en13_usd1000.html": ("export", "USD", "2020-07", "2020-08-18"),
    "en13_usd1000_broken_reference.html": ("export", "USD", "2020-07", "2020-08-18"),
    "en13_usd1000_january_with_spacer.html": ("export", "USD", "2020-01", "2020-03-18"),
    "en14_usd1000_january.html": ("import", "USD", "2020-01", "2020-02-18"),
    "zh05_cny.html": ("export", "CNY", "2020-06", "2020-07-14"),
    "zh05_cny_title_outside_table.html": ("export", "CNY", "2020-07", "2020-08-07"),
    "zh06_usd_joint.html": ("import", "USD", "2020-02", "2020-03-07"),
    "zh13_cny10000.html": ("export", "CNY", "2020-06", "2020-07-18"),
    "zh14_usd1000.html": ("import", "USD", "2020-06", "2020-07-18"),
}


def figure(page, commodity, start, end, measure):
    rows = page.figures
    found = rows[
        (rows["commodity"] == commodity)
        & (rows["period_start"] == start)
        & (rows["period_end"] == end)
        & (rows["measure"] == measure)
    ]
    assert len(found) == 1, (commodity, start, end, measure, len(found))
    return found.iloc[0]


def test_the_files_are_what_their_builder_makes():
    assert {p.name: p.read_text(encoding="utf-8") for p in FOLDER.glob("*.html")} == pages()
    assert set(pages()) == set(LAYOUTS)


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_tells_flow_currency_month_and_day(name):
    page = read_page(FOLDER / name)
    assert (page.flow, page.currency, page.period, str(page.printed)) == LAYOUTS[name]


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_gives_the_same_figures_in_the_units_of_the_record(name):
    page = read_page(FOLDER / name)
    year, month = page.period.split("-")
    value = f"value_{page.currency.lower()}"
    joint, january = "joint" in name, month == "01"
    whole = name.startswith(("en13", "en14", "zh13", "zh14"))
    if not january:
        row = figure(page, IC, f"{year}-01", page.period, value)
        assert row["value"] == pytest.approx(6500.7, abs=1e-9)
        assert row["unit"] == ("100 million CNY" if page.currency == "CNY" else "million USD")
        assert figure(page, IC, f"{year}-01", page.period, "quantity")["value"] == (1701 if whole else 1700.6)
    if not joint:
        row = figure(page, IC, page.period, page.period, value)
        assert (row["value"], row["edition"]) == (pytest.approx(1200.5, abs=1e-9), "first_print")
        assert figure(page, IC, page.period, page.period, "quantity")["unit"] == "100 million pieces"
    if not whole:
        last = figure(page, IC, f"{int(year) - 1}-01", f"{int(year) - 1}-{month}", value)
        assert (last["value"], last["edition"]) == (pytest.approx(5600.1, abs=1e-9), "revised_later")
        assert figure(page, IC, f"{year}-01", page.period, value.replace("value", "yoy"))["text"] == "16.1"
    assert len(page.figures["commodity"].unique()) == (6 if "broken" in name else 5)


def test_bare_percentage_change_of_the_full_tables_is_growth_of_the_month():
    """July 2026, integrated circuits: table (13) prints +116.8, the year to date grew by 99.5 percent."""
    for name in ("en13_usd1000.html", "zh13_cny10000.html", "zh14_usd1000.html"):
        page = read_page(FOLDER / name)
        growth = page.figures[page.figures["measure"].str.startswith("yoy")]
        assert set(growth["period_start"]) == {page.period}
        assert set(growth["text"]) == {"12.3"}


def test_bare_growth_beside_last_years_figures_is_growth_of_the_year_to_date():
    page = parse_page(
        table5(headings=("6", "1-6 Total", "1-6 Total,2019", "Year-On-Year(%)")).encode(), "bare.html"
    )
    assert figure(page, IC, "2020-01", "2020-06", "yoy_usd")["text"] == "16.1"


def test_growth_of_month_and_of_year_to_date_side_by_side():
    rows = table_rows(spans=("month", "ytd", "month_growth", "growth"))
    headings = ("6月", "1至6月累计", "比去年同期±%", "累计比去年同期±%")
    page = parse_page(table5(rows=rows, headings=headings).encode(), "both.html")
    assert figure(page, IC, "2020-06", "2020-06", "yoy_usd")["text"] == "12.3"
    assert figure(page, IC, "2020-01", "2020-06", "yoy_usd")["text"] == "16.1"


def test_sub_items_keep_the_line_they_are_indented_under():
    page = read_page(FOLDER / "en05_usd_month.html")
    parent = page.figures.drop_duplicates("commodity").set_index("commodity")["parent"].to_dict()
    assert parent["Agricultural products"] == ""
    assert parent["Aquatic products"] == "Agricultural products"
    assert parent[IC] == "Diodes and similar semiconductor devices"
    assert parents([4, 0, 4, 8, 8, 12, 4, 0]) == [None, None, 1, 2, 2, 4, 1, None]


def test_diodes_printed_circuits_and_parts_are_not_integrated_circuits():
    for name in (
        "Diodes and similar semiconductor devices",
        "Printed circuits",
        "Parts of integrated circuits",
    ):
        assert not is_integrated_circuits(name)
    for name in ("Integrated circuits", "Electronic integrated circuits", "集成电路", "Integrated Circuit"):
        assert is_integrated_circuits(name)


def test_dashes_blanks_and_spreadsheet_errors_are_no_figures():
    page = read_page(FOLDER / "en05_usd_month.html")
    assert not (
        page.figures["commodity"].eq("Agricultural products") & page.figures["measure"].eq("quantity")
    ).any()
    broken = read_page(FOLDER / "en13_usd1000_broken_reference.html")
    assert any("New trio" in remark and "spreadsheet error" in remark for remark in broken.remarks)


def test_printed_decimals_are_kept_through_the_change_of_unit():
    page = read_page(FOLDER / "en13_usd1000.html")
    assert figure(page, IC, "2020-07", "2020-07", "value_usd")["text"] == "1200.500"
    page = read_page(FOLDER / "en05_cny10000_december.html")
    assert figure(page, IC, "2019-12", "2019-12", "value_cny")["text"] == "1200.50000"


def test_a_line_without_figures_for_the_month_is_read_all_the_same():
    goods = [*GOODS, ("Lamps", 0, "-", (None, None), (None, None), (None, None))]
    assert len(parse_page(table5(rows=table_rows(goods)).encode(), "x.html").figures) == 36


def test_lines_of_one_name_are_told_apart_by_the_line_above():
    goods = [
        *GOODS,
        ("Toys", 0, "-", (None, 9.0), (None, 50.0), (None, 40.0)),
        ("Parts thereof", 4, "-", (None, 1.0), (None, 5.0), (None, 4.0)),
        ("Cars", 0, "-", (None, 9.0), (None, 50.0), (None, 40.0)),
        ("Parts thereof", 4, "-", (None, 2.0), (None, 6.0), (None, 5.0)),
    ]
    page = parse_page(table5(rows=table_rows(goods)).encode(), "x.html")
    assert {"Toys: Parts thereof", "Cars: Parts thereof"} <= set(page.figures["commodity"])


def test_pages_in_other_encodings_are_read():
    text = pages()["zh05_cny.html"]
    page = parse_page(text.replace("UTF-8", "gb2312").encode("gb18030"), "gb.html")
    assert figure(page, IC, "2020-06", "2020-06", "value_cny")["value"] == 1200.5
    assert parse_page(b"\xef\xbb\xbf" + text.encode(), "bom.html").period == "2020-06"


def test_a_page_without_a_day_printed_is_read():
    assert parse_page(table5(date="").encode(), "x.html").printed is None


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("(5) China's Major Exports by Quantity and Value, Jun 2025 (in USD)", Months(2025, 6, 6)),
        (
            "(5) China's Major Exports by Quantity and Value, January-February 2025 (in CNY)",
            Months(2025, 1, 2),
        ),
        ("(13)Major Export Commodities in Quantity and Value,1-7.2026", Months(2026, 1, 7)),
        ("(14)Major Import Commodities in Quantity and Value,1.2026", Months(2026, 1, 1)),
        ("(6) China's Major Imports by Quantity and Value, Sept., 2024", Months(2024, 9, 9)),
        ("(5)2026年1至2月全国出口重点商品量值表(人民币值)", Months(2026, 1, 2)),
        ("(13)2026年12月出口主要商品量值表", Months(2026, 12, 12)),
        ("China's Major Exports by Quantity and Value", None),
    ],
)
def test_months_of_titles(text, months):
    assert title_months(text) == months


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("6", Months(2026, 6, 6)),
        ("Jun", Months(2026, 6, 6)),
        ("1-6 Total, 202 5", Months(2025, 1, 6)),
        ("1-6 Total,2025", Months(2025, 1, 6)),
        ("Jan-Jun 2025 in Total", Months(2025, 1, 6)),
        ("1to6", Months(2026, 1, 6)),
        ("1至6月累计", Months(2026, 1, 6)),
        ("1-6月累计", Months(2026, 1, 6)),
        ("去年同期累计", Months(2025, 1, 6)),
        ("累计", Months(2026, 1, 6)),
        ("当月", Months(2026, 6, 6)),
    ],
)
def test_months_of_headings(text, months):
    assert heading_months(text, 2026, 6) == months


def test_months_of_headings_of_growth():
    assert growth_months("1-6 Total, Year-On-Year(%)", 2026, 6) == Months(2026, 1, 6)
    assert growth_months("Jan-Jun Total Year-on-Year ±%", 2026, 6) == Months(2026, 1, 6)
    assert growth_months("6月比去年同期±%", 2026, 6) == Months(2026, 6, 6)
    assert growth_months("比去年同期±%", 2026, 6) is None


def test_days_as_the_two_sites_print_them():
    assert [str(printed_date([t])) for t in ("2026/07/15", "06/10/2019", "发布时间:2026-07-14 10:00")] == [
        "2026-07-15",
        "2019-06-10",
        "2026-07-14",
    ]
    assert printed_date(["no day", "2026/13/45"]) is None
    assert months_after(2025, 12, printed_date(["2026-01-14"])) == 1


@pytest.mark.parametrize(
    ("text", "currency", "factor"),
    [
        ("Unit: USD1 Million", "USD", "1"),
        ("Unit: CNY 100 Million", "CNY", "1"),
        ("Value Unit: CNY 100 Million", "CNY", "1"),
        ("Unit: CNY 10,000", "CNY", "0.0001"),
        ("Unit: RMB 10 000 Yuan", "CNY", "0.0001"),
        ("Unit:US$1,000", "USD", "0.001"),
        ("Unit: USD Thousand", "USD", "0.001"),
        ("单位∶亿元人民币", "CNY", "1"),
        ("单位:万元", "CNY", "0.0001"),
        ("单位:百万美元", "USD", "1"),
        ("单位:千美元", "USD", "0.001"),
    ],
)
def test_value_units(text, currency, factor):
    unit = value_unit(clean(text))
    assert (unit.currency, str(unit.factor)) == (currency, factor)


@pytest.mark.parametrize(
    "text", ["Unit: EUR 1 Million", "Unit: USD 7", "单位:亿美元", "Unit: tons", "Unit:", "Unit: CNY"]
)
def test_unknown_value_units(text):
    assert value_unit(text) is None


def test_quantity_units():
    spelt = {
        "10,000 Tons": "10,000 tons",
        "T": "tons",
        "100MN": "100 million pieces",
        "亿个": "100 million pieces",
        "10000N": "10,000 pieces",
        "Ship": "ships",
        "万台": "10,000 pieces",
        "千克": "kilograms",
        "艘": "ships",
        "10,000 Autos": "10,000 vehicles",
        "万双": "10,000 pairs",
    }
    assert {text: quantity_unit(text).name for text in spelt} == spelt
    for text in ("furlongs", "MN", "25 pieces", "100", "million", ""):
        assert quantity_unit(text) is None
    assert quantity_unit("100m").name == "100 metres"
    assert pieces_factor("10,000 Tons") is None


@pytest.mark.parametrize(
    "text", ["1,23.4", "12.3.4", "1e5", "0x10", "١٢", "12,34", "nan", "inf", "1" * 40, "--5"]
)
def test_text_that_is_no_number(text):
    assert printed_number(text) is None


def test_the_unit_line_is_looked_up_above_the_table():
    assert read_unit.__doc__
    page = parse_page(table5(unit="单位：百万美元").encode(), "x.html")
    assert page.unit == "单位:百万美元"


RMB_LINE = {"unit": "Unit:RMB￥10,000", "link": "2020-07_M133USD_（13）出口主要商品量值表（美元值）.xls"}
FULL = (
    "（13）Major Export Commodities in Quantity and Value,1-7.2020",
    ("7", "1to7", "Percentage Change"),
    ("month", "ytd", "month_growth"),
)


def knows(measure, value):
    return {("export", "2020-01", "2020-07", measure): [value]}


def test_a_unit_line_the_linked_file_denies_is_settled_by_the_record():
    """The publisher's table (13) of June 2025 in US$1,000 is headed RMB 10,000."""
    text = table13(*FULL, **RMB_LINE).encode()
    page = parse_page(text, "x.html", knows("value_usd", 6500.7))
    assert figure(page, IC, "2020-01", "2020-07", "value_usd")["value"] == 6500.7
    assert "RMB" in page.remarks[0]
    page = parse_page(text, "x.html", knows("value_cny", 650.07))
    assert figure(page, IC, "2020-01", "2020-07", "value_cny")["value"] == pytest.approx(650.07)
    for witness in (None, knows("value_usd", 1.0)):
        with pytest.raises(UnknownUnit, match="links to is in USD"):
            parse_page(text, "x.html", witness)


def test_a_unit_line_the_linked_file_bears_out_needs_no_record():
    text = table13(*FULL, link="2020-07_M133USD_x.xls").encode()
    assert parse_page(text, "x.html", knows("value_cny", 650.07)).currency == "USD"


def test_a_table_whose_rows_leave_the_unit_out_is_read_in_the_right_columns():
    """The publisher's table of April 2025 in USD: every cell stands one to the left."""
    page = read_page(FOLDER / "en05_usd_without_units.html")
    assert figure(page, IC, "2020-06", "2020-06", "quantity")["text"] == "300.4"
    assert figure(page, IC, "2020-06", "2020-06", "value_usd")["text"] == "1200.5"
    assert any("no unit printed" in remark for remark in page.remarks)
    assert figure(page, "Ships", "2020-06", "2020-06", "quantity")["unit"] == "-"


def test_quantities_without_a_unit_that_no_chip_costs_are_refused():
    text = (
        (FOLDER / "en05_usd_without_units.html")
        .read_text(encoding="utf-8")
        .replace("300.4&nbsp;", "1.4&nbsp;")
    )
    with pytest.raises(UnknownUnit, match="no unit"):
        parse_page(text.encode(), "x.html")


def test_a_heading_of_an_earlier_year_is_borne_out_by_the_growth():
    """The publisher's imports of May 2026 are headed "1-5 Total, 2024" above the figures of 2025."""
    page = read_page(FOLDER / "en06_cny_heading_of_an_earlier_year.html")
    assert figure(page, IC, "2019-01", "2019-06", "value_cny")["edition"] == "revised_later"
    assert "read as 2019" in page.remarks[0]
    text = (FOLDER / "en06_cny_heading_of_an_earlier_year.html").read_text(encoding="utf-8")
    with pytest.raises(ImpossiblePeriod, match="nor does the growth"):
        parse_page(
            text.replace("<b>16.1</b>", "<b>36.1</b>").replace("<b>2.5</b>", "<b>9.5</b>").encode(), "x.html"
        )
