"""What a printed text says: a number with its decimals, nothing, a unit of value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from chipexports.base.units import UNIT
from chipexports.record.quantities import SIZES, quantity_unit

_NOTHING = {"", "-", "--", "---", "—", "——", "–", "−", "...", "…", "/", "n.a.", "n/a", "na"}
# a broken reference in the publisher's own spreadsheet, printed as such on its page
_BROKEN = re.compile(r"[#*](REF!|N/A|VALUE!|DIV/0!|NAME\?|NULL!|NUM!)", re.I)
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d{1,15})(\.\d{1,8})?", re.ASCII)
# to 100 million CNY and to million USD
_VALUE_FACTOR = {
    ("CNY", 100_000_000): Decimal(1),
    ("CNY", 10_000): Decimal("0.0001"),
    ("USD", 1_000_000): Decimal(1),
    ("USD", 1_000): Decimal("0.001"),
}
_LEAD = re.compile(r"^.{0,40}?(?:unit|单位)\s*[:∶]?\s*", re.I)
_USD = re.compile(r"usd|us\s*\$|us\s*dollars?|美元|\$", re.I)
_CNY = re.compile(r"cny|rmb|yuan|人民币|元|¥", re.I)
_AMOUNT = re.compile(rf"(?:in)?(\d{{0,9}})({'|'.join(SIZES)})?", re.ASCII)


def is_nothing(text: str) -> bool:
    """Whether the cell prints no figure ("-", "—", blank)."""
    return text.strip().lower() in _NOTHING


def is_broken(text: str) -> bool:
    """Whether the cell prints a spreadsheet error such as ``#REF!`` in place of a figure."""
    return bool(_BROKEN.fullmatch(text.strip()))


def printed_number(text: str) -> Decimal | None:
    """Return the number a cell prints, exact to its printed decimals; None where it is not a number.

    >>> printed_number("17,218.6"), printed_number("-20.0%"), printed_number("1,23.4")
    (Decimal('17218.6'), Decimal('-20.0'), None)
    """
    text = "".join(text.split()).replace("−", "-").replace("–", "-").rstrip("%")
    return Decimal(text.replace(",", "")) if _NUMBER.fullmatch(text) else None


def half_unit(number: Decimal) -> Decimal:
    """Return half a unit of the last printed decimal."""
    return Decimal(5).scaleb(int(number.as_tuple().exponent) - 1)


@dataclass(frozen=True)
class ValueUnit:
    """Currency of a table, the factor from its printed unit to that of the record, the unit as printed."""

    currency: str
    factor: Decimal
    printed: str

    @property
    def name(self) -> str:
        """Unit of the record."""
        return UNIT[self.currency]


def names_unit(text: str) -> bool:
    """Whether a line above the table states the value unit ("Unit: USD1 Million", "单位:亿元人民币")."""
    return bool(re.search(r"unit\s*[:∶]|单位\s*[:∶]", text, re.I))


def value_unit(text: str) -> ValueUnit | None:
    """Read a line such as "Unit:US$1,000"; None where currency or scale is none of the known four.

    >>> value_unit("Unit: CNY 10,000").factor, value_unit("单位:百万美元").currency
    (Decimal('0.0001'), 'USD')
    """
    unit = _LEAD.sub("", text)
    currency = "USD" if _USD.search(unit) else "CNY" if _CNY.search(unit) else ""
    amount = re.sub(r"[\s,]", "", _CNY.sub("", _USD.sub("", unit)).lower()).strip(".()")
    match = _AMOUNT.fullmatch(amount)
    scale = int(match[1] or 1) * SIZES.get(match[2], 1) if match else 0
    factor = _VALUE_FACTOR.get((currency, scale))
    return None if factor is None else ValueUnit(currency, factor, text)


def pieces_factor(text: str) -> Decimal | None:
    """Return the factor from a printed unit of pieces to 100 million pieces; None where it is none.

    >>> pieces_factor("100 Million PCS"), pieces_factor("万个")
    (Decimal('1'), Decimal('0.0001'))
    """
    unit = quantity_unit(text)
    return Decimal(unit.scale).scaleb(-8).normalize() if unit and unit.word == "pieces" else None
