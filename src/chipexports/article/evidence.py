"""Claims that no open data decide: evidence quoted with its source, numbers compared with the quotes."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from chipexports.article.finding import Finding, unknown
from chipexports.base.errors import ChipExportsError
from chipexports.record.products import claims_evidence


@dataclass(frozen=True)
class Quote:
    """A number read in a row of the evidence table; ``words`` must stand there, else it is refused."""

    claim: int
    value: float  # in the unit of ``words``
    words: str  # what the row must say, letter by letter


NEAR_2014 = Quote(1, 12.6, "12.6% in 2013")
IN_2010 = Quote(1, 10.2, "10.2% of the China IC market in 2010")
IN_2021 = Quote(2, 16.7, "16.7% in 2021")
CHINESE_FIRMS = Quote(2, 6.6, "= 6.6%")
IN_2022 = Quote(3, 25.61, "25.61% for 2022")
TOLERANCE = 2.0  # percentage points between the number claimed and the nearest published measure


def sources_of(claim: int, quote: Quote | None = None) -> str:
    """Return the sources of a claim's evidence, joined; of the quote's row alone, if there is a quote."""
    rows = claims_evidence()
    rows = rows[rows["claim_id"].astype(int) == claim]
    if quote is not None:
        rows = rows[rows["evidence"].str.contains(quote.words, regex=False)]
        if rows.empty:
            raise ChipExportsError(
                f"article: the evidence on claim {claim} no longer says {quote.words!r}; correct the quote"
            )
    sources = [str(source).removesuffix(" (pages corpus)") for source in rows["source"] if pd.notna(source)]
    return "; ".join(dict.fromkeys(sources))


def ten_years_ago() -> Finding:
    """Claim 1: self-developed chips had 10% ten years ago. No open figure counts self-developed chips."""
    values = {"near": NEAR_2014.value, "in_2010": IN_2010.value}
    return Finding(
        "cannot_be_checked", "unknown", 10.0, NEAR_2014.value, "%", sources_of(1, NEAR_2014), values
    )


def share_2021() -> Finding:
    """Claim 2: 15% in 2021, against chips made in China (foreign plants included) over the market."""
    share = IN_2021.value
    values = {"made_in_china": share, "chinese_firms": CHINESE_FIRMS.value}
    if abs(share - 15.0) <= TOLERANCE:
        return Finding("holds_with_remark", "other_meaning", 15.0, share, "%", sources_of(2, IN_2021), values)
    return Finding("does_not_hold", "off", 15.0, share, "%", sources_of(2, IN_2021), values)


def share_2022() -> Finding:
    """Claim 3: 40% in 2022, against the highest published estimate for that year."""
    share = IN_2022.value
    if abs(share - 40.0) <= TOLERANCE:
        return unknown(40.0, "%", sources_of(3, IN_2022), highest=share)
    return Finding("does_not_hold", "off", 40.0, share, "%", sources_of(3, IN_2022), {"highest": share})
