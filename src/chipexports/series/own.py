"""A series of one's own: a CSV or Excel file becomes a `History`, or is refused in one sentence."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.base.paths import project_root
from chipexports.series.calendars import calendar_of
from chipexports.series.dates import day_of, is_quarter, month_of
from chipexports.series.history import History
from chipexports.series.units import stated_unit

#: columns of values as well-known downloads name them, in lower case: UN Comtrade, FRED, AKShare
KNOWN_VALUES = ("primaryvalue", "value", "今值")
#: columns that hold no values of months, by their names: growth, sums since January
_NO_VALUES = re.compile(
    r"同比|环比|增速|增长|累计|growth|y-?o-?y|m-?o-?m|year[- ]to[- ]date|\bytd\b|%", re.IGNORECASE
)
#: so many months in one row stand side by side
SIDE_BY_SIDE = 6
#: names of columns that hold the year and the month apart, in lower case
_YEAR, _MONTH = ("年", "年份", "year", "refyear"), ("月", "月份", "month", "refmonth")
#: names of columns that only count the rows
_COUNTER = re.compile(r"column \d+|unnamed.*|index|no\.?|序号", re.IGNORECASE)
#: days after a month's end on which it is taken to be known, where no column says
LAG_DAYS = 15
MAX_BYTES = 20_000_000
#: a column counts as months, or as numbers, from this share of its filled cells on
MOST = 0.8
SHORTEST, LONGEST = 12, 2400

_BLANK = re.compile(r"[\s\u00a0\u202f\u2009']")
_MISSING = {"", ".", "-", "–", "—", "..", "...", "na", "n/a", "nan", "null", "none", "#n/a"}


class FileError(UsageError):
    """A file that holds no monthly series; the text says what it holds instead and what to do."""


@dataclass(frozen=True)
class Grid:
    """A table as read: its file's name, unique column names, the rows below them and the lines above."""

    name: str
    header: list[str]
    rows: list[list[object]]
    above: list[str] = field(default_factory=list)

    def column(self, at: int) -> list[object]:
        """Return the cells of a column."""
        return [row[at] if at < len(row) else "" for row in self.rows]


def read_history(
    file: str | Path,
    *,
    as_of: str,
    value_column: str = "",
    period_column: str = "",
    unit: str = "",
    published_column: str = "",
    lag_days: int = LAG_DAYS,
    indicators: str | Path = "",
    holidays: str = "none",
) -> History:
    """Return a monthly series of one's own as known on a day.

    Parameters
    ----------
    file : str or Path
        CSV (comma, semicolon or tab; UTF-8, UTF-16 or GBK) or Excel workbook with a column of months and
        one of values. A web address is refused: save the file first, so that a run can be repeated.
    as_of : str
        "YYYY-MM-DD": months published later are left out.
    value_column, period_column : str
        Names of the columns; may be left empty where only one can be meant.
    unit : str
        Of the values, in words.
    published_column : str
        Column with the day each month was published; without it ``lag_days`` decide.
    lag_days : int
        Days after a month's end on which it is known.
    indicators : str or Path
        File with a column of months and one of values for each indicator, cut by the same lag.
    holidays : str
        Calendar whose effect on months is estimated: "CN" (Spring Festival), another country's code
        (working days), or "none".

    Returns
    -------
    History
        Values from the first to the last month known on ``as_of``.

    Raises
    ------
    FileError
        There is no such file, it holds no monthly series, or nothing was known by ``as_of``.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "mine.csv"
    >>> months = pd.period_range("2022-01", "2024-06", freq="M")
    >>> pd.DataFrame({"month": months, "sales": range(100, 130)}).to_csv(file, index=False)
    >>> read_history(file, as_of="2024-06-30", unit="million EUR").last
    Period('2024-05', 'M')
    """
    read = read_series(
        file,
        value_column=value_column,
        period_column=period_column,
        published_column=published_column,
        lag_days=lag_days,
    )
    known = read.known(as_of)
    beside = None
    if indicators:
        beside = read_indicators(indicators, as_of=as_of, lag_days=lag_days)
    return History(
        values=known,
        as_of=as_of,
        unit=unit,
        indicators=beside,
        calendar=calendar_of(holidays, known.index[0], known.index[-1]),
    )


@dataclass(frozen=True, eq=False)
class Read:
    """A file as read: values by month, without gaps and NaN where it has none, and when each became known."""

    path: Path
    values: pd.Series
    published: pd.Series
    period_column: str
    stated_unit: str = ""

    @property
    def newest(self) -> str:
        """The day on which the newest month became known, "YYYY-MM-DD"."""
        return str(self.published[self.values.notna()].max().date())

    def known(self, as_of: str, start: str = "", left_out: Collection[str] = ()) -> pd.Series:
        """Return the months from ``start`` on that were known by the end of a day, NaN where one was not.

        A `FileError` says that none was, or that they are no series that can be forecast.
        """
        counts = (self.published <= pd.Timestamp(as_of)) & ~self.values.index.astype(str).isin(left_out)
        known = self.values.where(counts)
        if start:
            known = known[known.index >= pd.Period(start, "M")]
        if known.dropna().empty:
            first = pd.PeriodIndex(self.values.dropna().index)[0]
            since, earlier = (f" from {start} on", " or an earlier history_start") if start else ("", "")
            raise FileError(
                f"{self.path.name}: nothing{since} was known by {as_of}; the first month, {first}, "
                f"came out on {self.published.loc[str(first)].date()}: choose a later as_of{earlier}"
            )
        known = known.loc[known.first_valid_index() : known.last_valid_index()]
        check_values(self.path.name, known)
        return known


def read_series(
    file: str | Path,
    *,
    value_column: str = "",
    period_column: str = "",
    published_column: str = "",
    lag_days: int = LAG_DAYS,
    divide_by: float = 1.0,
) -> Read:
    """Return every month of a file with the day it became known; parameters as in `read_history`."""
    path = own_path(file)
    grid = read_grid(path)
    at = _period_column(grid, period_column)
    value_at = _value_column(grid, at, value_column)
    months, filled = _months(grid, at)
    values = pd.Series(_numbers(grid, value_at)).loc[filled]
    series = _one_a_month(grid, months, values, at) / divide_by
    if series.dropna().empty:
        raise FileError(
            f"{path.name}: the column {grid.header[value_at]!r} holds no value; name another as value_column"
        )
    index = pd.PeriodIndex(series.index)
    published = _published(grid, published_column, months, filled, index, lag_days)
    named = series.rename(grid.header[value_at])
    return Read(path, named, published, grid.header[at], stated_unit(grid.above))


def read_indicators(
    file: str | Path, *, as_of: str, lag_days: int = LAG_DAYS, lags: Mapping[str, int] | None = None
) -> pd.DataFrame:
    """Return the indicators of a file as known on a day: every column of numbers, PeriodIndex[M].

    Parameters
    ----------
    file : str or Path
        As in `read_history`; every column of numbers is an indicator.
    as_of : str
        "YYYY-MM-DD".
    lag_days : int
        Days after a month's end on which it is known.
    lags : mapping of str to int, optional
        The same by column, where one differs.

    Returns
    -------
    DataFrame
        A column each, NaN where unknown; units as in the file.

    Raises
    ------
    FileError
        The file holds no column of months or none of numbers.
    """
    grid = read_grid(own_path(file))
    at = _period_column(grid, "")
    months, filled = _months(grid, at)
    columns = _number_columns(grid, at)
    if not columns:
        raise FileError(f"{grid.name}: no column but {grid.header[at]!r} holds numbers")
    for name in lags or {}:
        _named(grid, name, "indicators: lags")
    table = {}
    for column in columns:
        name = grid.header[column]
        values = pd.Series(_numbers(grid, column)).loc[filled]
        whole = _one_a_month(grid, months, values, at)
        due = _due(pd.PeriodIndex(whole.index), (lags or {}).get(name, lag_days))
        table[name] = whole[due <= pd.Timestamp(as_of)]
    return pd.DataFrame(table).dropna(how="all")


def own_path(file: str | Path) -> Path:
    """Return the path of a file of one's own; relative names start at the project's folder, then here."""
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]+://", str(file)):
        raise FileError(
            f"series: {file} is a web address; save the file first and name it, so that a run repeats"
        )
    path = Path(file).expanduser()
    if not path.is_absolute() and (project_root() / path).is_file():
        path = project_root() / path
    if not path.is_file():
        raise FileError(
            f"series: {file} is not a file; name one that exists, its path from the project's folder"
        )
    if path.stat().st_size > MAX_BYTES:
        raise FileError(f"{path.name}: is larger than {MAX_BYTES // 10**6} MB; keep months and values only")
    return path


def read_grid(path: Path) -> Grid:
    """Return the table of a text file, or of the workbook's sheet in which most rows name a month."""
    # what the file is is told by its first bytes, not by its name
    raw = path.read_bytes()
    if not raw.strip():
        raise FileError(f"{path.name}: is empty; give a table with a column of months and one of values")
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        rows = _workbook_rows(path)
    else:
        rows = _text_rows(path.name, raw)
    rows = _upright([row for row in rows if any(str(cell).strip() for cell in row)])
    first = next((i for i, row in enumerate(rows) if any(_is_period(cell) for cell in row)), None)
    if first is None:
        raise FileError(
            f"{path.name}: no cell is a month; write months as 2024-01, one a row, in a column of their own"
        )
    width = max(map(len, rows))
    head = rows[first - 1] if first else []
    names = [str(cell).strip() for cell in head] + [""] * (width - len(head))
    names = [name or f"column {i}" for i, name in enumerate(names, start=1)]
    seen: Counter[str] = Counter()
    for i, name in enumerate(names):
        seen[name] += 1
        names[i] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    if width < 2:
        raise FileError(f"{path.name}: has one column; give a column of months and one of values")
    above = [" ".join(str(cell) for cell in row if str(cell).strip()) for row in rows[:first]]
    return Grid(path.name, names, rows[first:], above[:-1])


def _upright(rows: list[list[object]]) -> list[list[object]]:
    """Return a table with a row a month, its months in one column.

    Turned is one whose months stand side by side, as the National Bureau of Statistics of China gives them;
    joined are a column of years and one of months, where no cell names both.
    """
    for i, row in enumerate(rows):
        filled = [cell for cell in row[1:] if str(cell).strip()]
        if len(filled) >= SIDE_BY_SIDE and sum(map(_written_as_date, filled)) >= MOST * len(filled):
            width = len(row)
            whole = [[*other, *[""] * width][:width] for other in rows[i:]]
            return [*rows[:i], *map(list, zip(*whole, strict=True))]
    if any(_is_period(cell) for row in rows for cell in row):
        return rows
    for i, row in enumerate(rows):
        names = [str(cell).strip().casefold() for cell in row]
        year = next((at for at, name in enumerate(names) if name in _YEAR), None)
        month = next((at for at, name in enumerate(names) if name in _MONTH), None)
        if year is not None and month is not None:
            return [*rows[:i], *_joined(rows[i:], year, month)]
    return rows


def _joined(rows: list[list[object]], year: int, month: int) -> list[list[object]]:
    """Return a table with year and month in one cell; a year may stand once for all its months."""
    found: list[list[object]] = []
    newest = ""
    for row in rows:
        cells = [*row, "", ""]
        others = [cell for at, cell in enumerate(row) if at not in (year, month)]
        digits = re.match(r"\d{4}", str(cells[year]).strip())
        newest = digits[0] if digits else newest
        number = re.fullmatch(r"(\d{1,2})(?:\.0)?\s*月?", str(cells[month]).strip())
        name = f"{number[1]}/{newest}" if number else f"{str(cells[month]).strip()} {newest}"
        found.append([name if found and newest else f"{cells[year]} {cells[month]}", *others])
    return found


def _is_period(cell: object) -> bool:
    return month_of(cell) is not None or is_quarter(cell)


def _written_as_date(cell: object) -> bool:
    """Say whether a cell is written as a date or a quarter and is no number that could pass for one."""
    if isinstance(cell, dt.date):
        return True
    text = str(cell).strip()
    if isinstance(cell, float) or re.fullmatch(r"\d{5}|\d+\.\d*", text):
        return False
    return _is_period(cell)


def _workbook_rows(path: Path) -> list[list[object]]:
    try:
        sheets = pd.read_excel(path, sheet_name=None, header=None, dtype=object, engine="calamine")
    except Exception as error:  # calamine names its errors by its own types, a wrong file by a ValueError
        raise FileError(
            f"{path.name}: is a workbook that cannot be read ({error}); save it as .csv"
        ) from error
    tables = [sheet.astype(object).where(sheet.notna(), "").to_numpy().tolist() for sheet in sheets.values()]
    # a download often begins with a sheet of notes
    return max(
        tables, key=lambda rows: sum(_written_as_date(cell) for row in rows for cell in row), default=[]
    )


def _text_rows(name: str, raw: bytes) -> list[list[object]]:
    text = None
    for encoding in _encodings(raw):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if text is None or "\x00" in text:
        raise FileError(f"{name}: is neither text nor a workbook; save the table as .csv or .xlsx")
    lines = [line for line in text.splitlines() if line.strip()][:50]
    # the mark that splits most lines into the same number of columns
    counts = {mark: Counter(line.count(mark) for line in lines if mark in line) for mark in ("\t", ";", ",")}
    mark = max(counts, key=lambda m: (max(counts[m].values(), default=0), m != ","))
    return [list(row) for row in csv.reader(io.StringIO(text), delimiter=mark)]


def _encodings(raw: bytes) -> tuple[str, ...]:
    """Return the encodings to try; UN Comtrade writes accents as single bytes, Chinese takes two a letter."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    alone = max(map(len, re.findall(rb"[\x80-\xff]+", raw)), default=0) == 1
    return ("utf-8-sig", "cp1252" if alone and b"\x00" not in raw else "gb18030")


def _period_column(grid: Grid, wanted: str) -> int:
    if wanted:
        return _named(grid, wanted, "period_column")
    best, best_sure, share = 0, False, 0.0
    for at in range(len(grid.header)):
        filled = [cell for cell in grid.column(at) if str(cell).strip()]
        here = sum(map(_is_period, filled)) / max(len(filled), 1)
        # 25934 may be a spreadsheet's day and 2019.5 a month: a column that can be nothing else goes first
        sure = here >= MOST and sum(map(_written_as_date, filled)) >= MOST * len(filled)
        if filled and (sure, here) > (best_sure, share):
            best, best_sure, share = at, sure, here
    if share < MOST:
        raise FileError(f"{grid.name}: no column holds months throughout; name it with period_column")
    return best


def _named(grid: Grid, name: str, parameter: str) -> int:
    if name not in grid.header:
        raise FileError(f"{parameter}: {grid.name} has no column {name!r}; it has {', '.join(grid.header)}")
    return grid.header.index(name)


def _value_column(grid: Grid, period_at: int, wanted: str) -> int:
    if wanted:
        return _named(grid, wanted, "value_column")
    columns = _number_columns(grid, period_at)
    known = [at for at in columns if grid.header[at].casefold() in KNOWN_VALUES]
    if len(columns) != 1 and len(known) == 1:
        return known[0]
    columns = [at for at in columns if not _counts_rows(grid, at)] or columns
    columns = [at for at in columns if not _NO_VALUES.search(grid.header[at])] or columns
    if not columns:
        raise FileError(f"{grid.name}: no column but {grid.header[period_at]!r} holds numbers")
    if len(columns) > 1:
        names = ", ".join(repr(grid.header[at]) for at in columns[:12])
        raise FileError(f"{grid.name}: several columns hold numbers ({names}); name one with value_column")
    return columns[0]


def _counts_rows(grid: Grid, at: int) -> bool:
    """Say whether a column without a name of its own counts the rows."""
    if not _COUNTER.fullmatch(grid.header[at]):
        return False
    steps = np.diff(_parsed(grid.column(at)))
    return bool((np.abs(steps) == 1).all() and (steps == steps[:1]).all())


def _number_columns(grid: Grid, period_at: int) -> list[int]:
    columns = []
    for at in range(len(grid.header)):
        cells = [cell for cell in grid.column(at) if not _missing(cell)]
        if at == period_at or not cells:
            continue
        values = _parsed(cells)
        dates = sum(map(_written_as_date, cells))
        if np.isfinite(values).mean() >= MOST and dates < MOST * len(cells):
            columns.append(at)
    return columns


def _missing(cell: object) -> bool:
    return cell is None or str(cell).strip().lower() in _MISSING


def _decimal_comma(text: str) -> int:
    """Say what a number's marks speak for: 1 a decimal comma, -1 a decimal point, 0 neither."""
    if "," in text and "." in text:
        return 1 if text.rfind(",") > text.rfind(".") else -1
    if "," in text:
        return -1 if re.fullmatch(r"-?\d{1,3}(,\d{3})+", text) else 1
    return 0 if "." not in text else 1 if text.count(".") > 1 else -1


def _parsed(cells: list[object]) -> np.ndarray:
    """Return cells as floats, NaN where they are none; a decimal comma is told from the column as a whole."""
    text = [_BLANK.sub("", str(cell)) for cell in cells]
    if sum(map(_decimal_comma, text)) > 0:
        text = [t.replace(".", "").replace(",", ".") for t in text]
    else:
        text = [t.replace(",", "") for t in text]
    return pd.to_numeric(pd.Series(text, dtype=object), errors="coerce").to_numpy(float)


def _numbers(grid: Grid, at: int) -> np.ndarray:
    cells = grid.column(at)
    gaps = np.array([_missing(cell) for cell in cells])
    values = np.full(len(cells), np.nan)
    values[~gaps] = _parsed([cell for cell, gap in zip(cells, gaps, strict=True) if not gap])
    wrong = np.flatnonzero(~gaps & np.isnan(values))
    if len(wrong):
        raise FileError(
            f"{grid.name}: {str(cells[wrong[0]]).strip()!r} in column {grid.header[at]!r} is not a "
            "number; leave the cell empty where a value is not known"
        )
    return values


def _months(grid: Grid, at: int) -> tuple[pd.PeriodIndex, list[int]]:
    """Return the months of the rows that name one, and the numbers of these rows."""
    cells = grid.column(at)
    if sum(is_quarter(cell) for cell in cells) > len(cells) / 2:
        raise FileError(f"{grid.name}: holds quarters, not months; a forecast needs the months themselves")
    months, filled = [], []
    for i, cell in enumerate(cells):
        month = month_of(cell)
        if month is not None:
            months.append(month)
            filled.append(i)
        elif str(cell).strip() and filled and i < len(cells) - 3:
            raise FileError(
                f"{grid.name}: {str(cell).strip()!r} in column {grid.header[at]!r} is not a month; "
                "write it 2024-01"
            )
    days = [day_of(cells[i]) for i in filled]
    _refuse_days(grid.name, [day for day in days if day is not None])
    return pd.PeriodIndex(months, freq="M"), filled


def _refuse_days(name: str, days: list[dt.date]) -> None:
    """Refuse daily and weekly data: different days of the same month."""
    by_month: dict[tuple[int, int], set[int]] = {}
    for day in days:
        by_month.setdefault((day.year, day.month), set()).add(day.day)
    several = sum(len(found) > 2 for found in by_month.values())
    if several > len(by_month) / 2:
        raise FileError(f"{name}: holds days or weeks, not months; add them up by month first")


def _one_a_month(grid: Grid, months: pd.PeriodIndex, values: pd.Series, at: int) -> pd.Series:
    """Return one value a month, in order, without gaps in the index."""
    series = pd.Series(values.to_numpy(float), index=months)
    for month, rows in series.groupby(level=0):
        if rows.nunique(dropna=False) > 1:
            where = _told_apart(grid, at, pd.Period(str(month), "M"))
            raise FileError(f"{grid.name}: {month} appears {len(rows)} times with different values{where}")
    series = series[~series.index.duplicated()].sort_index()
    gaps = np.diff(pd.PeriodIndex(series.dropna().index).asi8)
    if len(gaps) > 3 and (step := int(np.median(gaps))) > 1:
        kind = {3: ": quarters", 6: ": half-years", 12: ": years"}.get(step, "")
        which = {2: "second", 3: "third"}.get(step, f"{step}th")
        raise FileError(f"{grid.name}: holds every {which} month{kind}; a forecast needs the months")
    if len(series) and (series.index[-1] - series.index[0]).n > LONGEST:
        raise FileError(f"{grid.name}: spans {series.index[0]} to {series.index[-1]}; keep fifty years")
    return series.reindex(pd.period_range(series.index[0], series.index[-1], freq="M"))


def _told_apart(grid: Grid, at: int, month: pd.Period) -> str:
    """Say which columns tell the rows of one month apart, e.g. flow or partner, and what to do."""
    rows = [row for row in grid.rows if month_of(row[at]) == month]
    found: dict[tuple[int, ...], list[tuple[str, list[str]]]] = {}
    for i, name in enumerate(grid.header):
        cells = [str(row[i]).strip() if i < len(row) else "" for row in rows]
        words = sorted(set(cells))
        filled = [word for word in words if not _missing(word)]
        coded = name.lower().endswith("code") or (filled and np.isnan(_parsed(list(filled))).all())
        if i != at and len(words) > 1 and coded:
            # columns that part the rows in the same way (code, abbreviation, name) are one
            found.setdefault(tuple(cells.index(cell) for cell in cells), []).append((name, words))
    names = []
    for parting, columns in found.items():
        finer = any(
            len({*zip(parting, other, strict=True)}) == len(set(other)) for other in found if other != parting
        )
        if not finer:
            # the longest words say most: World rather than 0 or W00
            names.append(max(columns, key=lambda column: sum(map(len, column[1]))))
    if not names:
        return "; keep one row a month"
    told = "; ".join(
        f"{name} ({', '.join(words[:3])}{', …' * (len(words) > 3)})" for name, words in names[:3]
    )
    one = " and one ".join(name for name, _ in names[:3])
    return f", told apart by {told}; keep one row a month: only those of one {one}"


def _due(months: pd.PeriodIndex, lag_days: int) -> pd.Series:
    ends = months.to_timestamp(how="end").normalize() + pd.Timedelta(days=lag_days)
    return pd.Series(ends, index=months)


def _published(
    grid: Grid,
    column: str,
    months: pd.PeriodIndex,
    filled: list[int],
    index: pd.PeriodIndex,
    lag_days: int,
) -> pd.Series:
    """Return the day on which each month became known."""
    due = _due(index, lag_days)
    if not column:
        return due
    cells = grid.column(_named(grid, column, "published_column"))
    for month, i in zip(months, filled, strict=True):
        if _missing(cells[i]):
            continue
        day = day_of(cells[i])
        if day is None:
            raise FileError(f"{grid.name}: {cells[i]!r} in column {column!r} is not a day; write 2024-02-07")
        if pd.Timestamp(day) <= month.to_timestamp():
            raise FileError(f"{grid.name}: {month} cannot have been published on {day}, before it began")
        due.loc[month] = pd.Timestamp(day)  # type: ignore[call-overload]  # a month is its label
    return due


def check_values(name: str, known: pd.Series) -> None:
    """Refuse values of which no model on logarithms can say anything."""
    wrong = known[known <= 0]
    if len(wrong):
        raise FileError(
            f"{name}: {wrong.iloc[0]:g} in {wrong.index[0]} is not above zero; the models work on "
            "logarithms, which zero and negative values do not have: forecast the two sides of a balance "
            "apart, or leave the month empty"
        )
    if known.notna().sum() < SHORTEST:
        raise FileError(
            f"{name}: {known.notna().sum()} months are known; a forecast needs at least {SHORTEST}"
        )
    if known.nunique() == 1:
        raise FileError(f"{name}: every month is {known.iloc[-1]:g}; there is nothing to forecast")
    late = known.index[pd.PeriodIndex(known.index).to_timestamp() > pd.Timestamp.now()]
    if len(late):
        raise FileError(f"{name}: {late[0]} lies in the future; leave out what is planned, not known")
