"""Run the engine over past origins and lay the forecasts beside the outturns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from chipexports.backtest.origins import Origin, lag_origins
from chipexports.backtest.rules import crps_sample, pit_value, weighted_interval_score
from chipexports.forecast.distribution import BOUNDS, QUANTILES, YearPaths, named_quantiles
from chipexports.forecast.fullyear import forecast_full_year
from chipexports.forecast.inputs import TooShortError
from chipexports.forecast.members import COMBINATION, DEFAULT_COMBINATION, DEFAULT_METHODS, Method
from chipexports.forecast.methods import METHODS

#: origins a worker takes at a time: enough to pay for sending them
CHUNK = 12


def backtest(
    series: pd.Series | Mapping[str, pd.Series],
    years: Iterable[int],
    *,
    months: Iterable[int] = range(12),
    published_day: int = 15,
    methods: Sequence[Method] = tuple(METHODS),
    combination: str = DEFAULT_COMBINATION,
    n_paths: int = 2000,
    seed: int = 0,
    jobs: int = 2,
) -> pd.DataFrame:
    """Backtest any positive monthly series by its publication lag; see ``backtest_origins``.

    Parameters
    ----------
    series : Series or mapping of name to Series
        PeriodIndex of months; the outturn is the sum of the year's months.
    years, months : iterable of int
        Target years, and numbers of their months published.
    published_day : int
        Day of the following month on which a month is known.
    methods, combination, n_paths, seed, jobs
        As in ``backtest_origins``.

    Returns
    -------
    DataFrame
        As ``backtest_origins`` returns it.
    """
    named = {str(series.name or "series"): series} if isinstance(series, pd.Series) else dict(series)
    years, months = tuple(years), tuple(months)
    origins = [
        origin
        for name, one in named.items()
        for origin in lag_origins(name, one, years, months, published_day=published_day)
    ]
    return backtest_origins(
        origins, methods=methods, combination=combination, n_paths=n_paths, seed=seed, jobs=jobs
    )


def backtest_origins(
    origins: Sequence[Origin],
    *,
    methods: Sequence[Method] = tuple(METHODS),
    combination: str = DEFAULT_COMBINATION,
    pooled: Sequence[Method] | None = None,
    n_paths: int = 2000,
    seed: int = 0,
    jobs: int = 2,
    progress: bool = False,
) -> pd.DataFrame:
    """Return one row for each origin and method, and for their combination.

    Parameters
    ----------
    origins : sequence of Origin
        The forecasts to make.
    methods : sequence of str or callable
        Methods to score; names, or functions of one's own as in `forecast_full_year` (with ``jobs`` above
        one they must be picklable, or made in a notebook, where joblib sends them whole).
    combination : str
        How the pooled ones are combined.
    pooled : sequence of str or callable, optional
        The methods the combination is made of; by default the default methods among ``methods``.
    n_paths, seed : int
        As in ``forecast_full_year``.
    jobs : int
        Processes. The work is split into tasks that carry their data; joblib's backend in force
        (``joblib.parallel_config``) may be Dask's.
    progress : bool
        Whether to show a progress bar, for somebody who waits.

    Returns
    -------
    DataFrame
        ``series, method, target_year, months_published, origin, as_of, vintage, published_total,
        median, mean, q025 ... q975, outturn, outturn_ape_pct, outturn_crps, outturn_wis,
        outturn_pit``; an origin no method can forecast has no row.
    """
    settings = {"methods": tuple(methods), "combination": combination, "n_paths": n_paths, "seed": seed}
    if pooled is None:
        usual = [method for method in methods if isinstance(method, str) and method in DEFAULT_METHODS]
        pooled = tuple(usual or methods)
    chunks = [origins[i : i + CHUNK] for i in range(0, len(origins), CHUNK)]
    done: Iterable[list[dict]]
    if jobs == 1 or len(chunks) < 2:
        done = (_chunk(chunk, settings, pooled) for chunk in chunks)
    else:
        tasks = (delayed(_chunk)(chunk, settings, pooled) for chunk in chunks)
        done = Parallel(n_jobs=jobs, return_as="generator")(tasks)
    if progress:  # a widget in a notebook, text on a terminal
        from tqdm.auto import tqdm

        done = tqdm(done, total=len(chunks), unit="block")
    return pd.DataFrame([row for rows in done for row in rows], columns=_columns())


def _columns() -> list[str]:
    head = ["series", "method", "target_year", "months_published", "origin", "as_of", "vintage"]
    scores = ["outturn", "outturn_ape_pct", "outturn_crps", "outturn_wis", "outturn_pit"]
    return list(dict.fromkeys([*head, "published_total", "median", "mean", *QUANTILES, *scores]))


def _chunk(origins: Sequence[Origin], settings: dict, pooled: Sequence[Method] | None) -> list[dict]:
    return [row for origin in origins for row in origin_rows(origin, settings, pooled)]


def origin_rows(origin: Origin, settings: dict, pooled: Sequence[Method] | None = None) -> list[dict]:
    """Return the rows of one origin, the combination's last."""
    try:
        forecast = forecast_full_year(origin.history, origin.target_year, pooled=pooled, **settings)
    except TooShortError:
        return []
    named = {**forecast.by_method(), COMBINATION: forecast}
    return [_row(origin, method, paths) for method, paths in named.items()]


def _row(origin: Origin, method: str, forecast: YearPaths) -> dict:
    quantiles = forecast.quantiles()
    row = {
        "series": origin.series,
        "method": method,
        "target_year": origin.target_year,
        "months_published": origin.months_published,
        "origin": origin.origin,
        "as_of": origin.as_of,
        "vintage": origin.vintage,
        "published_total": forecast.published_total,
        "median": quantiles["median"],
        "mean": forecast.mean,
        **quantiles,
    }
    real = origin.outturn if origin.outturn_real else float("nan")  # an estimate scores nothing
    return {**row, **score(forecast.totals, real, quantiles)}


def score(
    totals: np.ndarray, outturn: float, quantiles: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Return the columns that compare a sample of totals with the outturn; all NaN where it is not known.

    The absolute error of the median is in per cent, CRPS and WIS in the unit of the totals, and the PIT from
    0 to 1; ``quantiles`` are those of the totals, where they are at hand.
    """
    names = ("outturn", "outturn_ape_pct", "outturn_crps", "outturn_wis", "outturn_pit")
    if not np.isfinite(outturn):
        return dict.fromkeys(names, float("nan"))
    q = named_quantiles(totals) if quantiles is None else quantiles
    bounds = [(level / 100, q[low], q[high]) for level, (low, high) in BOUNDS.items()]
    values = (
        outturn,
        100 * abs(q["median"] / outturn - 1),
        crps_sample(totals, outturn),
        weighted_interval_score(q["median"], bounds, outturn),
        pit_value(totals, outturn),
    )
    return dict(zip(names, values, strict=True))
