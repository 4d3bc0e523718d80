"""Sentences of notebooks and charts: a key of the glossary filled with results, shown as Markdown."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from chipexports.base.units import in_language
from chipexports.words.glossary import check_language, has, text
from chipexports.words.text import MINUS, flow_name, month, month_name, own, unit


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


class _Integer(int):
    """An int that a format spec writes with a real minus sign."""

    def __format__(self, spec: str) -> str:
        return int.__format__(self, spec).replace("-", MINUS)


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
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return value
    return _Integer(value) if isinstance(value, numbers.Integral) else _Number(value)


@dataclass(frozen=True)
class Speaker:
    """Words of one notebook in the language of its run; made by `speaker`."""

    language: str
    prefix: str = ""
    series: object = None

    def __call__(self, key: str, **values: object) -> Said:
        """Return the sentence ``<prefix>.<key>`` with its values, shown as Markdown."""
        return Said(self.text(key, **values))

    def text(self, key: str, **values: object) -> str:
        """Return the same as a plain string, for an axis or a legend."""
        whole = f"{self.prefix}.{key}" if self.prefix else key
        return sentence(own(whole, self.series), self.language, **values)

    def table(self, frame: pd.DataFrame, digits: int = 1) -> pd.DataFrame:
        """Return a table for readers: labels in the language, numbers rounded.

        Labels are the glossary's ``label.<name>`` or ``partner.<name>``; one without a key stays as it is,
        and months are written in the language.
        """
        out = frame.round(digits)
        if digits == 0:
            whole = out.select_dtypes("float").columns
            out[whole] = out[whole].astype("Int64")
        out = out.rename(index=self.label, columns=self.label)
        out.index.names = [name and self.label(name) for name in out.index.names]
        out.columns.names = [name and self.label(name) for name in out.columns.names]
        return out

    def join(self, sentences: Iterable[str]) -> Said:
        """Return sentences as one paragraph: with spaces between them in English, without in Chinese."""
        return Said(("" if self.language == "zh" else " ").join(sentences))

    def unit(self, measure: str) -> str:
        """Return the unit shown for "USD", "CNY" or "quantity": bn USD, 亿美元."""
        return unit(measure, self.language)

    def flow(self, flow: str, start: bool = False) -> str:
        """Return the word for "export" or "import"; ``start``: as a sentence begins with it."""
        return flow_name(flow, self.language, start)

    def month(self, number: int) -> str:
        """Return a month's name without a year: March, 3月."""
        return month_name(int(number), self.language)

    def span(self, starts: Iterable[str], ends: Iterable[str]) -> list[str]:
        """Return spans of months ("2026-01" to "2026-07") as words: 2025, Q1 2026, Jan–Jul 2026."""
        return [self._span(start, end) for start, end in zip(starts, ends, strict=True)]

    def _span(self, start: str, end: str) -> str:
        year, first, last = int(start[:4]), int(start[5:]), int(end[5:])
        if (first, last) == (1, 12):
            return text("span.year", self.language, year=year)
        if (first, last) == (1, 3):
            return text("span.quarter", self.language, year=year, quarter=1)
        if first == last:
            return month(start, self.language)
        return text("span.months", self.language, year=year, first=self.month(first), last=self.month(last))

    def label(self, name: object) -> object:
        """Return a row's or column's name in the language, as it is where the glossary has none."""
        if isinstance(name, pd.Period):
            return month(name, self.language)
        if isinstance(name, str) and name == name.strip() and "|" in name:
            return in_language(name, self.language)
        for key in (own(f"label.{name}", self.series), f"partner.{str(name).lower().replace(' ', '_')}"):
            if has(key):
                return text(key, self.language)
        return name


def speaker(language: str, prefix: str = "", series: object = None) -> Speaker:
    """Return ``say(key, **values)`` for a notebook: the sentence in its run's language, shown as Markdown.

    Parameters
    ----------
    language : {"en", "zh"}
        Of the run, ``params.language``.
    prefix : str
        Put before every key, e.g. "notebook.03".
    series : object
        The run's ``series``: of a series of one's own some things are said in other words.

    Returns
    -------
    Speaker
        ``say(key, **values)`` is a sentence, ``say.text`` the same as a string, ``say.table(frame)`` a table
        with its labels in the language; see `sentence` for what becomes of values.

    Raises
    ------
    UsageError
        There is no such language.

    Examples
    --------
    >>> import pandas as pd
    >>> say = speaker("zh", "source")
    >>> str(say("last", last=pd.Period("2026-08", "M")))
    '数据截至2026年8月。'
    """
    check_language(language)
    return Speaker(language, prefix, series)
