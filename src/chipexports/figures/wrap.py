"""Break text into lines that fit a width, in English at spaces and in Chinese between characters."""

from __future__ import annotations

import re
from collections.abc import Callable

# A number keeps its unit; Chinese breaks between characters; closing marks stay with what they close.
_TOKEN = re.compile(
    r"[《“‘（(]*[+−-]?\d[\d,.]*(?:\s?[%％]|[\u4e00-\u9fff]{0,3}?(?:美元|元|个|年|月|日|号|倍))?[，。、；：！？）》”’,.;:]*\s*"
    r"|[《“‘（(]*[^\s\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+[，。、；：！？）》”’]*\s*"
    r"|[《“‘（(]*[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef][，。、；：！？）》”’]*\s*"
)


def wrap(content: str, width: float, measure: Callable[[str], float]) -> str:
    """Return the text with line breaks so that no line is wider than ``width``.

    Parameters
    ----------
    content : str
        One paragraph; line breaks already there are kept.
    width : float
        Greatest width, in the unit ``measure`` returns.
    measure : callable
        Width of a string.
    """
    lines: list[str] = []
    for paragraph in content.split("\n"):
        line = ""
        for token in _TOKEN.findall(paragraph):
            if line and measure((line + token).rstrip()) > width:
                lines.append(line.rstrip())
                line = token
            else:
                line += token
        lines.append(line.rstrip())
    return "\n".join(lines)
