"""The pooled growth regression with one thing more: how growth turns in series published by then."""

from __future__ import annotations

import numpy as np

from chipexports.forecast.methods.growth_regression import (
    MIN_ROWS,
    huber_ridge,
    panel_logs,
    require_whole_year,
)
from chipexports.forecast.methods.growth_rows import features, window_growth
from chipexports.forecast.methods.pooled_growth import growth_paths, pooled_rows
from chipexports.forecast.methods.task import Abstain, Paths, Task

#: an indicator that ends more than this many months before the origin says nothing of a turn
MAX_LAG = 2


def _acceleration(log: np.ndarray, ends: np.ndarray) -> np.ndarray:
    level = np.exp(log)
    return window_growth(level, ends, 3) - window_growth(level, ends, 3, lag=3)


def others_acceleration(
    task: Task,
    ordinals: np.ndarray,  # of the month after each origin
) -> np.ndarray:
    """Return the indicators' mean acceleration as it was known at past origins; NaN where none has one.

    It is log growth of the last three months less that of the three before. Each indicator keeps the lag it
    has at the present origin, and the method abstains if none reaches to within two months of it.
    """
    origin_end = task.first + task.n
    columns = []
    for log, first in panel_logs(task).values():
        lag = origin_end - (first + len(log))
        if lag <= MAX_LAG:
            columns.append(_acceleration(log, ordinals - first - max(lag, 0)))
    if not columns:
        raise Abstain("no_indicator_near", months=MAX_LAG)
    table = np.array(columns)
    known = np.isfinite(table)
    total, count = np.where(known, table, 0.0).sum(axis=0), known.sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def indicator(task: Task) -> Paths:
    """Forecast the remaining months' growth as ``pooled_growth`` does, with the indicators' turn.

    The mean acceleration of the indicators' growth (last three months against the three before) is one
    regressor more. Needs what ``pooled_growth`` needs, twelve past origins, and indicators (Korea's and
    Taiwan's exports, cut at the same date) of which one has its growth of the last six months and reaches to
    within two months of the origin. Source: Banbura, Giannone & Reichlin (2011) on indicators that are
    published earlier.
    """
    require_whole_year(task)
    if not task.panel:
        raise Abstain("no_indicators")
    rows, weights = pooled_rows(task)
    if len(weights) < MIN_ROWS * 2:
        raise Abstain("too_few_origins", needs=MIN_ROWS * 2, has=len(weights))
    turn = others_acceleration(task, np.append(rows.ordinals, task.first + task.n))
    if not np.isfinite(turn[-1]):
        raise Abstain("indicator_gap")
    fit = huber_ridge(np.column_stack([rows.features, turn[:-1]]), rows.growth, weights)
    now = np.append(features(np.exp(task.log), np.array([task.n]))[0], turn[-1])
    return Paths(growth_paths(task, "indicator", fit.predict(now), fit.residual_sd))
