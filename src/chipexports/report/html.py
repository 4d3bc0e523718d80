"""The report as one HTML file: no script, no address outside the file, figures and fonts inside."""

from __future__ import annotations

import html
import re

from chipexports.charts import style
from chipexports.report.document import Picture, Report
from chipexports.report.render import TEMPLATES, context, environment, font_faces, mathml

_TAGS = re.compile(r"<style>.*?</style>|<[^>]+>", flags=re.DOTALL)


def inline_svg(picture: Picture, size: str) -> str:
    """Return one size of a figure for the page: ids made unique, described for those who cannot see it."""
    content = picture.svg(size).decode()
    content = content[content.index("<svg") :]
    content = re.sub(r"<metadata>.*?</metadata>\s*", "", content, flags=re.DOTALL)
    head, rest = content.split(">", 1)
    box = re.search(r'viewBox="[^"]+"', head)
    prefix = f"{picture.name}-{size}-"
    rest = re.sub(r'\bid="', f'id="{prefix}', rest)
    rest = re.sub(r'(xlink:href|href)="#', f'href="#{prefix}', rest)
    rest = rest.replace("url(#", f"url(#{prefix}")
    label = html.escape(picture.alt, quote=True)
    css = "wide" if size == "page" else "narrow"
    return (
        f'<svg class="{css}" {box.group(0) if box else ""} role="img" aria-label="{label}"'
        f' font-family="{style.FONT_FAMILY}">{rest.strip()}'
    )


def visible_text(page: str, *, figures: bool = True) -> str:
    """Return what a reader of the page sees, without markup."""
    if not figures:
        page = re.sub(r"<svg.*?</svg>", " ", page, flags=re.DOTALL)
    return html.unescape(_TAGS.sub(" ", page))


def render_html(report: Report) -> str:
    """Return the page.

    The fonts inside hold the characters of this page only, so the file stays small in either language.
    """
    template = environment().get_template("report.html.j2")
    css = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    given = context(report) | {"css": css, "fonts": "", "svg": inline_svg, "mathml": mathml, "page": True}
    page = template.render(given)
    used = "".join(sorted(set(visible_text(page))))
    return page.replace("<style>\n", f"<style>\n{font_faces(used)}\n", 1)
