"""One Markdown text made into a page, a PDF and a Word document; the same bytes every time."""

from __future__ import annotations

import base64
import html
import io
import json
import re
import tempfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chipexports.base.environment import environment
from chipexports.base.errors import ChipExportsError
from chipexports.charts import style
from chipexports.charts.files import SVG_FONTS
from chipexports.report.zip import converted
from chipexports.results.saved_figure import SavedFigure

TEMPLATES = Path(__file__).parent / "templates"
LANG = {"en": "en-GB", "zh": "zh-Hans"}
EPOCH = "946684800"  # 2000-01-01: the one time stamp inside files, so that a rerun gives the same bytes
# nothing in a text of the record can become markup: what is not needed is off
READ = (
    "markdown-raw_html-raw_tex-raw_attribute-tex_math_dollars-citations-example_lists-emoji"
    "-native_divs-native_spans-footnotes-inline_notes-latex_macros-subscript-superscript-strikeout-smart"
)
WIDTH = "10.4cm"
# type in Word, in half points, by style
_SIZES = {
    "Title": 40,
    "Subtitle": 22,
    "Heading1": 30,
    "Heading2": 24,
    "Caption": 18,
    "Compact": 16,
    "VerbatimChar": 17,
}
_BODY = 21
# a table of at most so many rows stays on one page
_WHOLE = 16
_FIXED = (2000, 1, 1, 0, 0, 0)
_IMAGE = re.compile(r'<img\b[^>]*?\bsrc="(?P<name>[\w-]+)\.svg"[^>]*?/?>')
_TYPST_IMAGE = re.compile(r'image\("(?P<name>[\w-]+)\.svg"')
_TAGS = re.compile(r"<style>.*?</style>|<[^>]+>", flags=re.DOTALL)
_LATIN, _HAN = "Calibri", "Microsoft YaHei"
# pandoc's own styles name theme fonts; a Chinese reader's Word would pick one at random
_THEME_FONTS = re.compile(r"<w:rFonts [^>]*/>")
_RULES = (
    '<w:tblBorders><w:top w:val="single" w:sz="8" w:color="1A1A1A"/>'
    '<w:bottom w:val="single" w:sz="4" w:color="1A1A1A"/>'
    '<w:insideH w:val="single" w:sz="4" w:color="D0D0D0"/></w:tblBorders>'
)


@dataclass(frozen=True)
class Document:
    """A report before any file format: Markdown, its language, the words around it, pictures by name."""

    text: str
    language: str
    words: dict[str, str]
    pictures: dict[str, SavedFigure] = field(default_factory=dict)


def _svg(figure: SavedFigure) -> bytes:
    """Return a figure's SVG with the report's font; one of which there is only a PNG, wrapped."""
    if "svg" in figure.files:
        content = figure.files["svg"].read_bytes()
        return content.replace(SVG_FONTS.encode(), f"'{style.FONT_FAMILY}'".encode())
    png = figure.files["png"].read_bytes()
    width, height = (int.from_bytes(png[i : i + 4], "big") for i in (16, 20))
    data = base64.b64encode(png).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{width}"'
        f' height="{height}" viewBox="0 0 {width} {height}"><image width="{width}" height="{height}"'
        f' xlink:href="data:image/png;base64,{data}"/></svg>'
    ).encode()


def _png(figure: SavedFigure) -> bytes:
    if "png" in figure.files:
        return figure.files["png"].read_bytes()
    return converted(figure.files["svg"], "png")


def _pandoc(document: Document, to: str, folder: Path, *, ending: str, options: tuple[str, ...] = ()) -> Path:
    """Convert the text by pandoc; words and text go in by files, in UTF-8 whatever the locale."""
    try:
        import pypandoc
    except ImportError as error:
        raise ChipExportsError(
            "report: the package pypandoc-binary is not installed; run `make setup`"
        ) from error
    (folder / "report.md").write_text(document.text, encoding="utf-8")
    words = document.words | {"lang": LANG[document.language]}
    (folder / "words.json").write_text(json.dumps(words), encoding="utf-8")
    target = folder / f"out.{ending}"
    settings = [
        "--metadata-file",
        str(folder / "words.json"),
        "--resource-path",
        str(folder),
        "--columns",
        "20",
    ]
    with environment({"SOURCE_DATE_EPOCH": EPOCH}):  # the date pandoc writes into the document
        try:
            pypandoc.convert_file(
                str(folder / "report.md"),
                to,
                format=READ,
                outputfile=str(target),
                extra_args=[*settings, *options],
            )
        except (RuntimeError, OSError) as error:
            reason = " ".join(str(error).split())
            raise ChipExportsError(f"report.{ending}: pandoc could not make it ({reason})") from error
    return target


def render_html(document: Document) -> bytes:
    """Return the page: no script, figures and fonts inside, nothing loaded from elsewhere."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        options: tuple[str, ...] = (
            "--template",
            str(TEMPLATES / "page.html"),
            "--toc",
            "--toc-depth=2",
            "--section-divs",
        )
        # the title is the page's only heading of the first level
        options += ("--shift-heading-level-by=1", "--variable", f"lang={LANG[document.language]}")
        markup = _pandoc(document, "html5", folder, ending="html", options=options)
        page = markup.read_text(encoding="utf-8")
    page = _IMAGE.sub(lambda m: _inline(document.pictures[m["name"]], m["name"], m.group(0)), page)
    # the caption says what the table is; a wide one can be scrolled by keyboard too
    page = re.sub(r"<table\b", '<div class="scroll" tabindex="0"><table', page).replace(
        "</table>", "</table></div>"
    )
    page = page.replace("<p><figure", "<figure").replace("</figure></p>", "</figure>")
    page = page.replace("<figure", '<figure tabindex="0"')  # on a phone it scrolls, by keys as well
    css = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    used = "".join(sorted(set(visible_text(page))))
    page = page.replace("/*css*/", css).replace("/*fonts*/", font_faces(used))
    return page.encode("utf-8")


def _inline(figure: SavedFigure, name: str, tag: str) -> str:
    """Return a figure for the page: ids made unique, described for those who cannot see it."""
    content = _svg(figure).decode()
    content = content[content.index("<svg") :]
    content = re.sub(r"<metadata>.*?</metadata>\s*", "", content, flags=re.DOTALL)
    head, rest = content.split(">", 1)
    box = re.search(r'viewBox="[^"]+"', head)
    rest = re.sub(r'\bid="', f'id="{name}-', rest)
    rest = re.sub(r'(xlink:href|href)="#', f'href="#{name}-', rest).replace("url(#", f"url(#{name}-")
    label = html.escape(" ".join(figure.alt.split()), quote=True)
    return (
        f'<svg {box.group(0) if box else ""} role="img" aria-label="{label}"'
        f' font-family="{style.FONT_FAMILY}">{rest.strip()}'
    )


def visible_text(page: str, *, figures: bool = True) -> str:
    """Return what a reader of the page sees, without markup."""
    if not figures:
        page = re.sub(r"<svg.*?</svg>", " ", page, flags=re.DOTALL)
    return html.unescape(_TAGS.sub(" ", page))


def fonts(ending: str) -> list[Path]:
    """Return the files of the report's font; a missing one is an error, as Chinese would be empty boxes."""
    paths = [style.FONT_DIR / f"NotoSansSC-{face}-subset.ttf" for face in ("Regular", "SemiBold")]
    for path in paths:
        if not path.is_file():
            raise ChipExportsError(
                f"report.{ending}: the font {path.name} is missing from src/chipexports/charts/fonts; get it "
                "back with `git checkout -- src/chipexports/charts/fonts`"
            )
    return paths


def font_faces(characters: str) -> str:
    """Return the ``@font-face`` rules of both weights, each cut to the characters in use."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    rules = []
    for path, weight in zip(fonts("html"), (400, 600), strict=True):
        font = TTFont(path, recalcTimestamp=False)
        maker = subset.Subsetter(subset.Options(layout_features=[], hinting=False, notdef_outline=True))
        maker.populate(text=characters)
        maker.subset(font)
        font.flavor = "woff"
        buffer = io.BytesIO()
        font.save(buffer)
        data = base64.b64encode(buffer.getvalue()).decode()
        rules.append(
            f'@font-face {{ font-family: "{style.FONT_FAMILY}"; font-weight: {weight}; font-style: normal; '
            f"src: url(data:font/woff;base64,{data}) format('woff'); }}"
        )
    return "\n".join(rules)


def render_pdf(document: Document) -> bytes:
    """Return the PDF, tagged as PDF/UA-1."""
    return laid_out(document, format="pdf", timestamp=0, pdf_standards=["ua-1"])


def laid_out(document: Document, **output: Any) -> Any:
    """Return the document's pages: the text by pandoc in typst's markup, laid out by typst as asked."""
    try:
        import typst
    except ImportError as error:
        raise ChipExportsError(
            "report.pdf: the package typst is not installed; run `make setup`, or leave the format out "
            "with `--format html`"
        ) from error
    fonts("pdf")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for picture, figure in document.pictures.items():
            (folder / f"{picture}.svg").write_bytes(_svg(figure))
        options = ["--template", str(TEMPLATES / "page.typ")]
        leading = "0.85em" if document.language == "zh" else "0.66em"
        for key, value in (
            ("lang", document.language), ("region", "cn" if document.language == "zh" else "gb"),
            ("leading", leading),
        ):  # fmt: skip
            options += ["--variable", f"{key}={value}"]
        markup = _pandoc(document, "typst", folder, ending="typ", options=tuple(options))
        text = _TYPST_IMAGE.sub(
            lambda m: _described(m, document.pictures), markup.read_text(encoding="utf-8")
        )
        # the first picture stays below the title, whatever room the page has
        markup.write_text(
            text.replace("#figure(image(", "#figure(placement: bottom, image(", 1), encoding="utf-8"
        )
        try:
            return typst.compile(
                str(markup),
                root=str(folder),
                font_paths=[str(style.FONT_DIR)],
                ignore_system_fonts=True,
                **output,
            )
        except typst.TypstError as error:
            raise ChipExportsError(
                f"report.pdf: typst could not lay it out ({' '.join(str(error).split())})"
            ) from error


def _described(image: re.Match[str], pictures: dict[str, SavedFigure]) -> str:
    """Return a call of typst's ``image`` with the figure's alternative text, which pandoc leaves out."""
    described = " ".join(pictures[image["name"]].alt.split()) or image["name"].replace("_", " ")
    alt = described.replace("\\", "/").replace('"', "'")
    return f'{image.group(0)}, alt: "{alt}"'


def render_docx(document: Document) -> bytes:
    """Return the Word document."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for picture, figure in document.pictures.items():
            (folder / f"{picture}.png").write_bytes(_png(figure))
        text = re.sub(r"\]\(([\w-]+)\.svg\)\{", rf"](\1.png){{width={WIDTH} ", document.text)
        with_pngs = Document(text, document.language, document.words, document.pictures)
        word_file = _pandoc(with_pngs, "docx", folder, ending="docx")
        return _finish(word_file.read_bytes(), document.language)


def _finish(docx: bytes, language: str) -> bytes:
    """Return the document with the project's styles, A4 pages, and fixed times inside."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "word/styles.xml":
                content = _styles(content.decode()).encode()
            if name == "word/document.xml":
                content = _pages(content.decode()).encode()
            entry = zipfile.ZipInfo(name, _FIXED)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return out.getvalue()


def _styles(xml: str) -> str:
    """Return ``styles.xml`` with a font for both scripts, the language, and ruled tables of small type."""
    fonts = f'<w:rFonts w:ascii="{_LATIN}" w:hAnsi="{_LATIN}" w:eastAsia="{_HAN}" w:cs="{_LATIN}"/>'
    xml = _THEME_FONTS.sub(lambda m: m.group(0) if "Consolas" in m.group(0) else fonts, xml)
    spoken = '<w:lang w:val="en-GB" w:eastAsia="zh-CN" w:bidi="ar-SA"/>'
    xml = re.sub(r"<w:lang [^>]*/>", spoken, xml)
    defaults = re.search(r"<w:docDefaults>.*?</w:docDefaults>", xml, flags=re.DOTALL)
    if defaults:
        plain = re.sub(r'(<w:(?:sz|szCs) w:val=")\d+', rf"\g<1>{_BODY}", defaults.group(0))
        xml = xml.replace(defaults.group(0), plain)
    xml = xml.replace('<w:tblInd w:w="0" w:type="dxa"/>', f'<w:tblInd w:w="0" w:type="dxa"/>{_RULES}', 1)
    for name, size in _SIZES.items():
        xml = _sized(xml, name, size)
    # narrow cell margins and small type keep words and numbers of a table whole
    return re.sub(r'(<w:(?:left|right) w:w=")108(" w:type="dxa" ?/>)', r"\g<1>57\2", xml)


def _sized(xml: str, name: str, size: int) -> str:
    """Return ``styles.xml`` with one style's type in a size, in half points; captions upright."""
    style = re.search(rf'<w:style [^>]*w:styleId="{name}".*?</w:style>', xml, flags=re.DOTALL)
    if not style:
        return xml
    old, sizes = style.group(0), f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'
    new = re.sub(r"<w:(?:sz|szCs) [^>]*/>|<w:(?:i|iCs) ?/>", "", old)
    if "<w:rPr>" in new:
        new = new.replace("</w:rPr>", f"{sizes}</w:rPr>")
    else:
        new = new.replace("</w:style>", f"<w:rPr>{sizes}</w:rPr></w:style>")
    return xml.replace(old, new)


def _pages(xml: str) -> str:
    """Return ``document.xml`` with A4 pages, rows that do not break, captions kept with their tables."""
    page = (
        '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1134" w:bottom="1134" '
        'w:left="1134" w:header="567" w:footer="567" w:gutter="0"/>'
    )
    xml = re.sub(r"<w:pgSz [^>]*/>|<w:pgMar [^>]*/>", "", xml)
    xml = re.sub(r"<w:tr>(?!<w:trPr>)", "<w:tr><w:trPr><w:cantSplit/></w:trPr>", xml)
    xml = re.sub(r"<w:tbl>.*?</w:tbl>", lambda m: _whole(m.group(0)), xml, flags=re.DOTALL)
    if "</w:sectPr>" in xml:
        return xml.replace("</w:sectPr>", f"{page}</w:sectPr>")
    return xml.replace("<w:sectPr />", f"<w:sectPr>{page}</w:sectPr>")


def _whole(table: str) -> str:
    """Return a table whose rows stay together where there are few, its caption with them."""
    rows = re.split(r"(?=<w:tr>)", table)
    if len(rows) - 1 > _WHOLE:
        return table
    together = [
        row.replace('<w:pStyle w:val="Compact" />', '<w:pStyle w:val="Compact" /><w:keepNext/>')
        for row in rows
    ]
    return "".join([*together[:-1], rows[-1]])


RENDERERS = {"html": render_html, "pdf": render_pdf, "docx": render_docx}
