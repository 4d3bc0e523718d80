"""Notebook 02: releases become one monthly series per flow and currency, each month with its basis."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from chipexports.base import units
from chipexports.base.files import write_text_atomic
from chipexports.base.paths import processed_dir
from chipexports.clean.checks import check_releases
from chipexports.clean.evaluate import hidden_months
from chipexports.clean.monthly import monthly_series
from chipexports.clean.quality import quality_text
from chipexports.params import RunParams
from chipexports.run import tables
from chipexports.stages.prose import Answer, labelled
from chipexports.words.text import text


@dataclass(frozen=True)
class Cleaned:
    """The reconciled monthly table of a run and the arithmetic checks of every release.

    Attributes
    ----------
    params : RunParams
        Parameters of the run.
    monthly : DataFrame
        As `monthly_series` returns it.
    checks : DataFrame
        As `check_releases` returns it.
    """

    params: RunParams
    monthly: pd.DataFrame
    checks: pd.DataFrame


def clean_series(params: RunParams) -> Cleaned:
    """Reconcile the releases; write ``monthly.csv``, ``checks.csv`` and ``quality.md``."""
    missing = tables.load(params.run, "missing")
    monthly = tables.save(params, "monthly", monthly_series(params.as_of, params.history_start))
    checks = tables.save(params, "checks", check_releases(params.as_of))
    hidden = hidden_months(params.as_of)
    words = quality_text(monthly, checks, missing, language=params.language, hidden=hidden)
    write_text_atomic(processed_dir(params.run) / "quality.md", words)
    return Cleaned(params, monthly, checks)


def answer(cleaned: Cleaned) -> Answer:
    """Say which months the series covers and how each came about."""
    params = cleaned.params
    of_flow = cleaned.monthly[cleaned.monthly["flow"] == params.flow]
    known = of_flow[of_flow[units.VALUE[params.currency]].notna()]
    words = text(
        "notebook.02.answer",
        params.language,
        flow=text(f"flow.{params.flow}", params.language),
        first=known["period"].min(),
        last=known["period"].max(),
        n=len(known),
        n_estimated=int((known[units.BASIS[params.currency]] == "estimated").sum()),
    )
    return Answer(words, labelled(basis_counts(cleaned), params.language))


def basis_counts(cleaned: Cleaned) -> pd.DataFrame:
    """Return the number of months by basis for the flow of the run, a column per measure.

    Parameters
    ----------
    cleaned : Cleaned
        What notebook 02 made.

    Returns
    -------
    DataFrame
        ``basis``, and a number of months by measure.
    """
    of_flow = cleaned.monthly[cleaned.monthly["flow"] == cleaned.params.flow]
    measures = ["basis_cny", "basis_usd", "basis_quantity"]
    counts = {m: of_flow[m].value_counts() for m in measures}
    return pd.DataFrame(counts).fillna(0).astype(int).rename_axis("basis").reset_index()


def recent_months(cleaned: Cleaned, months: int = 20) -> Answer:
    """Show the last months with value, quantity and basis."""
    of_flow = cleaned.monthly[cleaned.monthly["flow"] == cleaned.params.flow]
    columns = ["period", "value_cny_100mn", "basis_cny", "value_usd_mn", "basis_usd", "quantity_100mn"]
    words = text("notebook.02.recent", cleaned.params.language, n=months)
    return Answer(words, labelled(of_flow.tail(months)[columns], cleaned.params.language))


def check_counts(cleaned: Cleaned) -> Answer:
    """Count the arithmetic checks by kind and verdict."""
    language = cleaned.params.language
    counts = cleaned.checks.groupby(["check", "verdict"]).size().unstack(fill_value=0).reset_index()
    counts.columns.name = None
    failing = int((cleaned.checks["verdict"] == "fails").sum())
    words = text("notebook.02.checks", language, n=len(cleaned.checks), failing=failing)
    return Answer(words, labelled(counts, language))


def failing_checks(cleaned: Cleaned) -> Answer:
    """Show every check that does not hold, with its reason."""
    language = cleaned.params.language
    bad = cleaned.checks[cleaned.checks["verdict"] != "ok"]
    columns = ["check", "flow", "period", "measure", "residual", "tolerance", "verdict", "reason"]
    key = "notebook.02.failing" if len(bad) else "notebook.02.none_failing"
    return Answer(text(key, language, n=len(bad)), labelled(bad[columns], language))


def estimated_history(cleaned: Cleaned) -> Answer:
    """Say how many months are estimated and how large their standard error is."""
    params = cleaned.params
    of_flow = cleaned.monthly[cleaned.monthly["flow"] == params.flow]
    estimated = of_flow[of_flow[units.BASIS[params.currency]] == "estimated"]
    error = 100 * estimated[units.ERROR[params.currency]] / estimated[units.VALUE[params.currency]]
    key = "notebook.02.estimated" if len(estimated) else "notebook.02.none_estimated"
    words = text(key, params.language, n=len(estimated), error=f"{error.median():.1f}")
    by_year = pd.DataFrame({"year": estimated["period"].str[:4], "error": error}).groupby("year")
    table = by_year["error"].agg(months="size", standard_error_pct="median").reset_index()
    return Answer(words, labelled(table, params.language))
