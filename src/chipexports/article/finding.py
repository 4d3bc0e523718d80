"""What a rule finds about a claim: the numbers, the verdict, and the case its words are taken from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# a number, a name, or an amount in a table's unit with its currency
Value = float | int | str | tuple[float, str]

VERDICTS = ("holds", "holds_with_remark", "does_not_hold", "cannot_be_checked")


@dataclass(frozen=True)
class Finding:
    """What one rule makes of a claim."""

    verdict: str  # one of ``VERDICTS``
    case: str  # the last part of the reason's key in the glossary, ``article.<claim>.reason.<case>``
    claimed: float  # NaN where there is none, as of the next
    computed: float
    unit: str  # of both
    source: str  # of the computed number
    # what the record's and the reason's sentences are filled with: numbers and amounts, not words
    values: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            raise ValueError(f"verdict {self.verdict!r} is not one of {VERDICTS}")


def unknown(claimed: float, unit: str, source: str, **values: Value) -> Finding:
    """Return the finding that the record, as cut, does not decide the claim; ``values`` fill the reason."""
    return Finding("cannot_be_checked", "unknown", claimed, float("nan"), unit, source, values)
