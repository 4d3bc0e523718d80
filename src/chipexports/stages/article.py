"""Notebook 06: each claim of the article against the record."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from chipexports.article.claims import check_claims
from chipexports.params import RunParams, load_params
from chipexports.stages import forecast, tables
from chipexports.stages.prose import Answer, labelled
from chipexports.text import day, text

ARTICLE_DATE = "2024-12-25"


@dataclass(frozen=True)
class Checked:
    """The claims with their verdicts, as the record stood at ``as_of``."""

    params: RunParams
    claims: pd.DataFrame


def check_article(params: RunParams) -> Checked:
    """Check the ten claims; write ``claims.csv``."""
    return Checked(params, tables.save(params, "claims", check_claims(params.as_of)))


def answer(checked: Checked) -> Answer:
    """Count the verdicts and list them."""
    language = checked.params.language
    claims = checked.claims
    counts = claims["verdict"].value_counts()
    words = text(
        "notebook.06.answer",
        language,
        n=len(claims),
        as_of=day(checked.params.as_of, language),
        holds=int(counts.get("holds", 0)),
        remark=int(counts.get("holds_with_remark", 0)),
        wrong=int(counts.get("does_not_hold", 0)),
        open=int(counts.get("cannot_be_checked", 0)),
    )
    verdicts = claims["verdict"].map(lambda v: text(f"verdict.{v}", language))
    table = claims[["claim_id", f"text_{language}"]].assign(verdict=verdicts)
    return Answer(words, labelled(table.rename(columns={f"text_{language}": "claim"}), language))


def claim_by_claim(checked: Checked) -> Answer:
    """Show words, record, computed value, source, verdict and reason of each claim."""
    language = checked.params.language
    blocks = [
        text(
            "notebook.06.claim",
            language,
            id=row.claim_id,
            words_zh=row.text_zh,
            words_en=row.text_en,
            record=getattr(row, f"record_says_{language}"),
            verdict=text(f"verdict.{row.verdict}", language),
            reason=getattr(row, f"reason_{language}"),
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
    inputs = forecast.inputs_as_of(article)
    made = forecast.Forecasted(inputs, inputs.forecast())
    row = forecast.forecast_table(made).iloc[-1]
    words = forecast.answer_words(row, params.language, forecast.last_month(made))
    return Answer(text("notebook.06.on_the_day", params.language, day=day(at, params.language)) + " " + words)
