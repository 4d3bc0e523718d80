"""What is known of one's own series on a day: the face of the customs' record, as far as it goes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.base.months import in_year
from chipexports.series.calendars import calendar_of
from chipexports.series.history import History
from chipexports.series.settings import SeriesSettings

#: what a month of a file rests on: the file
FILE = "file"
YEAR = 12


@dataclass(frozen=True)
class OwnRecord:
    """One's own series as known by the end of a day; nothing in it was published later.

    Made by ``chipexports.clean.known(as_of, history_start, series)``. There is one series: ``flow`` and
    ``currency``, which the record of the customs asks for, change nothing here.

    Attributes
    ----------
    as_of : str
        "YYYY-MM-DD".
    history_start : str
        First month "YYYY-MM" of tables and histories.
    settings : SeriesSettings
        The file and how it is read.
    left_out : tuple of str
        Months whose values are left out (`without`).
    """

    as_of: str
    history_start: str
    settings: SeriesSettings
    left_out: tuple[str, ...] = ()

    @cached_property
    def _values(self) -> pd.Series:
        known = self.settings.read().known(self.as_of, self.history_start, self.left_out)
        return known.rename_axis("month")

    @cached_property
    def indicators(self) -> pd.DataFrame | None:
        """The indicators of the set as known on the day, a column each; None where it names none."""
        return self.settings.indicators.known(self.as_of) if self.settings.indicators else None

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a month, as a run writes it to ``monthly.csv``: ``period, flow, value, basis``."""
        values = self._values
        return pd.DataFrame(
            {
                "period": values.index.astype(str),
                "flow": self.settings.name,
                "value": values.to_numpy(),
                "basis": [FILE if known else "missing" for known in values.notna()],
            }
        )

    def monthly(self, flow: str = "") -> pd.DataFrame:
        """Return the months: ``value``, ``basis``, ``kind`` and ``standing``, PeriodIndex[M] named month."""
        values = self._values
        rests = pd.Series(FILE, values.index).where(values.notna(), None)
        return pd.DataFrame({"value": values, "basis": rests, "kind": rests, "standing": rests})

    def history(self, flow: str = "", currency: str = "") -> History:
        """Return the series with all that a forecast needs beside it.

        Raises
        ------
        FileError
            Nothing was known by the day, or what was is no series that can be forecast.
        """
        values, monthly = self._values, self.monthly()
        return History(
            values,
            self.as_of,
            self.settings.unit,
            kind=monthly["kind"],
            standing=monthly["standing"],
            indicators=self.indicators,
            calendar=calendar_of(self.settings.holidays, values.index[0], values.index[-1]),
            published=self.published.reindex(values.index),
        )

    def without(self, month: str | pd.Period) -> OwnRecord:
        """Return the same without the value of a month.

        Raises
        ------
        UsageError
            The file has no value for that month by the day.
        """
        if pd.isna(self._values.get(pd.Period(str(month), "M"))):
            raise UsageError(f"month: no value of {month} was known by {self.as_of}")
        return replace(self, left_out=tuple(sorted({*self.left_out, str(month)})))

    def outturn(self, year: int, as_of: str | None = None) -> float | None:
        """Return what a year came to, where all its months are known (by a day); None otherwise."""
        read = self.settings.read()
        known = read.values if as_of is None else read.values[read.published <= pd.Timestamp(as_of)]
        months = in_year(known, year).dropna()
        return float(months.sum()) if len(months) == YEAR else None

    @property
    def published(self) -> pd.Series:
        """The day on which each month became known, Timestamp by month, of all months of the file."""
        return self.settings.read().published
