"""Intervals that keep their word: spreads scaled by past errors at the same number of published months.

The past errors of every method and combination on the open panel lie beside this module in
``panel_errors.csv``, made by ``python -m chipexports.backtest.panel_errors``; a forecast uses those of target
years before its own only.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from chipexports.forecast.inputs import YearError, as_history, make_task, published_months
from chipexports.forecast.methods.airline import airline_forecast, fit_airline
from chipexports.forecast.methods.task import YEAR, Task
from chipexports.series import History

if TYPE_CHECKING:
    from chipexports.forecast.members import Members

PANEL_ERRORS = Path(__file__).with_name("panel_errors.csv")
#: neighbouring numbers of published months count half
NEIGHBOUR_WEIGHT = 0.5
#: cases of scale one that stand for no panel at all; panel cases that weigh against the series' own
PRIOR_CASES, PANEL_CASES = 4.0, 12.0
#: standardised errors are cut here before they are squared; scales are kept within these bounds
MAX_ERROR, MIN_SCALE, MAX_SCALE = 3.5, 0.5, 2.5
MIN_OWN_MONTHS, MAX_OWN_YEARS = 36, 8


@lru_cache(maxsize=1)
def panel_errors() -> pd.DataFrame:
    """Return the panel's past errors.

    Returns
    -------
    DataFrame
        Columns ``series, target_year, months_published, method, log_error, spread, known``: log of the
        remaining months' outturn less the log of the forecast median; half the width of the central
        68.3 % of the log forecast before calibration; the month (Period ordinal) in which the outturn
        was known.
    """
    table = pd.read_csv(PANEL_ERRORS)
    table["known"] = pd.PeriodIndex(table["known"], freq="M").asi8
    return table


class _Errors(NamedTuple):
    """One method's panel errors: target year, months published, month known, error over spread."""

    target_year: np.ndarray
    months_published: np.ndarray
    known: np.ndarray
    standardised: np.ndarray


_NO_ERRORS = _Errors(*[np.empty(0)] * 4)


@lru_cache(maxsize=1)
def _by_method() -> dict[str, _Errors]:
    table = panel_errors()
    table = table.assign(standardised=np.minimum((table["log_error"] / table["spread"]).abs(), MAX_ERROR))
    return {
        str(method): _Errors(*(rows[name].to_numpy() for name in _Errors._fields))
        for method, rows in table.groupby("method")
    }


def _past(year: int, months_published: int, origin: int) -> pd.DataFrame:
    """Return panel errors usable at an origin, with a column ``weight``."""
    table = panel_errors()
    distance = (table["months_published"] - months_published).abs()
    table = table[(table["target_year"] < year) & (table["known"] <= origin) & (distance <= 1)]
    return table.assign(weight=np.where(table["months_published"] == months_published, 1.0, NEIGHBOUR_WEIGHT))


@lru_cache(maxsize=512)
def panel_scale(method: str, year: int, months_published: int, origin: int) -> float:
    """Return the factor by which the spread of ``method`` was too narrow on the panel's past years.

    Root of the weighted mean of squared standardised errors, with four cases of one added.

    Parameters
    ----------
    method : str
        Name of a method or combination.
    year : int
        Target year; errors of earlier ones count.
    months_published : int
        Months of it known, 0 to 11; errors at one month more or less count half.
    origin : int
        Period ordinal of the last month known; errors known by then count.

    Returns
    -------
    float
        0.5 to 2.5; 1 without a past on the panel.
    """
    errors = _by_method().get(method, _NO_ERRORS)
    distance = np.abs(errors.months_published - months_published)
    use = (errors.target_year < year) & (errors.known <= origin) & (distance <= 1)
    error, weight = errors.standardised[use], np.where(distance[use] == 0, 1.0, NEIGHBOUR_WEIGHT)
    square = (PRIOR_CASES + (weight * error**2).sum()) / (PRIOR_CASES + weight.sum())
    return float(np.clip(np.sqrt(square), MIN_SCALE, MAX_SCALE))


def panel_cases(method: str, year: int, months_published: int, origin: int) -> int:
    """Return the number of past panel cases that `panel_scale` counts."""
    errors = _by_method().get(method, _NO_ERRORS)
    near = np.abs(errors.months_published - months_published) <= 1
    return int(((errors.target_year < year) & (errors.known <= origin) & near).sum())


@lru_cache(maxsize=512)
def _relative(methods: tuple[str, ...], year: int, months_published: int, origin: int) -> dict[str, float]:
    past = _past(year, months_published, origin)
    past = past[past["method"].isin(methods)]
    if past.empty:
        return dict.fromkeys(methods, 1.0)
    error = past["log_error"].abs()
    average = error.groupby([past["series"], past["target_year"], past["months_published"]]).transform("mean")
    relative = (error * past["weight"]).groupby(past["method"]).sum()
    relative = relative / (average * past["weight"]).groupby(past["method"]).sum()
    return {name: float(relative.get(name, 1.0)) for name in methods}


def relative_errors(
    methods: tuple[str, ...], year: int, months_published: int, origin: int
) -> Mapping[str, float]:
    """Return each method's mean absolute error on past panel cases over the methods' average there.

    Parameters
    ----------
    methods : tuple of str
        Methods compared.
    year, months_published, origin : int
        As in `panel_scale`.

    Returns
    -------
    mapping of str to float
        By method; 1 is the average, and stands for a method without a past on the panel.
    """
    return _relative(methods, year, months_published, origin)


def past_errors_of(task: Task) -> pd.DataFrame:
    """Return the airline model's errors at the same month of the series' past years.

    The model is fitted once, to all that is known at the origin, and run again from the same month
    of up to eight past years; the error is of the log of the remaining months' sum.

    Parameters
    ----------
    task : Task
        The origin.

    Returns
    -------
    DataFrame
        Index ``year``, latest first, at most eight: ``log_error``, ``sd`` (the model's standard deviation),
        ``standardised`` (their ratio) and ``real`` (no month of the outturn is an estimate). Empty if a
        month is missing, the series does not vary, or no past origin has 36 months before it and its
        outturn known.
    """
    rows: list[tuple[int, float, float, float, bool]] = []
    columns = ["year", "log_error", "sd", "standardised", "real"]
    if task.n >= MIN_OWN_MONTHS + task.horizon and np.isfinite(task.log).all() and np.ptp(task.log) >= 1e-8:
        fit = fit_airline(task.log, task.regressors[: task.n])
        for back in range(1, MAX_OWN_YEARS + 1):
            cut = task.n - back * YEAR
            if cut < MIN_OWN_MONTHS or cut + task.horizon > task.n:
                continue
            mean, covariance = airline_forecast(fit, task.log[:cut], task.regressors, task.horizon)
            share = np.exp(mean - mean.max())
            share /= share.sum()
            actual = np.log(np.exp(task.log[cut : cut + task.horizon]).sum())
            error = float(actual - np.log(np.exp(mean).sum()))
            sd = max(float(np.sqrt(share @ covariance @ share)), 1e-9)
            real = not task.log_se[cut : cut + task.horizon].any()
            rows.append((task.year - back, error, sd, error / sd, real))
    return pd.DataFrame(rows, columns=columns).set_index("year")


def own_past_errors(history: History | pd.Series, year: int) -> pd.DataFrame:
    """Return how far off the airline model was at the same month of the series' past years.

    Parameters
    ----------
    history : History or Series
        As for `forecast_full_year`.
    year : int
        Target year.

    Returns
    -------
    DataFrame
        Index ``year``, latest first, at most eight: ``log_error``, log of what the remaining months came to
        less that of the forecast; ``sd``, its standard deviation by the model; ``standardised``, their
        ratio; ``real``, whether figures give every month of the outturn.

    Examples
    --------
    >>> from chipexports.clean import known
    >>> errors = own_past_errors(known("2026-11-22").history("export", "USD"), 2026)
    >>> errors["real"].head(4).tolist()
    [True, True, True, False]
    """
    known = as_history(history)
    if len(published_months(known.values, year)) == YEAR:
        raise YearError(f"year: {year} is complete, nothing is left to forecast; take a later year")
    return past_errors_of(make_task(known, year, 2, 0)[0])


def own_scale(task: Task) -> float:
    """Return how much wider the series' own past errors are than its model says, shrunk to one.

    The series' own years weigh against twelve cases of the panel.

    Parameters
    ----------
    task : Task
        The origin.

    Returns
    -------
    float
        Factor on the spread of the log paths; 1 without past errors.
    """
    errors = np.minimum(np.abs(past_errors_of(task)["standardised"].to_numpy()), MAX_ERROR)
    return float(np.sqrt((PANEL_CASES + (errors**2).sum()) / (PANEL_CASES + len(errors))))


def calibration_table(members: Members, combination: str = "equal") -> pd.DataFrame:
    """Return by how much each method's spread, and the pool's, is multiplied, and why.

    Parameters
    ----------
    members : Members
        As `run_methods` returns them.
    combination : str
        How the methods that may be used are pooled.

    Returns
    -------
    DataFrame
        A row a method that answered, and one for the ``combination``: ``cases`` of the panel that count,
        ``panel_factor`` from their errors, ``own_factor`` from the series' own past errors
        (`own_past_errors`), and their product ``factor``.

    Examples
    --------
    >>> from chipexports.clean import known
    >>> from chipexports.forecast import run_methods
    >>> members = run_methods(known("2026-11-22").history("export", "USD"), 2026)
    >>> calibration_table(members).columns.tolist()
    ['cases', 'panel_factor', 'own_factor', 'factor']
    """
    task = members.task
    origin, own = task.first + task.n - 1, own_scale(task)
    rows = {}
    for name in (*members.answered, "combination"):
        past = combination if name == "combination" else name
        panel = panel_scale(past, task.year, task.months_published, origin)
        cases = panel_cases(past, task.year, task.months_published, origin)
        rows[name] = (cases, panel, own, own * panel)
    columns = ["cases", "panel_factor", "own_factor", "factor"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("method")
