"""Names of the lines: one spelling for the integrated circuits, the label as printed for the others."""

from __future__ import annotations

import re

IC = "gacc_ic"
_IC_NAMES = re.compile(
    r"(electronic )?integrated circuits?( (and|&) micro-?(electronic )?assembl(y|ies))?"
    r"|集成电路(及微电子组件)?",
    re.I,
)
_OF_WHICH = re.compile(r"^(其中\s*[:∶]?|of which\s*[:∶]?|including\s*[:∶])\s*", re.I)
_MARKS = re.compile(r"^\s*[*†‡]+\s*|\s*[*†‡]+\s*$")
_NOTE = re.compile(r"^(notes?|remarks?|注|说明|备注|source|资料来源)\b|^(注|说明|备注)|^\*", re.I)


def line_name(label: str) -> str:
    """Return a label without footnote marks and "of which": the name the record keeps.

    >>> line_name("Agricultural products*"), line_name("*Hi-Tech Products"), line_name("其中:集成电路")
    ('Agricultural products', 'Hi-Tech Products', '集成电路')
    """
    return _MARKS.sub("", _OF_WHICH.sub("", label)).strip()


def is_integrated_circuits(name: str) -> bool:
    """Whether the line is the one of integrated circuits (HS 8542.3), not diodes, printed circuits or parts.

    >>> is_integrated_circuits("Electronic integrated circuits"), is_integrated_circuits("Printed circuits")
    (True, False)
    """
    return bool(_IC_NAMES.fullmatch(name))


def is_note(label: str) -> bool:
    """Whether the row is a footnote."""
    return bool(_NOTE.match(label))


def parents(indents: list[int]) -> list[int | None]:
    """Return for each line the position of the line above it that is indented less, as printed.

    >>> parents([0, 4, 4, 8, 0])
    [None, 0, 0, 2, None]
    """
    above: list[int] = []
    found: list[int | None] = []
    for position, indent in enumerate(indents):
        while above and indents[above[-1]] >= indent:
            above.pop()
        found.append(above[-1] if above else None)
        above.append(position)
    return found
