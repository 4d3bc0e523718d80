"""What confirms a page: its own arithmetic, the file it links to, the price of a chip, the record.

A month is part of its year to date, growth is the ratio of two printed figures; the tolerance is the
rounding of the printed figures themselves. The publisher's table (13) of June 2025 in US$1,000 is headed
"Unit:RMB￥10,000" while the file it links to is that of the dollar values: where unit line and linked file
differ, the record has to tell which is right.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from decimal import Decimal

from chipexports.collect.errors import Contradiction, ImpossiblePeriod, PageError, UnknownUnit
from chipexports.collect.header import Column
from chipexports.collect.lines import Line
from chipexports.collect.printed import ValueUnit, half_unit

# (flow, period_start, period_end, measure) -> values the record has for integrated circuits
Witness = Mapping[Hashable, list[float]]
_USD, _CNY = re.compile(r"USD|美元"), re.compile(r"CNY|RMB|人民币")
# the pairs of units the publisher prints one table in
_OTHER = {
    ("CNY", Decimal("0.0001")): ValueUnit("USD", Decimal("0.001"), "US$1,000"),
    ("USD", Decimal("0.001")): ValueUnit("CNY", Decimal("0.0001"), "RMB 10,000"),
    ("CNY", Decimal(1)): ValueUnit("USD", Decimal(1), "USD 1 million"),
    ("USD", Decimal(1)): ValueUnit("CNY", Decimal(1), "CNY 100 million"),
}
# what a chip may cost on average, in dollars and in yuan: only to tell 100 million pieces from other units
_PRICE = {"USD": (0.02, 8.0), "CNY": (0.15, 60.0)}


def check_arithmetic(file: str, lines: list[Line], columns: list[Column], year: int) -> list[str]:
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
        figures = {
            (c.months.year, c.months.first, c.months.last, c.growth): figure
            for c, figure in line.figures(columns, measure)
            if c.months
        }
        last = max((key[2] for key in figures), default=0)
        now, before = figures.get((year, 1, last, False)), figures.get((year - 1, 1, last, False))
        month, growth = figures.get((year, last, last, False)), figures.get((year, 1, last, True))
        if now is not None and month is not None and month - half_unit(month) > now + half_unit(now):
            problems.append(f"{measure} of the month {month:,} exceeds the year to date {now:,}")
        if now is not None and before is not None and growth is not None and not grows(now, before, growth):
            problems.append(f"{measure} {now:,} after {before:,} is not {growth:+} percent")
    return problems


def grows(now: Decimal, before: Decimal, growth: Decimal) -> bool:
    """Whether ``growth`` percent can be the printed growth from ``before`` to ``now``, given their rounding.

    True also where ``before`` may be zero.

    >>> grows(Decimal("90473.3"), Decimal("76108.9"), Decimal("18.9"))
    True
    """
    low_base, high_base = before - half_unit(before), before + half_unit(before)
    if low_base <= 0:
        return True
    lowest = ((now - half_unit(now)) / high_base - 1) * 100
    highest = ((now + half_unit(now)) / low_base - 1) * 100
    # growth is computed from unrounded figures and rounded once more: half a unit, and a hair for ties
    slack = half_unit(growth) * Decimal("1.02")
    return lowest - slack <= growth <= highest + slack


def is_ratio(growth: Column, columns: list[Column], lines: list[Line], year: int, share: float = 0.5) -> bool:
    """Whether in more than ``share`` of the lines the growth is that of the year to date on last year's."""
    to_date = {
        c.months.year: c.index
        for c in reversed(columns)
        if c.measure == growth.measure and not c.growth and c.months and c.months.first == 1
    }
    wanted = (to_date.get(year), to_date.get(year - 1), growth.index)
    votes = [
        grows(*(line.printed[index] for index in wanted if index is not None))
        for line in lines
        if set(wanted) <= line.printed.keys()
    ]
    return sum(votes) > share * len(votes)


def check_growth(file: str, lines: list[Line], columns: list[Column], year: int) -> None:
    """Refuse growth given as a share, and a heading of another year that the growth does not confirm.

    A cell formatted in percent stores 16.8% as 0.168.
    """
    growths = [column for column in columns if column.growth]
    for column in growths:
        figures = [line.printed[column.index] for line in lines if column.index in line.printed]
        if len(figures) >= 8 and any(figures) and max(map(abs, figures)) <= 2:
            raise PageError(file, f"the growth under {column.heading!r} is given as a share, not in percent")
    for column in (column for column in columns if column.doubted):
        growth = next((c for c in growths if c.measure == column.measure), None)
        if growth is None or not is_ratio(growth, columns, lines, year, share=0.9):
            raise ImpossiblePeriod(
                file,
                f"the heading {column.heading!r} does not fit a table of {year}, nor does the growth printed",
            )


def linked_currency(links: list[str]) -> str | None:
    """Return the currency the names of the linked spreadsheets agree on; None where they name none.

    >>> linked_currency(["/Excel/2025-06_M133USD_x.xls"]), linked_currency(["/home/index"])
    ('USD', None)
    """
    sheets = [link for link in links if re.search(r"\.xlsx?$", link, re.I)]
    usd, cny = any(_USD.search(s) for s in sheets), any(_CNY.search(s) for s in sheets)
    return None if usd == cny else "USD" if usd else "CNY"


def settle_unit(
    file: str,
    stated: ValueUnit,
    linked: str | None,
    lines: list[Line],
    columns: list[Column],
    flow: str,
    witness: Witness,
) -> tuple[ValueUnit, str]:
    """Return the unit to read by, and a remark where it is not the one stated.

    Raises
    ------
    UnknownUnit
        Unit line and linked file differ and the record cannot tell which is right.
    """
    other = _OTHER[stated.currency, stated.factor]
    here, there = (_agreements(unit, lines, columns, flow, witness) for unit in (stated, other))
    if here == 0 and there > 0 and linked in (None, other.currency):
        return other, (
            f"the unit line says {stated.printed!r}; read in {other.printed}, as the record has these figures"
        )
    if linked and linked != stated.currency and here == 0:
        raise UnknownUnit(
            file,
            f"the unit line says {stated.printed!r}, the spreadsheet it links to is in {linked}, "
            "and the record cannot tell which is right",
        )
    return stated, ""


def _agreements(
    unit: ValueUnit, lines: list[Line], columns: list[Column], flow: str, witness: Witness
) -> int:
    """Return how many values of integrated circuits, read in ``unit``, the record has to half a percent."""
    count = 0
    for line in (line for line in lines if line.is_ic):
        for column, figure in line.amounts(columns, "value"):
            if column.months:
                value, measure = float(figure * unit.factor), f"value_{unit.currency.lower()}"
                known = witness.get((flow, *column.months.span, measure), ())
                count += any(abs(value - other) <= 0.005 * other for other in known)
    return count


def assume_pieces(file: str, lines: list[Line], columns: list[Column], unit: ValueUnit) -> list[str]:
    """Take integrated circuits without a printed unit as 100 million pieces where the price of a piece fits.

    Raises
    ------
    UnknownUnit
        The price does not fit: the quantities cannot be read.
    """
    remarks = []
    low, high = _PRICE[unit.currency]
    record_units = 100 if unit.currency == "USD" else 1  # a dollar or yuan a piece, in those of the record
    for line in (line for line in lines if line.is_ic and not line.unit):
        pieces = {column.months: figure for column, figure in line.amounts(columns, "quantity")}
        if not pieces:
            continue
        values = {column.months: figure for column, figure in line.amounts(columns, "value")}
        for months in (months for months in pieces if pieces[months] and months in values):
            price = float(values[months] * unit.factor / pieces[months] / record_units)
            if not low <= price <= high:
                raise UnknownUnit(
                    file, "the quantity has no unit and is not in 100 million pieces", line.where
                )
        line.unit = "100 Million PCS"
        remarks.append(f"{line.where}: no unit printed, read as 100 million pieces")
    return remarks


def record_witness() -> Witness:
    """Return the values the record has for integrated circuits, by what they are of."""
    from chipexports.record.releases import read_releases
    from chipexports.record.vintage import LINE

    rows = read_releases()
    rows = rows[rows["commodity"] == LINE]
    return rows.groupby(["flow", "period_start", "period_end", "measure"])["value"].agg(list).to_dict()
