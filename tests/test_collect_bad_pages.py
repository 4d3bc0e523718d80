"""Pages that must not be taken in: the error names file, row and reason."""

from __future__ import annotations

import datetime as dt

import pytest
from synthetic_pages import GOODS, table5, table13, table_rows

from chipexports.base.errors import UsageError
from chipexports.collect.errors import (
    Contradiction,
    ImpossiblePeriod,
    PageError,
    Truncated,
    UnknownUnit,
    WrongTable,
)
from chipexports.collect.pages import parse_page, read_page


def refused(error, match, content, name="bad.html"):
    with pytest.raises(error, match=match) as info:
        parse_page(content if isinstance(content, bytes) else content.encode(), name)
    assert isinstance(info.value, UsageError)
    assert str(info.value).startswith(name)
    assert "\n" not in str(info.value)
    return str(info.value)


@pytest.mark.parametrize("content", [b"", b"   \n\t "])
def test_empty_file(content):
    refused(PageError, "empty", content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00<table>", "binary"),
        (b"%PDF-1.4 <table>", "PDF"),
        (b"PK\x03\x04<table>", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1<table>", "Office file, but no workbook"),
        ("<table></table>".encode("utf-16-le"), "binary"),
        (b'[{"month": "2026-06", "value": 38205.0}]', "no table"),
    ],
)
def test_file_of_another_kind(content, reason):
    refused(PageError, reason, content)


def test_text_that_is_no_page():
    refused(PageError, "no table", b"flow,commodity\nexport,gacc_ic\n")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(PageError, match="cannot be read"):
        read_page(tmp_path / "none.html")


def test_page_of_another_table():
    refused(
        WrongTable,
        "by Country",
        "<html><title>(4) China's Total Export Values by Country, Jun 2020</title>"
        "<table><tr><td>Country</td><td>Value</td></tr></table></html>",
    )


def test_table_of_commodities_by_customs_regime():
    page = table5(title="(17)Export of Selected Commodities by Major Customs Regimes,6.2020")
    refused(WrongTable, "Customs Regimes", page)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.8, 0.97])
def test_truncated_page(share):
    page = table5()
    refused((Truncated, WrongTable), "bad.html", page[: int(len(page) * share)])


def test_truncated_page_whose_tags_were_closed_again():
    page = table5()
    cut = page[: page.index("1,700.6") + 3] + "</td></tr></table></body></html>"
    message = refused(Truncated, "cells", cut)
    assert "row 8" in message
    assert "Integrated circuits" in message


def test_heading_without_figures():
    page = table5(rows=[])
    refused(Truncated, "no figures", page)


@pytest.mark.parametrize(
    "unit", ["Unit: EUR 1 Million", "Unit: USD 1 Billion", "单位：亿美元", "Unit: parsecs"]
)
def test_unknown_value_unit(unit):
    refused(UnknownUnit, "value unit", table5(unit=unit))


def test_no_value_unit_at_all():
    refused(UnknownUnit, "no line above", table5(unit="in good money"))


def test_unit_that_contradicts_the_title():
    refused(UnknownUnit, "title says USD", table5(unit="Unit: CNY 100 Million"))


def test_unknown_quantity_unit_of_integrated_circuits():
    goods = [(n, i, "kilo-wafers" if n == "Integrated circuits" else u, *rest) for n, i, u, *rest in GOODS]
    message = refused(UnknownUnit, "kilo-wafers", table5(rows=table_rows(goods)))
    assert "row 8" in message


@pytest.mark.parametrize("month", ["Foo 2020", "2020", "", "Jun"])
def test_title_without_a_month(month):
    refused(ImpossiblePeriod, "no month and year", table5(month))


@pytest.mark.parametrize("title", ["1-13.2020", "13.2020", "0.2020", "7-3.2020"])
def test_title_of_months_that_do_not_exist(title):
    page = table13(
        f"(13)Major Export Commodities in Quantity and Value,{title}",
        ("7", "1to7", "Percentage Change"),
        ("month", "ytd", "month_growth"),
    )
    refused(ImpossiblePeriod, "bad.html", page)


def test_month_that_is_not_over():
    year = dt.datetime.now(tz=dt.UTC).year + 1
    headings = ("6", "1-6 Total", f"1-6 Total,{year - 1}", "1-6 Total, Year-On-Year(%)")
    refused(ImpossiblePeriod, "not over", table5(f"Jun {year}", date="", headings=headings))


def test_page_dated_before_its_month_was_over():
    refused(ImpossiblePeriod, "cannot have been printed", table5(date="2020/06/15"))


def test_month_column_that_is_not_the_titles():
    headings = ("5", "1-6 Total", "1-6 Total,2019", "1-6 Total, Year-On-Year(%)")
    refused(ImpossiblePeriod, "different months", table5(headings=headings))


@pytest.mark.parametrize("date", ["", "2020/09/01", "2020/06/12"])
def test_headings_of_another_month_that_the_day_printed_does_not_settle(date):
    headings = ("5", "1-5 Total", "1-5 Total,2019", "1-5 Total, Year-On-Year(%)")
    refused(ImpossiblePeriod, "month|printed", table5(headings=headings, date=date))


def test_title_of_another_month_than_headings_and_day():
    refused(ImpossiblePeriod, "does not agree", table5("May 2020"))


def test_two_titles_of_different_months():
    april = "(5) China's Major Exports by Quantity and Value, Apr 2020 (in USD)"
    refused(ImpossiblePeriod, "does not agree", table5(page_title=april, date=""))
    page = parse_page(table5(page_title=april).encode(), "x.html")
    assert page.period == "2020-06"
    assert "2020-04" in page.remarks[0]


def test_year_that_does_not_fit_the_title():
    headings = ("6", "1-6 Total,2017", "1-6 Total,2019", "1-6 Total, Year-On-Year(%)")
    refused(ImpossiblePeriod, "bad.html", table5(headings=headings))


def test_heading_that_is_not_understood():
    refused(PageError, "column 3", table5().replace(">Quantity<", ">Weather<", 1))


def test_line_that_stands_twice_with_other_figures():
    goods = [*GOODS, ("Integrated circuits", 0, "100 Million PCS", (1.0, 2.0), (3.0, 4.0), (3.0, 4.0))]
    message = refused(Contradiction, "appears twice", table5(rows=table_rows(goods)))
    assert "row 10" in message
    assert "row 8" in message


def test_line_that_stands_twice_with_the_same_figures_counts_once():
    page = parse_page(table5(rows=table_rows([*GOODS, GOODS[3]])).encode(), "twice.html")
    assert len(page.figures) == 36


@pytest.mark.parametrize("cell", ["12.3.4", "abc", "1,20", "-5.0", "１２x", "=1+1"])
def test_cell_that_is_no_figure(cell):
    message = refused(PageError, "is not a figure", table5().replace("300.4&nbsp;", cell))
    assert "row 8" in message


def test_month_larger_than_the_year_to_date():
    message = refused(Contradiction, "exceeds", table5().replace("1,200.5&nbsp;", "7,200.5&nbsp;"))
    assert "Integrated circuits" in message


def test_growth_that_is_not_the_ratio_of_the_figures():
    refused(Contradiction, "is not \\+61.1 percent", table5().replace("<b>16.1</b>", "<b>61.1</b>"))


def test_another_line_that_contradicts_itself_is_read_and_said():
    page = parse_page(table5().replace("<b>1.6</b>", "<b>9.9</b>").encode(), "x.html")
    assert any("Aquatic" in remark and "+9.9" in remark for remark in page.remarks)
    flagged = page.figures[page.figures["commodity"] == "Aquatic products"]["remark"]
    assert flagged.str.contains("contradicts itself").all()


@pytest.mark.parametrize(
    "label", ["<script>alert(1)</script>", "</td></tr></table>", "=HYPERLINK(1)", "a\"b'c,d"]
)
def test_hostile_label_stays_text(label):
    goods = [(label, 0, "-", (None, 1.0), (None, 2.0), (None, 1.0)), *GOODS]
    page = parse_page(table5(rows=table_rows(goods)).encode(), "x.html")
    assert label in set(page.figures["label"])


def test_script_inside_a_cell_is_not_text():
    page = table5().replace("Integrated circuits", "<script>alert(1)</script>Integrated circuits")
    assert "gacc_ic" in set(parse_page(page.encode(), "x.html").figures["commodity"])


@pytest.mark.parametrize("span", ["999999999", "-3", "abc", "1e9", "9999999999999999999999", ""])
def test_absurd_merged_cells_do_no_harm(span):
    with pytest.raises(UsageError):
        parse_page(table5().replace('colspan="2"', f'colspan="{span}"').encode(), "x.html")


def test_too_large_a_file(tmp_path):
    path = tmp_path / "big.html"
    path.write_bytes(b"<table>" + b" " * 6_000_000)
    with pytest.raises(PageError, match="larger"):
        read_page(path)
