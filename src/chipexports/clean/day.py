"""What is known on a day: one object, made once and handed on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from chipexports.base import units
from chipexports.clean.monthly import monthly_series, standard_errors, to_series
from chipexports.record.calendar import parse_day
from chipexports.record.indicators import indicators_as_of
from chipexports.series import History

#: kind of a month by its basis
KIND_OF = {
    "printed": "customs",
    "ytd_difference": "customs",
    "growth_backed_out": "derived",
    "converted": "derived",
    "joint_estimate": "estimate",
    "estimated": "estimate",
}


@dataclass(frozen=True)
class Known:
    """What was known by the end of a day; nothing in it was published later.

    Attributes
    ----------
    as_of : str
        "YYYY-MM-DD".
    history_start : str
        First month "YYYY-MM" of the histories.
    """

    as_of: str
    history_start: str = "2014-05"

    @cached_property
    def indicators(self) -> pd.DataFrame:
        """Series that move with chip exports, as their publishers had printed them by the day."""
        return indicators_as_of(self.as_of)

    @cached_property
    def _table(self) -> pd.DataFrame:
        return monthly_series(self.as_of, self.history_start)

    def history(self, flow: str = "export", currency: str = "USD") -> History:
        """Return one monthly series with all that a forecast needs beside it.

        Parameters
        ----------
        flow : {"export", "import"}
            Side of the trade.
        currency : {"USD", "CNY"}
            Million USD or 100 million CNY.

        Returns
        -------
        History
            Months, their standard errors and kinds, and the indicators.

        Raises
        ------
        UsageError
            The flow or the currency does not exist, or nothing was known by the day.

        Examples
        --------
        >>> history = known("2026-11-22").history("export", "USD")
        >>> str(history.last), history.unit
        ('2026-08', 'million USD')
        """
        values = to_series(self._table, flow, currency)
        rows = self._table[self._table["flow"] == flow]
        basis = pd.Series(
            rows[f"basis_{currency.lower()}"].to_numpy(), pd.PeriodIndex(rows["period"], freq="M")
        )
        kind = basis.reindex(values.index).map(KIND_OF).where(values.notna(), other=np.nan)
        return History(
            values,
            self.as_of,
            units.UNIT[currency],
            standard_errors(self._table, flow, currency),
            kind,
            self.indicators,
        )


def known(as_of: str, history_start: str = "2014-05") -> Known:
    """Return what was known by the end of a day.

    Parameters
    ----------
    as_of : str
        "YYYY-MM-DD".
    history_start : str
        First month "YYYY-MM" of the histories.

    Returns
    -------
    Known
        Computed when asked for.

    Raises
    ------
    UsageError
        ``as_of`` is not a date.
    """
    return Known(parse_day(as_of), history_start)
