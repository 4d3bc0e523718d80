"""The forecast of a calendar year's total from the months published so far."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.forecast.calibration import calibration_table
from chipexports.forecast.combination import COMBINATIONS
from chipexports.forecast.distribution import FullYearForecast, YearPaths
from chipexports.forecast.inputs import (
    MethodError,
    as_history,
    check_sample,
    checked_numbers,
    published_months,
)
from chipexports.forecast.members import (
    COMBINATION,
    DEFAULT_COMBINATION,
    DEFAULT_METHODS,
    REASON_COLUMNS,
    Members,
    Method,
    check_combination,
    default_methods,
    members_of,
    named_methods,
    reason_columns,
)
from chipexports.forecast.methods import METHODS
from chipexports.forecast.methods.custom import method_name
from chipexports.forecast.methods.task import YEAR, Reason
from chipexports.series import History

__all__ = [
    "COMBINATIONS",
    "DEFAULT_METHODS",
    "METHODS",
    "FullYearForecast",
    "YearPaths",
    "forecast_full_year",
]


def forecast_full_year(
    history: History | pd.Series,
    year: int,
    *,
    methods: Sequence[Method] | None = None,
    combination: str = DEFAULT_COMBINATION,
    n_paths: int = 2000,
    seed: int = 0,
    levels: Sequence[float] = (0.5, 0.8, 0.95),
    thresholds: Sequence[float] = (),
    calendar: pd.DataFrame | None = None,
    indicators: pd.DataFrame | None = None,
    estimated: pd.Series | None = None,
    pooled: Sequence[Method] | None = None,
) -> FullYearForecast:
    """Return the distribution of the year's total, given the months published so far.

    Parameters
    ----------
    history : History or Series
        A History, as ``chipexports.clean.known(as_of).history(flow, currency)`` gives it; or positive
        monthly values alone, with a PeriodIndex of months, NaN where a month is missing. The last known
        month is the origin. Any unit: the result is in the same.
    year : int
        Target year. All twelve months known: the published total with zero width; none: a
        year-ahead forecast.
    methods : sequence of str or callable
        Names in ``METHODS``, functions of one's own (`chipexports.forecast.methods.custom`), or what
        `from_statsmodels` returns; by default ``DEFAULT_METHODS``, and ``DEFAULT_ALONE`` where there are no
        indicators.
    combination : str
        A name in ``COMBINATIONS``.
    n_paths, seed : int
        Number of simulated paths; the same seed gives the same bytes.
    levels : sequence of float
        Levels of central intervals, each between 0 and 1.
    thresholds : sequence of float
        Totals whose exceedance is asked for, unit of the series.
    calendar : DataFrame, optional
        Calendar regressors by month, from the first month of history to December of the year; by
        default the History's, without those the Spring Festival's.
    indicators : DataFrame, optional
        Other monthly series published by the same date, one column each; by default the History's.
    estimated : Series, optional
        Standard errors of months that are estimates, unit of the series; by default the History's.
    pooled : sequence of str or callable, optional
        Which of ``methods`` the combination is made of; by default all. The others are shown only.

    Returns
    -------
    FullYearForecast
        ``median, mean, quantile, interval, probability_above, paths, methods`` and more.

    Raises
    ------
    chipexports.forecast.inputs.SeriesError
        Non-positive values, an index that is not monthly, a month twice; values that are plainly quarterly,
        year-to-dates, or in two units.
    chipexports.forecast.inputs.GapError
        A month missing inside the target year.
    chipexports.forecast.inputs.YearError
        A year before the series, or too far away.
    chipexports.forecast.inputs.TooShortError
        Fewer months than any of the methods needs.
    chipexports.forecast.inputs.MethodError
        A method or combination that does not exist.

    Examples
    --------
    >>> from chipexports.clean import known
    >>> from chipexports.forecast import forecast_full_year
    >>> forecast = forecast_full_year(known("2026-11-22").history("export", "USD"), 2026)
    >>> forecast.months_published
    8
    """
    known = as_history(history, calendar=calendar, indicators=indicators, estimated=estimated)
    named = named_methods(default_methods(known) if methods is None else methods)
    names = tuple(named) if pooled is None else tuple(method_name(method) for method in pooled)
    asked = _check_request(tuple(named), names, combination, levels, thresholds)
    check_sample(n_paths, seed)
    published = published_months(known.values, year)
    if len(published) == YEAR:
        return _complete(known, year, published, tuple(named), n_paths, asked)
    members = members_of(known, year, published, named, n_paths, seed)
    weights = members.weights(combination, names)
    factors = calibration_table(members, combination, names)["factor"]
    together = members.pool(combination, names).rescaled(factors[COMBINATION])
    each = members.calibrated(factors)
    return FullYearForecast(
        year,
        together.months,
        published,
        together.paths,
        _methods_table(members, names, weights),
        *asked,
        {name: each.forecast(name).paths for name in each.answered},
        known.values,
    )


def _complete(
    known: History,
    year: int,
    published: pd.Series,
    names: Sequence[str],
    n_paths: int,
    asked: tuple[tuple[float, ...], tuple[float, ...]],
) -> FullYearForecast:
    """Return the published total with zero width."""
    paths = np.tile(published.to_numpy(), (n_paths, 1))
    months = pd.period_range(f"{year}-01", periods=YEAR, freq="M")
    table = pd.DataFrame(
        {
            "status": "not needed",
            **dict(zip(REASON_COLUMNS, reason_columns(Reason("complete")), strict=True)),
            "converged": None,
            "weight": 0.0,
            "seconds": 0.0,
        },
        index=pd.Index(names, name="method"),
    )
    each = dict.fromkeys(names, paths)
    return FullYearForecast(year, months, published, paths, table, *asked, each, known.values)


def _methods_table(members: Members, pooled: Sequence[str], weights: dict[str, float]) -> pd.DataFrame:
    """Return how each method stands: one usable but not pooled is ``shown``."""
    rows = {}
    for name, member in members.members.items():
        status = "shown" if member.status == "used" and name not in pooled else member.status
        why = reason_columns(member.reason)
        rows[name] = (status, *why, member.converged, weights.get(name, 0.0), member.seconds)
    columns = ["status", *REASON_COLUMNS, "converged", "weight", "seconds"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("method")


def _check_request(
    methods: Sequence[str],
    pooled: Sequence[str],
    combination: str,
    levels: Sequence[float],
    thresholds: Sequence[float],
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Refuse what cannot be asked; return levels and thresholds as numbers."""
    if not pooled or not set(pooled) <= set(methods):
        raise MethodError(
            f"pooled: {pooled!r} are not all among the methods asked for; add them to `methods`"
        )
    check_combination(combination)
    shares = checked_numbers("levels", levels, "[0.5, 0.8, 0.95]")
    for level in shares:
        if not 0.0 < level < 1.0:
            raise UsageError(f"levels: {level} is not between 0 and 1; 0.8 means 80%")
    return shares, checked_numbers("thresholds", thresholds, "[400000], in the unit of the series")
