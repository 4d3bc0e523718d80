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
    """Return a reason in a language.

    Parameters
    ----------
    key : str
        As in the column ``reason_key`` of a methods table; may be empty. What the glossary does not hold, as
        of a method of one's own, is shown as it stands.
    values : mapping of str to object, or str
        As in the column ``reason_values``: a mapping, or JSON of one; empty for none.
    language : {"en", "zh"}
        Language of the reader.

    Returns
    -------
    str
        The words; empty for no reason.

    Examples
    --------
    >>> reason_words("too_short", {"needs": 26, "has": 18}, "en")
    'needs 26 months of history, has 18'
    """
    if AREA + key not in glossary():
        return key
    given = json.loads(values or "{}") if isinstance(values, str) else values
    return text(AREA + key, language, **given)


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
