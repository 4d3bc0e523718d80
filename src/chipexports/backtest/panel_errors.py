"""Make ``panel_errors.csv``: the errors of every method on the open panel, for calibration and weights.

Run ``python -m chipexports.backtest.panel_errors`` after a change of a method or of the panel's figures.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from chipexports.backtest.origins import Origin, panel_origins
from chipexports.base.files import write_table
from chipexports.forecast.calibration import PANEL_ERRORS, panel_errors
from chipexports.forecast.combination import COMBINATIONS, pool, pool_weights
from chipexports.forecast.members import DEFAULT_METHODS, run_methods
from chipexports.forecast.methods import METHODS
from chipexports.forecast.methods.task import YEAR
from chipexports.record.indicators import indicators_as_of

FIRST_YEAR, LAST_YEAR = 2004, 2025
N_PATHS = 2000


@lru_cache(maxsize=128)
def outturn_known(name: str, year: int) -> str:
    """Return the first month at whose end every month of ``year`` was known.

    Parameters
    ----------
    name : str
        Name of a panel series.
    year : int
        Calendar year.

    Returns
    -------
    str
        Month, "YYYY-MM".

    Raises
    ------
    LookupError
        If that was not so within three years.
    """
    for month in pd.period_range(f"{year + 1}-01", f"{year + 3}-12", freq="M"):
        table = indicators_as_of(str(month.to_timestamp(how="end").date()))
        if table[name].loc[f"{year}-01" : f"{year}-12"].notna().sum() == YEAR:
            return str(month)
    raise LookupError(f"{name}: {year} is not complete in the record")


def _case(origin: Origin) -> dict:
    """Return the log remaining sums of every method at one origin, and their outturn."""
    year, published = origin.target_year, origin.months_published
    members = run_methods(origin.history, year, tuple(METHODS), n_paths=N_PATHS)
    task = members.task
    actual = float(np.log(origin.outturn - members.published.sum()) - members.centre)
    rest = {name: np.log(np.exp(members.log_paths(name)).sum(axis=1)) for name in members.usable}
    key = {"series": origin.series, "target_year": year, "months_published": published}
    return {"key": key, "actual": actual, "rest": rest, "origin": task.first + task.n - 1}


def _row(case: dict, method: str, rest: np.ndarray) -> dict:
    low, middle, high = np.quantile(rest, [0.158655, 0.5, 0.841345])
    return {
        **case["key"],
        "method": method,
        "log_error": round(case["actual"] - middle, 5),
        "spread": round((high - low) / 2, 5),
        "known": outturn_known(case["key"]["series"], case["key"]["target_year"]),
    }


def _combined(case: dict, combination: str) -> dict | None:
    """Return the row of a combination of the default methods, weighted as at that origin."""
    rest = {m: case["rest"][m][:, None] for m in DEFAULT_METHODS if m in case["rest"]}
    if not rest:
        return None
    medians = {m: float(np.median(np.exp(values))) for m, values in rest.items()}
    key = case["key"]
    weights = pool_weights(combination, medians, key["target_year"], key["months_published"], case["origin"])
    return _row(case, combination, pool(rest, weights, N_PATHS)[:, 0])


def main(jobs: int = 2) -> None:
    """Write the file anew: first the methods, then the combinations, whose weights need the methods."""
    origins = panel_origins(range(FIRST_YEAR, LAST_YEAR + 1), range(YEAR))
    cases = Parallel(n_jobs=jobs, batch_size=12)(delayed(_case)(origin) for origin in origins)
    rows = [_row(case, method, rest) for case in cases for method, rest in case["rest"].items()]
    write_table(pd.DataFrame(rows), PANEL_ERRORS)
    panel_errors.cache_clear()
    rows += [row for case in cases for name in COMBINATIONS if (row := _combined(case, name))]
    write_table(pd.DataFrame(rows), PANEL_ERRORS)
    print(f"{PANEL_ERRORS}: {len(rows)} rows of {len(cases)} origins")


if __name__ == "__main__":
    main()
