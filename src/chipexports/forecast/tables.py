"""The tables of a forecast: a row a method, months with their bands, the answer of a parameter set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from chipexports.base import units
from chipexports.clean import known
from chipexports.clean.day import outturn_of
from chipexports.forecast.answer import Question, forecast_of
from chipexports.forecast.distribution import QUANTILES, FullYearForecast, YearPaths, edges
from chipexports.forecast.members import COMBINATION

_BINS = 40


def _quantiles(levels: tuple[float, ...]) -> dict[str, float]:
    """Return the quantiles a table gives, by column: the usual ones and the bounds of the levels."""
    asked = {name: share for level in levels for name, share in edges(level).items()}
    return dict(sorted((QUANTILES | asked).items(), key=lambda item: item[1]))


def summary(
    forecasts: Mapping[str, YearPaths],
    levels: float | Sequence[float] = 0.8,
    threshold: float | None = None,
    scale: float = 1.0,
) -> pd.DataFrame:
    """Return forecasts side by side: median, intervals and the chance of passing a threshold.

    Parameters
    ----------
    forecasts : mapping of str to YearPaths
        By the name of their row: a forecast, its ``by_method()``, what `full_year` returns.
    levels : float or sequence of float
        Levels of the central intervals; 0.8 gives ``low_80`` and ``high_80``.
    threshold : float, optional
        Total of the year, in the unit of the forecasts.
    scale : float
        By which amounts are multiplied, `chipexports.words.text.scale` for what readers see.

    Returns
    -------
    DataFrame
        A row a forecast: ``median``, ``low_…`` and ``high_…`` of each level, and, where there is a threshold,
        ``chance``: of a total above it, in per cent.

    Raises
    ------
    UsageError
        A level or threshold that is not a number, or out of range.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from chipexports.forecast import full_year
    >>> published = pd.Series(100.0, index=pd.period_range("2026-01", "2026-12", freq="M"))
    >>> year = full_year(np.empty(0), np.empty((0, 0)), published)
    >>> summary({"mine": year}, 0.8, threshold=1000).loc["mine"].tolist()
    [1200.0, 1200.0, 1200.0, 100.0]
    """
    every = [levels] if isinstance(levels, int | float) else list(levels)
    columns = ["median", *(f"{side}_{100 * level:g}" for level in every for side in ("low", "high"))]
    rows = {
        name: [one.median * scale, *(scale * x for level in every for x in one.interval(level))]
        for name, one in forecasts.items()
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns, dtype=np.float64)
    if threshold is not None:
        table["chance"] = [100 * one.probability_above(threshold) for one in forecasts.values()]
    return table


def forecast_table(forecast: FullYearForecast, question: Question) -> pd.DataFrame:
    """Return one row a method and one, the last, for the pool; the outturn joined last.

    Parameters
    ----------
    forecast : FullYearForecast
        As `forecast_full_year` returns it.
    question : RunParams
        The parameters of the run it was made for.

    Returns
    -------
    DataFrame
        ``run, as_of, target_year, flow, currency, unit, method, weight, months_published,
        published_total, mean, median``, quantiles ``q025 … q975`` with the bounds of the levels asked for,
        ``threshold, p_above, outturn, note``; amounts in the unit of column ``unit``, ``p_above`` and
        ``weight`` as shares.
    """
    q = question
    truth = outturn_of(q, q.truth)
    rows = []
    for name, one in {**forecast.by_method(), COMBINATION: forecast}.items():
        status = forecast.methods.loc[name] if name in forecast.methods.index else None
        rows.append(
            {
                "run": q.run,
                "as_of": q.as_of,
                "target_year": q.target_year,
                "flow": q.flow,
                "currency": q.currency,
                "unit": units.table_unit(q.currency),
                "method": name,
                "weight": 1.0 if status is None else status["weight"],
                "months_published": one.months_published,
                "published_total": one.published_total,
                "mean": one.mean,
                "median": one.median,
                **{column: one.quantile(share) for column, share in _quantiles(forecast.levels).items()},
                "threshold": q.threshold,
                "p_above": one.probability_above(q.threshold),
                "outturn": truth,
                "note": q.combination if status is None else status["reason"],
            }
        )
    return pd.DataFrame(rows)


def fan_table(forecast: FullYearForecast) -> pd.DataFrame:
    """Return quantiles of each month of the target year and of its year-to-date.

    Parameters
    ----------
    forecast : FullYearForecast
        Of the pool.

    Returns
    -------
    DataFrame
        ``period, kind`` (published or forecast) and columns ``month_q…``, ``ytd_q…`` in the unit of the
        series, the bounds of the levels asked for among them; twelve rows.
    """
    names = _quantiles(forecast.levels)
    parts = [
        forecast.month_quantiles(list(names.values()), cumulative=cumulative)
        .set_axis([f"{prefix}_{name}" for name in names], axis=1)
        .reset_index(drop=True)
        for prefix, cumulative in (("month", False), ("ytd", True))
    ]
    months = range(1, len(forecast.months) + 1)
    head = pd.DataFrame(
        {
            "period": forecast.months.strftime("%Y-%m"),
            "kind": ["published" if m <= forecast.months_published else "forecast" for m in months],
        }
    )
    return pd.concat([head, *parts], axis=1)


def histogram_table(values: np.ndarray, threshold: float | None) -> pd.DataFrame:
    """Return a histogram of totals: ``low, high, share_pct`` of a bar and if it is ``above`` the threshold.

    An edge lies at the threshold, and the outermost paths are in the last bars.
    """
    if np.ptp(values) <= 1e-9 * abs(values[0]):
        half = 0.004 * abs(values[0])
        edges = np.array([values[0] - half, values[0] + half])
    else:
        first, last = np.quantile(values, [0.002, 0.998])
        edges = np.linspace(first, last, _BINS + 1)
        if threshold is not None and first < threshold < last:
            step = edges[1] - edges[0]
            below, above = np.arange(threshold, first - step, -step), np.arange(threshold, last + step, step)
            edges = np.concatenate([below[::-1], above[1:]])
    counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), bins=edges)
    return pd.DataFrame(
        {
            "low": edges[:-1],
            "high": edges[1:],
            "share_pct": 100 * counts / len(values),
            "above": (edges[1:] + edges[:-1]) / 2 > (threshold if threshold is not None else -np.inf),
        }
    )


def forecast_row(question: Question) -> dict[str, object]:
    """Forecast one parameter set straight from the record and return the pool's row, for sweeps."""
    forecast = forecast_of(known(question.as_of, question.history_start, question.series), question)
    return {str(name): value for name, value in forecast_table(forecast, question).iloc[-1].items()}
