"""The tables of a forecast: a row a method, months with their bands, the answer of a parameter set."""

from __future__ import annotations

import pandas as pd

from chipexports.base import units
from chipexports.clean import known
from chipexports.clean.day import outturn_of
from chipexports.forecast.answer import Question, forecast_of
from chipexports.forecast.distribution import QUANTILES, FullYearForecast, edges
from chipexports.forecast.members import COMBINATION


def _quantiles(levels: tuple[float, ...]) -> dict[str, float]:
    """Return the quantiles a table gives, by column: the usual ones and the bounds of the levels."""
    asked = {name: share for level in levels for name, share in edges(level).items()}
    return dict(sorted((QUANTILES | asked).items(), key=lambda item: item[1]))


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


def forecast_row(question: Question) -> dict[str, object]:
    """Forecast one parameter set straight from the record and return the pool's row, for sweeps."""
    forecast = forecast_of(known(question.as_of, question.history_start, question.series), question)
    return {str(name): value for name, value in forecast_table(forecast, question).iloc[-1].items()}
