"""Break text into lines that fit a width, in English at spaces and in Chinese between characters."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate

# A number keeps its unit; Chinese breaks between characters; closing marks stay with what they close.
_TOKEN = re.compile(
    r"[《“‘（(]*[+−-]?\d[\d,.]*(?:[–—-]\d[\d,.]*)?(?:\s?[%％]|[\u4e00-\u9fff]{0,3}?(?:美元|元|个|年|月|日|号|倍))?[，。、；：！？）》”’,.;:]*\s*"
    r"|[《“‘（(]*[^\s\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+[，。、；：！？）》”’]*\s*"
    r"|[《“‘（(]*[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef][，。、；：！？）》”’]*\s*"
)


def wrap(content: str, width: float, measure: Callable[[str], float]) -> str:
    """Return the text in lines that measure at most ``width``; a single wider word has its own line."""
    lines: list[str] = []
    for paragraph in content.split("\n"):
        tokens: list[str] = _TOKEN.findall(paragraph)
        while True:
            fit = _fitting(tokens, width, measure)
            lines.append("".join(tokens[:fit]).rstrip())
            tokens = tokens[fit:]
            if not tokens:
                break
    return "\n".join(lines)


def _fitting(tokens: list[str], width: float, measure: Callable[[str], float]) -> int:
    """Return how many of the first tokens fit in a line, at least one.

    Measuring is what costs: the share of the whole that fits is tried first, then one token more or less
    until the next would be too wide.
    """

    def wide(count: int) -> bool:
        return measure("".join(tokens[:count]).rstrip()) > width

    whole = measure("".join(tokens).rstrip()) if len(tokens) > 1 else 0.0
    if whole <= width:
        return len(tokens)
    ends = list(accumulate(map(len, tokens)))
    fit = max(1, bisect_right(ends, ends[-1] * width / whole))
    if fit > 1 and wide(fit):
        fit -= 1
        while fit > 1 and wide(fit):
            fit -= 1
    else:
        while fit + 1 < len(tokens) and not wide(fit + 1):
            fit += 1
    return fit
