"""Notebook 01: what was published, when and by whom; what is due and missing."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from chipexports.params import RunParams
from chipexports.record.vintage import missing_releases, releases_as_of
from chipexports.run import tables
from chipexports.stages.prose import Answer, labelled
from chipexports.words.text import text


@dataclass(frozen=True)
class Collected:
    """The releases visible at ``as_of`` and those due but not in the record.

    Attributes
    ----------
    params : RunParams
        Parameters of the run.
    releases : DataFrame
        As `releases_as_of` returns them.
    missing : DataFrame
        As `missing_releases` returns them.
    """

    params: RunParams
    releases: pd.DataFrame
    missing: pd.DataFrame

    def ics(self) -> pd.DataFrame:
        """Return the printed figures of the integrated-circuit line alone.

        Returns
        -------
        DataFrame
            Columns as in ``releases``.
        """
        return self.releases[self.releases["commodity"] == "gacc_ic"]


def collect_releases(params: RunParams) -> Collected:
    """Cut the record at ``as_of``; write ``releases.csv`` and ``missing.csv``."""
    releases = tables.save(params, "releases", releases_as_of(params.as_of))
    missing = tables.save(params, "missing", missing_releases(params.as_of))
    return Collected(params, releases, missing)


def answer(collected: Collected) -> Answer:
    """Say how much is known, to which month, and what is missing."""
    language = collected.params.language
    ics = collected.ics()
    words = text(
        "notebook.01.answer",
        language,
        as_of=collected.params.as_of,
        n_figures=f"{len(ics):,}",
        n_sources=ics["source"].nunique(),
        n_missing=len(collected.missing),
    )
    return Answer(words, labelled(coverage(ics), language))


def coverage(ics: pd.DataFrame) -> pd.DataFrame:
    """Return, by flow and measure, the number of printed figures and the months they reach.

    Parameters
    ----------
    ics : DataFrame
        The line's rows of the record.

    Returns
    -------
    DataFrame
        ``flow, measure, figures`` (a count), ``first_period, last_period, last_published`` (texts).
    """
    grouped = ics.groupby(["flow", "measure"], sort=True)
    return grouped.agg(
        figures=("value", "size"),
        first_period=("period_start", "min"),
        last_period=("period_end", "max"),
        last_published=("published", "max"),
    ).reset_index()


def by_source(collected: Collected, most: int = 12) -> Answer:
    """Show the sources that gave most figures, and how their dates are known."""
    ics = collected.ics()
    grouped = ics.groupby("source").agg(figures=("value", "size"), last_published=("published", "max"))
    table = grouped.sort_values(["figures", "last_published"], ascending=False).head(most).reset_index()
    by_rule = int((ics["published_basis"] == "rule").sum())
    words = text("notebook.01.sources", collected.params.language, by_rule=by_rule, n=len(ics))
    return Answer(words, labelled(table, collected.params.language))


def missing(collected: Collected) -> Answer:
    """List the releases due by ``as_of`` that the record does not hold."""
    language = collected.params.language
    key = "notebook.01.missing" if len(collected.missing) else "notebook.01.nothing_missing"
    words = text(key, language, as_of=collected.params.as_of, n=len(collected.missing))
    return Answer(words, labelled(collected.missing, language))


def newest(collected: Collected, rows: int = 10) -> Answer:
    """Show the figures published last: what is new at ``as_of``."""
    columns = ["published", "flow", "period_start", "period_end", "measure", "value", "unit", "edition"]
    table = collected.ics().sort_values(["published", "period_end", "flow", "measure"]).tail(rows)[columns]
    words = text("notebook.01.newest", collected.params.language, published=table["published"].iloc[-1])
    return Answer(words, labelled(table, collected.params.language))
