"""A first parameter set for a file of one's own: looked at, written so that it runs as it stands."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.base.files import write_text_atomic
from chipexports.base.months import in_year
from chipexports.base.paths import RUN_NAME, project_root
from chipexports.base.units import in_language
from chipexports.base.yaml_text import load_yaml_text
from chipexports.params.model import DRAFT
from chipexports.params.own import YEAR, of_own_series
from chipexports.params.parse import build
from chipexports.params.record import check_record
from chipexports.params.sets import readable_path
from chipexports.series.own import own_path
from chipexports.series.record import OwnRecord
from chipexports.series.settings import SeriesSettings, series_settings
from chipexports.series.units import parts, said

#: a usual month from which on values are divided, so that tables stay readable
LARGE = 1e7
#: the keys of ``series`` as the command line names them
_OPTIONS = {"value_column": "--value-column", "period_column": "--period-column", "lag_days": "--lag"}


@dataclass(frozen=True)
class FirstSet:
    """A parameter set that was written."""

    path: Path  # ``params/NAME.yaml``
    lines: list[str]  # what the file holds, for people


def init_set(name: str, file: str, given: dict[str, Any]) -> FirstSet:
    """Look at a file and write ``params/NAME.yaml`` for it, checked as a run would check it.

    A forecast with few paths is tried. ``given`` are keys of ``series`` that are not to be told from the
    file, empty ones left out. Nothing is written where the name is none or taken, or the file holds no series
    that can be forecast.
    """
    path = _free_path(name)
    keys = {
        "file": _as_written(file),
        **{key: value for key, value in given.items() if value not in ("", None)},
    }
    try:
        settings = _with_readable_unit(keys)
        first = of_own_series({"series": keys | {"divide_by": settings.divide_by}})
        values = OwnRecord(first["as_of"], first["history_start"], settings).history().values
    except UsageError as error:
        raise UsageError(_in_options(str(error))) from error
    text = _set_text(name, settings, first, values)
    written = load_yaml_text(text)
    check_record(build(written, {}, readable_path(path)))
    write_text_atomic(path, text)
    return FirstSet(path, _lines(settings, first, values, written))


def _free_path(name: str) -> Path:
    if not RUN_NAME.fullmatch(name):
        raise UsageError(f"{name[:70]!r} is not a name for a set; use up to 64 letters, digits, '-' and '_'")
    if name == DRAFT:
        raise UsageError(f"{DRAFT!r} is the run of notebooks opened by hand; take another name")
    path = project_root() / "params" / f"{name}.yaml"
    if os.path.lexists(path):
        raise UsageError(
            f"{readable_path(path)} exists and is not overwritten; take another name, or edit that file"
        )
    return path


def _as_written(file: str) -> str:
    """Return the file as a set names it: from the project's folder where it lies there, else in full."""
    here = Path(file).expanduser()
    path = (here if here.is_file() else own_path(file)).resolve()
    return path.relative_to(project_root()).as_posix() if path.is_relative_to(project_root()) else str(path)


def _in_options(text: str) -> str:
    for key, option in _OPTIONS.items():
        text = text.replace(key, option)
    return text


def _with_readable_unit(keys: dict[str, Any]) -> SeriesSettings:
    """Return the settings; put ``divide_by`` into the keys where months of a known unit are very large."""
    settings = series_settings(keys)
    read, known = settings.read(), parts(in_language(settings.unit, "en"))
    if known is None or not read.values.median() >= LARGE:
        return settings
    chinese = any("\u4e00" <= c <= "\u9fff" for c in str(read.values.name) + read.stated_unit)
    wanted = next((times for times in ((1e8,) if chinese else (1e6, 1e9)) if times > known[0]), known[0])
    unit = said(wanted, known[1])
    return series_settings(keys | {"unit": unit, "divide_by": wanted / known[0]})


def _pace(values: pd.Series, year: int) -> float:
    """Return the year's total at its pace so far: last year's, by the growth of the months known of both."""
    now, before = in_year(values, year).dropna(), in_year(values, year - 1)
    same = before.reindex(now.index - YEAR).to_numpy()
    last = values.dropna().iloc[-YEAR:].sum()
    if not len(now) or before.isna().any() or len(before) < YEAR:
        return float(last)
    return float(before.sum() * now.sum() / same.sum())


def _quoted(value: str) -> str:
    """Return a text as YAML reads it back, whatever is in it.

    >>> _quoted('sales: "net" #1')
    '"sales: \\\\"net\\\\" #1"'
    """
    text = json.dumps(value, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in text)


def _worded(both: str) -> str:
    english, chinese = in_language(both, "en"), in_language(both, "zh")
    return f"{{en: {_quoted(english)}, zh: {_quoted(chinese)}}}"


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 1 and value == int(value) else repr(value)


def _read(value: float) -> str:
    return f"{value:,.0f}" if value >= 1e5 else f"{value:,.6g}"


def _set_text(name: str, settings: SeriesSettings, first: dict[str, Any], values: pd.Series) -> str:
    read = settings.read()
    year = first["target_year"]
    unit = in_language(settings.unit, "en")
    line = float(f"{_pace(values, year):.2g}")
    lines = [
        f"# From `python -m chipexports init {name}`; change what you like, the run says what it cannot use.",
        f"run: {_quoted(name)}",
        "series:",
        f"  file: {_quoted(settings.file)}",
        f"  period_column: {_quoted(read.period_column)}",
        f"  value_column: {_quoted(str(read.values.name))}",
        f"  name: {_worded(settings.name)}  # as titles say it, in both languages",
        f"  unit: {_worded(settings.unit)}",
    ]
    if settings.divide_by != 1:
        lines.append(f"  divide_by: {_number(settings.divide_by)}  # the file's values are divided by it")
    lines += [
        f"  lag_days: {settings.lag_days}  # days after a month's end on which its value is known",
        f"  holidays: {_quoted(settings.holidays)}  # CN: Spring Festival; KR, US …: working days; none",
        f"as_of: newest  # the day the newest month became known, now {first['as_of']}; or a day",
        f"target_year: {year}",
        f"threshold: {_number(line)}  # {_comment(unit)}: a round total near the year's pace; write your own",
    ]
    return "\n".join(lines) + "\n"


def _comment(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _lines(
    settings: SeriesSettings, first: dict[str, Any], values: pd.Series, written: dict[str, Any]
) -> list[str]:
    read, known = settings.read(), values.dropna()
    months, year = pd.PeriodIndex(known.index), first["target_year"]
    missing = pd.PeriodIndex(values.index[values.isna()])
    gaps = ", ".join(map(str, missing[:5])) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
    unit, n = in_language(settings.unit, "en"), len(in_year(known, year))
    divided = f", the file's values divided by {settings.divide_by:,.10g}" if settings.divide_by != 1 else ""
    return [
        f"months     {len(months)} from {months[0]} to {months[-1]}, column {read.period_column!r}"
        + (f"; unknown: {gaps}" if len(missing) else ""),
        f"values     {_read(known.min())} to {_read(known.max())}, column {read.values.name!r}",
        f"unit       {unit}{divided}",
        f"known      {settings.lag_days} days after a month's end, the newest on {first['as_of']}",
        f"question   {year}, {n} of 12 months known: above {_read(float(written['threshold']))}?",
        f"to edit    name (now {in_language(settings.name, 'en')!r}), unit, lag_days, holidays, threshold",
    ]
