"""Make ``panel_errors.csv``: the errors of every method on the open panel, for calibration and weights.

    python -m chipexports.backtest.panel_errors

Run it after a change of a method or of the panel's figures; it takes some ten seconds. Pools need no rows:
their errors follow from their methods'.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import click
import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from chipexports.backtest.origins import Origin, panel_origins
from chipexports.base.files import write_table
from chipexports.forecast.calibration import PANEL_ERRORS, SPREAD_QUANTILES
from chipexports.forecast.inputs import MethodError
from chipexports.forecast.members import Method, run_methods
from chipexports.forecast.methods import METHODS
from chipexports.forecast.methods.custom import Custom, as_custom
from chipexports.forecast.methods.task import YEAR
from chipexports.record.indicators import indicators_as_of

FIRST_YEAR, LAST_YEAR = 2004, 2025
N_PATHS = 2000


@lru_cache(maxsize=128)
def outturn_known(name: str, year: int) -> str:
    """Return the first month, "YYYY-MM", at whose end every month of a panel series' year was known."""
    for month in pd.period_range(f"{year + 1}-01", f"{year + 3}-12", freq="M"):
        table = indicators_as_of(str(month.to_timestamp(how="end").date()))
        if table[name].loc[f"{year}-01" : f"{year}-12"].notna().sum() == YEAR:
            return str(month)
    raise LookupError(f"{name}: {year} is not complete in the record")


def case_rows(origin: Origin, methods: Sequence[Method]) -> list[dict]:
    """Return one row for each method that could be used at an origin."""
    members = run_methods(origin.history, origin.target_year, methods, n_paths=N_PATHS)
    actual = np.log(origin.outturn - members.published.sum()) - members.centre
    rows = []
    for name in members.usable:
        rest = np.log(np.exp(members.log_paths(name)).sum(axis=1))
        low, middle, high = np.quantile(rest, SPREAD_QUANTILES)
        rows.append(
            {
                "series": origin.series,
                "target_year": origin.target_year,
                "months_published": origin.months_published,
                "method": name,
                "log_error": round(float(actual - middle), 5),
                "spread": round(float(high - low) / 2, 5),
            }
        )
    return rows


def panel_table(
    methods: Sequence[Method] = tuple(METHODS), jobs: int = 2, months: Sequence[int] = range(YEAR)
) -> pd.DataFrame:
    """Return the errors of methods on the open panel, a row an origin and method: ``panel_errors.csv``.

    ``log_error`` is the log of the remaining months' outturn less that of the forecast's median, ``spread``
    half the width of the central 68.3% of the log forecast before calibration, ``known`` the month in which
    the outturn was known.
    """
    origins = panel_origins(range(FIRST_YEAR, LAST_YEAR + 1), months)
    rows = Parallel(n_jobs=jobs, batch_size=12)(delayed(case_rows)(origin, methods) for origin in origins)
    table = pd.DataFrame([row for case in rows for row in case])
    years = zip(table["series"], table["target_year"], strict=True)
    return table.assign(known=[outturn_known(name, year) for name, year in years])


def on_panel(method: Method, months: Sequence[int] = range(YEAR), jobs: int = 1) -> Custom:
    """Return a method of one's own that is calibrated, alone and in pools, as the shipped ones are.

    Parameters
    ----------
    method : callable
        As for `forecast_full_year`.
    months : sequence of int
        Numbers of published months at which it is tried; those of the forecast and its neighbours suffice.
    jobs : int
        Processes; more than one only for a method that can be sent to them.

    Returns
    -------
    Custom
        The same method, with its errors on the open panel since 2004. Each of some 54 origins a number of
        months costs one fit.

    Examples
    --------
    >>> from chipexports.backtest import on_panel
    >>> import numpy as np
    >>> def flat(history, calendar):
    ...     return np.full(len(calendar) - len(history.values), history.values.iloc[-1])
    >>> tried = on_panel(flat, months=[10])
    >>> tried.panel["series"].nunique()
    3
    """
    if isinstance(method, str):
        raise MethodError(f"on_panel: {method!r} is a shipped method, whose errors are known")
    custom = as_custom(method)
    return Custom(custom.name, custom.function, panel_table([custom], jobs, months))


@click.command(help=__doc__)
@click.option("--jobs", default=2, show_default=True, type=click.IntRange(1), help="Processes.")
@click.option(
    "--output",
    default=PANEL_ERRORS,
    show_default="the shipped table",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The table to write.",
)
def main(jobs: int, output: Path) -> None:
    table = panel_table(jobs=jobs)
    write_table(table, output)
    print(f"{output.name}: {len(table)} errors of {table['method'].nunique()} methods")


if __name__ == "__main__":
    main()
