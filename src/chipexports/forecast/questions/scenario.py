"""Scenarios: the year if the remaining months grow at a given rate, or some of them take given values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.forecast.distribution import FullYearForecast, YearPaths
from chipexports.forecast.methods.task import YEAR
from chipexports.forecast.questions.condition import condition_on


def scenario(
    forecast: FullYearForecast,
    *,
    growth: float | None = None,
    path: Mapping[str, float] | None = None,
) -> YearPaths:
    """Return the year under a scenario, with the same read-outs as the forecast.

    Parameters
    ----------
    forecast : FullYearForecast
        What the scenario departs from.
    growth : float, optional
        Growth of every remaining month over the same month of last year (0.1 for 10%): one path.
    path : mapping of "YYYY-MM" to float, optional
        Values of single remaining months, unit of the series; the others move along as the joint
        paths say.

    Returns
    -------
    YearPaths
        One path for ``growth``, as many as the forecast's for ``path``.

    Raises
    ------
    UsageError
        Unless exactly one of the two is given; a month that is not a remaining month of the year, a
        value that is not positive, growth of -100% or less, or last year's months not known.
    """
    if (growth is None) == (path is None):
        raise UsageError("scenario: give either `growth` or `path`, not both and not neither")
    if path is not None:
        return _with_values(forecast, path)
    assert growth is not None
    if not np.isfinite(growth) or growth <= -1:
        raise UsageError(f"scenario: growth {growth} is not above -1; 0.1 means 10%")
    k = forecast.months_published
    last_year = forecast.known.reindex(forecast.months - YEAR).to_numpy()
    if not np.isfinite(last_year[k:]).all():
        raise UsageError(f"scenario: months of {forecast.year - 1} are not known; give `path` instead")
    row = np.concatenate([forecast.published.to_numpy(), last_year[k:] * (1 + growth)])
    return YearPaths(forecast.year, forecast.months, forecast.published, row[None, :])


def _with_values(forecast: FullYearForecast, path: Mapping[str, float]) -> YearPaths:
    columns = {}
    for month, value in path.items():
        matches = np.flatnonzero(forecast.months == pd.Period(month, "M"))
        if len(matches) == 0 or matches[0] < forecast.months_published:
            first = forecast.months[min(forecast.months_published, YEAR - 1)]
            raise UsageError(
                f"scenario: {month} is not a remaining month of {forecast.year}; the first one is {first}"
            )
        if not np.isfinite(value) or value <= 0:
            raise UsageError(f"scenario: {value} for {month} is not a positive number")
        columns[int(matches[0])] = float(value)
    base = YearPaths(forecast.year, forecast.months, forecast.published, forecast.paths)
    return replace(base, paths=condition_on(forecast.paths, columns))
