"""A figure of a report: as the run left it on disk where that is what would be drawn, else drawn."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from chipexports.charts import style
from chipexports.charts.figure import Chart
from chipexports.charts.files import SVG_FONTS
from chipexports.lab.saved_figure import SavedFigure

_TEXT = re.compile(r'<g id="text_\d+">(.*?)</g>', flags=re.DOTALL)
_LINE = re.compile(r"<text[^>]*>([^<]*)</text>")


@dataclass(frozen=True)
class Picture:
    """A figure in two sizes: the page's and, for a phone, the column's.

    Attributes
    ----------
    name : str
    draw : callable
        Draws the figure in a size, ``page`` or ``column``.
    saved : SavedFigure, optional
        The page's size as the run saved it, where it need not be drawn again.
    """

    name: str
    draw: Callable[[str], Chart]
    saved: SavedFigure | None = None

    @cached_property
    def page(self) -> Chart:
        """Return the figure, drawn for a page."""
        return self.draw("page")

    def svg(self, size: str = "page") -> bytes:
        """Return one size as SVG, text as text, the same bytes every time."""
        if size == "page" and self.saved is not None:
            content = self.saved.files["svg"].read_bytes()
            return content.replace(SVG_FONTS.encode(), f"'{style.FONT_FAMILY}'".encode())
        drawn = self.page if size == "page" else self.draw(size)
        return drawn.svg().replace(SVG_FONTS.encode(), f"'{style.FONT_FAMILY}'".encode())

    def png(self) -> bytes:
        """Return the page's size as PNG for print, the same bytes every time."""
        if self.saved is not None and "png" in self.saved.files:
            return self.saved.files["png"].read_bytes()
        return self.page.png(style.PNG_DPI)

    @property
    def alt(self) -> str:
        """Return the alternative text."""
        return " ".join((self.saved or self.page).alt.split())

    @cached_property
    def caption(self) -> tuple[str, ...]:
        """Return the paragraphs below the figure; title and source line stand in the picture itself."""
        parts = [
            " ".join(part.split())
            for part in (self.saved.caption if self.saved else self.page.full_caption).split("\n\n")
        ]
        texts = ("".join(_LINE.findall(text)) for text in _TEXT.findall(self.svg().decode()))
        inside = {"".join(html.unescape(text).split()) for text in texts}
        return tuple(part for part in parts if "".join(part.strip("*").split()) not in inside)
