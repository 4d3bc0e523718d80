"""Why the forecast moved between two dates: revisions, each new month, re-estimation."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.base.months import monthly_index
from chipexports.forecast.fullyear import forecast_full_year
from chipexports.forecast.questions.condition import condition_on
from chipexports.record.calendar import as_of_dates
from chipexports.series import History

STEPS = ("start", "revision", "news", "reestimation", "end")


def day_before_last_release(history: History) -> str:
    """Return the day before the last month of a history became known, "YYYY-MM-DD".

    Parameters
    ----------
    history : History
        Of the record, or of one's own file.

    Returns
    -------
    str
        As `chipexports.clean.known` takes it.
    """
    last, as_of = str(history.last), dt.date.fromisoformat(history.as_of)
    if history.published is not None:
        day = pd.Timestamp(history.published.loc[str(history.last)]).date()
        return str(min(day, as_of) - dt.timedelta(days=1))
    known_on = [day for _, day in as_of_dates(last, last)] or [as_of]
    return str(min(known_on[-1], as_of) - dt.timedelta(days=1))


def why_moved(old: History, new: History, year: int, **settings: Any) -> pd.DataFrame:
    """Split the change of the year's median between two dates into parts that add up exactly.

    Parameters
    ----------
    old, new : History
        What was known at the earlier and at the later date.
    year : int
        Target year of both.
    **settings
        Passed to ``forecast_full_year`` (methods, combination, n_paths, seed).

    Returns
    -------
    DataFrame
        ``step`` (start, revision, news, reestimation, end), ``period`` (the new month, for news),
        ``expected, actual`` (for news), ``contribution`` and ``total`` after the step. The
        contributions of the steps between start and end add up to end less start.

    Raises
    ------
    UsageError
        If the later inputs end before the earlier ones.

    Notes
    -----
    *Revision*: the forecast made again at the old origin with the months then known as they stand
    now, less the old forecast. *News* of a month: its value put into those joint paths, the other
    months moving along by their joint distribution, parameters as they were; one month after the
    other. *Re-estimation*: the rest, the new forecast less all that: parameters, weights and
    calibration at the new origin, and the indicators' news. After the news decomposition of Banbura
    & Modugno (2014), with joint paths in place of a linear filter.
    """
    start, end = (forecast_full_year(one, year, **settings) for one in (old, new))
    last_old, last_new = (monthly_index(one.values.dropna())[-1] for one in (old, new))
    if last_new < last_old:
        raise UsageError(
            f"news: the later inputs end {last_new}, before the earlier ones ({last_old}); swap them"
        )
    rows = [("start", "", np.nan, np.nan, np.nan, start.median)]
    as_revised = replace(
        new,
        values=new.values[:last_old],
        standard_errors=_cut(new.standard_errors, last_old),
        indicators=old.indicators,
    )
    unchanged = as_revised.values.equals(old.values[:last_old]) and _same(old, as_revised)
    revised = start if unchanged else forecast_full_year(as_revised, year, **settings)
    rows.append(("revision", "", np.nan, np.nan, revised.median - start.median, revised.median))
    paths, total = revised.paths, revised.median
    for month in revised.months[(revised.months > last_old) & (revised.months <= last_new)]:
        column, value = month.month - 1, float(new.values.reindex([month]).iloc[0])
        expected = float(np.median(paths[:, column]))
        paths = condition_on(paths, {column: value})
        moved = float(np.median(paths.sum(axis=1)))
        rows.append(("news", str(month), expected, value, moved - total, moved))
        total = moved
    rows.append(("reestimation", "", np.nan, np.nan, end.median - total, end.median))
    rows.append(("end", "", np.nan, np.nan, np.nan, end.median))
    return pd.DataFrame(rows, columns=["step", "period", "expected", "actual", "contribution", "total"])


def _cut(errors: pd.Series | None, last: pd.Period) -> pd.Series | None:
    return None if errors is None else errors[:last]


def _same(old: History, revised: History) -> bool:
    """Say whether the standard errors of the estimated months are the same too."""
    if old.standard_errors is None or revised.standard_errors is None:
        return old.standard_errors is None and revised.standard_errors is None
    return old.standard_errors.equals(revised.standard_errors)
