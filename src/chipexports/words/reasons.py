"""Why a method was left out, in the reader's language.

The engine says it in English, in the tables too. The glossary holds each of its sentences as a pattern in
both languages (``method_reason.<name>``); what the placeholders of the English one match goes into the other.
"""

from __future__ import annotations

import re
from functools import lru_cache

from chipexports.words.glossary import glossary
from chipexports.words.text import text

AREA = "method_reason."
_PLACEHOLDER = re.compile(r"\\\{(\w+)\\\}")


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    """Return the English sentences of the glossary as patterns."""
    return {
        key: re.compile(_PLACEHOLDER.sub(r"(?P<\1>\\S+)", re.escape(entry["en"])))
        for key, entry in glossary().items()
        if key.startswith(AREA)
    }


def reason_words(reason: str, language: str) -> str:
    """Return the engine's reason in a language; one the glossary does not know stays as it is.

    Parameters
    ----------
    reason : str
        As in the column ``reason`` of a methods table; may be empty.
    language : {"en", "zh"}
        Language of the reader.

    Returns
    -------
    str
        The sentence.
    """
    for key, pattern in _patterns().items():
        if found := pattern.fullmatch(reason):
            return text(key, language, **found.groupdict())
    return reason


def status_words(status: str, language: str) -> str:
    """Return how a method stands (``used``, ``left out``, …) in a language.

    Parameters
    ----------
    status : str
        As in the column ``status`` of a methods table.
    language : {"en", "zh"}
        Language of the reader.

    Returns
    -------
    str
        One or two words.
    """
    return text(f"method_status.{status.replace(' ', '_')}", language)
