"""What the three file formats share: templates, numbering, pictures as bytes, subset fonts."""

from __future__ import annotations

import base64
import io
import re
from functools import lru_cache
from pathlib import Path

import jinja2

from chipexports.charts import style
from chipexports.report.document import Picture, Report, Table, spans

TEMPLATES = Path(__file__).parent / "templates"
LANG = {"en": "en", "zh": "zh-Hans"}
EPOCH = "946684800"  # 2000-01-01: the one time stamp inside files, so that a rerun gives the same bytes


def environment() -> jinja2.Environment:
    """Return the templates; all values are escaped."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )


def numbered(report: Report) -> dict[int, int]:
    """Return the number of each table and figure by the identity of its block."""
    counts: dict[type, int] = {}
    found = {}
    for section in report.sections:
        for block in section.blocks:
            if isinstance(block, Table | Picture):
                counts[type(block)] = counts.get(type(block), 0) + 1
                found[id(block)] = counts[type(block)]
    return found


def context(report: Report) -> dict[str, object]:
    """Return what every template needs."""
    numbers = numbered(report)
    return {
        "report": report,
        "words": report.words,
        "lang": LANG[report.language],
        "spans": spans,
        "kind_of": lambda block: type(block).__name__,
        "is_short": lambda cell: len(cell) <= 12 and any(c.isdigit() for c in cell),
        "is_unbroken": lambda cell: max(map(len, cell.split()), default=0) > 24,
        "number_of": lambda block: numbers[id(block)],
    }


@lru_cache(maxsize=64)
def mathml(tex: str) -> str:
    """Return a TeX formula as MathML."""
    import pypandoc

    page = pypandoc.convert_text(f"$${tex}$$", "html", format="markdown", extra_args=["--mathml"])
    found = re.search(r"<math.*</math>", page, flags=re.DOTALL)
    markup = found.group(0) if found else tex
    # the TeX source beside the formula is for programs; the namespace is implied in HTML
    markup = re.sub(r"<annotation .*?</annotation>", "", markup, flags=re.DOTALL)
    return markup.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "")


def web_font(face: str, characters: str) -> str:
    """Return a face of the project's font, cut to the characters in use, as WOFF in base64."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options(layout_features=[], hinting=False, notdef_outline=True)
    font = TTFont(style.FONT_DIR / f"NotoSansSC-{face}-subset.ttf", recalcTimestamp=False)
    maker = subset.Subsetter(options)
    maker.populate(text=characters)
    maker.subset(font)
    font.flavor = "woff"
    buffer = io.BytesIO()
    font.save(buffer)
    return base64.b64encode(buffer.getvalue()).decode()


def font_faces(characters: str) -> str:
    """Return the ``@font-face`` rules of both weights."""
    rules = []
    for face, weight in (("Regular", 400), ("SemiBold", 600)):
        data = web_font(face, characters)
        rules.append(
            f'@font-face {{ font-family: "{style.FONT_FAMILY}"; font-weight: {weight}; font-style: normal; '
            f"src: url(data:font/woff;base64,{data}) format('woff'); }}"
        )
    return "\n".join(rules)
