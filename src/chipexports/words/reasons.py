"""Why a method was left out, or a note on it, in the reader's language.

The engine gives a key and values (`chipexports.forecast.methods.task.Reason`); the glossary holds the words
(``method_reason.<key>``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from chipexports.words.glossary import glossary
from chipexports.words.text import text

AREA = "method_reason."


def reason_words(key: str, values: Mapping[str, object] | str, language: str) -> str:
    """Return the words of a method's reason from its key and values, a mapping or JSON of one.

    A key that the glossary lacks, as of a method of one's own, is shown as it stands.
    """
    if AREA + key not in glossary():
        return key
    values_of = json.loads(values or "{}") if isinstance(values, str) else values
    return text(AREA + key, language, **values_of)


def status_words(status: str, language: str) -> str:
    """Return in one or two words how a method stands, given its ``status``: used, left out and so on."""
    return text(f"method_status.{status.replace(' ', '_')}", language)
