"""What a rule finds about a claim: the numbers, the verdict, and the case its words are taken from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# a number, a name, or an amount in a table's unit with its currency
Value = float | int | str | tuple[float, str]

VERDICTS = ("holds", "holds_with_remark", "does_not_hold", "cannot_be_checked")


@dataclass(frozen=True)
class Finding:
    """The outcome of one rule.

    Attributes
    ----------
    verdict : str
        One of ``VERDICTS``.
    case : str
        Last part of the glossary's key of the sentence why, ``article.<claim>.reason.<case>``.
    claimed, computed : float
        The number claimed and the one the record gives, NaN where there is none.
    unit : str
        Unit of both.
    source : str
        Where the computed number comes from.
    values : mapping
        Placeholders of the record's and the reason's sentences; numbers and amounts, not words.
    """

    verdict: str
    case: str
    claimed: float
    computed: float
    unit: str
    source: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            raise ValueError(f"verdict {self.verdict!r} is not one of {VERDICTS}")


def unknown(claimed: float, unit: str, source: str, **values: Value) -> Finding:
    """Return the finding that the record, as cut, does not decide the claim.

    Parameters
    ----------
    claimed : float
        The article's number, in ``unit``.
    unit : str
        Unit of the claim.
    source : str
        Where the answer would stand.
    **values : float, int or str
        What the reason in words is filled with.

    Returns
    -------
    Finding
        Verdict ``cannot_be_checked``, the found value NaN.
    """
    return Finding("cannot_be_checked", "unknown", claimed, float("nan"), unit, source, values)
