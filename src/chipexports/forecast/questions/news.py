"""Why the forecast moved between two dates: revisions, each new month, re-estimation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.base.months import monthly_index
from chipexports.forecast.distribution import FullYearForecast
from chipexports.forecast.fullyear import forecast_full_year
from chipexports.forecast.questions.condition import condition_on

STEPS = ("start", "revision", "news", "reestimation", "end")


@dataclass(frozen=True)
class ForecastInputs:
    """What a forecast could see at a date.

    Attributes
    ----------
    series : Series
        Months known.
    indicators : DataFrame or None
    estimated : Series or None
        Standard errors of estimated months.
    """

    series: pd.Series
    indicators: pd.DataFrame | None = None
    estimated: pd.Series | None = None

    def forecast(self, year: int, **settings: Any) -> FullYearForecast:
        """Return the forecast made from these inputs."""
        return forecast_full_year(
            self.series, year, indicators=self.indicators, estimated=self.estimated, **settings
        )


def why_moved(old: ForecastInputs, new: ForecastInputs, year: int, **settings: Any) -> pd.DataFrame:
    """Split the change of the year's median between two dates into parts that add up exactly.

    Parameters
    ----------
    old, new : ForecastInputs
        Inputs at the earlier and the later date.
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
    start, end = old.forecast(year, **settings), new.forecast(year, **settings)
    last_old, last_new = (monthly_index(one.series.dropna())[-1] for one in (old, new))
    if last_new < last_old:
        raise UsageError(
            f"news: the later inputs end {last_new}, before the earlier ones ({last_old}); swap them"
        )
    rows = [("start", "", np.nan, np.nan, np.nan, start.median)]
    revised_inputs = ForecastInputs(new.series[:last_old], old.indicators, _cut(new.estimated, last_old))
    unchanged = revised_inputs.series.equals(old.series[:last_old]) and _same(old, revised_inputs)
    revised = start if unchanged else revised_inputs.forecast(year, **settings)
    rows.append(("revision", "", np.nan, np.nan, revised.median - start.median, revised.median))
    paths, total = revised.paths, revised.median
    for month in revised.months[(revised.months > last_old) & (revised.months <= last_new)]:
        column, value = month.month - 1, float(new.series.reindex([month]).iloc[0])
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


def _same(old: ForecastInputs, revised: ForecastInputs) -> bool:
    """Say whether the standard errors of the estimated months are the same too."""
    if old.estimated is None or revised.estimated is None:
        return old.estimated is None and revised.estimated is None
    return old.estimated.equals(revised.estimated)
