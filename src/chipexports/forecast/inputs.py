"""Checks of what a forecast is asked for, and the origin built from it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.base.months import column_logs, in_year, monthly_index, months_from, ordinals_of
from chipexports.forecast.methods.task import YEAR, Task
from chipexports.record.festival import calendar_rows

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
        If the series knows a month after ``year`` or ends more than a year before it.
    GapError
        If a month is missing between January and the last known one.
    """
    last = series.index[-1]
    if last.year > year:
        raise YearError(
            f"year: {year} is over, the series runs to {last}; forecast {last.year} or cut it at {year}-12"
        )
    if (pd.Period(f"{year}-12", "M") - last).n > MAX_HORIZON:
        raise YearError(
            f"year: {year} is too far from the last month known, {last}; forecast {last.year + 1}"
        )
    published = in_year(series, year)
    months = pd.period_range(f"{year}-01", periods=len(published), freq="M")
    missing = months.difference(monthly_index(published.dropna()))
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


def make_task(
    series: pd.Series,
    year: int,
    n_paths: int,
    seed: int,
    calendar: pd.DataFrame | None = None,
    indicators: pd.DataFrame | None = None,
    estimated: pd.Series | None = None,
) -> tuple[Task, float]:
    """Return the origin a checked series stands at, and the centre that was taken from its logs.

    Parameters
    ----------
    series : Series
        As `check_series` returns it; its last 144 months are used.
    year : int
        Target year, for which `published_months` raises nothing.
    n_paths, seed : int
        Number of simulated paths, and the seed from which each method derives its stream.
    calendar : DataFrame, optional
        Regressors in columns, PeriodIndex[M], from the first month used to December of ``year``; by
        default those of `calendar_rows`.
    indicators : DataFrame, optional
        Other monthly series in columns, PeriodIndex[M] without a gap, NaN where unknown; any unit.
    estimated : Series, optional
        Standard errors of estimated months, unit of the series; NaN elsewhere.

    Returns
    -------
    (Task, float)
        The origin, and the mean log of the last twelve months, subtracted from its logs.

    Raises
    ------
    UsageError
        If a month has no calendar regressors, or the indicators' index is not monthly.
    """
    series = series.iloc[-HISTORY_MONTHS:]
    log = np.log(series.to_numpy())
    centre = float(np.nanmean(log[-YEAR:]))
    horizon = (pd.Period(f"{year}-12", "M") - series.index[-1]).n
    first = int(ordinals_of(series)[0])
    ordinals = first + np.arange(len(log) + horizon)
    errors = np.zeros(len(log))
    if estimated is not None:
        errors = (estimated.reindex(series.index).astype(float) / series).fillna(0.0).to_numpy()
    return Task(
        # rounded, so that a series in another unit gives the same logs to the last bit
        log=np.round(log - centre, 10),
        first=first,
        year=year,
        horizon=horizon,
        months_published=max(YEAR - horizon, 0),
        regressors=_calendar_rows(calendar, ordinals),
        n_paths=n_paths,
        seed=seed,
        log_se=errors,
        panel=_panel(indicators),
    ), centre
