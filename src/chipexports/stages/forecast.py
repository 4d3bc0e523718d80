"""Notebook 06: the full year from the months published so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from chipexports.base.files import as_stored
from chipexports.clean import known
from chipexports.clean.monthly import monthly_series, standard_errors, to_series
from chipexports.forecast import answer as answers
from chipexports.forecast.distribution import QUANTILES, edges
from chipexports.forecast.fullyear import FullYearForecast, forecast_full_year
from chipexports.params import RunParams
from chipexports.record.indicators import indicators_as_of
from chipexports.record.outturn import outturn
from chipexports.run import tables
from chipexports.stages.prose import Answer, labelled
from chipexports.words import answer as words_of
from chipexports.words.reasons import reason_words, status_words
from chipexports.words.text import money, text


@dataclass(frozen=True)
class Inputs:
    """What a forecast may see at ``as_of``: the series, its standard errors, the indicators.

    Attributes
    ----------
    params : RunParams
        Parameters of the run.
    monthly : DataFrame
        As `monthly_series` returns it.
    """

    params: RunParams
    monthly: pd.DataFrame

    @cached_property
    def series(self) -> pd.Series:
        """Return the monthly series of the run's flow and currency."""
        return to_series(self.monthly, self.params.flow, self.params.currency)

    @cached_property
    def estimated(self) -> pd.Series:
        """Return the standard errors of estimated months, NaN elsewhere."""
        return standard_errors(self.monthly, self.params.flow, self.params.currency)

    def forecast(self) -> FullYearForecast:
        """Return the forecast of the target year with the run's settings."""
        p = self.params
        return forecast_full_year(
            self.series,
            p.target_year,
            levels=tuple(p.levels),
            thresholds=(p.threshold,),
            indicators=indicators_as_of(p.as_of),
            estimated=self.estimated,
            **forecast_settings(p),
        )


def forecast_settings(params: RunParams) -> dict[str, Any]:
    """Return what decides the numbers of a forecast besides its data."""
    return {
        "methods": tuple(params.methods),
        "combination": params.combination,
        "n_paths": params.n_paths,
        "seed": params.seed,
    }


def read_inputs(params: RunParams) -> Inputs:
    """Return the inputs of a run as notebook 02 wrote them."""
    return Inputs(params, tables.load(params.run, "monthly"))


def inputs_as_of(params: RunParams, as_of: str | None = None) -> Inputs:
    """Return the inputs straight from the record, cut at ``as_of`` (default: that of ``params``)."""
    at = params if as_of is None else params.model_copy(update={"as_of": as_of})
    return Inputs(at, as_stored(monthly_series(at.as_of, at.history_start)))


@dataclass(frozen=True)
class Forecasted:
    """A forecast with the inputs it was made from."""

    inputs: Inputs
    forecast: FullYearForecast

    @property
    def params(self) -> RunParams:
        """Return the parameters of the run."""
        return self.inputs.params

    @cached_property
    def answer(self) -> words_of.Answer:
        """The answer of the run, with what it rests on."""
        p = self.params
        return answers.answer(known(p.as_of, p.history_start), p, self.forecast)


def make_forecast(params: RunParams) -> Forecasted:
    """Forecast the target year; write ``forecast``, ``answer``, ``fan``, ``totals`` and ``methods``."""
    inputs = read_inputs(params)
    made = Forecasted(inputs, inputs.forecast())
    tables.save(params, "forecast", forecast_table(made))
    tables.save(params, "answer", answers.answer_table(made.answer))
    tables.save(params, "fan", fan_table(made.forecast))
    totals = made.forecast.paths.sum(axis=1)
    tables.save(params, "totals", pd.DataFrame({"path": range(len(totals)), "total": totals}))
    tables.save(params, "methods", made.forecast.methods.drop(columns="seconds").reset_index())
    return made


def forecast_table(made: Forecasted) -> pd.DataFrame:
    """Return one row per method and one for the combination; the outturn joined last.

    Parameters
    ----------
    made : Forecasted
        What notebook 06 or the library made.

    Returns
    -------
    DataFrame
        Amounts in the unit of column ``unit``, ``p_above`` and ``weight`` as shares.
    """
    p = made.params
    statuses = made.forecast.methods
    truth = outturn(p.target_year, p.flow, p.currency, truth=p.truth)
    rows = []
    for name, forecast in {**made.forecast.by_method(), "combination": made.forecast}.items():
        status = statuses.loc[name] if name in statuses.index else None
        rows.append(
            {
                "run": p.run,
                "as_of": p.as_of,
                "target_year": p.target_year,
                "flow": p.flow,
                "currency": p.currency,
                "unit": p.unit,
                "method": name,
                "weight": 1.0 if status is None else status["weight"],
                "months_published": forecast.months_published,
                "published_total": forecast.published_total,
                "mean": forecast.mean,
                "median": forecast.median,
                **forecast.quantiles(),
                **{name: float(np.quantile(forecast.totals, q)) for name, q in _asked(p.levels).items()},
                "threshold": p.threshold,
                "p_above": forecast.probability_above(p.threshold),
                "outturn": truth,
                "note": p.combination if status is None else status["reason"],
            }
        )
    return pd.DataFrame(rows)


def _asked(levels: Sequence[float]) -> dict[str, float]:
    """Return the bounds of the levels that the tables do not give anyway."""
    return {name: q for level in levels for name, q in edges(level).items() if name not in QUANTILES}


def fan_table(forecast: FullYearForecast) -> pd.DataFrame:
    """Return quantiles of each month of the target year and of its year-to-date.

    Parameters
    ----------
    forecast : FullYearForecast
        Of any method or the combination.

    Returns
    -------
    DataFrame
        ``period, kind`` and columns ``month_q…``, ``ytd_q…`` in the unit of the series; twelve rows.
    """
    paths, shares = forecast.paths, QUANTILES | _asked(forecast.levels)
    months = pd.DataFrame(paths).quantile(list(shares.values())).T
    to_date = pd.DataFrame(paths.cumsum(axis=1)).quantile(list(shares.values())).T
    months.columns = [f"month_{name}" for name in shares]
    to_date.columns = [f"ytd_{name}" for name in shares]
    periods = [f"{forecast.year}-{m:02d}" for m in range(1, 13)]
    kind = ["published" if m <= forecast.months_published else "forecast" for m in range(1, 13)]
    return pd.concat([pd.DataFrame({"period": periods, "kind": kind}), months, to_date], axis=1)


def forecast_row(params: RunParams) -> dict[str, object]:
    """Forecast one parameter set by the library alone (no notebook, nothing written), for sweeps."""
    row = forecast_table(forecast_by_library(params)).iloc[-1]
    return {str(name): value for name, value in row.items()}


def forecast_by_library(params: RunParams) -> Forecasted:
    """Forecast one parameter set straight from the record: no notebook, nothing written."""
    inputs = inputs_as_of(params)
    return Forecasted(inputs, inputs.forecast())


def answer(made: Forecasted) -> Answer:
    """Say the full year, how sure, and the probability of passing the threshold."""
    return Answer(words_of.answer_sentence(made.answer, made.params.language), summary(made))


def summary(made: Forecasted) -> pd.DataFrame:
    """Return the small table under the answer: the combination's quantiles with their unit.

    Parameters
    ----------
    made : Forecasted
        What notebook 06 made.

    Returns
    -------
    DataFrame
        One row of texts, in the language of the run.
    """
    p = made.params
    row = forecast_table(made).iloc[-1]
    wanted = ["published_total", "q025", "q10", "median", "q90", "q975"]
    table = pd.DataFrame([{name: money(row[name], p.currency, p.language) for name in wanted}])
    said = words_of.probability_words(made.answer, p.language)
    return labelled(table.assign(p_above=said), p.language)


def method_table(made: Forecasted) -> Answer:
    """Show each method's total, weight and status."""
    p = made.params
    rows = forecast_table(made).iloc[:-1]
    columns = ["status", "reason_key", "reason_values"]
    statuses = made.forecast.methods.loc[:, columns].reset_index()
    statuses["status"] = [status_words(status, p.language) for status in statuses["status"]]
    reasons = zip(statuses.pop("reason_key"), statuses.pop("reason_values"), strict=True)
    statuses["reason"] = [reason_words(key, values, p.language) for key, values in reasons]
    table = statuses.merge(rows[["method", "weight", "q10", "median", "q90"]], on="method", how="left")
    for name in ("q10", "median", "q90"):
        table[name] = [money(v, p.currency, p.language) if pd.notna(v) else "–" for v in table[name]]
    used = int((made.forecast.methods["status"] == "used").sum())
    words = text("notebook.06.methods", p.language, used=used, n=len(table), combination=p.combination)
    return Answer(words, labelled(table, p.language))
