"""The parameter ``series`` of a set: which file holds one's own series, and how it is to be read."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.base.units import both
from chipexports.series.calendars import calendar_of
from chipexports.series.own import LAG_DAYS, FileError, Read, own_path, read_indicators, read_series
from chipexports.series.units import parts, said, unit_of

#: days a publication may lag behind its month at most
LONGEST_LAG = 1000
#: characters of a name or a unit
LONGEST_NAME = 80
_WORDS = ("unit", "name")
_TEXTS = ("file", "value_column", "period_column", "published_column", "holidays")
KEYS = (*_TEXTS, *_WORDS, "lag_days", "divide_by", "indicators")


@dataclass(frozen=True)
class Indicators:
    """A file of columns that move with the series, and the days each lags behind its month."""

    file: str
    lag_days: int = LAG_DAYS
    lags: Mapping[str, int] = field(default_factory=dict)

    def known(self, as_of: str) -> pd.DataFrame:
        """Return them as known on a day."""
        return read_indicators(self.file, as_of=as_of, lag_days=self.lag_days, lags=self.lags)


@dataclass(frozen=True)
class SeriesSettings:
    """One's own series as a set describes it; a column is left empty where only one can be meant.

    ``unit`` is that of the values divided by ``divide_by``; it and ``name`` are ``English|中文`` where the
    languages differ.
    """

    file: str
    value_column: str = ""
    period_column: str = ""
    published_column: str = ""
    lag_days: int = LAG_DAYS
    divide_by: float = 1.0
    name: str = ""
    unit: str = ""
    indicators: Indicators | None = None
    holidays: str = "none"

    def read(self) -> Read:
        """Return the whole file as read; the same object until the file changes."""
        path = own_path(self.file)
        columns = (self.value_column, self.period_column, self.published_column)
        # name and unit do not change what is read
        key = (path, path.stat().st_mtime_ns, path.stat().st_size, columns, self.lag_days, self.divide_by)
        if key not in _READ:
            _READ.clear()
            _READ[key] = read_series(
                path,
                value_column=self.value_column,
                period_column=self.period_column,
                published_column=self.published_column,
                lag_days=self.lag_days,
                divide_by=self.divide_by,
            )
        return _READ[key]

    @property
    def files(self) -> list[Path]:
        """The files a run depends on."""
        return [own_path(name) for name in (self.file, self.indicators and self.indicators.file) if name]


_READ: dict[Any, Read] = {}


def series_settings(given: object) -> SeriesSettings:
    """Return the parameter ``series``, a path or a mapping of `KEYS`, checked and completed from its file.

    An error is one sentence that begins with ``series:`` and says what is wrong and what to do.
    """
    try:
        return _checked({"file": given} if isinstance(given, str) else given)
    except UsageError as error:
        text = str(error)
        raise UsageError(text if text.startswith("series:") else f"series: {text}") from None


def _checked(given: object) -> SeriesSettings:
    values = _mapping(given, KEYS, "series", "file: path/to/file.csv")
    if not values.get("file"):
        raise UsageError("series: names no file; write `file: path/to/file.csv`")
    texts = {name: _text(values.get(name, ""), name) for name in _TEXTS}
    if texts["published_column"] and "lag_days" in values:
        raise UsageError("series: published_column and lag_days both say when a month is known; keep one")
    settings = SeriesSettings(
        **(texts | {"holidays": texts["holidays"] or "none"}),
        lag_days=_whole(values.get("lag_days", LAG_DAYS), "lag_days"),
        divide_by=_positive(values.get("divide_by", 1.0)),
        indicators=_indicators(values.get("indicators")),
    )
    read = settings.read()
    index = pd.PeriodIndex(read.values.index)
    calendar_of(settings.holidays, index[0], index[-1])  # refuses a country it does not know
    if settings.indicators:
        settings.indicators.known("2199-12-31")
    column = str(read.values.name)
    name = _worded(values.get("name") or _title(read.path.stem), "name")
    unit = values.get("unit") or unit_of(column, settings.divide_by, read.stated_unit)
    if isinstance(unit, str) and (known := parts(unit)):
        unit = said(*known)
    unit = _worded(unit, "unit")
    return replace(settings, name=name, unit=unit)


def _mapping(given: object, keys: tuple[str, ...], where: str, example: str) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise UsageError(f"{where}: {given!r} is neither a path nor a list of keys; write e.g. `{example}`")
    for name in given:
        if name not in keys:
            near = difflib.get_close_matches(str(name), keys, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(keys)}"
            raise UsageError(f"{where}: there is no key {name!r}; {hint}")
    return dict(given)


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise UsageError(f"series: {name}: {value!r} is not text; write it in quotation marks")
    return value.strip()


def _whole(value: object, name: str) -> int:
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(r"-?[0-9]{1,6}", text):
        raise UsageError(f"series: {name}: {value!r} is not a whole number of days; write e.g. {LAG_DAYS}")
    if not 0 <= int(text) <= LONGEST_LAG:
        raise UsageError(f"series: {name}: {text} days are out of range; take 0 to {LONGEST_LAG}")
    return int(text)


def _positive(value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise UsageError(f"series: divide_by: {value!r} is not a number above zero; write e.g. 1000000")
    return number


def _worded(value: object, name: str) -> str:
    """Return a name in one or both languages as one text."""
    words = {"en": value, "zh": value} if isinstance(value, str) else value
    if not isinstance(words, Mapping) or not words or set(words) - {"en", "zh"}:
        raise UsageError(f"series: {name}: {value!r} is not text; write it, or {{en: …, zh: …}}")
    texts = {language: _text(word, name) for language, word in words.items()}
    english, chinese = (
        texts.get(first) or texts.get(second) or "" for first, second in (("en", "zh"), ("zh", "en"))
    )
    for text in (english, chinese):
        if not text or len(text) > LONGEST_NAME or re.search(r"[|{}\[\]<>*`_\\\n]", text):
            raise UsageError(
                f"series: {name}: {text[:LONGEST_NAME]!r} cannot stand in a title; use 1 to {LONGEST_NAME} "
                "characters without | { } [ ] < > * ` _ or \\"
            )
    return both(english, chinese)


def _indicators(given: object) -> Indicators | None:
    if not given:
        return None
    values = {"file": given} if isinstance(given, str) else given
    values = _mapping(values, ("file", "lag_days", "lags"), "series: indicators", "file: others.csv")
    if not values.get("file"):
        raise UsageError("series: indicators: name no file; write `file: path/to/others.csv`")
    lags = values.get("lags") or {}
    if not isinstance(lags, Mapping):
        raise UsageError(f"series: indicators: lags: {lags!r} is no list of columns; write `column: days`")
    return Indicators(
        _text(values["file"], "indicators"),
        _whole(values.get("lag_days", LAG_DAYS), "indicators: lag_days"),
        {str(name): _whole(days, f"indicators: lags: {name}") for name, days in lags.items()},
    )


def _title(stem: str) -> str:
    """Return a file's name as the name of a series: ``toy_exports-2024`` is "toy exports 2024"."""
    return " ".join(re.sub(r"[|{}\[\]<>*`_\\-]+", " ", stem).split())[:LONGEST_NAME] or "series"


__all__ = ["KEYS", "FileError", "Indicators", "SeriesSettings", "series_settings"]
