"""Functions of one's own as methods: a history and the calendar in, a distribution out.

A method of one's own is ``method(history, calendar)``:

- ``history`` is the `History` the forecast was asked for: ``history.values`` are its months (unit of the
  series, NaN where unknown), ``history.indicators`` other series as known on the same day;
- ``calendar`` holds the calendar regressors of every month from the first of the history to December of
  the target year, so its last rows are those of the months to forecast.

It returns, for the months after the last known one, either

- a table or array of shape (n, months): paths, unit of the series;
- ``(mean, covariance)``: a normal distribution of the logs;
- a Series or array of shape (months,): a point forecast, whose spread is then taken from the errors the
  same function made at the same month of past years.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.base.months import months_from
from chipexports.forecast.methods.past_errors import past_error_covariance
from chipexports.forecast.methods.task import Abstain, Paths, Task, gaussian_paths
from chipexports.record.festival import NAMES
from chipexports.series import History


def method_name(method: object) -> str:
    """Return the name under which a method stands in tables; a function without one is refused."""
    if isinstance(method, str):
        return method
    if not callable(method):
        raise UsageError(f"methods: {method!r} is neither a method's name nor a function")
    name = getattr(method, "name", None) or getattr(method, "__name__", "")
    if not isinstance(name, str) or not name or name == "<lambda>":
        raise UsageError("methods: a function without a name; define it with `def`, or give it a `name`")
    return name


@dataclass(frozen=True)
class Custom:
    """A function of one's own under its name.

    Attributes
    ----------
    name : str
        Under which it stands in tables.
    function : callable
        ``(history, calendar)`` in, a distribution of the months after the history out.
    panel : DataFrame or None
        Its errors on the open panel, as ``chipexports.backtest.on_panel`` finds them; without them it is
        calibrated by its errors at the same month of the series' own past years.
    """

    name: str
    function: Callable
    panel: pd.DataFrame | None = field(default=None, compare=False)

    def __call__(self, history: History, calendar: pd.DataFrame) -> Any:
        """Return what the function gives."""
        return self.function(history, calendar)

    def at(self, history: History, centre: float) -> Callable[[Task], Paths]:
        """Return the method as the engine calls it, at an origin."""
        return lambda task: self._paths(history, centre, task)

    def _paths(self, history: History, centre: float, task: Task) -> Paths:
        """Return the paths of the months wanted."""
        values = history.values.iloc[-task.n :]
        months = months_from(task.first, task.n + task.horizon)
        names = list(NAMES) if history.calendar is None else list(history.calendar.columns)
        calendar = pd.DataFrame(task.regressors, index=months, columns=names)
        result = self.function(replace(history, values=values), calendar)
        converged, note = getattr(result, "converged", True), getattr(result, "note", None)
        if hasattr(result, "distribution"):
            result = result.distribution
        return Paths(self._logs(result, history, centre, task, calendar), bool(converged), note)

    def _logs(
        self, result: Any, history: History, centre: float, task: Task, calendar: pd.DataFrame
    ) -> np.ndarray:
        """Return log paths, shape (n_paths, horizon), from whatever the function gave."""
        h = task.horizon
        if isinstance(result, tuple) and len(result) == 2:
            mean, covariance = (np.asarray(part, dtype=float) for part in result)
            if mean.shape != (h,) or covariance.shape != (h, h):
                raise UsageError(
                    f"methods: {self.name} gave a mean of shape {mean.shape} and a covariance of shape "
                    f"{covariance.shape}; {h} months are wanted"
                )
            if not (np.isfinite(mean).all() and np.isfinite(covariance).all()):
                return np.full((task.n_paths, h), np.nan)
            return gaussian_paths(task, self.name, mean - centre, (covariance + covariance.T) / 2)
        array = np.asarray(result, dtype=float)
        with np.errstate(invalid="ignore", divide="ignore"):
            logs = np.log(array) - centre
        if array.shape == (h,):
            if not np.isfinite(logs).all():
                return np.full((task.n_paths, h), np.nan)

            def point(log: np.ndarray, published: int, horizon: int) -> np.ndarray:
                known = np.exp(pd.Series(log, calendar.index[: len(log)]) + centre)
                past = replace(history, values=known, indicators=None)
                again = self.function(past, calendar.iloc[: len(log) + horizon])
                return np.log(np.asarray(again, dtype=float)) - centre

            return gaussian_paths(task, self.name, logs, past_error_covariance(task, point))
        if array.ndim != 2 or array.shape[1] != h or len(array) < 2:
            raise UsageError(
                f"methods: {self.name} gave an array of shape {array.shape}; wanted are {h} months as "
                f"paths ({task.n_paths}, {h}), a point forecast ({h},) or (mean, covariance) of the logs"
            )
        if len(logs) == task.n_paths:
            return logs
        rng = np.random.default_rng([task.seed, zlib.crc32(self.name.encode())])
        return logs[rng.integers(len(logs), size=task.n_paths)]


def as_custom(method: Callable) -> Custom:
    """Return a function of one's own under its name; one that is a `Custom` already stays."""
    return method if isinstance(method, Custom) else Custom(method_name(method), method)


__all__ = ["Abstain", "Custom", "as_custom", "method_name"]
