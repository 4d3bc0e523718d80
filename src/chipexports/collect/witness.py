"""Other evidence on the unit of a page: the file it links to, the price of a piece, what the record knows.

The publisher's table (13) of June 2025 in US$1,000 is headed "Unit:RMB￥10,000" while the file it links to
is that of the dollar values. Where unit line and linked file differ, the record has to tell which is right.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from chipexports.collect.errors import UnknownUnit
from chipexports.collect.header import Column
from chipexports.collect.lines import Line
from chipexports.collect.units import ValueUnit

# flow, period_start, period_end, measure -> values the record has for integrated circuits
Witness = Callable[[str, str, str, str], list[float]]
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
    witness: Witness | None,
) -> tuple[ValueUnit, str | None]:
    """Return the unit to read by, and a remark where it is not the one stated.

    Raises
    ------
    UnknownUnit
        Unit line and linked file differ and the record cannot tell which is right.
    """
    other = _OTHER[stated.currency, stated.factor]
    here = _agreements(stated, lines, columns, flow, witness)
    there = _agreements(other, lines, columns, flow, witness)
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
    return stated, None


def _agreements(
    unit: ValueUnit, lines: list[Line], columns: list[Column], flow: str, witness: Witness | None
) -> int:
    if witness is None:
        return 0
    count = 0
    for line in (line for line in lines if line.is_ic):
        for column in columns:
            months, value = column.months, line.printed.get(column.index)
            if column.growth or column.measure != "value" or months is None or value is None:
                continue
            start, end = (f"{months.year}-{month:02d}" for month in (months.first, months.last))
            ours = float(value * unit.factor)
            known = witness(flow, start, end, f"value_{unit.currency.lower()}")
            count += any(abs(ours - other) <= 0.005 * other for other in known)
    return count


def assume_pieces(file: str, lines: list[Line], columns: list[Column], unit: ValueUnit) -> list[str]:
    """Take integrated circuits without a printed unit as 100 million pieces where the price of a piece fits.

    Raises
    ------
    UnknownUnit
        The price does not fit: the quantities cannot be read.
    """
    remarks = []
    for line in (line for line in lines if line.is_ic and not line.unit):
        quantity = [
            c for c in columns if c.measure == "quantity" and not c.growth and c.index in line.printed
        ]
        if not quantity:
            continue
        low, high = _PRICE[unit.currency]
        for column in quantity:
            value = next(
                (c for c in columns if c.measure == "value" and not c.growth and c.months == column.months),
                None,
            )
            if value is None or value.index not in line.printed or not line.printed[column.index]:
                continue
            per = 100 if unit.currency == "USD" else 1
            price = float(line.printed[value.index] * unit.factor / line.printed[column.index] / per)
            if not low <= price <= high:
                raise UnknownUnit(
                    file, "the quantity has no unit and is not in 100 million pieces", line.where
                )
        line.unit = "100 Million PCS"
        remarks.append(f"{line.where}: no unit printed, read as 100 million pieces")
    return remarks


def record_witness() -> Witness:
    """Return a witness that looks the figures of integrated circuits up in the record."""
    from chipexports.record.releases import read_releases

    rows = read_releases()
    rows = rows[rows["commodity"] == "gacc_ic"]
    known: dict[tuple[str, str, str, str], list[float]] = {}
    keys = rows[["flow", "period_start", "period_end", "measure"]].itertuples(index=False, name=None)
    for key, value in zip(keys, rows["value"], strict=True):
        known.setdefault(key, []).append(float(value))
    return lambda flow, start, end, measure: known.get((flow, start, end, measure), [])
