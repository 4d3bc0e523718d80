"""The tables of a run under ``data/processed/<run>``: where they lie, and who writes which."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from chipexports.base.files import write_table
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
