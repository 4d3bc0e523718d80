"""One monthly series per flow, currency and quantity: every month with its basis and its rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from chipexports.base import units
from chipexports.base.errors import UsageError
from chipexports.clean.arithmetic import Month, least_direct
from chipexports.clean.build import EXCLUDED, Months, build, known_by, values
from chipexports.clean.schemas import hold, monthly_schema
from chipexports.record import indicators, rates
from chipexports.record.calendar import parse_day
from chipexports.record.neighbours import MIRROR_TABLE
from chipexports.record.raw import kept_for
from chipexports.record.vintage import FLOWS

#: the tables the series is made of
TABLES = (*dict.fromkeys((*rates.TABLES, *indicators.TABLES, MIRROR_TABLE)),)
_NOTHING = "{flow}, {currency}: no month is known; choose a later as_of"


def monthly_series(
    as_of: str, history_start: str | None = None, without: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Return the table `COLUMNS`, a row a flow and month, as it was knowable by the end of ``as_of``.

    It begins in June 2012 unless ``history_start`` says otherwise; figures of the months ``without`` are left
    out as by `releases_as_of`.
    """
    # ``basis`` is the less direct of both currencies; standard errors are NaN where a month is not estimated;
    # the rows name rows of the record
    table = _monthly(parse_day(as_of), without)
    if history_start is not None:
        try:
            start = str(pd.Period(history_start, freq="M"))
        except ValueError as error:
            raise UsageError(f"history_start: {history_start!r} is not a month; write it YYYY-MM") from error
        table = table[table["period"] >= start]
    return table.reset_index(drop=True).copy()


@kept_for(*TABLES, most=256)
def _monthly(as_of: str, without: tuple[str, ...]) -> pd.DataFrame:
    inputs = known_by(as_of, without)
    tables = [_table(flow, build(inputs, flow), inputs.last) for flow in FLOWS]
    return hold(pd.concat(tables, ignore_index=True), monthly_schema(), f"monthly series as of {as_of}")


@kept_for(*TABLES, most=256)
def _values(flow: str, as_of: str) -> dict[str, Months]:
    return values(known_by(as_of), flow)


def _table(flow: str, months_by_unit: dict[str, Months], last: pd.Period) -> pd.DataFrame:
    periods = pd.period_range(min(EXCLUDED[0], last), last, freq="M")
    missing = Month(np.nan, np.nan, "missing", ())
    columns: dict[str, list] = {"period": periods.strftime("%Y-%m").tolist(), "flow": [flow] * len(periods)}
    for name in ("CNY", "USD", "quantity"):
        months = [months_by_unit[name].get(p, missing) for p in periods]
        columns[f"value_{name}"] = [m.value for m in months]
        columns[f"basis_{name.lower()}"] = [m.basis for m in months]
        columns[f"se_{name}"] = [m.se for m in months]
        columns[f"rows_{name.lower()}"] = [" ".join(m.rows) for m in months]
    columns["basis"] = [
        least_direct(pair) for pair in zip(columns["basis_cny"], columns["basis_usd"], strict=True)
    ]
    columns["excluded"] = [EXCLUDED[0] <= p <= EXCLUDED[1] for p in periods]
    names = {
        "value_CNY": units.VALUE["CNY"],
        "value_USD": units.VALUE["USD"],
        "value_quantity": "quantity_100mn",
        "se_CNY": units.ERROR["CNY"],
        "se_USD": units.ERROR["USD"],
    }
    table = pd.DataFrame(columns).rename(columns=names)
    return table[list(COLUMNS)]


COLUMNS = (
    "period",
    "flow",
    "value_cny_100mn",
    "value_usd_mn",
    "quantity_100mn",
    "basis",
    "basis_cny",
    "basis_usd",
    "basis_quantity",
    "se_cny_100mn",
    "se_usd_mn",
    "excluded",
    "rows_cny",
    "rows_usd",
    "rows_quantity",
)


def series_as_of(flow: str, currency: str, as_of: str) -> tuple[pd.Series, pd.Series]:
    """Return what `to_series` and `standard_errors` give for one flow and currency as known on a day."""
    # made for one flow alone and not validated as a table: a backtest asks for one at every date
    _check(flow, currency)
    months = _values(flow, parse_day(as_of))[currency]
    months = {p: month for p, month in months.items() if not EXCLUDED[0] <= p <= EXCLUDED[1]}
    if not months:
        raise UsageError(_NOTHING.format(flow=flow, currency=currency))
    index = pd.period_range(min(months), max(months), freq="M")
    both = [(months[p].value, months[p].se) if p in months else (np.nan, np.nan) for p in index]
    table = pd.DataFrame(both, index=index, columns=["value", "error"])
    name = f"{flow}_{currency}"
    return table["value"].rename(name), table["error"].rename(name)


def to_series(monthly: pd.DataFrame, flow: str, currency: str) -> pd.Series:
    """Return one gap-free monthly series in million USD or 100 million CNY, NaN where missing or excluded.

    It runs from the first month with a value to the last; that there is none is a `UsageError`.
    """
    return _column(monthly, flow, currency, units.VALUE)


def standard_errors(monthly: pd.DataFrame, flow: str, currency: str) -> pd.Series:
    """Return the standard errors of the estimated months on the index of `to_series`, else NaN."""
    series = _column(monthly, flow, currency, units.ERROR, trim=False)
    return series.reindex(to_series(monthly, flow, currency).index)


def _check(flow: str, currency: str) -> None:
    if flow not in FLOWS:
        raise UsageError(f"flow: {flow!r} is not one of {', '.join(FLOWS)}")
    if currency not in units.VALUE:
        raise UsageError(f"currency: {currency!r} is not one of {', '.join(units.VALUE)}")


def _column(
    monthly: pd.DataFrame, flow: str, currency: str, names: dict[str, str], trim: bool = True
) -> pd.Series:
    _check(flow, currency)
    rows = monthly[monthly["flow"] == flow]
    values = rows[names[currency]].to_numpy(dtype=float, copy=True)
    values[rows["excluded"].to_numpy(dtype=bool)] = np.nan
    series = pd.Series(values, index=pd.PeriodIndex(rows["period"], freq="M"), name=f"{flow}_{currency}")
    if not trim:
        return series
    known = series.dropna()
    if known.empty:
        raise UsageError(_NOTHING.format(flow=flow, currency=currency))
    return series.reindex(pd.period_range(known.index[0], known.index[-1], freq="M"))
