"""The report as PDF, laid out by typst from the document's blocks; the same bytes every time."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from chipexports.base.errors import ChipExportsError
from chipexports.charts import style
from chipexports.report.document import (
    Block,
    Bullets,
    Code,
    Formula,
    Paragraph,
    Picture,
    Report,
    Table,
    spans,
)
from chipexports.report.render import TEMPLATES, numbered

FONTS = [style.FONT_FAMILY, "DejaVu Sans Mono"]


def _spans(text: str) -> list[dict[str, str]]:
    return [{"text": span.text, "kind": span.kind} for span in spans(text)]


def _block(block: Block, folder: Path, label: str) -> dict[str, Any]:
    kind = type(block).__name__
    if isinstance(block, Paragraph):
        return {"type": kind, "kind": block.kind, "spans": _spans(block.text)}
    if isinstance(block, Bullets):
        return {"type": kind, "items": [_spans(item) for item in block.items]}
    if isinstance(block, Code):
        return {"type": kind, "text": block.text}
    if isinstance(block, Formula):
        return {"type": kind, "typst": block.typst}
    if isinstance(block, Table):
        return {
            "type": kind,
            "caption": _spans(label + block.caption),
            "columns": list(block.columns),
            "rows": [[_spans(cell) for cell in row] for row in block.rows],
            "numeric": list(block.numeric),
            "strong": list(block.strong),
            "widths": list(block.widths),
        }
    (folder / f"{block.name}.svg").write_bytes(block.svg())
    parts = [label + part if i == 0 else part for i, part in enumerate(block.caption or ("",))]
    return {
        "type": kind,
        "file": f"{block.name}.svg",
        "alt": block.alt,
        "caption": [_spans(part) for part in parts],
    }


def _content(report: Report, folder: Path) -> dict[str, Any]:
    numbers = numbered(report)

    def label(block: Block) -> str:
        if not isinstance(block, Table | Picture):
            return ""
        name = report.words["table" if isinstance(block, Table) else "figure"]
        return f"{name} {numbers[id(block)]}{report.words['colon']}"

    return {
        "title": report.title,
        "subtitle": _spans(report.subtitle),
        "lang": report.language,
        "region": "cn" if report.language == "zh" else "gb",
        "fonts": FONTS,
        "facts": [list(fact) for fact in report.facts],
        "words": report.words,
        "sections": [
            {"title": s.title, "blocks": [_block(b, folder, label(b)) for b in s.blocks]}
            for s in report.sections
        ],
    }


def render_pdf(report: Report) -> bytes:
    """Return the PDF.

    Raises
    ------
    ChipExportsError
        typst is not installed, or could not lay the document out.
    """
    try:
        import typst
    except ImportError as error:
        raise ChipExportsError(
            "report.pdf: the package typst is not installed; run `make setup`, or leave the format out "
            "with `--format html`"
        ) from error
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        content = json.dumps(_content(report, folder), ensure_ascii=False)
        (folder / "report.json").write_text(content, encoding="utf-8")
        (folder / "report.typ").write_bytes((TEMPLATES / "report.typ").read_bytes())
        try:
            return typst.compile(
                str(folder / "report.typ"),
                root=str(folder),
                font_paths=[str(style.FONT_DIR)],
                ignore_system_fonts=True,
                timestamp=0,
            )
        except typst.TypstError as error:
            raise ChipExportsError(
                f"report.pdf: typst could not lay it out ({' '.join(str(error).split())})"
            ) from error
