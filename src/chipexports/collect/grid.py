"""From HTML to tables of cells: merged cells, indentation.

Only this module touches HTML. ``lxml`` parses it; scripts and styles are not text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from lxml import etree, html

from chipexports.collect.errors import PageError, Truncated

MAX_COLUMNS = 40
MAX_ROWS = 3000
_INDENT = {"\u00a0": 1, "\u3000": 4, "\u2003": 4, "\u2002": 2}
_BLANK = " \t\r\n\f\v\u200b\ufeff" + "".join(_INDENT)
_BETWEEN_CJK = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")


@dataclass(frozen=True)
class Cell:
    """One cell: its text (NFKC, single blanks), its indentation in character widths, its width."""

    text: str
    indent: int = 0
    span: int = 1


@dataclass
class Table:
    """A table as a grid: ``rows[i][j]`` is a `Cell` or None where the row has no such cell."""

    rows: list[list[Cell | None]] = field(default_factory=list)

    @property
    def width(self) -> int:
        """Number of columns of the widest row."""
        return max((len(row) for row in self.rows), default=0)


@dataclass
class Document:
    """A parsed page: file name, titles, dates as printed, paragraphs, addresses it links to, tables."""

    file: str
    titles: list[str]
    dates: list[str]
    texts: list[str]
    links: list[str]
    tables: list[Table]


def clean(text: str) -> str:
    """Return ``text`` in NFKC with every run of blanks as one space, none between Chinese characters.

    >>> clean(" 1-6\\u00a0Total, 2025 ")
    '1-6 Total, 2025'
    """
    text = " ".join(unicodedata.normalize("NFKC", text).replace("\u200b", "").split())
    return _BETWEEN_CJK.sub("", text)


def text_cell(raw: str, span: int = 1, *, space: int = 0) -> Cell:
    """Return the cell of a raw text; blanks before it indent it, plain ones by ``space`` each."""
    lead = raw[: len(raw) - len(raw.lstrip(_BLANK))]
    return Cell(clean(raw), sum({" ": space, **_INDENT}.get(character, 0) for character in lead), span)


def read_html(text: str, file: str) -> Document:
    """Parse the text of an HTML page, or refuse what is none, has no table or breaks off before its end."""
    _check_text(text, file)
    try:
        root = html.document_fromstring(text, parser=html.HTMLParser(huge_tree=False, no_network=True))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise PageError(file, "this is not an HTML page; save the page from the site as HTML") from error
    etree.strip_elements(root, etree.Comment, "script", "style", "noscript", with_tail=False)
    for line_break in root.iter("br"):
        line_break.tail = "\n" + (line_break.tail or "")
    leaf = [table for table in root.iter("table") if table.find(".//table") is None]
    return Document(
        file=file,
        titles=_titles(root),
        dates=_dates(root),
        texts=[clean(node.text_content()) for node in root.iter("p", "h1", "h2", "h3", "caption")],
        links=[str(node.get("href") or "") for node in root.iter("a")],
        tables=[_grid(table, file) for table in leaf],
    )


def _check_text(text: str, file: str) -> None:
    lower = text.lower()
    if "<t" not in lower:
        raise PageError(file, "there is no table in this file; save the page from the site as HTML")
    for tag in ("table", "html"):
        opened = lower.count(f"<{tag}>") + lower.count(f"<{tag} ")
        if opened > lower.count(f"</{tag}"):
            raise Truncated(file, f"the page breaks off: <{tag}> is never closed; save it again")


def _titles(root: html.HtmlElement) -> list[str]:
    nodes = [*root.xpath("//*[contains(@class,'ttl') or contains(@class,'title')]")]
    nodes = [*nodes, *root.iter("title", "h1", "h2", "h3")]
    return [text for node in nodes if (text := clean(node.text_content())) and len(text) < 300]


def _dates(root: html.HtmlElement) -> list[str]:
    dates = [
        str(node.get("content") or "")
        for node in root.iter("meta")
        if (node.get("name") or "").lower() in ("pubdate", "publishdate", "publishtime", "publish-date")
    ]
    dates += [
        clean(node.text_content())
        for node in root.xpath("//*[contains(@class,'date') or contains(@class,'time')]")
    ]
    dates += [clean(text.getparent().text_content()) for text in root.xpath("//text()[contains(., '发布')]")]
    return [text for text in dates if 0 < len(text) < 120]


def _whole(value: str | None, most: int) -> int:
    return min(max(int(value), 1), most) if value and value.strip().isdecimal() and len(value) < 7 else 1


def _grid(table: html.HtmlElement, file: str) -> Table:
    """Spread merged cells: one of colspan 2 fills two columns, one of rowspan 2 two rows."""
    grid = Table()
    open_cells: dict[int, tuple[int, Cell]] = {}
    rows = list(table.iter("tr"))
    if len(rows) > MAX_ROWS:
        raise PageError(file, f"a table has {len(rows):,} rows, more than the {MAX_ROWS:,} a page can have")
    for number, row in enumerate(rows):
        line: list[Cell | None] = []
        for node in row.iterchildren("td", "th"):
            _fill_open(line, open_cells, number)
            width = _whole(node.get("colspan"), MAX_COLUMNS)
            cell = text_cell(node.text_content(), width)
            height = _whole(node.get("rowspan"), MAX_ROWS)
            for column in range(len(line), len(line) + width):
                if height > 1:
                    open_cells[column] = (number + height - 1, cell)
                line.append(cell)
            if len(line) > MAX_COLUMNS:
                raise PageError(file, f"a table has more than {MAX_COLUMNS} columns", f"row {number + 1}")
        _fill_open(line, open_cells, number)
        grid.rows.append(line)
    return grid


def _fill_open(line: list[Cell | None], open_cells: dict[int, tuple[int, Cell]], number: int) -> None:
    while (held := open_cells.get(len(line))) and held[0] >= number:
        line.append(held[1])
