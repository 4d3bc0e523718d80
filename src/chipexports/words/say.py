"""Sentences of notebooks and charts: a key of the glossary filled with results, shown as Markdown."""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from chipexports.base.units import in_language
from chipexports.words.glossary import check_language, has, text
from chipexports.words.text import MINUS, flow_name, month, month_name, own, unit

_MONTHS = re.compile(r"\d{4}-\d{2}(\.\.\d{4}-\d{2})?")
#: columns of notebooks' tables that hold amounts of money, apart from the bounds of intervals
AMOUNTS = frozenset(
    (
        *("value", "amount", "median", "mean_of_12", "total", "before", "after", "now", "change"),
        *("difference", "engine", "statsmodels", "published_total", "q10", "q90", "spread", "scenario"),
        *("outturn", "deficit", "sum_export", "sum_import", "median_min", "median_max"),
    )
)
_BOUND = re.compile(r"(low|high)_(\d+(?:\.\d+)?)")


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
    """An int with a real minus sign; the spec ``table|tables`` writes the word that goes with it instead."""

    def __format__(self, spec: str) -> str:
        if "|" in spec:
            return spec.split("|")[0 if self == 1 else 1]
        return int.__format__(self, spec).replace("-", MINUS)


class Table(pd.DataFrame):
    """A table as readers see it: a DataFrame of the numbers, shown with their decimals in a notebook."""

    _metadata = ("decimals",)
    decimals: dict[int, int]

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return pd.DataFrame  # what is computed from it is an ordinary DataFrame

    def _repr_html_(self) -> str:
        cells = pd.DataFrame(self).astype(object)
        for place, dtype in enumerate(self.dtypes):
            known = self.iloc[:, place]
            write = _shown(self.decimals.get(place, 0)) if pd.api.types.is_numeric_dtype(dtype) else str
            cells.isetitem(place, ["–" if pd.isna(x) else write(x) for x in known])
        with pd.option_context("display.max_colwidth", None):
            return cells.to_html(notebook=True)


def _shown(decimals: int) -> Callable[[float], str]:
    """Return how the numbers of a column are written: real minus sign, thousands apart."""
    return lambda x: (
        format(_Number(x), f",.{decimals}f") if abs(x) >= 10_000 or decimals else f"{_Integer(x)}"
    )


def sentence(key: str, language: str, **values: object) -> str:
    """Return a text of the glossary with its values written as the language writes them.

    Floats take the format the text asks for (``{growth:+.1f}%``) with a real minus sign and an en dash
    for what is not a number; months (``Period``) are written as "Aug 2026" or "2026年8月".
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

    def table(
        self,
        frame: pd.DataFrame,
        digits: int | Mapping[str, int] = 1,
        empty: str = "",
        unit: str = "",
        **values: object,
    ) -> Table | Said:
        """Return a table for readers: headers and words in the language, numbers rounded.

        Parameters
        ----------
        frame : DataFrame
            Names of rows and columns, and words in its cells, are looked up as `label` does.
        digits : int or mapping of column to int
            Decimals; in a mapping 1 for the others. Columns of whole numbers have none.
        empty : str
            What is said instead of a table without rows: a sentence of the notebook.
        unit : str
            Of the amounts; it is put into the headers of the columns that hold some (`AMOUNTS`, bounds).
        **values : object
            What fills the sentence.

        Returns
        -------
        Table or Said
            A DataFrame that a notebook shows with its decimals; the sentence where there is no row.

        Examples
        --------
        >>> import pandas as pd
        >>> speaker("zh").table(pd.DataFrame({"value": [1.26]}, index=["export"])).to_dict()
        {'金额': {'出口': 1.3}}
        """
        if not frame.size:
            return self(empty, unit=unit, **values) if empty else Said(text("table.empty", self.language))
        plain, decimals, columns = frame.infer_objects(), {}, []
        for place, name in enumerate(plain):
            column = plain.iloc[:, place]
            if pd.api.types.is_float_dtype(column):
                wanted = digits if isinstance(digits, int) else digits.get(str(name), 1)
                known = column.dropna().to_numpy(float)
                whole = len(known) > 0 and bool(np.isfinite(known).all() and (known == np.round(known)).all())
                decimals[place] = (
                    0 if whole and not (isinstance(digits, Mapping) and name in digits) else wanted
                )
                column = column.round(decimals[place])
                column = column if decimals[place] else column.astype("Int64")
            elif not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
                column = column.map(self.label, na_action="ignore")
            columns.append(column)
        labelled = pd.concat(columns, axis=1).set_axis(plain.columns, axis=1)
        labelled = labelled.rename(index=self.label, columns=lambda name: self._header(name, unit))
        labelled.index.names = [name and self.label(name) for name in labelled.index.names]
        labelled.columns.names = [name and self.label(name) for name in labelled.columns.names]
        out = Table(labelled)
        out.decimals = decimals
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
        if start[:4] != end[:4]:
            return text(
                "run.span", self.language, first=month(start, self.language), last=month(end, self.language)
            )
        year, first, last = int(start[:4]), int(start[5:]), int(end[5:])
        if (first, last) == (1, 12):
            return text("span.year", self.language, year=year)
        if (first, last) == (1, 3):
            return text("span.quarter", self.language, year=year, quarter=1)
        if first == last:
            return month(start, self.language)
        return text("span.months", self.language, year=year, first=self.month(first), last=self.month(last))

    def _header(self, name: object, unit: str) -> object:
        """Return a column's header, with the unit where it holds amounts."""
        header = self.label(name)
        if not unit or not (name in AMOUNTS or _BOUND.fullmatch(str(name))):
            return header
        return text("label.in_unit", self.language, what=header, unit=unit)

    def label(self, name: object) -> object:
        """Return a name in the language: of a label, a method or a partner.

        Months ("2026-08", spans "2026-01..2026-03", ``Period``) and truth values are written in words,
        ``low_80`` as the bound of an 80% interval. A name the glossary lacks stays as it is.
        """
        if isinstance(name, bool | np.bool_):
            return text(f"label.{'yes' if name else 'no'}", self.language)
        if isinstance(name, pd.Period):
            return month(name, self.language)
        if not isinstance(name, str):
            return name
        if name == name.strip() and "|" in name:
            return in_language(name, self.language)
        for key in (
            f"{self.prefix}.label.{name}",
            own(f"label.{name}", self.series),
            own(f"method.{name}", self.series),
            f"partner.{name.lower().replace(' ', '_')}",
        ):
            if has(key):
                return text(key, self.language)
        if _MONTHS.fullmatch(name):
            return self._span(name[:7], name[-7:])
        if bound := _BOUND.fullmatch(name):
            return text(f"label.{bound[1]}_of", self.language, level=bound[2])
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
