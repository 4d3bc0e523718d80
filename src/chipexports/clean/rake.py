"""Converted and estimated months meet the totals printed in their own currency."""

from __future__ import annotations

from chipexports.clean.arithmetic import Amount, Month, merge
from chipexports.clean.totals import stretches

# A total that would move converted months further is of another vintage: it is passed over and the
# next one shares the difference among more months. The last one binds up to LAST. One rounded more
# coarsely than CONVERTED says less than the customs rate and binds no converted month.
CONVERTED = 0.0015
LAST = 0.03


def rake(points: dict[int, Amount], exact: dict[int, Month], loose: dict[int, Month]) -> dict[int, Month]:
    """Return the months ``loose`` of one year scaled so that they meet the year-to-dates.

    A stretch with a month neither ``exact`` nor loose is left alone.
    """
    scaled = dict(loose)
    carried: list[int] = []
    total = Amount(0.0, 0.0, ())
    parts = stretches(points, exact)
    for place, (free, rest) in enumerate(parts):
        carried += free
        total = Amount(total.value + rest.value, total.half + rest.half, merge(total.rows, rest.rows))
        if any(m not in loose for m in carried):
            carried, total = [], Amount(0.0, 0.0, ())
            continue
        ratio = total.value / sum(loose[m].value for m in carried)
        soft = all(loose[m].basis != "converted" for m in carried)
        last = place == len(parts) - 1
        sharp = total.half <= CONVERTED * total.value
        if soft or (sharp and abs(ratio - 1) <= (LAST if last else CONVERTED)):
            for m in carried:
                month = loose[m]
                rows = merge(month.rows, total.rows) if month.basis != "converted" else month.rows
                scaled[m] = month._replace(value=month.value * ratio, se=month.se * ratio, rows=rows)
            carried, total = [], Amount(0.0, 0.0, ())
    return scaled
