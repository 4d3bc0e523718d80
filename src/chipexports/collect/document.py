"""From the bytes of a saved file to tables of cells, recognised by what the file holds, not by its name.

A page as HTML in any of its encodings, a page saved as a single file (MHTML), or a workbook.
"""

from __future__ import annotations

import codecs
import email
import email.errors
import email.policy
import re
from email.message import Message

from chipexports.collect.errors import PageError, Truncated
from chipexports.collect.grid import Document, read_html
from chipexports.collect.header import heading_place
from chipexports.collect.workbook import OLE, ZIP, read_workbook

MAX_BYTES = 5_000_000
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", re.I)
_MAIL_HEADER = re.compile(rb"^[A-Za-z-]+:[^\n]*\n(?:[^\n]*\n){0,30}?mime-version:", re.I)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BROKEN_MAIL = (
    email.errors.StartBoundaryNotFoundDefect,
    email.errors.CloseBoundaryNotFoundDefect,
    email.errors.InvalidBase64LengthDefect,
    email.errors.InvalidBase64CharactersDefect,
    email.errors.InvalidBase64PaddingDefect,
)


def read_document(data: bytes, file: str) -> Document:
    """Read the tables of a page or workbook, or refuse a file that is unreadable or of another kind."""
    if not data.strip():
        raise PageError(file, "the file is empty; save the page again")
    if len(data) > MAX_BYTES:
        raise PageError(
            file,
            f"the file is larger than the {MAX_BYTES:,} bytes a page or workbook of the customs can have",
        )
    if data.startswith((OLE, ZIP)):
        return read_workbook(data, file)
    if _MAIL_HEADER.match(data.removeprefix(codecs.BOM_UTF8)):
        return _read_single_file(data, file)
    return _read_page(data, file)


def _read_page(data: bytes, file: str, charset: str | None = None) -> Document:
    if data.startswith(b"%PDF"):
        raise PageError(file, "this is a PDF; save the page as HTML or take the workbook it links to")
    if not data.startswith(_UTF16) and b"\x00" in data:
        raise PageError(
            file,
            "this is a binary file, neither an HTML page nor a workbook; save the page from the site as HTML",
        )
    text = _decode(data, charset)
    if "urn:schemas-microsoft-com:office:spreadsheet" in text[:4096]:
        raise PageError(file, "this is a workbook in XML of 2003; open it and save it as .xlsx")
    return read_html(text, file)


def _read_single_file(data: bytes, file: str) -> Document:
    """Read the one page of an MHTML that holds a table of commodities, or else its first page."""
    message = email.message_from_bytes(data.removeprefix(codecs.BOM_UTF8), policy=email.policy.compat32)
    documents, wrong = [], None
    for part in message.walk():
        if part.get_content_type() not in ("text/html", "application/xhtml+xml"):
            _check_complete(part, file)
            continue
        payload = part.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
        _check_complete(part, file)
        try:
            documents.append(_read_page(content, file, part.get_content_charset()))
        except PageError as error:
            wrong = wrong or error
    tables = [d for d in documents if any(heading_place(table) for table in d.tables)]
    if len(tables) > 1:
        raise PageError(
            file, f"the single file holds {len(tables)} pages with such a table; save each page by itself"
        )
    if not tables and wrong:
        raise wrong
    if not documents:
        raise PageError(file, "the single file (MHTML) holds no HTML page; save the page again as HTML")
    return (tables or documents)[0]


def _check_complete(part: Message, file: str) -> None:
    if any(isinstance(defect, _BROKEN_MAIL) for defect in part.defects):
        raise Truncated(file, "the single file (MHTML) breaks off or is damaged; save the page again")


def _decode(data: bytes, charset: str | None = None) -> str:
    if data.startswith(_UTF16):
        return _without_controls(data.decode("utf-16", errors="replace"))
    data = data.removeprefix(codecs.BOM_UTF8)
    declared = _CHARSET.search(data[:4096])
    named = charset or (declared[1].decode("ascii").lower() if declared else "utf-8")
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
