"""The report as a document: headings, paragraphs, tables and figures, before any file format."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from chipexports.report.picture import Picture

# the only markup inside text: **strong** and `code`
_INLINE = re.compile(r"\*\*(?P<strong>.+?)\*\*|`(?P<code>[^`]+)`")


@dataclass(frozen=True)
class Span:
    """A piece of text in one manner: ``plain``, ``strong`` or ``code``."""

    text: str
    kind: str = "plain"


def spans(text: str) -> list[Span]:
    """Return text with ``**strong**`` and `` `code` `` taken apart.

    >>> [s.kind for s in spans("a **b** `c`")]
    ['plain', 'strong', 'plain', 'code']
    """
    found, end = [], 0
    for match in _INLINE.finditer(text):
        if match.start() > end:
            found.append(Span(text[end : match.start()]))
        kind = "strong" if match["strong"] is not None else "code"
        found.append(Span(match[kind], kind))
        end = match.end()
    if end < len(text):
        found.append(Span(text[end:]))
    return found


def shown_width(text: str) -> int:
    """Return the width of a text in letters; a Chinese character is as wide as two.

    >>> shown_width("ab"), shown_width("出口")
    (2, 4)
    """
    return sum(2 if char > "\u2e80" else 1 for char in text)


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; ``kind`` is ``lead`` (the answer), ``plain`` or ``note`` (what is left out)."""

    text: str
    kind: str = "plain"


@dataclass(frozen=True)
class Bullets:
    """A list of short paragraphs."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Code:
    """A command to copy."""

    text: str


@dataclass(frozen=True)
class Formula:
    """A displayed formula, in TeX for pages and Word, and in typst's own notation."""

    tex: str
    typst: str


@dataclass(frozen=True)
class Table:
    """A table of finished texts.

    Attributes
    ----------
    caption : str
    columns : tuple of str
    rows : tuple of tuples of str
    numeric : tuple of bool
        Which columns hold numbers (set to the right).
    strong : tuple of int
        Rows to set in strong type, e.g. the combination.
    widths : tuple of float
        Relative widths; empty for widths by content.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    strong: tuple[int, ...] = ()
    widths: tuple[float, ...] = ()

    @property
    def shares(self) -> tuple[float, ...]:
        """Return the columns' shares of the width: as given, or by the longest text of each."""
        if self.widths:
            return self.widths
        columns = zip(self.columns, *self.rows, strict=True)
        return tuple(min(40.0, 2.0 + max(map(shown_width, texts))) for texts in columns)

    @property
    def wordy(self) -> bool:
        """Return whether cells hold sentences: a phone then shows a row as a card."""
        longest = max((shown_width(cell) for row in self.rows for cell in row), default=0)
        return longest > 60 and len(self.columns) > 3


Block = Paragraph | Bullets | Code | Formula | Table | Picture


@dataclass(frozen=True)
class Section:
    """A section with its anchor and its blocks."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Report:
    """The whole report.

    Attributes
    ----------
    title, subtitle : str
    language : str
        ``en`` or ``zh``.
    facts : tuple of (label, value) pairs
        The figures that stand at the top.
    sections : tuple of Section
    words : dict of str to str
        The page's own labels: contents, figure, table, footer.
    """

    title: str
    subtitle: str
    language: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    words: dict[str, str] = field(default_factory=dict)

    def pictures(self) -> list[Picture]:
        """Return all figures in reading order."""
        return [b for s in self.sections for b in s.blocks if isinstance(b, Picture)]
