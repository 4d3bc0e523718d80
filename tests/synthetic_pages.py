"""Made-up customs pages, one for each way the publisher lays its tables out.

No figure here was ever published. `python tests/synthetic_pages.py` writes them to tests/fixtures/pages.
"""

from __future__ import annotations

import io
from html import escape
from pathlib import Path

import xlsxwriter
from lxml import html

FOLDER = Path(__file__).parent / "fixtures" / "pages"
NBSP = "&nbsp;"
PAIR = ("Quantity", "Value")
PAIR_ZH = ("数量", "金额")
# label, indentation, unit, then month, year to date, last year's year to date as (quantity, value)
GOODS = [
    ("Agricultural products*", 0, "—", (None, 800.0), (None, 4100.0), (None, 4000.0)),
    ("Aquatic products", 4, "10,000 Tons", (30.0, 120.5), (170.0, 650.5), (160.0, 640.0)),
    (
        "Diodes and similar semiconductor devices",
        4,
        "100 Million PCS",
        (50.0, 200.0),
        (290.0, 1100.0),
        (300.0, 1200.0),
    ),
    ("Integrated circuits", 8, "100 Million PCS", (300.4, 1200.5), (1700.6, 6500.7), (1400.2, 5600.1)),
    ("Ships", 4, "Ship", (600.0, 400.0), (3500.0, 2300.0), (3000.0, 2500.0)),
]
GOODS_ZH = [
    ("农产品*", 0, "-", *GOODS[0][3:]),
    ("水产品", 4, "万吨", *GOODS[1][3:]),
    ("二极管及类似半导体器件", 4, "亿个", *GOODS[2][3:]),
    ("集成电路", 8, "亿个", *GOODS[3][3:]),
    ("船舶", 4, "艘", *GOODS[4][3:]),
]


def figure(value: float | None, decimals: int = 1, scale: float = 1.0) -> str:
    """Print a figure as the publisher does: thousands separators, a blank behind, "-" for nothing."""
    return "-" if value is None else f"{value * scale:,.{decimals}f}{NBSP}"


def growth(now: float | None, before: float | None) -> str:
    """Print the growth from ``before`` to ``now`` in percent."""
    return "-" if now is None or before is None else f"{(now / before - 1) * 100:.1f}"


def table_rows(
    goods=GOODS, spans=("month", "ytd", "last", "growth"), decimals=1, scale=1.0, month_growth="12.3"
):
    """Return the body of a table as lists of cells; values are multiplied by ``scale``."""
    rows = []
    for label, indent, unit, month, ytd, last in goods:
        parts = {
            "month": (figure(month[0], decimals), figure(month[1], decimals, scale)),
            "ytd": (figure(ytd[0], decimals), figure(ytd[1], decimals, scale)),
            "last": (figure(last[0], decimals), figure(last[1], decimals, scale)),
            "growth": (growth(ytd[0], last[0]), growth(ytd[1], last[1])),
            "month_growth": ("-" if month[0] is None else month_growth, month_growth),
        }
        cells = [cell for span in spans for cell in parts[span]]
        rows.append([NBSP * indent + escape(label), unit, *cells])
    return rows


def page(
    title,
    unit,
    date,
    headings,
    rows,
    *,
    pair=PAIR,
    names=("Commodity", "Quantity Unit"),
    note=None,
    spacer=False,
    before_table="",
    page_title=None,
    script="<script>var x = '</b>';</script>",
    title_in_table=True,
    link=None,
):
    """Return a page: ``headings`` are the months above each pair of columns, ``rows`` lists of cells."""
    width = 2 + 2 * len(headings)
    gap = "<td><br /></td>" if spacer else ""

    def line(cells, extra=""):
        return (
            f"\t<tr>\n\t\t{gap}"
            + "\n\t\t".join(f"<td{extra}>\n\t\t\t<span><b>{c}</b></span></td>" for c in cells)
            + "\n\t</tr>\n"
        )

    top = "".join(f'<td colspan="2" align="center"><span><b>{h}</b></span></td>\n' for h in headings)
    head = "".join(f'<td rowspan="2"><span><b>{n}</b></span></td>\n' for n in names)
    body = "".join(line(row) for row in rows)
    caption = (
        f'\t<tr>{gap}<td colspan="{width}"><span><b>{title}</b></span></td></tr>\n' if title_in_table else ""
    )
    sheet = (
        f'<div class="atcl-rct"><a href="http://example.invalid/Excel/{link}">sheet</a></div>' if link else ""
    )
    note = note or "Note: made-up figures, none was ever published."
    return f"""<!DOCTYPE html>
<html>
<head><meta charset="UTF-8"><title>{page_title or title}</title>{script}</head>
<body><div class="g-top"><a href="/">Home</a></div>
<div class="atcl"><div class="atcl-ttl">{page_title or title}</div>
<div class="atcl-date">{date}</div>
<div class="atcl-cnt" style="overflow-x:auto">{before_table}<table border="0" class="ke-zeroborder"><tbody>
{caption}\t<tr>{gap}<td colspan="{width}" align="right"><span><b>{unit}</b></span></td></tr>
\t<tr>{gap}{head}{top}</tr>
\t<tr>{gap}{"".join(f"<td><span><b>{p}</b></span></td>" for _ in headings for p in pair)}</tr>
{body}\t<tr>{gap}<td colspan="{width}"><span><b>{note}</b></span></td></tr>
</tbody></table></div>{sheet}</div>
<div class="g-ftr"><p>News\x03</p></div></body>
</html>
"""


MONTHS_5 = ("6", "1-6 Total", "1-6 Total, 2029", "1-6 Total, Year-On-Year(%)&nbsp;")


def table5(
    month="Jun 2020", currency="USD", unit="Unit: USD1 Million", date="2020/07/15", headings=None, **kw
):
    """Return a page like table (5): month, year to date, last year's, growth."""
    title = f"(5) China's Major Exports by Quantity and Value, {month} (in {currency})"
    headings = headings or ("6", "1-6 Total", "1-6 Total,2019", "1-6 Total, Year-On-Year(%)&nbsp;")
    rows = kw.pop("rows", None)
    rows = table_rows() if rows is None else rows
    return page(kw.pop("title", title), unit, date, headings, rows, **kw)


def table13(title, headings, spans, goods=GOODS, date="2020/08/18", **kw):
    """Return a page like tables (13) and (14): US$1,000, no last year's columns, bare percentage change."""
    goods = [
        (
            name.replace("Integrated", "Electronic integrated"),
            indent,
            {"Ship": "N", "10,000 Tons": "10000T", "100 Million PCS": "100MN", "—": "-"}[u],
            *rest,
        )
        for name, indent, u, *rest in goods
    ]
    rows = table_rows(goods, spans, decimals=0, scale=1000)
    unit = kw.pop("unit", "Unit:US$1,000")
    return page(title, unit, date, headings, rows, names=("Commodity", "Quantity<br />\nUnit"), **kw)


def broken_reference():
    """Return a page like table (13) with a spreadsheet error in place of a figure."""
    goods = [*GOODS, ("New trio *", 0, "—", (None, 1.0), (None, 2.0), (None, 1.0))]
    text = table13(
        "（13）Major Export Commodities in Quantity and Value,1-7.2020",
        ("7", "1to7", "Percentage Change"),
        ("month", "ytd", "month_growth"),
        goods,
    )
    head, tail = text.rsplit(figure(1.0, 0, 1000), 1)
    return head + "*REF!" + tail


def pages() -> dict[str, str]:
    """Return every made-up page by file name."""
    joint = ("1-2 Total", "1-2 Total, 2019", "1-2 Total, Year-On-Year(%)")
    zh = ("6月", "1至6月累计", "去年1至6月累计", "累计比去年同期±%")
    one = [(n, i, u, m, m, m) for n, i, u, m, _, _ in GOODS]
    return {
        "en05_usd_month.html": table5(),
        "en05_cny_year_in_two_tags.html": table5(
            currency="CNY",
            unit="Unit: CNY 100 Million",
            headings=(
                "6",
                "1-6 Total",
                '<span class="font1">1-6 Total, 201</span> <span>9</span>',
                "1-6 Total, Year-On-Year(%)",
            ),
        ),
        "en05_cny_joint_jan_feb.html": table5(
            "January-February 2020",
            "CNY",
            "Unit: CNY 100 Million",
            "2020/03/11",
            joint,
            rows=table_rows(spans=("ytd", "last", "growth")),
        ),
        "en05_usd_february.html": table5(
            "Feb 2020",
            date="2020/03/06",
            headings=("2", "1-2 Total", "1-2 Total,2019", "1-2 Total, Year-On-Year(%)"),
        ),
        "en05_cny10000_december.html": table5(
            "Dec 2019",
            "CNY",
            "Unit: CNY 10,000",
            "2020/01/14",
            ("12", "1-12 Total", "1-12 Total,2018", "1-12 Total, Year-On-Year(%)"),
            rows=table_rows(scale=10000),
            names=("Commodity", "QTY Unit"),
        ),
        "en05_cny_month_names.html": table5(
            "May 2019",
            "CNY",
            "Value Unit: CNY 100 Million",
            "06/10/2019",
            (
                "May",
                "Jan-May in Total",
                "Jan-May 2018 in Total",
                "Jan-May Total Year-on-Year <span>±</span><span>%</span>",
            ),
        ),
        "en05_usd_without_units.html": table5(rows=[[r[0], *r[2:], ""] for r in table_rows()]),
        "en06_cny_heading_of_an_earlier_year.html": page(
            "(6) China's Major Imports by Quantity and Value, Jun 2020 (in CNY)",
            "Unit: CNY 100 Million",
            "2020/07/10",
            ("6", "1-6 Total", "1-6 Total, 2018", "1-6 Total Year-On-Year(%)"),
            table_rows(),
            names=("Commodity", "QTY Unit"),
        ),
        "en06_usd_imports.html": page(
            "(6) China's Major Imports by Quantity and Value, Jun 2020 (in USD)",
            "Unit: USD1 Million",
            "2020/07/15",
            ("6", "1-6 Total", "1-6 Total, 2019", "1-6 Total Year-On-Year(%)"),
            table_rows(),
        ),
        "en13_usd1000.html": table13(
            "（13）Major Export Commodities in Quantity and Value,1-7.2020",
            ("7", "1to7", "Percentage Change"),
            ("month", "ytd", "month_growth"),
        ),
        "en13_usd1000_broken_reference.html": broken_reference(),
        "en13_usd1000_january_with_spacer.html": table13(
            "（13）Major Export Commodities in Quantity and Value,1-1.2020",
            ("1", "1to1", "Percentage Change"),
            ("month", "ytd", "month_growth"),
            one,
            "2020/03/18",
            spacer=True,
        ),
        "en14_usd1000_january.html": table13(
            "（14）Major Import Commodities in Quantity and Value,1.2020",
            ("1", "Percentage Change"),
            ("month", "month_growth"),
            one,
            "2020/02/18",
            before_table="-EndFragment--&gt;\n",
        ),
        "zh05_cny.html": page(
            "（5）2020年6月全国出口重点商品量值表（人民币值）",
            "单位：亿元人民币",
            "发布时间：2020-07-14",
            zh,
            table_rows(GOODS_ZH),
            pair=PAIR_ZH,
            names=("商品名称", "计量单位"),
            note="注：数字均为虚构。",
        ),
        "zh05_cny_title_outside_table.html": page(
            "（5）2020年7月全国出口重点商品量值表（人民币值）",
            "单位∶亿元人民币",
            "文章来源：统计司 发布时间：2020-08-07",
            ("7月", "1至7月累计", "去年同期累计", "累计同比±%"),
            table_rows(GOODS_ZH, decimals=4),
            pair=PAIR_ZH,
            names=("商 品 名 称", "计量单位"),
            note="注：数字均为虚构。",
            title_in_table=False,
        ),
        "zh06_usd_joint.html": page(
            "（6）2020年1至2月全国进口重点商品量值表（美元值）",
            "单位：百万美元",
            "2020年3月7日",
            ("1至2月累计", "去年1至2月累计", "累计比去年同期±%"),
            table_rows(GOODS_ZH, ("ytd", "last", "growth")),
            pair=PAIR_ZH,
            names=("商品名称", "计量单位"),
            note="注：数字均为虚构。",
        ),
        "zh13_cny10000.html": page(
            "（13）2020年6月出口主要商品量值表（人民币值）",
            "单位：万元",
            "2020-07-18",
            ("6月", "1至6月累计", "比去年同期±%"),
            table_rows(GOODS_ZH, ("month", "ytd", "month_growth"), 0, 10000),
            pair=PAIR_ZH,
            names=("商品名称", "计量单位"),
            note="注：数字均为虚构。",
        ),
        "zh14_usd1000.html": page(
            "（14）2020年6月进口主要商品量值表（美元值）",
            "单位：千美元",
            "2020-07-18",
            ("6月", "1至6月累计", "比去年同期±%"),
            table_rows(GOODS_ZH, ("month", "ytd", "month_growth"), 0, 1000),
            pair=PAIR_ZH,
            names=("商品名称", "计量单位"),
            note="注：数字均为虚构。",
        ),
        "en05_usd_headings_of_the_month_before.html": table5(
            headings=("5", "1-5 Total", "1-5 Total,2019", "1-5 Total, Year-On-Year(%)")
        ),
    }


def workbook(cells, merges=(), path=None, sheet="Report", change=None) -> bytes:
    """Return an .xlsx: ``cells`` are rows of texts and numbers, ``merges`` (top, left, bottom, right).

    ``change`` is called with workbook and sheet before they are written.
    """
    out = io.BytesIO()
    with xlsxwriter.Workbook(path or out, {"in_memory": True}) as book:
        page = book.add_worksheet(sheet)
        for top, left, bottom, right in merges:
            page.merge_range(top, left, bottom, right, "")
        for row, line in enumerate(cells):
            for column, cell in enumerate(line):
                if cell not in (None, ""):
                    page.write(row, column, cell)
        if change:
            change(book, page)
    return b"" if path else out.getvalue()


def sheet_of(text):
    """Return cells and merged ranges of the table of a page, numbers as numbers, as its workbook has them."""
    rows, merges, taken = [], [], {}
    table = html.document_fromstring(text).xpath("//table")[-1]
    for top, line in enumerate(table.iter("tr")):
        row = []
        for node in line:
            while (top, len(row)) in taken:
                row.append("")
            left, width, height = len(row), int(node.get("colspan", 1)), int(node.get("rowspan", 1))
            said = node.text_content().replace("\xa0", " ").rstrip().lstrip("\n\t")
            row += [number_or_text(said), *[""] * (width - 1)]
            if width > 1 or height > 1:
                merges.append((top, left, top + height - 1, left + width - 1))
            taken.update({(top + i, left + j): 1 for i in range(1, height) for j in range(width)})
        rows.append(row)
    return rows, merges


def number_or_text(text):
    """Return the number a cell of a page prints, else its text."""
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return text


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
