"""The forecast of a calendar year's total from the months published so far."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.forecast.calibration import own_scale, panel_scale, rescale
from chipexports.forecast.combination import COMBINATIONS, pool, pool_weights
from chipexports.forecast.distribution import FullYearForecast, YearPaths
from chipexports.forecast.inputs import MethodError, TooShortError, check_series, make_task, published_months
from chipexports.forecast.methods import METHODS, load_method
from chipexports.forecast.methods.task import YEAR, Abstain, Task

__all__ = [
    "COMBINATIONS",
    "DEFAULT_METHODS",
    "METHODS",
    "FullYearForecast",
    "YearPaths",
    "forecast_full_year",
]

#: the methods that earned their place on the open panel; the others stand by for comparison
DEFAULT_METHODS: tuple[str, ...] = ("ets", "sarima", "ucm", "indicator", "pooled_growth")
DEFAULT_COMBINATION = "equal"
#: a method is left out if its median for the remaining months lies outside this multiple of the
#: lowest and highest of the last 24 known months
PLAUSIBLE_FACTOR = 3.0


def forecast_full_year(
    series: pd.Series,
    year: int,
    *,
    methods: Sequence[str] = DEFAULT_METHODS,
    combination: str = DEFAULT_COMBINATION,
    n_paths: int = 2000,
    seed: int = 0,
    levels: Sequence[float] = (0.5, 0.8, 0.95),
    thresholds: Sequence[float] = (),
    calendar: pd.DataFrame | None = None,
    indicators: pd.DataFrame | None = None,
    estimated: pd.Series | None = None,
    pooled: Sequence[str] | None = None,
) -> FullYearForecast:
    """Return the distribution of the year's total, given the months published so far.

    Parameters
    ----------
    series : Series
        Positive monthly values with a PeriodIndex of months, NaN where a month is missing; the last
        known month is the origin. Any unit: the result is in the same.
    year : int
        Target year. All twelve months known: the published total with zero width; none: a
        year-ahead forecast.
    methods : sequence of str
        Names in ``METHODS``.
    combination : str
        A name in ``COMBINATIONS``.
    n_paths, seed : int
        Number of simulated paths; the same seed gives the same bytes.
    levels : sequence of float
        Levels of central intervals, each between 0 and 1.
    thresholds : sequence of float
        Totals whose exceedance is asked for, unit of the series.
    calendar : DataFrame, optional
        Calendar regressors by month, from the first month of history to December of the year;
        without it the Spring Festival's.
    indicators : DataFrame, optional
        Other monthly series published by the same date, one column each.
    estimated : Series, optional
        Standard errors of months that are estimates, unit of the series.
    pooled : sequence of str, optional
        Which of ``methods`` the combination is made of; by default all. The others are shown only.

    Returns
    -------
    FullYearForecast
        ``median, mean, quantile, interval, probability_above, paths, methods`` and more.

    Raises
    ------
    chipexports.forecast.inputs.SeriesError
        Non-positive values, an index that is not monthly, a month twice.
    chipexports.forecast.inputs.GapError
        A month missing inside the target year.
    chipexports.forecast.inputs.YearError
        A year that is over for this series, or too far away.
    chipexports.forecast.inputs.TooShortError
        Fewer months than any of the methods needs.
    chipexports.forecast.inputs.MethodError
        A method or combination that does not exist.
    """
    pooled = tuple(methods if pooled is None else pooled)
    _check_request(methods, combination, n_paths, levels, pooled)
    known = check_series(series)
    published = published_months(known, year)
    months = pd.period_range(f"{year}-01", periods=YEAR, freq="M")
    asked = tuple(levels), tuple(float(x) for x in thresholds)
    if len(published) == YEAR:
        paths = np.tile(published.to_numpy(), (n_paths, 1))
        table = _methods_table([(m, "not needed", "the year is complete", None, 0.0, 0.0) for m in methods])
        return FullYearForecast(
            year, months, published, paths, table, *asked, dict.fromkeys(methods, paths), known
        )
    task, centre = make_task(known, year, n_paths, seed, calendar, indicators, estimated)
    members, rows = run_methods(task, methods)
    rows = [row if row[0] in pooled or row[1] != "used" else (row[0], "shown", *row[2:]) for row in rows]
    weights, together = _combine(task, members, rows, combination)
    table = _methods_table([(*row[:4], weights.get(row[0], 0.0), row[5]) for row in rows])
    logs = _calibrated(task, {**members, "combination": together}, combination)
    full = {name: _with_published(paths, published, centre, task) for name, paths in logs.items()}
    return FullYearForecast(year, months, published, full.pop("combination"), table, *asked, full, known)


def _combine(
    task: Task, members: dict[str, np.ndarray], rows: list[tuple], combination: str
) -> tuple[dict[str, float], np.ndarray]:
    """Return the weights and the pooled log paths of the methods that may be used."""
    usable = {row[0]: members[row[0]] for row in rows if row[1] == "used"}
    if not usable:
        reasons = "; ".join(f"{row[0]}: {row[2]}" for row in rows)
        raise TooShortError(f"series: no method can forecast {task.year} ({reasons}); give a longer series")
    medians = {name: float(np.median(_rest(paths, task))) for name, paths in usable.items()}
    origin = task.first + task.n - 1
    weights = pool_weights(combination, medians, task.year, task.months_published, origin)
    return weights, pool(usable, weights, task.n_paths)


def _calibrated(task: Task, paths: dict[str, np.ndarray], combination: str) -> dict[str, np.ndarray]:
    """Return log paths with spreads scaled by past errors; ``combination`` names the pooled ones."""
    own, origin = own_scale(task), task.first + task.n - 1
    logs = {}
    for name, log in paths.items():
        past = combination if name == "combination" else name
        factor = own * panel_scale(past, task.year, task.months_published, origin)
        logs[name] = rescale(log, task.wanted, factor)
    return logs


def _check_request(
    methods: Sequence[str], combination: str, n_paths: int, levels: Sequence[float], pooled: Sequence[str]
) -> None:
    if isinstance(methods, str) or not methods:
        raise MethodError(f"methods: {methods!r} is not a list of methods; choose from {', '.join(METHODS)}")
    for name in methods:
        if name not in METHODS:
            raise MethodError(f"methods: {name!r} does not exist; choose from {', '.join(METHODS)}")
    if len(set(methods)) < len(methods):
        raise MethodError("methods: a name stands twice; name each method once")
    if not pooled or not set(pooled) <= set(methods):
        raise MethodError(
            f"pooled: {pooled!r} are not all among the methods asked for; add them to `methods`"
        )
    if combination not in COMBINATIONS:
        raise MethodError(
            f"combination: {combination!r} does not exist; choose from {', '.join(COMBINATIONS)}"
        )
    if not isinstance(n_paths, int | np.integer) or n_paths < 2:
        raise UsageError(f"n_paths: {n_paths!r} is not a whole number of at least 2; 2000 is usual")
    for level in levels:
        if not 0.0 < level < 1.0:
            raise UsageError(f"levels: {level} is not between 0 and 1; 0.8 means 80 %")


def _rest(paths: np.ndarray, task: Task) -> np.ndarray:
    """Sum of the target year's unpublished months on each path, task's scale."""
    return np.exp(paths[:, -task.wanted :]).sum(axis=1)


def run_methods(task: Task, methods: Sequence[str]) -> tuple[dict[str, np.ndarray], list[tuple]]:
    """Run each method; return the log paths of those that answered and a row of facts for each.

    Parameters
    ----------
    task : Task
        The origin.
    methods : sequence of str
        Names in ``METHODS``.

    Returns
    -------
    (dict of str to ndarray, list of tuple)
        Finite log paths, shape (n_paths, horizon), by method; and for each method its name, status
        (used, left out, abstained), reason or note, whether it converged (None if it abstained), 0.0
        in place of a weight, and seconds.
    """
    members, rows = {}, []
    for name in methods:
        start = time.perf_counter()
        converged: bool | None = None
        try:
            result = load_method(name)(task)
        except Abstain as reason:
            status, why = "abstained", str(reason)
        else:
            converged = result.converged
            status, why = _verdict(task, result.log, converged, result.note)
            if np.isfinite(result.log).all():
                members[name] = result.log
        rows.append((name, status, why, converged, 0.0, time.perf_counter() - start))
    return members, rows


def _verdict(task: Task, log: np.ndarray, converged: bool, note: str) -> tuple[str, str]:
    """Say whether a method's paths may be combined, and why not."""
    if not np.isfinite(log).all():
        return "left out", "gives NaN or infinite values"
    if not converged:
        return "left out", "the fit did not converge"
    recent = task.log[-2 * YEAR :]
    middle = np.median(np.log(_rest(log, task) / task.wanted))
    slack = np.log(PLAUSIBLE_FACTOR)
    if not np.nanmin(recent) - slack <= middle <= np.nanmax(recent) + slack:
        return "left out", f"median outside {PLAUSIBLE_FACTOR:g} times the range of the last 24 months"
    return "used", note


def _with_published(log: np.ndarray, published: pd.Series, centre: float, task: Task) -> np.ndarray:
    """Return paths of the twelve months in the series' unit, published months first."""
    rest = np.exp(log[:, -task.wanted :] + centre)
    return np.hstack([np.tile(published.to_numpy(), (len(rest), 1)), rest])


def _methods_table(rows: list[tuple]) -> pd.DataFrame:
    names, *columns = zip(*rows, strict=True)
    table = dict(zip(("status", "reason", "converged", "weight", "seconds"), columns, strict=True))
    return pd.DataFrame(table, index=pd.Index(names, name="method"))
