"""Intervals that keep their word: spreads scaled by the forecast's errors at the same month of past years.

The past errors of every method on the open panel lie beside this module in ``panel_errors.csv``, made by
``python -m chipexports.backtest.panel_errors``. Those of a pool follow from its methods': its distribution is
the mixture of theirs, so that any pool is calibrated by its own past errors. A forecast uses those of target
years before its own only. A method of one's own without errors on the panel is run again at the same month of
the series' past years.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtr

from chipexports.base.months import in_year
from chipexports.forecast.inputs import YearError, as_history, make_task, published_months
from chipexports.forecast.methods.airline import airline_forecast, fit_airline
from chipexports.forecast.methods.task import YEAR, Task
from chipexports.series import History

if TYPE_CHECKING:
    from chipexports.forecast.members import Members, Method

PANEL_ERRORS = Path(__file__).with_name("panel_errors.csv")
#: neighbouring numbers of published months count half
NEIGHBOUR_WEIGHT = 0.5
#: an error counts half as much as one of this many years later
HALF_LIFE = 3.0
#: cases of scale one that stand for no past at all
PRIOR_CASES = 4.0
#: standardised errors are cut here before they are squared; factors are kept within these bounds
MAX_ERROR, MIN_SCALE, MAX_SCALE = 3.5, 0.5, 2.5
MIN_OWN_MONTHS, MAX_OWN_YEARS = 36, 8
#: paths of a method that is run again at a past origin
OWN_PATHS = 400
#: bounds of the central 68.3%, half whose width is the spread (a normal's standard deviation)
SPREAD_QUANTILES = (0.158655, 0.5, 0.841345)


class Errors(NamedTuple):
    """Errors of one method: shape (n,), NaN where it gave none.

    ``log_error`` is the log of the remaining months' outturn less that of the forecast's median, ``spread``
    half the width of the central 68.3% of the log forecast before calibration.
    """

    log_error: np.ndarray
    spread: np.ndarray


@dataclass(frozen=True, eq=False)
class Cases:
    """Past origins, n of them, and the errors that each method made there."""

    keys: pd.DataFrame  # series, target_year, months_published: a row an origin
    target_year: np.ndarray  # this and the next three: int, shape (n,)
    months_published: np.ndarray
    origin: np.ndarray  # Period ordinal of the last month known
    known: np.ndarray  # Period ordinal of the month in which the outturn was known
    errors: Mapping[str, Errors]

    def weights(self, year: int, months_published: int, origin: int) -> np.ndarray:
        """Return how much each case counts at an origin, shape (n,): zero from its target year on.

        Those with one month more or less published count half; later outturns than the origin not at all.
        """
        distance = np.abs(self.months_published - months_published)
        use = (self.target_year < year) & (self.known <= origin) & (distance <= 1)
        return np.where(use, np.where(distance == 0, 1.0, NEIGHBOUR_WEIGHT), 0.0)


def cases_of(table: pd.DataFrame) -> Cases:
    """Return the cases of a table with the columns of ``panel_errors.csv``, origins in the table's order."""
    key = ["series", "target_year", "months_published"]
    keys = table.drop_duplicates(key).reset_index(drop=True)
    place = pd.Series(np.arange(len(keys)), index=pd.MultiIndex.from_frame(keys[key]))
    errors = {}
    for method, rows in table.groupby("method", sort=False):
        at = place.loc[pd.MultiIndex.from_frame(rows[key])].to_numpy()
        pair = np.full((2, len(keys)), np.nan)
        pair[:, at] = rows[["log_error", "spread"]].to_numpy().T
        errors[str(method)] = Errors(*pair)
    year, months = keys["target_year"].to_numpy(), keys["months_published"].to_numpy()
    origin = (year - 1970) * YEAR + months - 1
    known = pd.PeriodIndex(keys["known"], freq="M").asi8
    return Cases(keys[key], year, months, origin, np.asarray(known), errors)


@lru_cache(maxsize=1)
def panel_cases() -> Cases:
    """Return the shipped methods' past errors on the open panel."""
    return cases_of(pd.read_csv(PANEL_ERRORS))


def relative_errors(
    methods: tuple[str, ...], year: int, months_published: int, origin: int, cases: Cases | None = None
) -> dict[str, float]:
    """Return each method's mean absolute error on past cases over the average of all of them there.

    Cases, those of the open panel unless others are given, count as `Cases.weights` says; a method without a
    past gets 1, the average.
    """
    past = panel_cases() if cases is None else cases
    absolute = np.abs([_errors(past, name).log_error for name in methods])
    there = np.isfinite(absolute)
    error = np.where(there, absolute, 0.0)
    average = error.sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    weight = past.weights(year, months_published, origin)
    own, usual = error @ weight, (there * average) @ weight
    return {name: float(a / b) if b > 0 else 1.0 for name, a, b in zip(methods, own, usual, strict=True)}


def _errors(cases: Cases, name: str) -> Errors:
    nothing = np.full(len(cases.target_year), np.nan)
    return cases.errors.get(name, Errors(nothing, nothing))


def pool_shares(cases: Cases, names: Sequence[str], weights: str | Mapping[str, float]) -> np.ndarray:
    """Return the weights that a pool would have had at each case, shape (n, methods).

    A row sums to one, or is zero throughout where no method gave a forecast.
    """
    from chipexports.forecast.combination import pool_weights

    medians = -np.array([_errors(cases, name).log_error for name in names]).T
    there = np.isfinite(medians)
    shares = there.astype(float)
    if isinstance(weights, Mapping):
        shares *= [weights[name] for name in names]
    elif weights != "equal":
        for row in np.flatnonzero(there.any(axis=1)):
            at = {name: float(m) for name, m, ok in zip(names, medians[row], there[row], strict=True) if ok}
            year, months, origin = (
                int(x[row]) for x in (cases.target_year, cases.months_published, cases.origin)
            )
            each = pool_weights(weights, at, year, months, origin, cases)
            shares[row] = [each.get(name, 0.0) for name in names]
    total = shares.sum(axis=1, keepdims=True)
    return np.divide(shares, total, out=np.zeros_like(shares), where=total > 0)


def standardised(cases: Cases, names: Sequence[str], weights: str | Mapping[str, float]) -> np.ndarray:
    """Return a pool's past errors in units of its own spread before calibration, NaN where it gave none.

    In logs the sum of the remaining months is close to normal for each method, so the pool is a mixture of
    normals; its median and spread are found by bisection.
    """
    if len(names) == 1:
        return np.divide(*_errors(cases, names[0]))
    shares = pool_shares(cases, names, weights)
    out, use = np.full(len(shares), np.nan), shares.sum(axis=1) > 0
    there = shares[use] > 0
    centre, spread = (
        np.array([getattr(_errors(cases, name), part) for name in names]).T[use]
        for part in ("log_error", "spread")
    )
    low, middle, high = mixture_quantiles(
        np.where(there, -centre, 0.0), np.where(there, spread, 1.0), shares[use], SPREAD_QUANTILES
    )
    out[use] = -middle / ((high - low) / 2)
    return out


def mixture_quantiles(
    centres: np.ndarray, spreads: np.ndarray, shares: np.ndarray, levels: Sequence[float]
) -> np.ndarray:
    """Return quantiles of n mixtures of normals, shape (levels, n), by bisection.

    Each part's mean, standard deviation and share have shape (n, parts); the shares of a row sum to one.
    """
    part = shares > 0
    start = np.where(part, centres - 8 * spreads, np.inf).min(axis=1)
    end = np.where(part, centres + 8 * spreads, -np.inf).max(axis=1)
    level = np.asarray(levels)[:, None]
    low, high = (np.broadcast_to(x, (len(levels), len(centres))).copy() for x in (start, end))
    for _ in range(26):  # to a millionth of the widest spread
        middle = (low + high) / 2
        below = (shares * ndtr((middle[..., None] - centres) / spreads)).sum(axis=-1) < level
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return (low + high) / 2


def scale_of(errors: np.ndarray, weights: np.ndarray) -> float:
    """Return the weighted root mean square of standardised errors, within 0.5 and 2.5.

    ``PRIOR_CASES`` errors of one are added, so that it is 1 where there are none; NaN counts for nothing.
    """
    use = np.isfinite(errors) & (weights > 0)
    square, weight = np.minimum(np.abs(errors[use]), MAX_ERROR) ** 2, weights[use]
    scale = np.sqrt((PRIOR_CASES + (weight * square).sum()) / (PRIOR_CASES + weight.sum()))
    return float(np.clip(scale, MIN_SCALE, MAX_SCALE))


def panel_scale(
    names: Sequence[str],
    year: int,
    months_published: int,
    origin: int,
    weights: str | Mapping[str, float] = "equal",
    cases: Cases | None = None,
) -> tuple[float, int]:
    """Return how many times too narrow a method's or pool's spread was, and over how many past cases.

    Past years of the open panel count unless other cases are given, an error half as much as one three years
    later; without any the factor is 1.
    """
    if cases is None:
        cases = panel_cases()
        fixed = weights if isinstance(weights, str) else tuple(sorted(weights.items()))
        errors = _panel_standardised(tuple(names), fixed)
    else:
        errors = standardised(cases, names, weights)
    weight = cases.weights(year, months_published, origin)
    age = np.maximum(year - 1 - cases.target_year, 0)
    count = int((np.isfinite(errors) & (weight > 0)).sum())
    return scale_of(errors, weight * 0.5 ** (age / HALF_LIFE)), count


@lru_cache(maxsize=256)
def _panel_standardised(names: tuple[str, ...], weights: str | tuple[tuple[str, float], ...]) -> np.ndarray:
    return standardised(panel_cases(), names, weights if isinstance(weights, str) else dict(weights))


def past_errors_of(task: Task) -> pd.DataFrame:
    """Return the airline model's errors at the same month of past years, as `own_past_errors` lays them out.

    The model is fitted once, to all months known at the origin; the table is empty if one of them is missing,
    the series does not vary, or no past origin has 36 months before it and its outturn known.
    """
    rows = []
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
            rows.append((task.year - back, error, sd, real))
    return _error_table(rows)


def _error_table(rows: Sequence[tuple[int, float, float, bool]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["year", "log_error", "sd", "real"]).astype({"real": bool})
    table.insert(3, "standardised", table["log_error"] / table["sd"])
    return table.set_index("year")


def own_past_errors(
    history: History | pd.Series, year: int, method: Method | None = None, *, seed: int = 0
) -> pd.DataFrame:
    """Return how far off a method was at the same month of the series' past years.

    Parameters
    ----------
    history : History or Series
        As for `forecast_full_year`.
    year : int
        Target year.
    method : str or callable, optional
        A method, which is run again on what lies before each past origin; by default the airline model,
        fitted once to all months and run from each of them.
    seed : int
        Of the method's paths.

    Returns
    -------
    DataFrame
        Index ``year``, latest first, at most eight: ``log_error``, log of what the remaining months came to
        less that of the forecast; ``sd``, its standard deviation by the method itself; ``standardised``,
        their ratio; ``real``, whether figures give every month of the outturn: an estimated month is no
        evidence of how far off a forecast is.

    Raises
    ------
    UsageError
        As for `run_methods`.

    Examples
    --------
    >>> from chipexports.clean import known
    >>> errors = own_past_errors(known("2026-11-22").history("export", "USD"), 2026)
    >>> errors["real"].head(4).tolist()
    [True, True, True, False]
    """
    from chipexports.forecast.members import named_methods

    known = as_history(history)
    if len(published_months(known.values, year)) == YEAR:
        raise YearError(f"year: {year} is complete, nothing is left to forecast; take a later year")
    if method is None:
        return past_errors_of(make_task(known, year, 2, seed)[0])
    named = named_methods([method])
    rows = []
    for past in past_origins(known, year):
        errors = _run_again(past, named, seed)
        if errors:
            rows.append((past.year, *errors[next(iter(named))], past.real))
    return _error_table(rows)


class PastOrigin(NamedTuple):
    """The same month of a past year.

    ``history`` up to it, with the months as known today; ``year``; what the ``rest`` of the year came to;
    whether figures give all of it (``real``).
    """

    history: History
    year: int
    rest: float
    real: bool


def past_origins(history: History, year: int) -> list[PastOrigin]:
    """Return the same month of up to eight past years, latest first, with the months as known today.

    Left out are years with fewer than 36 months before the origin or with a later month unknown.
    """
    values, origins = history.values, []
    for back in range(1, MAX_OWN_YEARS + 1):
        last = values.index[-1] - back * YEAR
        before, december = values[:last], pd.Period(f"{year - back}-12", "M")
        outturn = values[last + 1 : december]
        if len(before) < MIN_OWN_MONTHS or not outturn.notna().all() or december > values.index[-1]:
            continue
        if before.isna().iloc[-1]:
            continue
        rest = in_year(outturn, year - back)
        estimated = history.estimated.reindex(rest.index).any()
        indicators = history.indicators
        if indicators is not None:  # each with the lag it has today
            cut = {name: _lagged(column, back * YEAR) for name, column in indicators.items()}
            indicators = pd.DataFrame(cut).iloc[: -back * YEAR]
        past = replace(history, values=before, indicators=indicators)
        origins.append(PastOrigin(past, year - back, float(rest.sum()), not estimated))
    return origins


def _lagged(column: pd.Series, months: int) -> pd.Series:
    """Return a column cut ``months`` before its last known month."""
    last = column.last_valid_index()
    return column if last is None else column.where(column.index <= last - months)  # type: ignore[operator]


_AGAIN: dict[tuple, dict[str, tuple[float, float]]] = {}


def _run_again(past: PastOrigin, methods: Mapping[str, Method], seed: int) -> dict[str, tuple[float, float]]:
    """Return log error and spread of each method that could be used at a past origin.

    Kept for the life of the process, as the origins of a backtest share their past.
    """
    from chipexports.forecast.members import run_methods

    values = past.history.values
    indicators = past.history.indicators
    panel = b"" if indicators is None else indicators.to_numpy(dtype=float).tobytes()
    key = (*methods.values(), past.year, str(values.index[-1]), values.to_numpy().tobytes(), panel, seed)
    if key not in _AGAIN:
        members = run_methods(past.history, past.year, tuple(methods.values()), n_paths=OWN_PATHS, seed=seed)
        errors = {}
        for name in members.usable:
            rest = np.log(np.exp(members.log_paths(name) + members.centre).sum(axis=1))
            low, middle, high = np.quantile(rest, SPREAD_QUANTILES)
            errors[name] = float(np.log(past.rest) - middle), max(float(high - low) / 2, 1e-9)
        if len(_AGAIN) >= 4096:
            _AGAIN.clear()
        _AGAIN[key] = errors
    return _AGAIN[key]


def own_cases(members: Members, names: Sequence[str]) -> Cases:
    """Return the methods' errors at the same month of the series' own past years, real outturns only."""
    methods: dict[str, Method] = {name: members.methods.get(name, name) for name in names}
    rows = []
    for past in past_origins(members.history, members.year):
        if past.real:
            each = _run_again(past, methods, members.task.seed)
            rows += [("own", past.year, members.task.months_published, name, *each[name]) for name in each]
    columns = ["series", "target_year", "months_published", "method", "log_error", "spread"]
    last = members.history.values.index[-1]
    return cases_of(pd.DataFrame(rows, columns=columns).assign(known=str(last)))


def calibration_table(
    members: Members,
    combination: str | Mapping[str, float] = "equal",
    methods: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return by how much each method's spread, and the pool's, is multiplied, and why.

    Parameters
    ----------
    members : Members
        As `run_methods` returns them.
    combination : str or mapping of method to float
        How the methods that may be used are pooled: a combination, or weights of one's own.
    methods : sequence of str, optional
        Which of them are pooled; by default all that may be.

    Returns
    -------
    DataFrame
        A row a method that answered, and one for the ``combination``: ``cases`` of the past that count,
        ``panel_factor`` from errors on the open panel, ``own_factor`` from errors at the same month of the
        series' own past years, and their product ``factor``. The own past is asked only where a method has
        no errors on the panel.

    Notes
    -----
    The pool's row rests on the errors the pool itself would have made, not on its methods' factors.

    Examples
    --------
    >>> from chipexports.clean import known
    >>> from chipexports.forecast import run_methods
    >>> members = run_methods(known("2026-11-22").history("export", "USD"), 2026)
    >>> calibration_table(members).columns.tolist()
    ['cases', 'panel_factor', 'own_factor', 'factor']
    """
    pooled = [name for name in members.usable if methods is None or name in methods]
    if isinstance(combination, Mapping):
        pooled = [name for name in pooled if combination.get(name, 0.0) > 0]
    groups = {**{name: [name] for name in members.answered}, "combination": pooled}
    rows = {name: _factors(members, group, combination) for name, group in groups.items() if group}
    columns = ["cases", "panel_factor", "own_factor", "factor"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("method")


def _factors(
    members: Members, names: Sequence[str], weights: str | Mapping[str, float]
) -> tuple[int, float, float, float]:
    task, origin = members.task, members.task.first + members.task.n - 1
    at = task.year, task.months_published, origin
    extra = {name: members.methods[name].panel for name in names if name in members.methods}
    if all(table is not None for table in extra.values()):
        cases = _with_errors(extra) if extra else None
        factor, count = panel_scale(names, *at, weights, cases)
        return count, factor, 1.0, factor
    cases = own_cases(members, names)
    errors = standardised(cases, names, weights) if len(cases.target_year) else np.empty(0)
    factor = scale_of(errors, np.ones(len(errors)))
    return int(np.isfinite(errors).sum()), 1.0, factor, factor


def _with_errors(tables: Mapping[str, pd.DataFrame | None]) -> Cases:
    """Return the panel's cases with the errors of methods of one's own added."""
    shipped = panel_cases()
    place = pd.Series(np.arange(len(shipped.keys)), index=pd.MultiIndex.from_frame(shipped.keys))
    errors = dict(shipped.errors)
    for name, table in tables.items():
        if table is None:
            continue
        at = place.reindex(pd.MultiIndex.from_frame(table[list(shipped.keys)])).to_numpy()
        shared = np.isfinite(at)
        pair = np.full((2, len(place)), np.nan)
        pair[:, at[shared].astype(int)] = table.loc[shared, ["log_error", "spread"]].to_numpy().T
        errors[name] = Errors(*pair)
    return replace(shipped, errors=errors)
