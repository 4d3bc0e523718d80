"""The robust ridge regression behind the pooled methods, and the panel it is trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from chipexports.base.months import column_logs
from chipexports.forecast.methods.task import YEAR, Abstain, Task

#: ridge on the intercept and on the standardised coefficients; Huber's constant
RIDGE_INTERCEPT, RIDGE, HUBER = 0.1, 1.0, 1.345
ITERATIONS = 8
#: weight of rows with one month more or less published, and of rows of the series itself
NEIGHBOUR_WEIGHT, OWN_WEIGHT = 0.25, 2.0
MIN_ROWS = 6


@dataclass(frozen=True)
class Fit:
    """A fitted regression of log growth on k features."""

    coefficients: np.ndarray  # (k + 1,): intercept, then those of the features divided by ``scales``
    means: np.ndarray  # (k,): they stand in for missing features
    scales: np.ndarray  # (k,): standard deviations of the features
    residual_sd: float  # root of the weighted mean squared residual

    def predict(self, row: np.ndarray) -> float:
        """Return the log growth expected for one row of features; a missing one, NaN, counts as average."""
        filled = np.where(np.isfinite(row), row, self.means)
        return float(self.coefficients[0] + (filled / self.scales) @ self.coefficients[1:])


def huber_ridge(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> Fit:
    """Regress ``y`` (n,) on ``x`` (n, k) robustly with a ridge; NaN in ``x`` counts as average.

    Iteratively reweighted least squares with Huber's weights about a MAD scale (Huber 1964); the ridge is on
    coefficients of columns divided by their standard deviation (Hoerl & Kennard 1970).
    """
    with np.errstate(invalid="ignore"):
        known = np.isfinite(x)
        counts = known.sum(axis=0)
        means = np.where(counts > 0, np.where(known, x, 0.0).sum(axis=0) / np.maximum(counts, 1), 0.0)
    filled = np.where(known, x, means)
    scales = filled.std(axis=0) + 1e-9
    design = np.column_stack([np.ones(len(y)), filled / scales])
    ridge = np.diag([RIDGE_INTERCEPT] + [RIDGE] * x.shape[1])
    robust, residual, scale = np.ones(len(y)), y, 1.0
    for _ in range(ITERATIONS):
        w = weights * robust
        coefficients = np.linalg.solve((design * w[:, None]).T @ design + ridge, (design * w[:, None]).T @ y)
        residual = y - design @ coefficients
        scale = 1.4826 * float(np.median(np.abs(residual))) + 1e-9
        robust = np.minimum(1.0, HUBER * scale / np.maximum(np.abs(residual), 1e-12))
    spread = float(np.sqrt((weights * residual**2).sum() / weights.sum()))
    return Fit(coefficients, means, scales, spread)


def panel_logs(task: Task) -> dict[str, tuple[np.ndarray, int]]:
    """Return the panel as known at the origin: by name, logs and the Period ordinal of the first month.

    It is the task's indicators where there are any, else the open panel as the record knew it at the end of
    the origin's month, before the origin's own figure came out. A series equal to the one being forecast is
    left out, as its own rows stand for it.
    """
    panel = task.panel
    if not panel:
        from chipexports.record.indicators import indicators_as_of

        last = pd.Period(ordinal=task.first + task.n - 1, freq="M")
        panel = column_logs(indicators_as_of(str(last.to_timestamp(how="end").date())))
    return {name: value for name, value in panel.items() if not _same(task, *value)}


def _same(task: Task, log: np.ndarray, first: int) -> bool:
    """Say whether a panel series is the one being forecast, up to its unit."""
    start, end = max(task.first, first), min(task.first + task.n, first + len(log))
    if end - start < YEAR:
        return False
    gap = task.log[start - task.first : end - task.first] - log[start - first : end - first]
    gap = gap[np.isfinite(gap)]
    return len(gap) >= YEAR and float(np.ptp(gap)) < 1e-6


def require_whole_year(task: Task) -> None:
    """Abstain if over twelve months are wanted, one of the last twelve is missing, or none precedes these."""
    if task.horizon > YEAR:
        raise Abstain("whole_year")
    if task.n < YEAR + 1 or not np.isfinite(task.log[-YEAR:]).all():
        raise Abstain("last_twelve")
