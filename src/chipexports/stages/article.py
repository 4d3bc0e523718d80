"""Notebook 07: each claim of the article against the record."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from chipexports.article.claims import check_claims
from chipexports.params import RunParams, load_params
from chipexports.record.rates import FAR
from chipexports.run import tables
from chipexports.stages import forecast
from chipexports.stages.prose import Answer, labelled
from chipexports.words.answer import answer_sentence
from chipexports.words.text import day, text

ARTICLE_DATE = "2024-12-25"


@dataclass(frozen=True)
class Checked:
    """The claims with their verdicts, as the record stood at ``as_of``.

    Attributes
    ----------
    params : RunParams
        Parameters of the run.
    claims : DataFrame
        A row a claim, as `check_claims` returns them.
    """

    params: RunParams
    claims: pd.DataFrame


def check_article(params: RunParams) -> Checked:
    """Check the ten claims by ``as_of`` and, in columns ``outturn_…``, by the whole record.

    Writes ``claims.csv``. What was printed after ``as_of`` is in the ``outturn_…`` columns alone.
    """
    claims = check_claims(params.as_of)
    since = check_claims(FAR)
    columns = ["computed", "verdict", *(f"{c}_{x}" for c in ("record_says", "reason") for x in ("en", "zh"))]
    later = since.set_index("claim_id")[columns].add_prefix("outturn_")
    return Checked(params, tables.save(params, "claims", claims.join(later, on="claim_id")))


def answer(checked: Checked) -> Answer:
    """Count the verdicts and list them."""
    language = checked.params.language
    claims = checked.claims
    counts = claims["verdict"].value_counts()
    words = text(
        "notebook.07.answer",
        language,
        n=len(claims),
        as_of=day(checked.params.as_of, language),
        holds=int(counts.get("holds", 0)),
        remark=int(counts.get("holds_with_remark", 0)),
        wrong=int(counts.get("does_not_hold", 0)),
        open=int(counts.get("cannot_be_checked", 0)),
    )
    verdicts = claims["verdict"].map(lambda v: text(f"verdict.{v}", language))
    later = claims["outturn_verdict"].map(lambda v: text(f"verdict.{v}", language))
    table = claims[["claim_id", f"text_{language}"]].assign(verdict=verdicts, outturn_verdict=later)
    return Answer(words, labelled(table.rename(columns={f"text_{language}": "claim"}), language))


def claim_by_claim(checked: Checked) -> Answer:
    """Show words, record, source, verdict and reason of each claim, by all that has been printed."""
    language = checked.params.language
    blocks = [
        text(
            "notebook.07.claim",
            language,
            id=row.claim_id,
            words_zh=row.text_zh,
            words_en=row.text_en,
            record=getattr(row, f"outturn_record_says_{language}"),
            verdict=text(f"verdict.{row.outturn_verdict}", language),
            reason=getattr(row, f"outturn_reason_{language}"),
            source=row.source,
        )
        for row in checked.claims.itertuples()
    ]
    return Answer("\n\n".join(blocks))


def known_on_the_day(checked: Checked) -> Answer:
    """Forecast 2024 from what was published by the article's date; hold it against the outturn.

    Only the record decides what was known; a run whose ``as_of`` is earlier cannot look ahead.
    """
    params = checked.params
    at = min(ARTICLE_DATE, params.as_of)
    article = load_params("article").model_copy(update={"as_of": at, "language": params.language})
    return Answer(answer_sentence(forecast.forecast_by_library(article).answer, params.language))
