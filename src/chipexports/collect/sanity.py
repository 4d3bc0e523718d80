"""Arithmetic of one page: a month is part of its year to date, growth is the ratio of two printed figures.

The tolerance is the rounding of the printed figures themselves (half a unit of the last decimal each).
"""

from __future__ import annotations

from decimal import Decimal

from chipexports.collect.errors import Contradiction
from chipexports.collect.header import Column
from chipexports.collect.lines import Line
from chipexports.collect.values import decimals


def half_unit(number: Decimal) -> Decimal:
    """Return half a unit of the last printed decimal.

    Parameters
    ----------
    number : Decimal
        As printed, its decimals kept.

    Returns
    -------
    Decimal
        In the unit of the number.
    """
    return Decimal(5).scaleb(-decimals(number) - 1)


def check_lines(file: str, lines: list[Line], columns: list[Column], year: int) -> list[str]:
    """Check every line; return remarks on lines other than integrated circuits that contradict themselves.

    Raises
    ------
    Contradiction
        Where the line of integrated circuits contradicts itself.
    """
    remarks = []
    for line in lines:
        for problem in _problems(line, columns, year):
            if line.is_ic:
                raise Contradiction(file, problem, line.where)
            line.remarks.append(f"the page contradicts itself: {problem}")
            remarks.append(f"{line.where}: {problem}")
    return remarks


def _problems(line: Line, columns: list[Column], year: int) -> list[str]:
    problems = []
    for measure in ("quantity", "value"):
        cells = {
            (c.months.year, c.months.first, c.months.last, c.growth): line.printed[c.index]
            for c in columns
            if c.measure == measure and c.months and c.index in line.printed
        }
        last = max((key[2] for key in cells), default=0)
        now, before = cells.get((year, 1, last, False)), cells.get((year - 1, 1, last, False))
        month, growth = cells.get((year, last, last, False)), cells.get((year, 1, last, True))
        if now is not None and month is not None and month - half_unit(month) > now + half_unit(now):
            problems.append(f"{measure} of the month {month:,} exceeds the year to date {now:,}")
        if now is not None and before is not None and growth is not None and not grows(now, before, growth):
            problems.append(f"{measure} {now:,} after {before:,} is not {growth:+} percent")
    return problems


def grows(now: Decimal, before: Decimal, growth: Decimal) -> bool:
    """Whether ``growth`` percent can be the printed growth from ``before`` to ``now``, given their rounding.

    >>> grows(Decimal("90473.3"), Decimal("76108.9"), Decimal("18.9"))
    True

    Parameters
    ----------
    now, before : Decimal
        Figures in the same unit, as printed.
    growth : Decimal
        Percent, as printed.

    Returns
    -------
    bool
        True also where ``before`` may be zero.
    """
    low_base, high_base = before - half_unit(before), before + half_unit(before)
    if low_base <= 0:
        return True
    lowest = ((now - half_unit(now)) / high_base - 1) * 100
    highest = ((now + half_unit(now)) / low_base - 1) * 100
    # growth is computed from unrounded figures and rounded once more: half a unit, and a hair for ties
    slack = half_unit(growth) * Decimal("1.02")
    return lowest - slack <= growth <= highest + slack
