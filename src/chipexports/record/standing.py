"""How well a printed figure is attested, computed from where it was read."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

#: from the strongest to the weakest
STANDINGS = ("customs table", "quoted in several places", "derived", "quoted once")
TABLE, SEVERAL, DERIVED, ONCE = STANDINGS
#: what the source of a page or workbook of the customs begins with when it is taken in
OWN_TABLE = "GACC, "

# A source is the customs' own table where it is a page or workbook of theirs, or a copy or full transcript
# of one: "(copy of GACC English table (5))", "parsed GACC 全国出口重点商品量值表 xls".
_TABLE = re.compile(rf"^{OWN_TABLE}|GACC (?:English )?table \(\d+\)|customs\.gov\.cn \"\(\d+\)|商品量值表")
# a figure that its own source calculates from others
_DERIVED = re.compile(r"^derived\b|\bcomputed from\b", re.IGNORECASE)
# where a source lies: a repository, else the first host named, else its first words
_PLACE = re.compile(
    r"GitHub (?P<repository>[\w.-]+/[\w.-]+)|(?:https?://)?(?:www\.)?(?P<host>[\w-]+(?:\.[\w-]+)*\.[a-z]{2,})",
    re.IGNORECASE,
)
_FIGURE = ["flow", "commodity", "measure", "period_start", "period_end"]


def place(source: str) -> str:
    """Return where a source lies, so that two rows read in one place do not count as two.

    >>> place("https://ithome.com/0/542/256.htm (CSIA, quoting customs)")
    'ithome.com'
    >>> place("GitHub hoyla/meridian@0dfec4b89840 tests/fixtures/release.html")
    'hoyla/meridian'
    """
    match = _PLACE.search(source)
    if match is None:
        return source.split("(")[0].strip().lower()
    return (match["repository"] or match["host"]).lower()


def standings(rows: pd.DataFrame) -> pd.Series:
    """Return the standing, one of `STANDINGS`, of each printed figure from all rows given that print it.

    The rows are those published by a day, so that no later print confirms an earlier one before its time.
    """
    # a customs table where the figure, within rounding, was read in one; quoted in several places where its
    # row says so or rows from different places agree; derived where its source calculated it from others
    own = pd.Series(
        [
            TABLE
            if _TABLE.search(source)
            else DERIVED
            if _DERIVED.search(note)
            else SEVERAL
            if seen == "seen-many"
            else ONCE
            for source, note, seen in zip(rows["source"], rows["note"], rows["confidence"], strict=True)
        ],
        index=rows.index,
        dtype=object,
    )
    best = own.copy()
    places = rows["source"].map(place)
    for _, group in rows.groupby(_FIGURE, sort=False):
        if len(group) == 1:
            continue
        values, halves = group["value"].to_numpy(), group["half"].to_numpy()
        for at, value, half in zip(group.index, values, halves, strict=True):
            # as sharp as this one or sharper: a rounded press figure does not attest every digit
            same = (abs(values - value) <= (halves + half) * (1 + 1e-9)) & (halves <= half * (1 + 1e-9))
            agreeing = group.index[same]
            strength = strongest(own[agreeing])
            if strength == ONCE and places[agreeing].nunique() > 1:
                strength = SEVERAL
            best[at] = strength
    return best.rename("standing")


def strongest(standings: Iterable[str]) -> str:
    """Return the strongest of several standings.

    >>> strongest(["quoted once", "customs table"])
    'customs table'
    """
    return min(standings, key=STANDINGS.index)


def weakest(standings: Iterable[str]) -> str:
    """Return the weakest of several standings: that of what rests on all of them.

    >>> weakest(["quoted in several places", "customs table"])
    'quoted in several places'
    """
    return max(standings, key=STANDINGS.index)
