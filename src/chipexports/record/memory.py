"""Korea's exports of memories in value and weight: dollars a kilogram are a price by the month."""

from __future__ import annotations

import pandas as pd

from chipexports.record.calendar import parse_day
from chipexports.record.indicators import KOREA_DAY
from chipexports.record.raw import table_path


def memory_exports_as_of(as_of: str) -> pd.DataFrame:
    """Return Korea's exports of memories as far as its customs had printed them by ``as_of``.

    Parameters
    ----------
    as_of : str
        "YYYY-MM-DD"; a month is out on the 15th of the next.

    Returns
    -------
    DataFrame
        PeriodIndex[M] from 2006-01; for ``hs8542`` (all integrated circuits), ``memory`` (HS 8542.32),
        ``dram`` and ``nand`` the value ``<name>_usd_mn`` (million USD) and weight ``<name>_tonnes``.
        NaN where not given: memories are not told apart before 2007.

    Raises
    ------
    UsageError
        ``as_of`` is not a day.

    Notes
    -----
    The figures are revised ones: their own vintages are not in the record. Value over weight moves with
    the mix (high-bandwidth memory weighs little), so it is a unit value, not a quoted price.

    Examples
    --------
    >>> korea = memory_exports_as_of("2026-11-22")
    >>> price = korea["memory_usd_mn"] / korea["memory_tonnes"]
    >>> float(round(price["2026-06"] / price["2025-06"], 1))
    3.7
    """
    path = table_path("korea_customs/memory_exports_monthly.csv")
    table = pd.read_csv(path, dtype={"period": str}).drop(columns="source").set_index("period")
    table.index = pd.PeriodIndex(table.index, freq="M", name="month")
    known = (table.index + 1).to_timestamp() + pd.Timedelta(days=KOREA_DAY - 1)
    return table[known <= pd.Timestamp(parse_day(as_of))].astype(float)
