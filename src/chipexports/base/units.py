"""Units and the columns that carry them: one place, so that no table or label invents its own."""

from __future__ import annotations

UNIT = {"CNY": "100 million CNY", "USD": "million USD"}
VALUE = {"CNY": "value_cny_100mn", "USD": "value_usd_mn"}
BASIS = {"CNY": "basis_cny", "USD": "basis_usd"}
ERROR = {"CNY": "se_cny_100mn", "USD": "se_usd_mn"}
# how many of the table's units make one billion: 10 x 100 million CNY, 1,000 x million USD
PER_BILLION = {"CNY": 10.0, "USD": 1000.0}


def both(english: str, chinese: str) -> str:
    """Return a name in both languages as one text, as tables carry it: "toys|玩具"."""
    return english if english == chinese else f"{english}|{chinese}"


def in_language(name: str, language: str) -> str:
    """Return a name that `both` made in one language.

    >>> in_language("toys|玩具", "zh"), in_language("toys", "zh")
    ('玩具', 'toys')
    """
    english, _, chinese = name.partition("|")
    return chinese or english if language == "zh" else english


def table_unit(currency: str) -> str:
    """Return the unit of tables: of "USD" and "CNY" the printed one, of one's own series its own."""
    return UNIT.get(currency) or in_language(currency, "en")


def value_column(currency: str) -> str:
    """Return the column of ``monthly.csv`` with the values of a currency, or of one's own series."""
    return VALUE.get(currency, "value")


def billions(value: float, currency: str) -> float:
    """Return ``value``, in 100 million CNY or million USD as tables have it, in billions of the currency.

    >>> billions(11351.6, "CNY")
    1135.16
    """
    return value / PER_BILLION[currency]
