"""Learn the coefficients of ``level_regression`` from a panel of monthly series.

    python -m chipexports.backtest.train_level_regression PANEL.csv

The file has columns ``series_id, period, value``: positive monthly values without gaps. A file
``series.csv`` beside it, with columns ``series_id, level, country``, keeps aggregates out of the rows, since
they would count their leaves twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click
import numpy as np
import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.base.files import write_table
from chipexports.forecast.methods.growth_regression import HUBER
from chipexports.forecast.methods.level_regression import (
    COEFFICIENTS,
    MIN_MONTHS,
    REGRESSORS,
    Coefficients,
    regressors,
    volatility,
)
from chipexports.forecast.methods.task import YEAR

ITERATIONS, RIDGE = 12, 1.0
#: a row whose month came this far from its base, in logs, is no growth but a break or a slip
MAX_MOVE = 3.0
#: standardised errors are cut here before their covariance is taken
MAX_ERROR = 2.0


def read_panel(file: Path, leave_out: str = "") -> dict[str, np.ndarray]:
    """Return the logs of every leaf series of a panel file by name, in the order of months.

    ``leave_out`` is a country, by column ``country`` of ``series.csv``; a gap, months out of order and a
    value not above zero are refused.
    """
    table = pd.read_csv(file)
    lacking = {"series_id", "period", "value"} - set(table)
    if lacking:
        raise UsageError(f"{file.name}: has no column {sorted(lacking)[0]!r}; give series_id, period, value")
    about = file.with_name("series.csv")
    if about.is_file():
        series = pd.read_csv(about).set_index("series_id")
        use = (series["level"] == "leaf") & (series["country"] != leave_out)
        table = table[table["series_id"].isin(series.index[use])]
    if not (table["value"] > 0).all():
        row = table[~(table["value"] > 0)].iloc[0]
        raise UsageError(
            f"{file.name}: {row['series_id']} in {row['period']} is not above zero; leave it out"
        )
    panel = {}
    for name, rows in table.groupby("series_id"):
        months = pd.PeriodIndex(rows["period"], freq="M")
        if (np.diff(months.asi8) != 1).any():
            raise UsageError(f"{file.name}: {name} has a gap or months out of order; give each month once")
        panel[str(name)] = np.log(rows["value"].to_numpy(dtype=float))
    return panel


def learn(panel: Mapping[str, np.ndarray]) -> Coefficients:
    """Return the regression by months ahead, fitted on every origin of every series, logs without a gap.

    By Huber's regression, rows divided by the volatility at the origin; fewer than a hundred origins with
    twelve months after them are refused.
    """
    x, y = [], []
    for log in panel.values():
        for end in range(MIN_MONTHS, len(log)):
            base, row = regressors(log[:end])
            scale = volatility(log[:end])
            after = np.full(YEAR, np.nan)
            following = log[end : end + YEAR] - base[: len(log) - end]
            after[: len(following)] = np.where(np.abs(following) < MAX_MOVE, following, np.nan)
            x.append(np.column_stack([np.ones(YEAR), row]) / scale)
            y.append(after / scale)
    if sum(np.isfinite(after).all() for after in y) < 100:
        raise UsageError("panel: fewer than 100 origins have a year after them; give more or longer series")
    rows, outcome = np.array(x), np.array(y)
    fitted = [_huber(rows[:, h], outcome[:, h]) for h in range(YEAR)]
    error = outcome - np.einsum("nhk,hk->nh", rows, np.array(fitted))
    error = np.clip(error[np.isfinite(error).all(axis=1)], -MAX_ERROR, MAX_ERROR)
    betas = np.array(fitted)
    return Coefficients(betas[:, 0], betas[:, 1:], error.T @ error / len(error))


def _huber(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return robust ridge coefficients of the rows whose outcome is known."""
    x, y = x[np.isfinite(y)], y[np.isfinite(y)]
    weight, beta = np.ones(len(y)), np.zeros(x.shape[1])
    for _ in range(ITERATIONS):
        weighted = x * weight[:, None]
        beta = np.linalg.solve(weighted.T @ x + RIDGE * np.eye(x.shape[1]), weighted.T @ y)
        residual = np.abs(y - x @ beta)
        scale = 1.4826 * float(np.median(residual)) + 1e-9
        weight = np.minimum(1.0, HUBER * scale / np.maximum(residual, 1e-12))
    return beta


def table_of(learnt: Coefficients) -> pd.DataFrame:
    """Return the coefficients as the table that is shipped: one row a month ahead."""
    ahead = np.arange(1, YEAR + 1)
    table = pd.DataFrame({"months_ahead": ahead, "intercept": learnt.intercept})
    table[list(REGRESSORS)] = learnt.slopes
    table[[f"covariance_{h}" for h in ahead]] = learnt.covariance
    return table.round(5)


@click.command(help=__doc__)
@click.argument("panel", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--leave-out", default="", help="Country whose series are left out.")
@click.option("--output", type=click.Path(path_type=Path), default=COEFFICIENTS, help="The table to write.")
def main(panel: Path, leave_out: str, output: Path) -> None:
    series = read_panel(panel, leave_out)
    write_table(table_of(learn(series)), output)
    print(f"{output.name}: learnt from {len(series)} series")


if __name__ == "__main__":
    main()
