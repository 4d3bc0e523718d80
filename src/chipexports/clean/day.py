"""What is known on a day: one object, made once and handed on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, overload

import numpy as np
import pandas as pd

from chipexports.base import units
from chipexports.base.errors import UsageError
from chipexports.clean.checks import check_releases
from chipexports.clean.monthly import FLOWS, monthly_series, standard_errors, to_series
from chipexports.record.calendar import parse_day
from chipexports.record.indicators import indicators_as_of
from chipexports.record.outturn import outturn
from chipexports.record.schema import MONTH
from chipexports.record.standing import DERIVED, standings, weakest
from chipexports.record.vintage import releases_as_of
from chipexports.series import History
from chipexports.series.record import OwnRecord
from chipexports.series.settings import series_settings

#: kind of a month by its basis
KIND_OF = {
    "printed": "customs",
    "ytd_difference": "customs",
    "growth_backed_out": "derived",
    "converted": "derived",
    "comtrade": "derived",
    "joint_estimate": "estimate",
    "estimated": "estimate",
}
#: column of `Known.monthly` -> column of `chipexports.clean.monthly.monthly_series`
COLUMNS = {
    "usd_mn": "value_usd_mn",
    "cny_100mn": "value_cny_100mn",
    "pieces_100mn": "quantity_100mn",
    "basis_usd": "basis_usd",
    "basis_cny": "basis_cny",
    "basis_pieces": "basis_quantity",
    "se_usd_mn": "se_usd_mn",
    "se_cny_100mn": "se_cny_100mn",
}


@dataclass(frozen=True)
class Known:
    """What was known by the end of a day; nothing in it was published later.

    Everything is computed when it is first asked for, and kept.

    Attributes
    ----------
    as_of : str
        "YYYY-MM-DD".
    history_start : str
        First month "YYYY-MM" of the monthly tables and histories.
    left_out : tuple of str
        Months whose figures are left out (`without`), none by default.
    """

    as_of: str
    history_start: str = "2014-05"
    left_out: tuple[str, ...] = ()

    @cached_property
    def releases(self) -> pd.DataFrame:
        """The record cut at the day, one printed figure a row, with its ``standing``.

        Columns of ``data/raw/gacc/releases.csv``, ``half`` (half a unit of the last printed digit) and
        ``standing`` (see `chipexports.record.standing.standings`).
        """
        rows = releases_as_of(self.as_of, self.left_out)
        return rows.assign(standing=standings(rows))

    @cached_property
    def indicators(self) -> pd.DataFrame:
        """Series that move with chip exports, as their publishers had printed them by the day."""
        return indicators_as_of(self.as_of)

    @cached_property
    def checks(self) -> pd.DataFrame:
        """The arithmetic of every release compared with itself; see `check_releases`."""
        return check_releases(self.as_of, self.left_out)

    @cached_property
    def table(self) -> pd.DataFrame:
        """Both flows in one table, a row a month, as a run writes it to ``monthly.csv``."""
        return monthly_series(self.as_of, self.history_start, self.left_out)

    @cached_property
    def _monthly(self) -> dict[str, pd.DataFrame]:
        return {flow: self._of_flow(flow) for flow in FLOWS}

    def _of_flow(self, flow: str) -> pd.DataFrame:
        """Return the table of one flow; the months of inflated invoices hold no values."""
        rows = self.table[self.table["flow"] == flow]
        months = pd.PeriodIndex(rows["period"], freq="M", name="month")
        table = rows[list(COLUMNS.values())].set_axis(list(COLUMNS), axis=1).set_index(months)
        table.loc[rows["excluded"].to_numpy(dtype=bool), ["usd_mn", "cny_100mn", "pieces_100mn"]] = np.nan
        standing = dict(zip(self.releases["row_id"], self.releases["standing"], strict=True))
        for currency, value in (("usd", "usd_mn"), ("cny", "cny_100mn")):
            kind = table[f"basis_{currency}"].map(KIND_OF)
            rests_on = rows[f"rows_{currency}"].str.split().to_list()
            table[f"kind_{currency}"] = kind.where(table[value].notna(), other=None)
            table[f"standing_{currency}"] = [
                # reported to the UN by the customs themselves, less a difference that is estimated
                DERIVED if basis == "comtrade" else _standing(how, [standing[name] for name in names])
                for basis, how, names in zip(
                    table[f"basis_{currency}"], table[f"kind_{currency}"], rests_on, strict=True
                )
            ]
        return table[[*COLUMNS, "kind_usd", "kind_cny", "standing_usd", "standing_cny"]]

    def monthly(self, flow: str = "export") -> pd.DataFrame:
        """Return the monthly table of one flow: values, how each came about, and on what it rests.

        Parameters
        ----------
        flow : {"export", "import"}
            Side of the trade.

        Returns
        -------
        DataFrame
            PeriodIndex[M] named ``month``, from `history_start` to the last month a figure speaks of.
            ``usd_mn, cny_100mn, pieces_100mn`` (NaN where unknown); ``basis_usd, basis_cny,
            basis_pieces`` (see `chipexports.clean.arithmetic.BASES`); ``se_usd_mn, se_cny_100mn``
            (standard errors of estimates); ``kind_usd, kind_cny`` ("customs": printed or the difference
            of printed year-to-dates, "derived": growth backed out, converted or of UN Comtrade, "estimate");
            ``standing_usd, standing_cny``: the weakest standing among the figures a month rests on,
            "derived" where a derived month rests on nothing weaker, "estimate" where it is one.

        Raises
        ------
        UsageError
            The flow does not exist.

        Examples
        --------
        >>> august = known("2026-11-22").monthly("export").loc["2026-08"]
        >>> august[["kind_usd", "kind_cny", "standing_usd"]].tolist()
        ['customs', 'derived', 'quoted once']
        """
        if flow not in FLOWS:
            raise UsageError(f"flow: {flow!r} is not one of {', '.join(FLOWS)}")
        return self._monthly[flow].copy()

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
        values = to_series(self.table, flow, currency)
        month = self._monthly[flow].reindex(values.index)
        return History(
            values,
            self.as_of,
            units.UNIT[currency],
            standard_errors=standard_errors(self.table, flow, currency),
            kind=month[f"kind_{currency.lower()}"],
            standing=month[f"standing_{currency.lower()}"],
            indicators=self.indicators,
        )

    def without(self, month: str | pd.Period) -> Known:
        """Return the same without the figures of a month: the answer had it not been published.

        Left out are the figures that end with the month: the month itself, the year-to-date, growth. A
        year-to-date that ends later stays, for it is another figure and attests the month.

        Parameters
        ----------
        month : str or Period
            "YYYY-MM".

        Returns
        -------
        Known
            Of the same day.

        Raises
        ------
        UsageError
            ``month`` is not a month, or no figure of the record ends with it by the day.

        Examples
        --------
        >>> str(known("2026-11-22").without("2026-08").history("export", "USD").last)
        '2026-07'
        """
        name = str(month)
        if not MONTH.fullmatch(name):
            raise UsageError(f"month: {name!r} is not a month; write it YYYY-MM")
        if name not in set(self.releases["period_end"]):
            raise UsageError(f"month: no figure known by {self.as_of} ends with {name}")
        return replace(self, left_out=tuple(sorted({*self.left_out, name})))


def _standing(kind: str | None, standings: list[str]) -> str | None:
    """Return the standing of a month from its kind and the standings of the rows it rests on."""
    if not isinstance(kind, str) or kind == "estimate":
        return kind if isinstance(kind, str) else None
    return weakest([*standings, DERIVED] if kind == "derived" else standings)


@overload
def known(as_of: str, history_start: str = ...) -> Known: ...


@overload
def known(as_of: str, history_start: str, series: object) -> Known | OwnRecord: ...


def known(as_of: str, history_start: str = "2014-05", series: object = None) -> Known | OwnRecord:
    """Return what was known by the end of a day.

    Parameters
    ----------
    as_of : str
        "YYYY-MM-DD".
    history_start : str
        First month "YYYY-MM" of the monthly tables and histories.
    series : str or mapping, optional
        A series of one's own in place of the customs' record: the parameter ``series`` of a set, see
        `chipexports.series.settings.series_settings`.

    Returns
    -------
    Known or OwnRecord
        Computed when asked for. Of one's own series there are ``history``, ``monthly``, ``indicators``,
        ``without`` and ``table``.

    Raises
    ------
    UsageError
        ``as_of`` is not a date, or ``series`` names no series.

    Examples
    --------
    >>> november = known("2026-11-22")
    >>> november.monthly("export")["kind_usd"].value_counts().index[0]
    'estimate'
    """
    day = parse_day(as_of)
    return OwnRecord(day, history_start, series_settings(series)) if series else Known(day, history_start)


def outturn_of(
    question: Any, truth: str = "latest", as_of: str | None = None, year: int | None = None
) -> float | None:
    """Return what a year came to, in the unit of a question; None where it is not known.

    Parameters
    ----------
    question : object
        With ``target_year, flow, currency, as_of, history_start, series``: the parameters of a run.
    truth : {"latest", "first_print"}
        As in `chipexports.record.outturn.outturn`; a file knows one truth.
    as_of : str, optional
        Only what was known by the end of that day; by default all that is known today.
    year : int, optional
        By default the question's target year.
    """
    q, asked = question, question.target_year if year is None else year
    series = getattr(q, "series", None)
    if series:
        return OwnRecord(q.as_of, q.history_start, series_settings(series)).outturn(asked, as_of)
    return outturn(asked, q.flow, q.currency, truth, as_of)
