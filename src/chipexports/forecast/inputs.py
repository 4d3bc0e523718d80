"""Checks of what a forecast is asked for, and the origin built from it."""

from __future__ import annotations

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
#: longest distance from the last known month to December of the target year
MAX_HORIZON = 24


class SeriesError(UsageError):
    """The series is not a positive monthly series with unique months."""


class GapError(SeriesError):
    """A month inside the target year is missing although a later one is known."""


class TooShortError(UsageError):
    """The series has fewer months than any of the methods asked for needs."""


class YearError(UsageError):
    """The target year is over for this series, or too far away."""


class MethodError(UsageError):
    """A method or a combination that does not exist, or none at all."""


def check_series(series: pd.Series) -> pd.Series:
    """Return the series sorted, gap-free (NaN where missing) and cut after its last known month.

    Parameters
    ----------
    series : Series
        Positive monthly values, PeriodIndex[M]; any unit.

    Returns
    -------
    Series
        Float, from the first to the last known month; unit as given.

    Raises
    ------
    SeriesError
        If the index is not monthly, a month stands twice, or a value is not positive and finite.
    TooShortError
        If no month is known.
    """
    if not isinstance(series, pd.Series) or not isinstance(series.index, pd.PeriodIndex):
        raise SeriesError(
            "series: needs a pandas Series with a monthly PeriodIndex; use series.index.to_period('M')"
        )
    if series.index.freqstr != "M":
        raise SeriesError(
            f"series: the index has frequency {series.index.freqstr!r}, not 'M'; resample to months"
        )
    if series.index.has_duplicates:
        month = series.index[series.index.duplicated()][0]
        raise SeriesError(f"series: {month} stands twice; keep one value a month")
    values = pd.to_numeric(series, errors="coerce").astype(float)
    wrong = (values.isna() & series.notna()) | (values <= 0) | np.isinf(values)
    if wrong.any():
        month, value = series.index[wrong.to_numpy()][0], series.to_numpy()[wrong.to_numpy()][0]
        raise SeriesError(f"series: '{value}' in {month} is not a positive number; put NaN if unknown")
    known = values.dropna().sort_index()
    if known.empty:
        raise TooShortError("series: no month is known; give at least one year")
    return known.reindex(pd.period_range(known.index[0], known.index[-1], freq="M"))


def published_months(series: pd.Series, year: int) -> pd.Series:
    """Return the known months of ``year``, January first.

    Parameters
    ----------
    series : Series
        As `check_series` returns it.
    year : int
        Target year.

    Returns
    -------
    Series
        Up to twelve months, unit of the series; empty where none is known.

    Raises
    ------
    YearError
        If the series begins after ``year`` or ends more than a year before it.
    GapError
        If a month is missing between January and the last known one.
    """
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


def _panel(indicators: pd.DataFrame | None) -> dict[str, tuple[np.ndarray, int]]:
    if indicators is None:
        return {}
    if not isinstance(indicators.index, pd.PeriodIndex) or indicators.index.freqstr != "M":
        raise UsageError("indicators: need a monthly PeriodIndex; use index.to_period('M')")
    return column_logs(indicators)


def as_history(
    data: History | pd.Series,
    *,
    calendar: pd.DataFrame | None = None,
    indicators: pd.DataFrame | None = None,
    estimated: pd.Series | None = None,
) -> History:
    """Return what a forecast is made from, its values checked.

    Parameters
    ----------
    data : History or Series
        A History, or its values alone.
    calendar, indicators, estimated
        As for `forecast_full_year`; what is given takes the place of the History's own.

    Returns
    -------
    History
        Values as `check_series` returns them.

    Raises
    ------
    SeriesError, TooShortError
        As for `check_series`.
    """
    history = data if isinstance(data, History) else History(data, "")
    return replace(
        history,
        values=check_series(history.values),
        calendar=history.calendar if calendar is None else calendar,
        indicators=history.indicators if indicators is None else indicators,
        standard_errors=history.standard_errors if estimated is None else estimated,
    )


def check_sample(n_paths: int, seed: int) -> None:
    """Refuse a number of paths or a seed that is none.

    Raises
    ------
    UsageError
        With what is usual.
    """
    if not isinstance(n_paths, int | np.integer) or n_paths < 2:
        raise UsageError(f"n_paths: {n_paths!r} is not a whole number of at least 2; 2000 is usual")


def make_task(history: History, year: int, n_paths: int, seed: int) -> tuple[Task, float]:
    """Return the origin a history stands at, and the centre that was taken from its logs.

    Parameters
    ----------
    history : History
        As `as_history` returns it; its last 144 months are used. Its calendar holds every month from the
        first one used to December of ``year``.
    year : int
        Target year, for which `published_months` raises nothing and which is not complete.
    n_paths, seed : int
        Number of simulated paths, and the seed from which each method derives its stream.

    Returns
    -------
    (Task, float)
        The origin, and the mean log of the last twelve months, subtracted from its logs.

    Raises
    ------
    UsageError
        If a month has no calendar regressors, or the indicators' index is not monthly.
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
        panel=_panel(history.indicators),
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
