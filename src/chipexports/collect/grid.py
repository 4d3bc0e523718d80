"""From the bytes of a saved page to tables of cells: decoding, merged cells, indentation.

Only this module touches HTML. ``lxml`` parses it; scripts and styles are not text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree, html

from chipexports.collect.errors import PageError, Truncated

MAX_BYTES = 5_000_000
MAX_COLUMNS = 40
MAX_ROWS = 3000
_INDENT = {"\u00a0": 1, "\u3000": 4, "\u2003": 4, "\u2002": 2}
_BLANK = " \t\r\n\f\v\u200b\ufeff" + "".join(_INDENT)
_BETWEEN_CJK = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", re.I)


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


def read_document(data: bytes, file: str) -> Document:
    """Parse the bytes of a saved page.

    Raises
    ------
    PageError
        Empty, binary, too large or unreadable file; `Truncated` where it breaks off before its end.
    """
    _check_bytes(data, file)
    text = _decode(data)
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


def _check_bytes(data: bytes, file: str) -> None:
    if not data.strip():
        raise PageError(file, "the file is empty; save the page again")
    if len(data) > MAX_BYTES:
        raise PageError(file, f"the file is larger than the {MAX_BYTES:,} bytes a page can have")
    if b"\x00" in data or data[:4] in (b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        raise PageError(file, "this is a binary file, not an HTML page; save the page from the site as HTML")
    lower = data.lower()
    if b"<" not in lower or b"<t" not in lower:
        raise PageError(file, "there is no table in this file; save the page from the site as HTML")
    for tag in (b"table", b"html"):
        opened = lower.count(b"<" + tag + b">") + lower.count(b"<" + tag + b" ")
        if opened > lower.count(b"</" + tag):
            raise Truncated(file, f"the page breaks off: <{tag.decode()}> is never closed; save it again")


def _decode(data: bytes) -> str:
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    found = _CHARSET.search(data[:4096])
    named = found.group(1).decode("ascii").lower() if found else "utf-8"
    if named in ("gb2312", "gbk"):
        named = "gb18030"
    for encoding in (named, "utf-8", "gb18030"):
        try:
            return _without_controls(data.decode(encoding))
        except (UnicodeDecodeError, LookupError):
            continue
    return _without_controls(data.decode("utf-8", errors="replace"))


def _without_controls(text: str) -> str:
    """Drop control characters that XML forbids (the site's footer carries U+0003) and any XML prologue."""
    text = "".join(c for c in text if c >= " " or c in "\t\n\r")
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text)


def _titles(root: html.HtmlElement) -> list[str]:
    nodes = [*root.xpath("//*[contains(@class,'ttl') or contains(@class,'title')]")]
    nodes = [*nodes, *root.iter("title", "h1", "h2", "h3")]
    return [text for node in nodes if (text := clean(node.text_content())) and len(text) < 300]


def _dates(root: html.HtmlElement) -> list[str]:
    found = [
        str(node.get("content") or "")
        for node in root.iter("meta")
        if (node.get("name") or "").lower() in ("pubdate", "publishdate", "publishtime", "publish-date")
    ]
    found += [
        clean(node.text_content())
        for node in root.xpath("//*[contains(@class,'date') or contains(@class,'time')]")
    ]
    found += [clean(text.getparent().text_content()) for text in root.xpath("//text()[contains(., '发布')]")]
    return [text for text in found if 0 < len(text) < 120]


def _cells(row: html.HtmlElement) -> Iterator[html.HtmlElement]:
    return (child for child in row if child.tag in ("td", "th"))


def _whole(value: str | None, most: int) -> int:
    return min(max(int(value), 1), most) if value and value.strip().isdecimal() and len(value) < 7 else 1


def _grid(table: html.HtmlElement, file: str) -> Table:
    """Lay merged cells out: a cell of colspan 2 stands in two columns, of rowspan 2 in two rows."""
    grid = Table()
    open_cells: dict[int, tuple[int, Cell]] = {}
    rows = list(table.iter("tr"))
    if len(rows) > MAX_ROWS:
        raise PageError(file, f"a table has {len(rows):,} rows, more than the {MAX_ROWS:,} a page can have")
    for number, row in enumerate(rows):
        line: list[Cell | None] = []
        for node in _cells(row):
            _fill_open(line, open_cells, number)
            width = _whole(node.get("colspan"), MAX_COLUMNS)
            cell = Cell(*_text_and_indent(node), width)
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


def _text_and_indent(node: html.HtmlElement) -> tuple[str, int]:
    raw = node.text_content()
    lead = raw[: len(raw) - len(raw.lstrip(_BLANK))]
    return clean(raw), sum(_INDENT.get(c, 0) for c in lead)
