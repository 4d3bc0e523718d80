"""Every row compared with the print of the same figure that is computed with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pandas as pd

from chipexports.clean.arithmetic import Amount
from chipexports.record.choice import Figure, Key, agree, choose
from chipexports.record.vintage import LINE


def doubles(rows: pd.DataFrame) -> Iterator[tuple[Key, Amount, Amount, bool]]:
    """Yield each print that another of the same figure is preferred to, beside that one.

    Only prints of one figure in one edition are compared: a first print and a revision may differ.

    Parameters
    ----------
    rows : DataFrame
        As `releases_as_of` returns.

    Yields
    ------
    (Key, Amount, Amount, bool)
        Figure, other print, print computed with, whether they agree within rounding; amounts in the
        record's unit of the measure.
    """
    rows = rows[rows["commodity"] == LINE]
    held = choose(rows)
    groups: dict[Key, list[Figure]] = defaultdict(list)
    names = ["flow", "measure", "edition", "period_start", "period_end"]
    more = ["value", "half", "row_id", "published"]
    for record in rows[names + more].itertuples(index=False, name=None):
        groups[Key(*record[:5])].append(Figure(*record[5:]))
    for key, figures in groups.items():
        best = held[key]
        for other in figures:
            if other.row != best.row:
                left, right = (Amount(f.value, f.half, (f.row,)) for f in (other, best))
                yield key, left, right, agree(other, best)
