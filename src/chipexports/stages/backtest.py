"""Notebook 05: how well each method would have done, on the open panel and on the run's own series."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import pandas as pd

from chipexports.backtest.origins import panel_origins, record_origins
from chipexports.backtest.run import COMBINATION, backtest_origins
from chipexports.backtest.scores import PANEL, REFERENCE, score_table
from chipexports.forecast.distribution import QUANTILES
from chipexports.params import RunParams
from chipexports.params.notebook import STEP
from chipexports.record.outturn import outturn
from chipexports.run import tables
from chipexports.run.cluster import dask_backend
from chipexports.stages.prose import Answer, labelled
from chipexports.words.text import percent, text

_HEAD = ["target_year", "months_published", "as_of", "vintage", "median"]
EVOLUTION = list(dict.fromkeys([*_HEAD, *QUANTILES, "outturn"]))


@dataclass(frozen=True)
class Backtested:
    """The backtest of a run.

    Attributes
    ----------
    params : RunParams
        Parameters of the run.
    backtest : DataFrame
        A row per origin and method, as `backtest_origins` returns.
    scores : DataFrame
        As `score_table` returns.
    own : str
        Name of the run's own series, e.g. ``export_USD``.
    """

    params: RunParams
    backtest: pd.DataFrame
    scores: pd.DataFrame
    own: str


def run_backtest(params: RunParams) -> Backtested:
    """Backtest panel and own series by what was known; write ``backtest``, ``scores``, ``evolution``.

    Forecasts are made and scored by ``as_of``: a year that is not over by then, or known by an estimate, has
    no outturn. Only ``evolution``, which is looked at in hindsight, holds the outturn printed since.
    """
    own = record_origins(
        params.flow,
        params.currency,
        as_of=params.as_of,
        truth=params.truth,
        history_start=params.history_start,
    )
    origins = [*panel_origins(as_of=params.as_of), *own]
    methods = tuple(dict.fromkeys([REFERENCE, *params.methods]))
    settings: dict[str, Any] = {
        "combination": params.combination,
        "n_paths": params.n_paths,
        "seed": params.seed,
    }
    by_hand = STEP not in os.environ  # a run has its own bar, and none belongs in its notebooks
    pooled = tuple(params.methods)
    with dask_backend() as cluster:  # where DASK_SCHEDULER_ADDRESS names one
        # a process more costs two seconds to start, of some four to save, on a core that a run uses
        settings["jobs"] = -1 if cluster else 1
        rows = backtest_origins(origins, methods=methods, pooled=pooled, progress=by_hand, **settings)
    name = f"{params.flow}_{params.currency}"
    combined = rows[(rows["series"] == name) & (rows["method"] == COMBINATION)]
    truths = {
        year: outturn(int(year), params.flow, params.currency, truth=params.truth)
        for year in combined["target_year"].unique()
    }
    combined = combined.assign(outturn=combined["target_year"].map(truths).astype(float))
    tables.save(params, "backtest", rows)
    scores = tables.save(params, "scores", score_table(rows))
    tables.save(params, "evolution", combined[EVOLUTION].reset_index(drop=True))
    return Backtested(params, rows, scores, name)


def answer(tested: Backtested) -> Answer:
    """Say how far off the combination was on the panel, beside growth carried forward."""
    language = tested.params.language
    panel = tested.scores[tested.scores["series"] == PANEL]
    overall: Any = panel[panel["months_published"] == "all"].set_index("method").to_dict("index")
    words = text(
        "notebook.05.answer",
        language,
        n_cases=int(overall[COMBINATION]["n_cases"]),
        mape=percent(overall[COMBINATION]["outturn_mape_pct"]),
        baseline=percent(overall[REFERENCE]["outturn_mape_pct"]),
        coverage=percent(100 * overall[COMBINATION]["outturn_coverage_80"], 0),
    )
    errors = panel.pivot(index="method", columns="months_published", values="outturn_mape_pct")
    months = sorted((str(c) for c in errors if c != "all"), key=int)
    table = errors[[*months, "all"]].round(2).sort_values("all").rename_axis("method").reset_index()
    table.columns.name = None
    return Answer(words, table.rename(columns={"method": text("column.method", language)}))


def own_series(tested: Backtested) -> Answer:
    """Show the combination's error on the run's own series, year by year."""
    language = tested.params.language
    rows = tested.backtest[tested.backtest["series"] == tested.own].dropna(subset=["outturn"])
    rows = rows[rows["method"] == COMBINATION]
    if rows.empty:
        return Answer(text("notebook.05.no_own", language))
    words = text(
        "notebook.05.own",
        language,
        flow=text(f"flow.{tested.params.flow}", language),
        first=rows["target_year"].min(),
        last=rows["target_year"].max(),
        n=len(rows),
        mape=percent(rows["outturn_ape_pct"].mean()),
    )
    table = rows.assign(error_pct=100 * (rows["median"] / rows["outturn"] - 1))
    shown = table[["target_year", "months_published", "as_of", "vintage", "median", "outturn", "error_pct"]]
    return Answer(words, labelled(shown.assign(target_year=shown["target_year"].astype(str)), language))
