"""`History`: a monthly series, what is known beside it, and the day of that knowledge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import pandas as pd

#: how a month came to be known, most direct first
KINDS = ("customs", "derived", "estimate")


@dataclass(frozen=True, eq=False)
class History:
    """One monthly series as known by the end of a day; nothing in it was published later.

    Made from the record by ``chipexports.clean.known(as_of).history(flow, currency)``, or from a file of
    one's own. A forecast takes everything it needs from here, so that none of it can be forgotten.

    Attributes
    ----------
    values : Series
        Positive floats, PeriodIndex[M] without a gap in its months, NaN where a month is unknown; unit
        ``unit``.
    as_of : str
        "YYYY-MM-DD": what was published by the end of this day is known.
    unit : str
        Of ``values`` and ``standard_errors``, e.g. "million USD".
    standard_errors : Series or None
        On the index of ``values``: standard error of an estimated month, NaN where figures give it.
        None where no month is an estimate.
    kind : Series or None
        On the same index: "customs" (printed, or the difference of printed year-to-dates), "derived"
        (growth backed out, or converted at the customs rate) or "estimate"; "file" in a file of one's own.
    standing : Series or None
        On the same index: how well the figures a month rests on are attested.
    indicators : DataFrame or None
        Other monthly series as known on the same day, PeriodIndex[M], a column each, any unit.
    calendar : DataFrame or None
        Calendar regressors by month; None stands for those of the Spring Festival.
    published : Series or None
        On the index of ``values``: the day on which a month became known, Timestamp, in a file of one's own;
        None where the calendar of the record says so.
    """

    values: pd.Series
    as_of: str
    unit: str = ""
    standard_errors: pd.Series | None = None
    kind: pd.Series | None = None
    standing: pd.Series | None = None
    indicators: pd.DataFrame | None = None
    calendar: pd.DataFrame | None = None
    published: pd.Series | None = None

    @property
    def last(self) -> pd.Period:
        """The last month known: the origin of a forecast."""
        return cast(pd.Period, self.values.last_valid_index())

    def replaced(self, values: pd.Series) -> History:
        """Return the same with other values, e.g. a month raised by five per cent.

        Parameters
        ----------
        values : Series
            On the index of ``values``, or shorter; what is known beside it stays.
        """
        return replace(self, values=values)

    @property
    def rests_on(self) -> tuple[pd.Series, pd.Series]:
        """Kind and standing of each month, None where the history does not say."""
        nothing = pd.Series(None, index=self.values.index, dtype=object)
        return (
            nothing if self.kind is None else self.kind,
            nothing if self.standing is None else self.standing,
        )

    @property
    def errors(self) -> pd.Series:
        """Standard error of each estimated month, NaN elsewhere, on the index of ``values``."""
        if self.standard_errors is None:
            return pd.Series(float("nan"), index=self.values.index)
        return self.standard_errors.reindex(self.values.index)

    @property
    def estimated(self) -> pd.Series:
        """Whether a month is an estimate, bool on the index of ``values``."""
        if self.standard_errors is None:
            return pd.Series(False, index=self.values.index)
        return self.standard_errors.reindex(self.values.index).notna()
