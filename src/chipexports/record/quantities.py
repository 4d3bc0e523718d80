"""Units of quantity in the customs' tables: how many of what, as printed or spelt out, English or Chinese."""

from __future__ import annotations

import re
from dataclasses import dataclass

# in place of a unit where the table has none
NO_UNIT = "-"
# words for sizes, in units of quantity and of value alike
SIZES = {
    "millions": 10**6,
    "million": 10**6,
    "mn": 10**6,
    "m": 10**6,
    "thousand": 10**3,
    "billion": 10**9,
    "hundred": 100,
    "百万": 10**6,
    "亿": 10**8,
    "万": 10**4,
    "千": 10**3,
    "百": 100,
}
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
    "kilolitres": "kilolitre kilolitres",
    "head": "head heads 头",
    "dozens": "dozen dozens 打",
    "sheets": "sheet sheets 张",
    "rolls": "roll rolls 卷",
}
_WORD = {spelling: word for word, spellings in _SPELLINGS.items() for spelling in spellings.split()}
# as few prefixes as will do: 千克 are kilograms, not thousands of grams; "100MN" is 100 million pieces, "MN"
# by itself is nothing, so that a lone m is a size only behind 100
_UNIT = re.compile(
    rf"(1|10|100|1000|10000)??(million|thousand|hundred|百万|亿|万|千|百|(?<=100)m)??({'|'.join(_WORD)})"
)


@dataclass(frozen=True)
class QuantityUnit:
    """A unit of quantity: how many of what, e.g. 10,000 tons."""

    scale: int
    word: str

    @property
    def name(self) -> str:
        """The unit spelt out: "100 million pieces", "10,000 tons", "tons"."""
        size = {1: "", 10**6: "million ", 10**8: "100 million "}.get(self.scale, f"{self.scale:,} ")
        return size + self.word


def quantity_unit(text: str) -> QuantityUnit | None:
    """Read a unit of quantity; None where it is not known.

    >>> quantity_unit("100MN").name, quantity_unit("10,000 Tons").name, quantity_unit("千克").name
    ('100 million pieces', '10,000 tons', 'kilograms')
    """
    match = _UNIT.fullmatch(re.sub("[, .]", "", text.lower()))
    if match is None:
        return None
    number, size, word = match.groups()
    return QuantityUnit(int(number or 1) * SIZES.get(size, 1), _WORD[word])


def is_known(text: str) -> bool:
    """Whether the record takes quantities in this unit: a known one, or none."""
    return text.strip() == NO_UNIT or quantity_unit(text) is not None
