"""What was published by a day, and what should have been but is not in the record."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.record.calendar import due_by, due_date, parse_day
from chipexports.record.choice import Figure, Key, choose
from chipexports.record.raw import kept_for
from chipexports.record.releases import RECORD, read_releases

# the line that is forecast, and the one that may only stand in for its totals
LINE = "gacc_ic"
STAND_IN = "comtrade_hs8542"
MEASURE = {"CNY": "value_cny", "USD": "value_usd"}
FLOWS = ("export", "import")


def releases_as_of(as_of: str, without: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return the rows of `read_releases` published by the end of a day, less figures of ``without``.

    These are figures that end with such a month, be it the month itself, a year-to-date or growth; a
    year-to-date that ends later stays, for it is another figure.
    """
    parse_day(as_of)
    table = read_releases()
    first = str(table["published"].min())
    if as_of < first:
        raise UsageError(f"as_of: {as_of} lies before the first release of the record, {first}")
    known = (table["published"] <= as_of) & ~table["period_end"].isin(without)
    return table[known].reset_index(drop=True)


def figures_as_of(as_of: str, commodity: str = LINE, without: tuple[str, ...] = ()) -> Mapping[Key, Figure]:
    """Return the figure to compute with per flow, measure, edition and period, as known on a day."""
    return _figures(as_of, commodity, without)


@kept_for(*RECORD, most=512)
def _figures(as_of: str, commodity: str, without: tuple[str, ...]) -> Mapping[Key, Figure]:
    return MappingProxyType(choose(releases_as_of(as_of, without), commodity))


def missing_releases(as_of: str) -> pd.DataFrame:
    """Return the tables due by ``as_of`` that lie beyond the end of the record.

    For each flow and currency the record ends with the last month that has its month or its
    year-to-date; every later table that was due is missing, unless the record holds it as published
    after ``as_of``. Nobody should take a stale record
    for a fresh one. Holes before the end are no sign of age; the basis of each month shows them.

    Parameters
    ----------
    as_of : str
        "YYYY-MM-DD"; only what was published by the end of that day.

    Returns
    -------
    DataFrame
        ``period, flow, currency, due, last_known`` (the month the record ends with), in the order of
        period, flow, currency; empty when nothing is missing.
    """
    whole = read_releases()
    whole = whole[whole["commodity"] == LINE]
    table = whole[whole["published"] <= parse_day(as_of)]
    rows = []
    for flow in FLOWS:
        for currency, measure in MEASURE.items():
            mine = (whole["flow"] == flow) & (whole["measure"] == measure)
            last = _last_month(table[mine[table.index]])
            if last is None:
                continue
            printed = set(whole.loc[mine, "period_end"])  # it may have come later than it was due
            for period in due_by(as_of, last)[1:]:
                if period in printed:
                    continue
                rows.append((period, flow, currency, due_date(period, currency).isoformat(), last))
    missing = pd.DataFrame(rows, columns=["period", "flow", "currency", "due", "last_known"])
    return missing.sort_values(["period", "flow", "currency"], ignore_index=True)


def _last_month(rows: pd.DataFrame) -> str | None:
    starts = rows["period_start"]
    monthly = (starts == rows["period_end"]) | (starts == rows["period_end"].str[:4] + "-01")
    ends = rows.loc[monthly, "period_end"]
    return None if ends.empty else str(ends.max())
