"""The arithmetic of the monthly series, one small function a rule; worked by hand in the tests."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

# how directly a month is known, from the most direct to the least
BASES = (
    "ytd_difference",
    "printed",
    "growth_backed_out",
    "converted",
    "comtrade",
    "joint_estimate",
    "estimated",
    "missing",
)


class Amount(NamedTuple):
    """A figure or what was computed from figures, in their unit, and the rows of the record it rests on."""

    value: float
    half: float  # how far rounding reaches to either side
    rows: tuple[str, ...]

    @property
    def relative(self) -> float:
        """Return the reach of rounding as a share of the value."""
        return self.half / abs(self.value) if self.value else math.inf


class Month(NamedTuple):
    """One month of one series, in its unit: how it came about (`BASES`), and the rows it rests on."""

    value: float
    half: float  # how far rounding reaches to either side
    basis: str
    rows: tuple[str, ...]
    se: float = math.nan  # standard error; NaN unless it is estimated


def merge(*rows: Iterable[str]) -> tuple[str, ...]:
    """Return the row names of several amounts, each once, in order.

    >>> merge(("a", "b"), ("b", "c"))
    ('a', 'b', 'c')
    """
    return tuple(dict.fromkeys(name for group in rows for name in group))


def difference(later: Amount, earlier: Amount) -> Amount:
    """Return the year-to-date less the one before: the month, or the months between.

    >>> difference(Amount(9311.7, 0.05, ("oct",)), Amount(8380.9, 0.05, ("sep",))).value.__round__(1)
    930.8
    """
    return Amount(later.value - earlier.value, later.half + earlier.half, merge(later.rows, earlier.rows))


def add(one: Amount, other: Amount) -> Amount:
    """Return the sum: a year-to-date and the month after it are the next year-to-date."""
    return Amount(one.value + other.value, one.half + other.half, merge(one.rows, other.rows))


def january(joint: Amount, february: Amount) -> Amount:
    """Return January of a joint release: year-to-date of February less February.

    >>> january(Amount(1607.1, 0.05, ("ytd",)), Amount(729.7, 0.05, ("feb",))).value.__round__(1)
    877.4
    """
    return difference(joint, february)


def back_out_growth(value: Amount, growth: Amount) -> Amount:
    """Return last year's figure from this year's and its growth in percent.

    This is last year's revised base, not what was first printed. Rounding of the growth reaches
    furthest: half a tenth of a point of 1,000 at 25% growth is 0.32.

    >>> back_out_growth(Amount(1250.0, 0.0, ("v",)), Amount(25.0, 0.05, ("g",))).value
    1000.0
    """
    factor = 1 + growth.value / 100
    base = value.value / factor
    reach = value.half / factor + base * growth.half / 100 / factor
    return Amount(base, reach, merge(value.rows, growth.rows))


def cny_to_usd(value: float, rate: float) -> float:
    """Convert 100 million CNY to million USD at a rate in CNY per USD.

    >>> cny_to_usd(7.1, 7.1)
    100.0
    """
    return value * 100 / rate


def usd_to_cny(value: float, rate: float) -> float:
    """Convert million USD to 100 million CNY at a rate in CNY per USD.

    >>> usd_to_cny(100.0, 7.1)
    7.1
    """
    return value * rate / 100


def least_direct(bases: Iterable[str]) -> str:
    """Return the least direct of several bases.

    >>> least_direct(["converted", "ytd_difference"])
    'converted'
    """
    return max(bases, key=BASES.index)
