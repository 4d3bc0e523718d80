"""Files as people hold them: single-file pages, other encodings, workbooks; read by what they hold."""

from __future__ import annotations

import io
import quopri
import re
import zipfile
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import pytest
from synthetic_pages import GOODS, pages, sheet_of, table5, table_rows, workbook

from chipexports.base.errors import UsageError
from chipexports.collect.errors import Contradiction, ImpossiblePeriod, PageError, Truncated, WrongTable
from chipexports.collect.pages import parse_page, read_page

FIXTURES = Path(__file__).parent / "fixtures" / "pages"
# what these need to be read, the day printed and the title, stands outside their table
ON_THE_PAGE = {"en05_usd_headings_of_the_month_before.html", "zh05_cny_title_outside_table.html"}
LAYOUTS = [name for name in pages() if name not in ON_THE_PAGE]
KEYS = ["flow", "commodity", "period_start", "period_end", "measure", "unit", "edition"]


def figures(page):
    return page.figures.set_index(KEYS)["value"].sort_index()


def same_figures(page, text):
    wanted = parse_page(text.encode(), "page.html")
    assert (page.flow, page.currency, page.period) == (wanted.flow, wanted.currency, wanted.period)
    assert figures(page).index.equals(figures(wanted).index)
    assert figures(page).to_numpy() == pytest.approx(figures(wanted).to_numpy(), abs=1e-9)


def refused(error, match, content, name="bad.xlsx"):
    with pytest.raises(error, match=match) as info:
        parse_page(content, name)
    assert isinstance(info.value, UsageError)
    assert str(info.value).startswith(name)
    assert "\n" not in str(info.value)


def single_file(*parts, kind="related"):
    message = MIMEMultipart(kind)
    message["Subject"] = "page"
    for part in parts:
        message.attach(part)
    return message.as_bytes()


def june(change=None, **kw):
    return workbook(*sheet_of(table5(**kw)), change=change)


# pages


@pytest.mark.parametrize("name", pages())
def test_page_saved_as_a_single_file(name):
    text = pages()[name]
    data = single_file(MIMEText(text, "html", "utf-8"), MIMEImage(b"\x89PNG\x00", "png"))
    same_figures(parse_page(data, "page.mhtml"), text)


def test_single_file_in_quoted_printable_under_another_name():
    part = MIMEText("", "html", "utf-8")
    del part["Content-Transfer-Encoding"]
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload(quopri.encodestring(table5().encode()).decode("ascii"))
    same_figures(parse_page(single_file(part), "page.html"), table5())


def test_single_file_with_a_frame_takes_the_page_that_holds_the_table():
    frame = MIMEText("<html><body><table><tr><td>menu</td></tr></table></body></html>", "html", "utf-8")
    same_figures(parse_page(single_file(frame, MIMEText(table5(), "html", "utf-8")), "page.mht"), table5())


def test_single_file_with_two_such_tables_is_refused():
    parts = [
        MIMEText(table5(currency=c, unit=u), "html", "utf-8")
        for c, u in (("USD", "Unit: USD1 Million"), ("CNY", "Unit: CNY 100 Million"))
    ]
    refused(PageError, "2 pages with such a table", single_file(*parts), "bad.mhtml")


def test_single_file_without_a_page_or_cut_short_is_refused():
    refused(PageError, "no HTML page", single_file(MIMEText("hello", "plain")), "bad.mhtml")
    data = single_file(MIMEText(table5(), "html", "utf-8"))
    for share in (0.3, 0.6, 0.98):
        refused((Truncated, PageError), "bad.mhtml", data[: int(len(data) * share)], "bad.mhtml")


def test_single_file_of_another_page_is_refused_by_its_title():
    other = "<html><title>(4) Exports by Country, Jun 2020</title><table><tr><td>x</td></tr></table></html>"
    refused(WrongTable, "by Country", single_file(MIMEText(other, "html", "utf-8")), "bad.mhtml")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "gb18030", "gbk"])
@pytest.mark.parametrize("name", ["zh05_cny.html", "zh13_cny10000.html", "zh06_usd_joint.html"])
def test_encodings(name, encoding):
    text = pages()[name].replace("¥", "")
    same_figures(parse_page(text.encode(encoding, errors="ignore"), "page.html"), text)


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_utf16_of_either_byte_order_by_its_mark(order):
    text = table5()
    same_figures(parse_page(("\ufeff" + text).encode(order), "page.html"), text)


def test_page_named_as_a_workbook_and_workbook_named_as_a_page():
    same_figures(parse_page(table5().encode(), "page.xls"), table5())
    same_figures(parse_page(june(), "page.html"), table5())


# workbooks


@pytest.mark.parametrize("name", LAYOUTS)
def test_workbook_of_every_layout_gives_the_figures_of_its_page(name):
    same_figures(parse_page(workbook(*sheet_of(pages()[name])), "table.xlsx"), pages()[name])


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.xls")), ids=lambda path: path.stem)
def test_old_workbook_gives_the_figures_of_its_page(path):
    same_figures(read_page(path), path.with_suffix(".html").read_text(encoding="utf-8"))


def test_decimals_are_those_of_the_column():
    texts = parse_page(june(), "table.xlsx").figures.set_index(["commodity", "measure", "period_end"])["text"]
    assert texts["Ships", "value_usd", "2020-06"].tolist() == ["400.0", "2300.0"]
    assert texts["gacc_ic", "value_usd", "2020-06"].tolist() == ["1200.5", "6500.7"]


def test_heading_centred_without_merged_cells():
    cells, _ = sheet_of(table5())
    same_figures(parse_page(workbook(cells), "table.xlsx"), table5())


def test_figures_stored_as_text():
    cells, merges = sheet_of(table5())
    cells = [
        [f"{c:,.1f}" if isinstance(c, float) and n > 3 else c for c in row] for n, row in enumerate(cells)
    ]
    same_figures(parse_page(workbook(cells, merges), "table.xlsx"), table5())


def test_noise_of_the_last_binary_digit_is_no_figure():
    cells, merges = sheet_of(table5())
    cells = [[c + 1e-12 * c if isinstance(c, float) else c for c in row] for row in cells]
    page = parse_page(workbook(cells, merges), "table.xlsx")
    assert "6500.7" in set(page.figures["text"])


def test_macros_are_not_in_the_way():
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(june())) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")
    same_figures(parse_page(out.getvalue(), "table.xlsm"), table5())


def test_hidden_rows_columns_and_sheets():
    def hide(book, sheet):
        sheet.set_row(7, None, None, {"hidden": True})
        sheet.set_column(4, 5, None, None, {"hidden": True})
        other = book.add_worksheet("old")
        for row, line in enumerate(sheet_of(table5("May 2020"))[0]):
            other.write_row(row, 0, line)
        other.hide()

    same_figures(parse_page(june(hide), "table.xlsx"), table5())


def test_two_sheets_with_such_a_table_are_refused():
    def second(book, _):
        other = book.add_worksheet("rmb")
        for row, line in enumerate(sheet_of(table5(currency="CNY", unit="Unit: CNY 100 Million"))[0]):
            other.write_row(row, 0, line)

    refused(PageError, "'Report', 'rmb' each hold", june(second))


def test_formula_with_its_value_is_read_and_one_without_is_refused():
    cells, _ = sheet_of(table5())
    row = next(n for n, line in enumerate(cells) if str(line[0]).strip() == "Integrated circuits")
    value = cells[row][3]
    good = june(lambda _, sheet: sheet.write_formula(row, 3, "=1200+0.5", None, value))
    same_figures(parse_page(good, "table.xlsx"), table5())
    refused(PageError, f"cell D{row + 1}: a formula", june(lambda _, s: s.write_formula(row, 3, "=1200+0.5")))


def test_headings_of_another_year_are_refused():
    headings = ("6", "1-6 Total", "1-6 Total,2016", "1-6 Total, Year-On-Year(%)")
    page = parse_page(june(headings=headings), "x.xlsx")
    assert any("2016" in remark and "read as 2019" in remark for remark in page.remarks)
    ahead = ("6", "1-6 Total", "1-6 Total,2023", "1-6 Total, Year-On-Year(%)")
    refused(ImpossiblePeriod, "2023", june(headings=ahead))


def test_workbook_that_contradicts_itself_is_refused():
    cells, merges = sheet_of(table5())
    cells = [[7200.5 if c == 1200.5 else c for c in row] for row in cells]
    refused(Contradiction, "exceeds", workbook(cells, merges))


@pytest.mark.parametrize(
    ("spans", "headings", "reason"),
    [
        (("month", "ytd", "last", "growth"), None, "share, not in percent"),
        (("month", "ytd", "month_growth"), ("6", "1to6", "Percentage Change"), "share, not in percent"),
    ],
)
def test_growth_stored_as_a_share_is_refused(spans, headings, reason):
    more = [(f"Line {n}", 0, "-", *GOODS[4][3:]) for n in range(6)]
    cells, merges = sheet_of(table5(rows=table_rows([*GOODS, *more], spans), headings=headings))
    last = range(len(cells[-2]) - 2, len(cells[-2]))
    cells = [
        [c / 100 if isinstance(c, float) and n > 3 and j in last else c for j, c in enumerate(row)]
        for n, row in enumerate(cells)
    ]
    refused(PageError, reason, workbook(cells, merges))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_truncated_workbook(share):
    data = june()
    refused(Truncated, "damaged", data[: int(len(data) * share)])
    for path in FIXTURES.glob("*.xls"):
        data = path.read_bytes()
        refused(PageError, "bad.xls", data[: int(len(data) * min(share, 0.9))], "bad.xls")


def test_workbook_under_a_password():
    package = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1016) + "EncryptedPackage".encode("utf-16-le")
    refused(PageError, "protected by a password", package + bytes(2048))
    old = (FIXTURES / "en05_usd_month.xls").read_bytes()
    for begin in (m.end() for m in re.finditer(b"\x09\x08\x10\x00\x00\x06[\x05\x10]\x00.{12}", old, re.S)):
        old = old[:begin] + b"\x2f\x00" + old[begin + 2 : begin + 4] + b"\x01\x00" + old[begin + 6 :]
    refused(PageError, "protected by a password", old, "bad.xls")


def test_workbook_of_a_hundred_megabytes(tmp_path):
    path = tmp_path / "big.xlsx"
    with path.open("wb") as file:
        file.write(june()[:1000])
        file.truncate(100_000_000)
    with pytest.raises(PageError, match="larger than the 5,000,000 bytes"):
        read_page(path)


def test_archive_that_unpacks_to_too_much():
    out = io.BytesIO(june())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/x.bin", b"\0" * 60_000_000)
    refused(PageError, "unpacks to more", out.getvalue())


def test_cell_far_away_costs_no_memory():
    refused(PageError, "beyond", june(lambda _, sheet: sheet.write(1_000_000, 16_000, 1)))


def test_other_workbooks_and_archives_are_refused():
    refused(
        WrongTable, "by Country", workbook([["(4) Exports by Country"], ["Country", "Value"], ["Korea", 1.0]])
    )
    refused(WrongTable, "no table of commodities", workbook([["month", "value"], ["2020-06", 1.0]]))
    refused(WrongTable, "no table of commodities", workbook([]))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    refused(PageError, "no workbook", out.getvalue())
