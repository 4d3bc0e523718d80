"""What the package computes, written to a folder as tables: run by each environment that is compared.

``python probe.py FOLDER`` reads the record of the project and needs nothing but the package.
"""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pandas as pd

from chipexports.backtest.origins import panel_origins, record_origins
from chipexports.backtest.run import backtest_origins
from chipexports.backtest.scores import score_table
from chipexports.base.files import write_table
from chipexports.clean import known
from chipexports.clean.checks import check_releases
from chipexports.clean.monthly import monthly_series
from chipexports.forecast.answer import forecast_of
from chipexports.forecast.tables import forecast_table
from chipexports.params import load_params

RUNS = ("latest", "article")
#: every so many origins of the backtest
STEP = 40


def forecasts(folder: Path) -> None:
    """Write the forecast of each run by the library: a row per method."""
    for run in RUNS:
        params = load_params(run)
        table = forecast_table(forecast_of(known(params.as_of, params.history_start), params), params)
        write_table(table, folder / f"forecast_{run}.csv")


def cleaning(folder: Path) -> None:
    """Write the tables of the cleaning step."""
    for run in RUNS:
        params = load_params(run)
        months = monthly_series(params.as_of, params.history_start)
        write_table(months, folder / f"monthly_{run}.csv")
        write_table(check_releases(params.as_of), folder / f"checks_{run}.csv")


def scores(folder: Path) -> None:
    """Write a part of the backtest, and its scores."""
    params = load_params("latest")
    own = record_origins(params.flow, params.currency, as_of=params.as_of)
    origins = [*panel_origins(as_of=params.as_of), *own][::STEP]
    methods = ("growth_ytd", *params.methods)
    rows = backtest_origins(origins, methods=methods, pooled=tuple(params.methods), n_paths=1000, jobs=1)
    write_table(rows, folder / "backtest.csv")
    write_table(score_table(rows), folder / "scores.csv")


def versions(folder: Path) -> None:
    """Write which packages did it."""
    found = {d.name.lower().replace("_", "-"): d.version for d in metadata.distributions()}
    table = pd.DataFrame(sorted(found.items()), columns=["package", "version"])
    write_table(table, folder / "versions.csv")


if __name__ == "__main__":
    place = Path(sys.argv[1])
    place.mkdir(parents=True, exist_ok=True)
    for part in (versions, cleaning, forecasts, scores):
        part(place)
