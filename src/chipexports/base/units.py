"""Units and the columns that carry them: one place, so that no table or label invents its own."""

from __future__ import annotations

UNIT = {"CNY": "100 million CNY", "USD": "million USD"}
VALUE = {"CNY": "value_cny_100mn", "USD": "value_usd_mn"}
BASIS = {"CNY": "basis_cny", "USD": "basis_usd"}
ERROR = {"CNY": "se_cny_100mn", "USD": "se_usd_mn"}
# how many of the table's units make one billion: 10 x 100 million CNY, 1,000 x million USD
PER_BILLION = {"CNY": 10.0, "USD": 1000.0}


def billions(value: float, currency: str) -> float:
    """Return ``value``, given in the table's unit of ``currency``, in billions.

    >>> billions(11351.6, "CNY")
    1135.16

    Parameters
    ----------
    value : float
        100 million CNY or million USD.
    currency : {"CNY", "USD"}
        Currency of the value.

    Returns
    -------
    float
        Billion CNY or USD.
    """
    return value / PER_BILLION[currency]
