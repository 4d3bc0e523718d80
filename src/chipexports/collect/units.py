"""Value and quantity units as the publisher prints them, brought to those of the record."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from chipexports.base.units import UNIT

# to 100 million CNY and to million USD
_VALUE_FACTOR = {
    ("CNY", 100_000_000): Decimal(1),
    ("CNY", 10_000): Decimal("0.0001"),
    ("USD", 1_000_000): Decimal(1),
    ("USD", 1_000): Decimal("0.001"),
}
_WORDS = {"million": 10**6, "millions": 10**6, "mn": 10**6, "thousand": 10**3, "billion": 10**9}
_ZH = (("百万", 10**6), ("亿", 10**8), ("万", 10**4), ("千", 10**3), ("百", 10**2))
_LEAD = re.compile(r"^.{0,40}?(?:unit|单位)\s*[:∶]?\s*", re.I)
_USD = re.compile(r"usd|us\s*\$|us\s*dollars?|美元|\$", re.I)
_CNY = re.compile(r"cny|rmb|yuan|人民币|元|¥", re.I)
_SPELLINGS = {
    "pieces": "n pc pcs piece pieces unit units number no 个 块 只 枚 件 台 支 把 根",
    "sets": "set sets 套 台套",
    "tons": "t ton tons tonne tonnes mt 吨",
    "kilograms": "kg kgs kilogram kilograms 千克 公斤",
    "grams": "g gram grams 克",
    "carats": "carat carats ct 克拉",
    "pairs": "pair pairs prs 双",
    "ships": "ship ships vessel vessels 艘",
    "aircraft": "aircraft aircrafts craft crafts plane planes 架",
    "vehicles": "vehicle vehicles car cars auto autos 辆",
    "metres": "m metre metres meter meters 米",
    "square metres": "m2 sqm squaremetre squaremetres squaremeter squaremeters 平方米",
    "cubic metres": "m3 cbm cum cubicmetre cubicmetres cubicmeter cubicmeters 立方米",
    "litres": "l litre litres liter liters 升",
    "head": "head heads 头",
    "dozens": "dozen dozens 打",
    "sheets": "sheet sheets 张",
    "rolls": "roll rolls 卷",
}
_WORD = {spelling: word for word, spellings in _SPELLINGS.items() for spelling in spellings.split()}
_SCALES = (
    (1, r"(.+)"),
    (10**8, r"(?:100(?:million|m)|亿)(.+)"),
    (10**6, r"(?:1?million|百万)(.+)"),
    (10**4, r"(?:10000|10thousand|万)(.+)"),
    (10**3, r"(?:1000|1?thousand|千)(.+)"),
    (100, r"(?:100|hundred|百)(.+)"),
)


@dataclass(frozen=True)
class ValueUnit:
    """Currency of a table and the factor from its printed unit to that of the record.

    Attributes
    ----------
    currency : str
        ``CNY`` or ``USD``.
    factor : Decimal
        Record's unit (100 million CNY, million USD) per printed unit.
    printed : str
        The unit as the page prints it.
    """

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
    said = _LEAD.sub("", text).strip()
    currency = "USD" if _USD.search(said) else "CNY" if _CNY.search(said) else None
    if currency is None:
        return None
    scale = _scale(_CNY.sub(" ", _USD.sub(" ", said)))
    factor = _VALUE_FACTOR.get((currency, scale)) if scale else None
    return ValueUnit(currency, factor, text) if factor is not None else None


def _scale(text: str) -> int | None:
    """Return the power the words and figures left of a unit stand for: "100 Million" is 10**8."""
    text = text.lower().replace(",", "").strip(" .()")
    for word, size in _ZH:
        if word in text:
            rest = text.replace(word, "", 1).strip(" ()")
            return size if not rest else None
    found = re.fullmatch(r"(?:in\s+)?(\d[\d ]*)?\s*([a-z]+)?", text)
    if not found or not (found.group(1) or found.group(2)):
        return None
    number = int((found.group(1) or "1").replace(" ", ""))
    return number * _WORDS.get(found.group(2), 0) if found.group(2) else number


@dataclass(frozen=True)
class QuantityUnit:
    """A unit of quantity: how many of what, e.g. 10,000 tons."""

    scale: int
    word: str

    @property
    def name(self) -> str:
        """The unit spelt out: "100 million pieces", "10,000 tons", "tons"."""
        said = {1: "", 10**6: "million ", 10**8: "100 million "}.get(self.scale, f"{self.scale:,} ")
        return said + self.word


def quantity_unit(text: str) -> QuantityUnit | None:
    """Read a printed unit of quantity; None where it is not known.

    >>> quantity_unit("100MN").name, quantity_unit("10,000 Tons").name, quantity_unit("千克").name
    ('100 million pieces', '10,000 tons', 'kilograms')
    """
    plain = text.lower().replace(",", "").replace(" ", "").replace(".", "")
    for scale, pattern in _SCALES:
        found = re.fullmatch(pattern, plain)
        if found and (word := _WORD.get(found.group(1))):
            return QuantityUnit(scale, word)
    return None


def pieces_factor(text: str) -> Decimal | None:
    """Return the factor from a printed unit of pieces to 100 million pieces; None where it is none.

    >>> pieces_factor("100 Million PCS"), pieces_factor("万个")
    (Decimal('1'), Decimal('0.0001'))

    Parameters
    ----------
    text : str
        The unit as printed.

    Returns
    -------
    Decimal or None
        100 million pieces per printed unit.
    """
    unit = quantity_unit(text)
    return Decimal(unit.scale).scaleb(-8).normalize() if unit and unit.word == "pieces" else None
