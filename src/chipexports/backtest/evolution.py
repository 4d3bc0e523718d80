"""How the forecast of each year moved as its months were published."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from joblib import Parallel, delayed

from chipexports.backtest.origins import Origin
from chipexports.backtest.run import QUANTILES
from chipexports.fullyear import DEFAULT_COMBINATION, DEFAULT_METHODS, forecast_full_year

_HEAD = ["target_year", "months_published", "as_of", "vintage", "median"]
COLUMNS = [*_HEAD, *QUANTILES, "threshold", "p_above", "outturn"]


def evolution(
    origins: Sequence[Origin],
    *,
    threshold: float | None = None,
    methods: Sequence[str] = DEFAULT_METHODS,
    combination: str = DEFAULT_COMBINATION,
    n_paths: int = 2000,
    seed: int = 0,
    jobs: int = 2,
) -> pd.DataFrame:
    """Return the combined forecast at each origin of one series, in the order of dates.

    Parameters
    ----------
    origins : sequence of Origin
        As ``record_origins`` returns them.
    threshold : float, optional
        Total whose exceedance is asked for, unit of the series.
    methods, combination, n_paths, seed
        As in ``forecast_full_year``.
    jobs : int
        Processes.

    Returns
    -------
    DataFrame
        ``target_year, months_published, as_of, vintage, median, q025 ... q975, threshold, p_above,
        outturn``; the outturn only scores.
    """
    settings = {"methods": tuple(methods), "combination": combination, "n_paths": n_paths, "seed": seed}
    if jobs == 1 or len(origins) < 8:
        rows = [_row(origin, threshold, settings) for origin in origins]
    else:
        rows = Parallel(n_jobs=jobs, batch_size=8)(
            delayed(_row)(origin, threshold, settings) for origin in origins
        )
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.sort_values(["target_year", "months_published"], kind="stable", ignore_index=True)


def _row(origin: Origin, threshold: float | None, settings: dict) -> dict:
    forecast = forecast_full_year(
        origin.known,
        origin.target_year,
        indicators=origin.indicators,
        estimated=origin.estimated,
        **settings,
    )
    return {
        "target_year": origin.target_year,
        "months_published": origin.months_published,
        "as_of": origin.as_of,
        "vintage": origin.vintage,
        "median": forecast.median,
        **{name: forecast.quantile(q) for name, q in QUANTILES.items()},
        "threshold": threshold,
        "p_above": None if threshold is None else forecast.probability_above(threshold),
        "outturn": origin.outturn,
    }
