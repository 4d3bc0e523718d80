"""The tables of a run under ``data/processed/<run>``: who writes which, and reading them back."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from chipexports.base.errors import ChipExportsError
from chipexports.base.files import read_table, write_table
from chipexports.base.paths import processed_dir
from chipexports.params import RunParams

MADE_BY = {
    "releases": "01_collect_releases",
    "missing": "01_collect_releases",
    "monthly": "02_clean_series",
    "checks": "02_clean_series",
    "diagnostics": "04_model_exports",
    "backtest": "05_backtest_methods",
    "scores": "05_backtest_methods",
    "evolution": "05_backtest_methods",
    "forecast": "06_forecast_full_year",
    "answer": "06_forecast_full_year",
    "fan": "06_forecast_full_year",
    "totals": "06_forecast_full_year",
    "methods": "06_forecast_full_year",
    "needed": "06_forecast_full_year",
    "news": "06_forecast_full_year",
    "both_currencies": "06_forecast_full_year",
    "claims": "07_check_article",
}


def table_path(run: str, name: str) -> Path:
    """Return the path of table ``name`` of ``run``."""
    return processed_dir(run) / f"{name}.csv"


def save(params: RunParams, name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Write ``table`` as table ``name`` of the run, whole or not at all; return it.

    Parameters
    ----------
    params : RunParams
        Parameters of the run.
    name : str
        File name without ending.
    table : DataFrame
        Written by `write_table`.

    Returns
    -------
    DataFrame
        The same table.
    """
    write_table(table, table_path(params.run, name))
    return table


def load(run: str, name: str) -> pd.DataFrame:
    """Return table ``name`` of ``run``.

    Parameters
    ----------
    run : str
        Name of the run.
    name : str
        File name without ending.

    Returns
    -------
    DataFrame
        As `read_table` reads it.

    Raises
    ------
    ChipExportsError
        If the notebook that writes it has not been run.
    """
    path = table_path(run, name)
    if not path.is_file():
        raise ChipExportsError(
            f"data/processed/{run}/{name}.csv does not exist; run notebook {MADE_BY[name]} first, "
            f"or `python -m chipexports run` with the parameter set of '{run}'"
        )
    return read_table(path)
