"""The report as a Word document, made by pandoc; the same bytes every time."""

from __future__ import annotations

import io
import os
import re
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path

from chipexports.base.errors import ChipExportsError
from chipexports.report.document import Picture, Report
from chipexports.report.render import EPOCH, context, environment, mathml

WIDTH = "16.5cm"
_LATIN, _HAN = "Calibri", "Microsoft YaHei"
_FIXED = (2000, 1, 1, 0, 0, 0)
# pandoc's own styles name theme fonts; a Chinese reader's Word would pick one at random
_THEME_FONTS = re.compile(r"<w:rFonts [^>]*/>")
_RULES = (
    '<w:tblBorders><w:top w:val="single" w:sz="8" w:color="1A1A1A"/>'
    '<w:bottom w:val="single" w:sz="4" w:color="1A1A1A"/>'
    '<w:insideH w:val="single" w:sz="4" w:color="D0D0D0"/></w:tblBorders>'
)


@contextmanager
def _fixed_clock():  # type: ignore[no-untyped-def]
    """Let pandoc write a fixed date into the document."""
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = EPOCH
    try:
        yield
    finally:
        if before is None:
            del os.environ["SOURCE_DATE_EPOCH"]
        else:
            os.environ["SOURCE_DATE_EPOCH"] = before


def _styles(xml: str, language: str) -> str:
    """Return ``styles.xml`` with a font for both scripts, the language, and ruled tables of small type."""
    fonts = f'<w:rFonts w:ascii="{_LATIN}" w:hAnsi="{_LATIN}" w:eastAsia="{_HAN}" w:cs="{_LATIN}"/>'
    xml = _THEME_FONTS.sub(lambda m: m.group(0) if "Consolas" in m.group(0) else fonts, xml)
    spoken = '<w:lang w:val="en-GB" w:eastAsia="zh-CN" w:bidi="ar-SA"/>'
    xml = re.sub(r"<w:lang [^>]*/>", spoken, xml)
    xml = xml.replace('<w:tblInd w:w="0" w:type="dxa"/>', f'<w:tblInd w:w="0" w:type="dxa"/>{_RULES}', 1)
    compact = re.search(r'<w:style [^>]*w:styleId="Compact".*?</w:style>', xml, flags=re.DOTALL)
    if compact:
        small = compact.group(0).replace("</w:style>", '<w:rPr><w:sz w:val="18"/></w:rPr></w:style>')
        xml = xml.replace(compact.group(0), small)
    return xml


def _finish(docx: bytes, language: str) -> bytes:
    """Return the document with the project's styles, A4 pages, and fixed times inside."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "word/styles.xml":
                content = _styles(content.decode(), language).encode()
            if name == "word/document.xml":
                content = _pages(content.decode()).encode()
            entry = zipfile.ZipInfo(name, _FIXED)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return out.getvalue()


def _pages(xml: str) -> str:
    """Return ``document.xml`` with A4 pages and table heads that repeat on each page."""
    page = (
        '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1134" w:bottom="1134" '
        'w:left="1134" w:header="567" w:footer="567" w:gutter="0"/>'
    )
    xml = re.sub(r"<w:pgSz [^>]*/>|<w:pgMar [^>]*/>", "", xml)
    if "</w:sectPr>" in xml:
        return xml.replace("</w:sectPr>", f"{page}</w:sectPr>")
    return xml.replace("<w:sectPr />", f"<w:sectPr>{page}</w:sectPr>")


def render_docx(report: Report) -> bytes:
    """Return the Word document.

    Raises
    ------
    ChipExportsError
        pandoc is not installed, or could not convert the document.
    """
    try:
        import pypandoc
    except ImportError as error:
        raise ChipExportsError(
            "report.docx: the package pypandoc-binary is not installed; run `make setup`, or leave the "
            "format out with `--format html`"
        ) from error
    with tempfile.TemporaryDirectory() as name, _fixed_clock():
        folder = Path(name)

        def png(picture: Picture) -> str:
            path = folder / f"{picture.name}.png"
            path.write_bytes(picture.png())
            return path.name

        template = environment().get_template("docx.html.j2")
        given = {"png": png, "width": WIDTH, "mathml": mathml, "page": False}
        page = template.render(context(report) | given)
        target = folder / "report.docx"
        options = ["--resource-path", str(folder), "-M", f"title={report.title}"]
        try:
            pypandoc.convert_text(page, "docx", format="html", outputfile=str(target), extra_args=options)
        except (RuntimeError, OSError) as error:
            reason = " ".join(str(error).split())
            raise ChipExportsError(f"report.docx: pandoc could not make it ({reason})") from error
        return _finish(target.read_bytes(), report.language)
