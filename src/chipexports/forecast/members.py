"""What each method says of a year, before and after calibration, and their pool."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from chipexports.forecast.combination import COMBINATIONS, pool, pool_weights
from chipexports.forecast.distribution import YearPaths
from chipexports.forecast.inputs import (
    MethodError,
    TooShortError,
    YearError,
    as_history,
    check_sample,
    make_task,
    published_months,
)
from chipexports.forecast.methods import METHODS, load_method
from chipexports.forecast.methods.custom import Custom, as_custom, method_name
from chipexports.forecast.methods.task import YEAR, Abstain, Paths, Reason, Task
from chipexports.series import History

#: the methods that earned their place on the open panel; the others stand by for comparison
DEFAULT_METHODS: tuple[str, ...] = ("ucm", "indicator", "level_regression")
#: those of a series without indicators, for which `indicator` abstains
DEFAULT_ALONE: tuple[str, ...] = ("ets", "ucm", "level_regression")
DEFAULT_COMBINATION = "equal"
#: name of the pool's row beside the methods'
COMBINATION = "combination"
#: a method is left out if its median for the remaining months lies outside this multiple of the
#: lowest and highest of the last 24 known months
PLAUSIBLE_FACTOR = 3.0

#: a method by name, or a function of one's own (`chipexports.forecast.methods.custom`)
Method = str | Callable


#: how a reason stands in a table: in English, and as its key and values (JSON) for other languages
REASON_COLUMNS = ("reason", "reason_key", "reason_values")


def reason_columns(reason: Reason | None) -> tuple[str, str, str]:
    """Return what a table holds of a reason: its English words, key, and values as JSON."""
    if reason is None:
        return "", "", ""
    return str(reason), reason.key, json.dumps(reason.values, sort_keys=True)


@dataclass(frozen=True)
class Member:
    """What one method gave: how it stands, why, and its paths."""

    name: str
    status: str  # "used", "left out" or "abstained": only the first may be combined
    reason: Reason | None  # why not, or a note
    converged: bool | None  # None where it abstained
    seconds: float
    log: np.ndarray | None  # (n_paths, horizon), on the task's scale; None unless all are finite


@dataclass(frozen=True, eq=False)
class Members:
    """The methods' forecasts of one year, side by side.

    Attributes
    ----------
    history : History
        What they were made from.
    year : int
        Target year.
    published : Series
        Its published months, unit of the series.
    task : Task
        What a method is given.
    centre : float
        Mean log of the last twelve months, which the task's logs are less of.
    members : dict of str to Member
        By method, in the order asked for.
    methods : dict of str to Custom
        The functions of one's own among them, by name.
    factors : dict of str to float
        Factors by which spreads are multiplied; empty before calibration.
    """

    history: History
    year: int
    published: pd.Series
    task: Task
    centre: float
    members: dict[str, Member]
    methods: dict[str, Custom] = field(default_factory=dict)
    factors: dict[str, float] = field(default_factory=dict)

    @property
    def months(self) -> pd.PeriodIndex:
        """January to December of the target year."""
        return pd.period_range(f"{self.year}-01", periods=YEAR, freq="M")

    @property
    def answered(self) -> list[str]:
        """Names of the methods that gave paths, used or left out."""
        return [name for name, member in self.members.items() if member.log is not None]

    @property
    def usable(self) -> list[str]:
        """Names of the methods whose paths may be combined."""
        return [name for name, member in self.members.items() if member.status == "used"]

    def log_paths(self, name: str) -> np.ndarray:
        """Return a method's log paths of the unpublished months, before calibration.

        Shape (n_paths, months), on the task's scale.
        """
        member = self.members.get(name)
        if member is None:
            raise MethodError(f"methods: {name!r} was not run; choose from {', '.join(self.members)}")
        if member.log is None:
            raise MethodError(f"methods: {name} gave no forecast ({member.reason})")
        return member.log[:, -self.task.wanted :]

    def _year(self, log: np.ndarray) -> YearPaths:
        rest = np.exp(log + self.centre)
        paths = np.hstack([np.tile(self.published.to_numpy(), (len(rest), 1)), rest])
        return YearPaths(self.year, self.months, self.published, paths)

    @cached_property
    def _raw(self) -> dict[str, YearPaths]:
        """Each method's year before calibration."""
        return {name: self._year(self.log_paths(name)) for name in self.answered}

    def forecast(self, name: str) -> YearPaths:
        """Return one method's forecast of the year.

        Parameters
        ----------
        name : str
            A method that was run.

        Returns
        -------
        YearPaths
            With medians, quantiles, probabilities.

        Raises
        ------
        MethodError
            The method was not run, or gave no forecast.
        """
        if name not in self._raw:
            self.log_paths(name)  # says why
        return self._raw[name].rescaled(self.factors.get(name, 1.0))

    def paths(self, name: str) -> pd.DataFrame:
        """Return one method's joint paths of the twelve months.

        Parameters
        ----------
        name : str
            A method that was run.

        Returns
        -------
        DataFrame
            A row a path, a column a month (PeriodIndex), unit of the series; published months are the
            same in every row.

        Raises
        ------
        MethodError
            The method was not run, or gave no forecast.

        Examples
        --------
        >>> from chipexports.clean import known
        >>> from chipexports.forecast import run_methods
        >>> members = run_methods(known("2026-11-22").history("export", "USD"), 2026, n_paths=200)
        >>> members.paths("ucm").shape
        (200, 12)
        """
        return pd.DataFrame(self.forecast(name).paths, columns=self.months)

    @property
    def totals(self) -> pd.DataFrame:
        """Return the year's total on each path, a column a method, unit of the series."""
        return pd.DataFrame({name: self.forecast(name).totals for name in self.answered})

    @property
    def table(self) -> pd.DataFrame:
        """Return one row a method: how it stands, and what it says of the year's total.

        Columns ``status, reason`` (English), ``reason_key, reason_values, converged, median, low80, high80,
        low95, high95, seconds``; amounts in the unit of the series.
        """
        rows = {}
        for name, member in self.members.items():
            q = [np.nan] * 5
            if member.log is not None:
                q = np.quantile(self.forecast(name).totals, [0.5, 0.1, 0.9, 0.025, 0.975]).tolist()
            facts = (member.status, *reason_columns(member.reason), member.converged)
            rows[name] = (*facts, *q, member.seconds)
        amounts = ["median", "low80", "high80", "low95", "high95"]
        columns = ["status", *REASON_COLUMNS, "converged", *amounts, "seconds"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("method")

    def weights(
        self, weights: str | Mapping[str, float] = DEFAULT_COMBINATION, methods: Sequence[str] | None = None
    ) -> dict[str, float]:
        """Return the weight of each usable method; they sum to one.

        Parameters
        ----------
        weights : str or mapping of method to float
            A name in ``COMBINATIONS``, or weights of one's own (scaled to sum to one).
        methods : sequence of str, optional
            Only these; by default all that may be combined.

        Returns
        -------
        dict of str to float
            By method.

        Raises
        ------
        TooShortError
            No method may be combined.
        MethodError
            The weights' name does not exist, or they name a method that may not be combined.
        """
        usable = [name for name in self.usable if methods is None or name in methods]
        if not usable:
            asked = [name for name in self.members if methods is None or name in methods]
            raise TooShortError(_nobody(self.year, [self.members[name] for name in asked]))
        if isinstance(weights, Mapping):
            return _own_weights(weights, usable)
        check_combination(weights)
        medians = {name: float(np.median(np.exp(self.log_paths(name)).sum(axis=1))) for name in usable}
        task = self.task
        return pool_weights(weights, medians, self.year, task.months_published, task.first + task.n - 1)

    def pool(
        self, weights: str | Mapping[str, float] = DEFAULT_COMBINATION, methods: Sequence[str] | None = None
    ) -> YearPaths:
        """Return the pool: paths taken from the methods in proportion to their weights.

        Parameters
        ----------
        weights : str or mapping of method to float
            A name in ``COMBINATIONS``, or weights of one's own (scaled to sum to one).
        methods : sequence of str, optional
            Only these; by default all that may be combined.

        Returns
        -------
        YearPaths
            As many paths as each method gave. `calibration_table` holds the factor by which
            ``YearPaths.rescaled`` makes the forecast of it.

        Raises
        ------
        TooShortError, MethodError
            As for `weights`.

        Examples
        --------
        >>> from chipexports.clean import known
        >>> from chipexports.forecast import calibration_table, run_methods
        >>> members = run_methods(known("2026-11-22").history("export", "USD"), 2026, n_paths=200)
        >>> factor = calibration_table(members).loc["combination", "factor"]
        >>> forecast = members.pool("equal").rescaled(factor)
        """
        shares = self.weights(weights, methods)
        paths = pool({name: self.forecast(name).paths for name in shares}, shares, self.task.n_paths)
        return YearPaths(self.year, self.months, self.published, paths)

    def calibrated(self, factors: Mapping[str, float] | pd.Series | None = None) -> Members:
        """Return the members with their spreads multiplied by factors.

        Parameters
        ----------
        factors : Series or mapping of method to float, optional
            By default those of `calibration_table`; methods without one stay as they are.

        Returns
        -------
        Members
            The same medians, other spreads.
        """
        if factors is None:
            from chipexports.forecast.calibration import calibration_table

            factors = calibration_table(self)["factor"]
        by_name = {str(name): float(factor) for name, factor in factors.items()}
        both = {name: self.factors.get(name, 1.0) * by_name.get(name, 1.0) for name in self.answered}
        calibrated = replace(self, factors=both)
        calibrated.__dict__["_raw"] = self._raw  # the same paths
        return calibrated


def _nobody(year: int, asked: Sequence[Member]) -> str:
    """Say that none of the methods can forecast, why, and what to change."""
    if len(asked) == 1:
        only = asked[0]
        return f"methods: {only.name} cannot forecast {year} ({only.reason}); choose other methods"
    reasons = "; ".join(f"{member.name}: {member.reason}" for member in asked)
    return f"methods: none of these can forecast {year} ({reasons}); choose others or give a longer series"


def _own_weights(weights: Mapping[str, float], usable: Sequence[str]) -> dict[str, float]:
    unknown = [name for name in weights if name not in usable]
    if unknown:
        raise MethodError(
            f"weights: {unknown[0]!r} is not among the methods that may be combined ({', '.join(usable)})"
        )
    values = {name: float(weights.get(name, 0.0)) for name in usable}
    total = sum(values.values())
    if not all(np.isfinite(w) and w >= 0 for w in values.values()) or total <= 0:
        raise MethodError("weights: give non-negative numbers of which at least one is positive")
    return {name: value / total for name, value in values.items()}


def check_combination(name: str) -> None:
    """Refuse a combination that does not exist, and name those that do."""
    if name not in COMBINATIONS:
        raise MethodError(f"combination: {name!r} does not exist; choose from {', '.join(COMBINATIONS)}")


def named_methods(methods: Sequence[Method]) -> dict[str, Method]:
    """Return the methods by name, in the order given; refuse one unknown or nameless, and a name twice."""
    if isinstance(methods, str) or callable(methods) or not methods:
        raise MethodError(f"methods: {methods!r} is not a list of methods; choose from {', '.join(METHODS)}")
    named: dict[str, Method] = {}
    for method in methods:
        if isinstance(method, str) and method not in METHODS:
            raise MethodError(f"methods: {method!r} does not exist; choose from {', '.join(METHODS)}")
        name = method_name(method)
        if name in named or (name in METHODS and not isinstance(method, str)) or name == COMBINATION:
            raise MethodError(f"methods: the name {name} appears twice; name each method once")
        named[name] = method
    return named


def default_methods(history: History) -> tuple[str, ...]:
    """Return the methods of a history's default pool: with `indicator` where it has indicators."""
    return DEFAULT_ALONE if history.indicators is None else DEFAULT_METHODS


def run_methods(
    history: History | pd.Series,
    year: int,
    methods: Sequence[Method] | None = None,
    *,
    n_paths: int = 2000,
    seed: int = 0,
    calendar: pd.DataFrame | None = None,
    indicators: pd.DataFrame | None = None,
    estimated: pd.Series | None = None,
) -> Members:
    """Run each method; calibrate and combine nothing yet.

    Parameters
    ----------
    history : History or Series
        As for `forecast_full_year`.
    year : int
        Target year; at least one of its months unpublished.
    methods : sequence of str or callable
        Names in ``METHODS``, functions of one's own (`chipexports.forecast.methods.custom`), or what
        `from_statsmodels` returns; by default as for `forecast_full_year`.
    n_paths, seed : int
        Number of simulated paths; the same seed gives the same bytes.
    calendar, indicators, estimated
        As for `forecast_full_year`.

    Returns
    -------
    Members
        Paths, totals and facts by method.

    Raises
    ------
    UsageError
        As for `forecast_full_year`; and a year that is over, for which there is nothing to forecast.

    Examples
    --------
    >>> from chipexports.clean import known
    >>> from chipexports.forecast import run_methods
    >>> members = run_methods(known("2026-11-22").history("export", "USD"), 2026, n_paths=200)
    >>> list(members.table.index)
    ['ucm', 'indicator', 'level_regression']
    """
    check_sample(n_paths, seed)
    known = as_history(history, calendar=calendar, indicators=indicators, estimated=estimated)
    named = named_methods(default_methods(known) if methods is None else methods)
    published = published_months(known.values, year)
    if len(published) == YEAR:
        raise YearError(f"year: {year} is complete, nothing is left to forecast; take a later year")
    return members_of(known, year, published, named, n_paths, seed)


def members_of(
    known: History, year: int, published: pd.Series, named: Mapping[str, Method], n_paths: int, seed: int
) -> Members:
    """Run methods on what has been checked: as `run_methods`."""
    task, centre = make_task(known, year, n_paths, seed)
    members, own = {}, {}
    for name, method in named.items():
        if isinstance(method, str):
            members[name] = run_method(name, task, load_method(method))
        else:
            own[name] = as_custom(method)
            members[name] = run_method(name, task, own[name].at(known, centre))
    return Members(known, year, published, task, centre, members, own)


def run_method(name: str, task: Task, method: Callable[[Task], Paths]) -> Member:
    """Run one method and judge whether its paths may be combined; one that abstains gives a Member too."""
    start = time.perf_counter()
    try:
        result = method(task)
    except Abstain as reason:
        return Member(name, "abstained", reason.reason, None, time.perf_counter() - start, None)
    status, why = _verdict(task, result)
    log = result.log if np.isfinite(result.log).all() else None
    return Member(name, status, why, result.converged, time.perf_counter() - start, log)


def _verdict(task: Task, result: Paths) -> tuple[str, Reason | None]:
    """Say whether a method's paths may be combined, and why not."""
    if not np.isfinite(result.log).all():
        return "left out", Reason("not_finite")
    if not result.converged:
        return "left out", Reason("no_convergence")
    recent = task.log[-2 * YEAR :]
    rest = np.exp(result.log[:, -task.wanted :]).sum(axis=1)
    middle, slack = np.median(np.log(rest / task.wanted)), np.log(PLAUSIBLE_FACTOR)
    if not np.nanmin(recent) - slack <= middle <= np.nanmax(recent) + slack:
        return "left out", Reason("implausible", {"factor": f"{PLAUSIBLE_FACTOR:g}", "months": 2 * YEAR})
    return "used", result.note
