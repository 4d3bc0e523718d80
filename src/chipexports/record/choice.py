"""Of several rows that print the same figure, the one to compute with."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

FIRST, REVISED = "first_print", "revised_later"


class Key(NamedTuple):
    """What a figure speaks of. ``start`` and ``end`` are months "YYYY-MM"."""

    flow: str
    measure: str
    edition: str
    start: str
    end: str

    @property
    def period(self) -> str:
        """The months as tables name them: "2024-03", or "2024-01..2024-03"."""
        return self.end if self.start == self.end else f"{self.start}..{self.end}"


class Figure(NamedTuple):
    """A printed figure in the record's unit: value, half a unit of its last digit, row and day."""

    value: float
    half: float
    row: str
    published: str


def agree(one: Figure, other: Figure) -> bool:
    """Return whether two prints of a figure differ by no more than their rounding allows."""
    return abs(one.value - other.value) <= (one.half + other.half) * (1 + 1e-9)


def choose(rows: pd.DataFrame, commodity: str = "gacc_ic") -> dict[Key, Figure]:
    """Return one figure per flow, measure, edition and period: of the latest vintage the sharpest print."""
    # Rows are taken in the order of publication. One that agrees with what is held, within the rounding of
    # both, replaces it only when it is printed more precisely (a press figure of 130,900 million loses
    # against 130,854.3). One that contradicts it is a later vintage and replaces it.
    rows = rows[rows["commodity"] == commodity].sort_values(["published", "half"], kind="stable")
    names = [
        "flow",
        "measure",
        "edition",
        "period_start",
        "period_end",
        "value",
        "half",
        "row_id",
        "published",
    ]
    held: dict[Key, Figure] = {}
    for flow, measure, edition, start, end, *figure in zip(*(rows[n].tolist() for n in names), strict=True):
        key, new = Key(flow, measure, edition, start, end), Figure(*figure)
        old = held.get(key)
        if old is None or new.half < old.half or not agree(old, new):
            held[key] = new
    return held
