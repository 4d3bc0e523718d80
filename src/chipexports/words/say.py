"""Sentences of notebooks and charts: a key of the glossary filled with results, shown as Markdown."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from chipexports.words.glossary import check_language, text
from chipexports.words.text import MINUS, month


@dataclass(frozen=True)
class Said:
    """A sentence; a notebook shows it as Markdown, ``str`` gives it plain."""

    words: str

    def __str__(self) -> str:
        return self.words

    def _repr_markdown_(self) -> str:
        return self.words


class _Number(float):
    """A float that a format spec writes with a real minus sign, and as an en dash where it is not finite."""

    def __format__(self, spec: str) -> str:
        if not math.isfinite(self):
            return "–"
        out = float.__format__(self, spec)
        digits = out.lstrip("+-").rstrip("%").replace(",", "")
        zero = not any(c in "123456789" for c in digits)
        return (out.lstrip("+-") if zero else out).replace("-", MINUS)


def sentence(key: str, language: str, **values: object) -> str:
    """Return a text of the glossary with its values written as the language writes them.

    Floats take the format the text asks for (``{growth:+.1f} %``) with a real minus sign and an en dash
    for what is not a number; months (``Period``) are written as "Aug 2026" or "2026年8月".

    Parameters
    ----------
    key : str
        Dotted key of the glossary.
    language : {"en", "zh"}
        Language of the sentence.
    **values : object
        What fills its placeholders.

    Returns
    -------
    str
        The sentence.

    Raises
    ------
    UsageError
        The key, the language or a placeholder is unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> sentence("source.last", "en", last=pd.Period("2026-08", "M"))
    'Months to Aug 2026.'
    """
    return text(key, language, **{name: _written(value, language) for name, value in values.items()})


def _written(value: object, language: str) -> object:
    if isinstance(value, pd.Period):
        return month(value, language)
    if isinstance(value, numbers.Real) and not isinstance(value, numbers.Integral):
        return _Number(value)
    return value


def speaker(language: str) -> Callable[..., Said]:
    """Return ``say(key, **values)`` for a notebook: the sentence in its run's language, shown as Markdown.

    Parameters
    ----------
    language : {"en", "zh"}
        Of the run, ``params.language``.

    Returns
    -------
    callable
        ``say(key, **values) -> Said``; see `sentence` for what it does with values.

    Raises
    ------
    UsageError
        There is no such language.

    Examples
    --------
    >>> import pandas as pd
    >>> say = speaker("zh")
    >>> str(say("source.last", last=pd.Period("2026-08", "M")))
    '数据截至2026年8月。'
    """
    check_language(language)

    def say(key: str, **values: object) -> Said:
        return Said(sentence(key, language, **values))

    return say
