"""What a printed cell says: a number with its decimals, nothing, or something unreadable."""

from __future__ import annotations

import re
from decimal import Decimal

_NOTHING = {"", "-", "--", "---", "—", "——", "–", "−", "...", "…", "/", "n.a.", "n/a", "na"}
# a broken reference in the publisher's own spreadsheet, printed as such on its page
_BROKEN = re.compile(r"[#*](REF!|N/A|VALUE!|DIV/0!|NAME\?|NULL!|NUM!)", re.I)
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d{1,15})(\.\d{1,8})?", re.ASCII)


def is_nothing(text: str) -> bool:
    """Whether the cell prints no figure ("-", "—", blank)."""
    return text.strip().lower() in _NOTHING


def is_broken(text: str) -> bool:
    """Whether the cell prints a spreadsheet error such as ``#REF!`` in place of a figure."""
    return bool(_BROKEN.fullmatch(text.strip()))


def printed_number(text: str) -> Decimal | None:
    """Return the number a cell prints, exact to its printed decimals; None where it is not a number.

    >>> printed_number("17,218.6"), printed_number("-20.0"), printed_number("1,23.4")
    (Decimal('17218.6'), Decimal('-20.0'), None)

    Parameters
    ----------
    text : str
        What the cell says; a percent sign is dropped.

    Returns
    -------
    Decimal or None
        In the unit of the column.
    """
    text = "".join(text.split()).replace("−", "-").replace("–", "-").rstrip("%")
    if not _NUMBER.fullmatch(text):
        return None
    return Decimal(text.replace(",", ""))


def decimals(number: Decimal) -> int:
    """Return how many decimals were printed.

    Parameters
    ----------
    number : Decimal
        As printed, its decimals kept.

    Returns
    -------
    int
        0 for a whole number.
    """
    exponent = number.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0
