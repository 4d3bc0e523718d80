"""Months that China reported to UN Comtrade, where the customs line is not in the record.

Comtrade's HS 8542 is the whole heading: it holds parts (8542.90) the customs line does not, and what was
revised later. How far the two differ is estimated on the periods both have; the customs' totals win.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from chipexports.clean.arithmetic import Month, merge
from chipexports.clean.chain import DECEMBER, Visible, Year
from chipexports.clean.estimate import Stretch
from chipexports.clean.totals import stand_in

EDITION = "comtrade"
BASIS = "comtrade"
# fewer periods than these say nothing of the difference; it is then taken as zero, give or take REACH
FEWEST = 3
REACH = 0.005
# a month or sum further from the customs' own is no report of the same thing, be it a misprint or a unit
BEYOND = 0.03
# the other months of a total that would have to be so many times larger or smaller than the reported ones
UNLIKE = 3.0


class Difference(NamedTuple):
    """How far the whole heading lies above the customs line, as a share of the line: 0.003 is 0.3% above."""

    median: float
    low: float
    high: float
    periods: int  # that both have: whole years, and months printed or given as a difference

    @property
    def reach(self) -> float:
        """How far the difference of a single period lies from the median at most."""
        return max(self.high - self.median, self.median - self.low)


UNTOLD = Difference(0.0, -REACH, REACH, 0)


def reported(comtrade: Visible, flow: str) -> dict[pd.Period, Month]:
    """Return the single months of the whole heading in million USD, as reported."""
    months = {}
    for key, figure in sorted(comtrade.items()):
        if key.flow == flow and (key.measure, key.edition) == ("value_usd", EDITION) and key.start == key.end:
            month = pd.Period(key.end, freq="M")
            months[month] = Month(figure.value, figure.half, BASIS, (figure.row,))
    return months


def difference(comtrade: Visible, flow: str, years: Mapping[int, Year]) -> Difference:
    """Return how far the whole heading lies above the customs line; `UNTOLD` below `FEWEST` periods."""
    months = reported(comtrade, flow)
    shares = []
    for year, printed in years.items():
        whole = stand_in(comtrade, flow, year)
        if whole and DECEMBER in printed.points:
            shares.append(whole[DECEMBER].value / printed.points[DECEMBER].value - 1)
        for m, month in printed.months.items():
            period = pd.Period(year=year, month=m, freq="M")
            if period in months and month.basis in ("printed", "ytd_difference"):
                shares.append(months[period].value / month.value - 1)
    shares = [share for share in shares if abs(share) <= BEYOND]
    if len(shares) < FEWEST:
        return UNTOLD
    return Difference(statistics.median(shares), min(shares), max(shares), len(shares))


def fill(
    months: Mapping[pd.Period, Month], apart: Difference, totals: Sequence[Stretch]
) -> dict[pd.Period, Month]:
    """Return the reported months in million USD less the difference, scaled to meet the customs' totals.

    Those that contradict their total by more than ``BEYOND``, or leave its other months next to nothing, are
    left out; ``half`` is the reach of the difference.
    """
    filled = {}
    for period, month in months.items():
        value = month.value / (1 + apart.median)
        filled[period] = month._replace(value=value, half=value * apart.reach)
    for stretch in totals:
        here = [period for period in stretch.periods if period in filled]
        total, others = sum(filled[period].value for period in here), len(stretch.periods) - len(here)
        if not here:
            continue
        if others:
            like = (stretch.total - total) / others / (total / len(here))
            factor = 1.0 if 1 / UNLIKE <= like <= UNLIKE else float("inf")
        else:
            factor = min(max(total, stretch.total - stretch.half), stretch.total + stretch.half) / total
        for period in here:
            month = filled.pop(period)
            if abs(factor - 1) <= BEYOND:
                rows = month.rows if factor == 1 else merge(month.rows, stretch.rows)
                filled[period] = month._replace(value=month.value * factor, rows=rows)
    return filled
