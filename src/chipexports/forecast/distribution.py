"""The distribution of a year's total as simulated paths, and every read-out taken from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from chipexports.base.errors import UsageError

#: the quantiles every table gives, by the name of their column
QUANTILES = {"q025": 0.025, "q10": 0.1, "q25": 0.25, "median": 0.5, "q75": 0.75, "q90": 0.9, "q975": 0.975}
#: columns of the bounds of the central intervals, by level in per cent
BOUNDS = {50: ("q25", "q75"), 80: ("q10", "q90"), 95: ("q025", "q975")}


def edges(level: float) -> dict[str, float]:
    """Return the two quantiles that bound a central interval, by the name of their column.

    >>> edges(0.95)
    {'q025': 0.025, 'q975': 0.975}
    """
    low = round((1 - level) / 2, 6)
    return {
        f"q{share:.6f}".replace("0.", "", 1).rstrip("0").ljust(3, "0"): share
        for share in (low, round(1 - low, 6))
    }


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def named_quantiles(totals: np.ndarray) -> dict[str, float]:
    """Return the quantiles named in ``QUANTILES`` by column, lowest first, in the unit of the totals."""
    values = np.quantile(totals, list(QUANTILES.values()))
    return dict(zip(QUANTILES, values.tolist(), strict=True))


def rescale(log_paths: np.ndarray, wanted: int, factor: float) -> np.ndarray:
    """Return log paths whose sum of the last ``wanted`` months lies ``factor`` times as far from its median.

    All wanted months of a path move by the same amount in logs, so that their pattern is kept, no sum turns
    negative and the order of the paths does not change.
    """
    rest = np.log(np.exp(log_paths[:, -wanted:]).sum(axis=1))
    shift = (factor - 1.0) * (rest - np.median(rest))
    scaled = log_paths.copy()
    scaled[:, -wanted:] += shift[:, None]
    return scaled


@dataclass(frozen=True)
class YearPaths:
    """Joint paths of the twelve months of a year; published months are the same in every path.

    Attributes
    ----------
    year : int
        Target year.
    months : PeriodIndex, length 12
        January to December.
    published : Series
        Published months of the year, in the unit of the series.
    paths : ndarray, shape (n_paths, 12)
        Unit of the series.
    """

    year: int
    months: pd.PeriodIndex
    published: pd.Series
    paths: np.ndarray

    @property
    def months_published(self) -> int:
        """Number of months of the year that are published."""
        return len(self.published)

    @cached_property
    def published_total(self) -> float:
        """Sum of the published months."""
        return float(self.published.sum())

    @cached_property
    def totals(self) -> np.ndarray:
        """Total of the year on each path, shape (n_paths,): the published total plus the rest."""
        return self.published_total + self.paths[:, self.months_published :].sum(axis=1)

    @property
    def median(self) -> float:
        """Median of the year's total: the point forecast."""
        return self.quantile(0.5)

    @property
    def mean(self) -> float:
        """Mean of the year's total."""
        return self.published_total + float(np.mean(np.sort(self.totals - self.published_total)))

    def quantile(self, q: float) -> float:
        """Return the quantile ``q`` (0 to 1) of the year's total.

        Parameters
        ----------
        q : float
            Level, 0 to 1.

        Returns
        -------
        float
            Unit of the series.

        Raises
        ------
        UsageError
            If ``q`` is not between 0 and 1.
        """
        if not _is_number(q) or not 0.0 <= q <= 1.0:
            raise UsageError(f"quantile: {q!r} is not a number between 0 and 1; 0.9 means 90%")
        return float(np.quantile(self.totals, q))

    def quantiles(self) -> dict[str, float]:
        """Return the quantiles named in ``QUANTILES``, unit of the series.

        Returns
        -------
        dict of str to float
            By column name, lowest first.
        """
        return named_quantiles(self.totals)

    def interval(self, level: float) -> tuple[float, float]:
        """Return the central interval that holds the total with probability ``level`` (0 to 1).

        Parameters
        ----------
        level : float
            Probability of the interval, between 0 and 1.

        Returns
        -------
        (float, float)
            Low and high, unit of the series; equal tails are left outside.

        Raises
        ------
        UsageError
            If ``level`` is not between 0 and 1.
        """
        if not _is_number(level) or not 0.0 < level < 1.0:
            raise UsageError(f"level: {level!r} is not a number between 0 and 1; 0.8 means 80%")
        low, high = np.quantile(self.totals, [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)

    def rescaled(self, factor: float) -> YearPaths:
        """Return the year with its spread multiplied by a factor: the calibrated forecast.

        Parameters
        ----------
        factor : float
            By which the log of the remaining months' sum lies farther from its median; the pattern of
            months within a path is kept (see `rescale`).

        Returns
        -------
        YearPaths
            The same median.

        Raises
        ------
        UsageError
            A factor that is not a positive number.
        """
        if not _is_number(factor) or not np.isfinite(factor) or factor <= 0:
            raise UsageError(f"factor: {factor!r} is not a positive number; 1 changes nothing")
        rest, k = self.paths[:, self.months_published :], self.months_published
        if rest.shape[1] == 0 or factor == 1:
            return YearPaths(self.year, self.months, self.published, self.paths)
        scaled = np.exp(rescale(np.log(rest), rest.shape[1], factor))
        paths = np.hstack([self.paths[:, :k], scaled])
        return YearPaths(self.year, self.months, self.published, paths)

    def probability_above(self, x: float) -> float:
        """Return the probability that the total is greater than ``x`` (unit of the series).

        Parameters
        ----------
        x : float
            A total, unit of the series.

        Returns
        -------
        float
            Share of the paths whose total is greater.

        Raises
        ------
        UsageError
            If ``x`` is not a number.
        """
        if not _is_number(x) or np.isnan(x):
            raise UsageError(f"threshold: {x!r} is not a number; give a total in the unit of the series")
        return float(np.mean(self.totals > x))

    def month_quantiles(self, quantiles: Sequence[float], *, cumulative: bool = False) -> pd.DataFrame:
        """Return quantiles of each month or of the year to date.

        Parameters
        ----------
        quantiles : sequence of float
            Between 0 and 1.
        cumulative : bool
            Of the year to date at the end of each month.

        Returns
        -------
        DataFrame
            Twelve rows, PeriodIndex; a column each quantile, unit of the series.
        """
        values = self.paths.cumsum(axis=1) if cumulative else self.paths
        table = np.quantile(values, list(quantiles), axis=0).T
        return pd.DataFrame(table, index=self.months, columns=[float(q) for q in quantiles])


@dataclass(frozen=True)
class FullYearForecast(YearPaths):
    """The combined forecast of a year's total, with what each method said.

    Attributes
    ----------
    methods : DataFrame
        One row a method: ``status`` (used, shown, abstained, left out), ``reason`` (English),
        ``reason_key`` and ``reason_values`` (the same for other languages), ``converged``, ``weight``,
        ``seconds``.
    levels, thresholds : tuple of float
        Levels of the intervals and values whose exceedance is asked for, as given.
    member_paths : dict of str to ndarray, shape (n_paths, 12)
        Paths of every method that gave a forecast, used or left out.
    known : Series
        The months the forecast was made from.
    """

    methods: pd.DataFrame
    levels: tuple[float, ...]
    thresholds: tuple[float, ...]
    member_paths: dict[str, np.ndarray]
    known: pd.Series

    def by_method(self) -> dict[str, YearPaths]:
        """Return each method's own forecast with the same read-outs.

        Returns
        -------
        dict of str to YearPaths
            By name, in the order of the methods; used, shown and left out alike.
        """
        return {
            name: YearPaths(self.year, self.months, self.published, paths)
            for name, paths in self.member_paths.items()
        }

    def intervals(self) -> pd.DataFrame:
        """Return the central intervals at ``levels``: columns ``level, low, high``.

        Returns
        -------
        DataFrame
            ``level, low, high``, one row a level; bounds in the unit of the series.
        """
        rows = [(level, *self.interval(level)) for level in self.levels]
        return pd.DataFrame(rows, columns=["level", "low", "high"])

    def probabilities(self) -> pd.DataFrame:
        """Return the probability above each of ``thresholds``: columns ``threshold, p_above``.

        Returns
        -------
        DataFrame
            ``threshold, p_above``, one row a threshold.
        """
        rows = [(x, self.probability_above(x)) for x in self.thresholds]
        return pd.DataFrame(rows, columns=["threshold", "p_above"])
