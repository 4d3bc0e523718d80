"""Checks of what a forecast is asked for, and the origin built from it."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.base.months import column_logs, in_year, monthly_index, months_from, ordinals_of
from chipexports.forecast.methods.task import YEAR, Task
from chipexports.record.festival import NAMES, calendar_rows
from chipexports.series import History

#: months of history used at most: older ones say little about today's growth and seasonality
HISTORY_MONTHS = 144
#: so many known months at equal distances of more than one are a pattern, not gaps
REGULAR_GAPS = 6
#: a year-to-date falls at least so far, in logs, when it starts again
RESET = float(np.log(2.5))
#: and its second month is at least so many times the first
SECOND_MONTH = 1.3
#: a series is calm, and a jump in it suspicious, if its usual monthly change (logs) is below this
CALM = 0.25
#: how near to a power of ten, in logs, a jump is
NEAR_POWER = 0.5
#: longest distance from the last known month to December of the target year
MAX_HORIZON = 24


class SeriesError(UsageError):
    """The series is not a positive monthly series in one unit with unique months."""


class SeriesWarning(UserWarning):
    """The series is forecast as it is, though it looks wrong."""


class GapError(SeriesError):
    """A month inside the target year is missing although a later one is known."""


class TooShortError(UsageError):
    """The series has fewer months than any of the methods asked for needs."""


class YearError(UsageError):
    """The target year is over for this series, or too far away."""


class MethodError(UsageError):
    """A method or a combination that does not exist, or none at all."""


def check_series(series: pd.Series) -> pd.Series:
    """Return the series as floats from its first to its last known month, NaN where one is missing.

    Refused are an index that is not monthly, a month given twice, values that are not positive and finite,
    and values that are plainly no months in one unit: one month in two, three, … known; sums since January; a
    jump by a power of ten in a calm series (a fall to a tenth only warns, while it lasts).
    """
    if not isinstance(series, pd.Series):
        raise SeriesError(
            f"series: {type(series).__name__} is not a pandas Series; give one value a month, or a History"
        )
    if not isinstance(series.index, pd.PeriodIndex) or series.index.freqstr != "M":
        raise SeriesError(f"series: {_not_monthly(series.index)}")
    if series.index.has_duplicates:
        month = series.index[series.index.duplicated()][0]
        raise SeriesError(f"series: {month} appears twice; keep one value a month")
    values = pd.to_numeric(series, errors="coerce").astype(float)
    wrong = (values.isna() & series.notna()) | (values <= 0) | np.isinf(values)
    if wrong.any():
        month, value = series.index[wrong.to_numpy()][0], series.to_numpy()[wrong.to_numpy()][0]
        raise SeriesError(f"series: '{value}' in {month} is not a positive number; put NaN if unknown")
    known = values.dropna().sort_index()
    if known.empty:
        raise TooShortError("series: no month is known; give at least one year")
    whole = known.reindex(pd.period_range(known.index[0], known.index[-1], freq="M"))
    recent = known[known.index > known.index[-1] - HISTORY_MONTHS]
    for look in (_regular_gaps, _year_to_dates, _unit_slip):
        suspicion = look(recent)
        if suspicion:
            raise SeriesError(f"series: {suspicion}")
    return whole


def _not_monthly(index: pd.Index) -> str:
    """Say what an index seems to hold and how it becomes one of months."""
    if isinstance(index, pd.PeriodIndex):
        step = {"Q": 91.0, "Y": 365.0, "W": 7.0, "D": 1.0, "B": 1.0}.get(index.freqstr[0], 0.0)
        what = f"the index has frequency {index.freqstr!r}, not 'M'"
    elif isinstance(index, pd.DatetimeIndex):
        days = np.diff(np.sort(index.to_numpy())) / np.timedelta64(1, "D")
        step = float(np.median(days)) if len(days) else 30.0
        what = "the index holds dates, not months"
    else:
        return "needs a monthly PeriodIndex; make one with pd.PeriodIndex(months, freq='M')"
    if step > 45:
        return f"{what}, one in {max(round(step / 30.4), 2)} months; monthly values are needed"
    if step >= 25:
        return f"{what}; use series.index.to_period('M')"
    return f"{what}; add them up first: series.groupby(series.index.{_to_months(index)}).sum()"


def _to_months(index: pd.Index) -> str:
    return "to_period('M')" if isinstance(index, pd.DatetimeIndex) else "asfreq('M')"


def _regular_gaps(known: pd.Series) -> str:
    """Say where only every second, third, … month is known, if so."""
    ordinals = ordinals_of(known)
    steps = np.diff(ordinals)
    start = 0
    for i in range(1, len(steps) + 1):
        if i < len(steps) and steps[i] == steps[start]:
            continue
        step, run = (int(steps[start]), i - start) if len(steps) else (1, 0)
        if step > 1 and run >= REGULAR_GAPS:
            first, last = known.index[start], known.index[i]
            kind = {3: ", is it quarterly", 6: ", is it half-yearly", 12: ", is it yearly"}.get(step, "")
            return (
                f"from {first} to {last} one month in {step} is known{kind}? Give every month, or begin the "
                f"series after {last}"
            )
        start = i
    return ""


def _year_to_dates(known: pd.Series) -> str:
    """Say that values look like sums since the start of the year, if so."""
    ordinals, log = ordinals_of(known), np.log(known.to_numpy())
    change = np.diff(log)
    falls = np.flatnonzero(change < 0) + 1
    if not len(falls) or len(known) <= YEAR or (change[falls - 1] > -RESET).any():
        return ""
    again = np.unique(ordinals[falls] % YEAR)
    if (
        len(again) > 1
        or (len(falls) < 2 and again[0] != 0)
        or len(falls) < (ordinals[-1] - ordinals[0]) // YEAR
    ):
        return ""
    second = falls[falls < len(change)]
    if not len(second) or np.median(change[second]) < np.log(SECOND_MONTH):
        return ""  # the second month of a sum about doubles the first
    month = known.index[falls[0]].strftime("%B")
    return (
        f"every year rises month by month and starts again in {month}: are these year-to-dates? Take the "
        "differences within each year"
    )


def _unit_slip(known: pd.Series) -> str:
    """Say where an otherwise calm series jumps by a power of ten, if so."""
    if len(known) < 2 * YEAR or (np.diff(ordinals_of(known)) > 1).mean() > 0.5:
        return ""
    series = known.reindex(pd.period_range(known.index[0], known.index[-1], freq="M"))
    log = np.log(series.to_numpy())
    change = np.diff(log, prepend=np.nan)
    usual = 1.4826 * np.nanmedian(np.abs(change))
    if usual > CALM:
        return ""
    for t in np.flatnonzero(np.isfinite(change) & (np.abs(change) > max(np.log(6), 8 * usual))):
        same = change[t % YEAR :: YEAR]  # what is usual at that time of the year is no slip
        others = same[np.isfinite(same) & (np.arange(len(same)) != t // YEAR)]
        beyond = change[t] - (np.median(others) if len(others) else 0.0)
        power = round(abs(beyond) / np.log(10))
        if power < 1 or change[t] * beyond < 0 or abs(abs(beyond) - power * np.log(10)) > NEAR_POWER:
            continue
        before, after = log[:t][np.isfinite(log[:t])], log[t]
        rises = change[t] > 0
        if rises and after <= before.max() + np.log(2):
            continue  # the return from a fall
        size = f"{10**power:,} times" if rises else f"1/{10**power:,} of"
        month = monthly_index(series)[int(t)]
        words = (
            f"{month} is about {size} the month before, in a series that usually moves by "
            f"{100 * usual:.0f}%: has the unit slipped? Give all months in one unit"
        )
        if rises or power > 1:
            return words
        # a fall to a tenth has happened in earnest; while it lasts it is said, once it is over it is history
        if log[np.isfinite(log)][-1] < before.max() - np.log(5):
            warnings.warn(f"series: {words}", SeriesWarning, stacklevel=4)
    return ""


def published_months(series: pd.Series, year: int) -> pd.Series:
    """Return the known months of ``year``, January first; empty where none is known.

    A YearError says that the series begins after January or ends more than a year before, a GapError that a
    month before the last known one is missing.
    """
    if isinstance(year, bool) or not isinstance(year, int | np.integer):
        raise YearError(f"year: {year!r} is not a whole number; write 2026")
    first, last = series.index[0], series.index[-1]
    if first > pd.Period(f"{year}-01", "M"):
        raise YearError(f"year: {year} is not whole in the series, which begins {first}; take a later year")
    if (pd.Period(f"{year}-12", "M") - last).n > MAX_HORIZON:
        raise YearError(
            f"year: {year} is too far from the last month known, {last}; forecast {last.year + 1}"
        )
    published = in_year(series, year)
    missing = monthly_index(published)[published.isna()]
    if len(missing):
        raise GapError(
            f"series: {missing[0]} is missing but {last} is known; fill it or cut the series before it"
        )
    return published


def _calendar_rows(calendar: pd.DataFrame | None, ordinals: np.ndarray) -> np.ndarray:
    if calendar is None:
        return calendar_rows(ordinals)
    months = months_from(ordinals[0], len(ordinals))
    rows = calendar.reindex(months).to_numpy(dtype=float)
    if np.isnan(rows).any():
        month = months[np.isnan(rows).any(axis=1)][0]
        raise UsageError(f"calendar: no value for {month}; give every month from {months[0]} to {months[-1]}")
    return rows


def as_history(
    data: History | pd.Series,
    *,
    calendar: pd.DataFrame | None = None,
    indicators: pd.DataFrame | None = None,
    estimated: pd.Series | None = None,
) -> History:
    """Return what a forecast is made from: a History whose values, tables and standard errors are checked.

    What is given beside it takes the place of the History's own.
    """
    history = data if isinstance(data, History) else History(data, "")
    return replace(
        history,
        values=check_series(history.values),
        calendar=_check_table("calendar", history.calendar if calendar is None else calendar),
        indicators=_check_table("indicators", history.indicators if indicators is None else indicators),
        standard_errors=_check_errors(history.standard_errors if estimated is None else estimated),
    )


def _check_table(name: str, table: pd.DataFrame | None) -> pd.DataFrame | None:
    """Refuse what is not a table by month."""
    if table is None:
        return None
    if isinstance(table, pd.Series):
        raise UsageError(f"{name}: a Series where a table is wanted; use {name}.to_frame('name')")
    if not isinstance(table, pd.DataFrame):
        raise UsageError(f"{name}: {type(table).__name__} is not a DataFrame; give a column a series")
    if not isinstance(table.index, pd.PeriodIndex) or table.index.freqstr != "M":
        raise UsageError(f"{name}: need a monthly PeriodIndex; use index.to_period('M')")
    if table.index.has_duplicates:
        month = table.index[table.index.duplicated()][0]
        raise UsageError(f"{name}: {month} appears twice; keep one row a month")
    if not all(pd.api.types.is_numeric_dtype(kind) for kind in table.dtypes):
        column = next(c for c in table if not pd.api.types.is_numeric_dtype(table[c]))
        raise UsageError(f"{name}: column {column!r} does not hold numbers; use pd.to_numeric")
    return table


def _check_errors(errors: pd.Series | None) -> pd.Series | None:
    """Refuse what are no standard errors by month."""
    if errors is None:
        return None
    if not isinstance(errors, pd.Series) or not isinstance(errors.index, pd.PeriodIndex):
        raise UsageError("estimated: need a Series of standard errors with a monthly PeriodIndex")
    values = pd.to_numeric(errors, errors="coerce").astype(float)
    wrong = (values.isna() & errors.notna()) | (values < 0) | np.isinf(values)
    if wrong.any():
        month = errors.index[wrong.to_numpy()][0]
        raise UsageError(
            f"estimated: {errors[wrong].iloc[0]} in {month} is not a standard error; give a positive number, "
            "or NaN where figures give the month"
        )
    return values


def checked_numbers(name: str, values: object, example: str) -> tuple[float, ...]:
    """Return a list of finite numbers as floats; the refusal of anything else shows what to write."""
    if isinstance(values, str | bytes | dict) or not isinstance(values, Iterable):
        raise UsageError(f"{name}: {values!r} is not a list; write {example}")
    numbers = list(values)
    for value in numbers:
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float | np.number)
            or not np.isfinite(value)
        ):
            raise UsageError(f"{name}: {value!r} is not a number; write {example}")
    return tuple(float(value) for value in numbers)


def check_sample(n_paths: int, seed: int) -> None:
    """Refuse fewer than two paths, and a seed that is not a whole number of at least 0."""
    if isinstance(n_paths, bool) or not isinstance(n_paths, int | np.integer) or n_paths < 2:
        raise UsageError(f"n_paths: {n_paths!r} is not a whole number of at least 2; 2000 is usual")
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise UsageError(f"seed: {seed!r} is not a whole number of at least 0; 0 is usual")


def make_task(history: History, year: int, n_paths: int, seed: int) -> tuple[Task, float]:
    """Return the origin at a checked history's end, and the centre: the mean log of its last twelve months.

    The last 144 months are used, less the centre; a month without calendar regressors, up to December of
    ``year``, is refused.
    """
    series = history.values.iloc[-HISTORY_MONTHS:]
    log = np.log(series.to_numpy())
    centre = float(np.nanmean(log[-YEAR:]))
    horizon = (pd.Period(f"{year}-12", "M") - series.index[-1]).n
    first = int(ordinals_of(series)[0])
    ordinals = first + np.arange(len(log) + horizon)
    return Task(
        # rounded, so that a series in another unit gives the same logs to the last bit
        log=np.round(log - centre, 10),
        first=first,
        year=year,
        horizon=horizon,
        months_published=max(YEAR - horizon, 0),
        regressors=_calendar_rows(history.calendar, ordinals),
        n_paths=n_paths,
        seed=seed,
        log_se=_log_errors(history, series),
        panel={} if history.indicators is None else column_logs(history.indicators),
    ), centre


def _log_errors(history: History, series: pd.Series) -> np.ndarray:
    """Return the standard error of each log, zero where figures give the month."""
    if history.standard_errors is None:
        return np.zeros(len(series))
    errors = history.standard_errors.reindex(series.index).astype(float) / series
    return errors.fillna(0.0).to_numpy()


def calendar_regressors(
    history: History | pd.Series, until: str | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the calendar regressors of the months a forecast is fitted to, and of those ahead.

    Parameters
    ----------
    history : History or Series
        As for `forecast_full_year`; its last 144 months are used.
    until : str, optional
        Last month "YYYY-MM" ahead; by default December of the year after the last month known, or of its
        own year while that is not over.

    Returns
    -------
    (DataFrame, DataFrame)
        ``past`` and ``future``: PeriodIndex[M], a column a regressor (see
        ``chipexports.record.festival``), each less its mean for the calendar month.

    Raises
    ------
    UsageError
        ``until`` is not a month, or lies before the last month known.

    Examples
    --------
    >>> from chipexports.clean import known
    >>> past, future = calendar_regressors(known("2026-11-22").history("export", "USD"), until="2026-12")
    >>> len(past), list(future.index.astype(str))
    (144, ['2026-09', '2026-10', '2026-11', '2026-12'])
    """
    known = as_history(history)
    values = known.values.iloc[-HISTORY_MONTHS:]
    last = monthly_index(values)[-1]
    try:
        end = pd.Period(until or f"{(last + 1).year}-12", "M")
    except ValueError as error:
        raise UsageError(f"until: {until!r} is not a month; write it YYYY-MM") from error
    if end < last:
        raise UsageError(f"until: {end} lies before the last month known, {last}")
    ordinals = np.arange(ordinals_of(values)[0], end.ordinal + 1)
    names = list(NAMES) if known.calendar is None else [str(name) for name in known.calendar]
    rows = _calendar_rows(known.calendar, ordinals)
    table = pd.DataFrame(rows, index=months_from(ordinals[0], len(ordinals)), columns=names)
    return table.iloc[: len(values)], table.iloc[len(values) :]


def log_series(history: History | pd.Series) -> pd.DataFrame:
    """Return the months the engine uses, in logs, with what each rests on.

    Parameters
    ----------
    history : History or Series
        As for `forecast_full_year`.

    Returns
    -------
    DataFrame
        The last 144 months, PeriodIndex[M]: ``log`` of the value, NaN where unknown; ``log_se``, standard
        error of the log, 0 where figures give the month; ``kind`` ("customs", "derived", "estimate").

    Examples
    --------
    >>> from chipexports.clean import known
    >>> table = log_series(known("2026-11-22").history("export", "USD"))
    >>> len(table), list(table.columns)
    (144, ['log', 'log_se', 'kind'])
    """
    known = as_history(history)
    values = known.values.iloc[-HISTORY_MONTHS:]
    errors = _log_errors(known, values)
    kind = pd.Series(np.where(errors > 0, "estimate", "customs"), index=values.index)
    if known.kind is not None:
        kind = known.kind.reindex(values.index)
    return pd.DataFrame({"log": np.log(values), "log_se": errors, "kind": kind})
