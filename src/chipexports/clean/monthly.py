"""One monthly series per flow, currency and quantity: every month with its basis and its rows."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from chipexports import units
from chipexports.clean.arithmetic import Month, cny_to_usd, least_direct, usd_to_cny
from chipexports.clean.chain import DECEMBER, Visible, Year, resolve
from chipexports.clean.estimate import Stretch, as_months, estimate, stretch_of
from chipexports.clean.rake import rake
from chipexports.clean.totals import join_currencies, stand_in, stretches, year_points
from chipexports.errors import UsageError
from chipexports.paths import raw_dir
from chipexports.record.calendar import parse_day
from chipexports.record.choice import choose
from chipexports.record.indicators import indicators_as_of
from chipexports.record.rates import rates_as_of
from chipexports.record.releases import record_stamp, stamp
from chipexports.record.vintage import FLOWS, STAND_IN, releases_as_of

# invoices inflated by arbitrage through Hong Kong: in no fit, in no growth rate
EXCLUDED = (pd.Period("2012-06", freq="M"), pd.Period("2014-04", freq="M"))
FIRST_YEAR = 2014
MEASURES = {"CNY": "value_cny", "USD": "value_usd", "quantity": "quantity"}
Months = dict[pd.Period, Month]


class Inputs(NamedTuple):
    """What was known on a day: figures, the stand-in line, customs rates, indicators."""

    visible: Visible
    comtrade: Visible
    rates: dict[pd.Period, float]
    indicators: pd.DataFrame
    last: pd.Period


def monthly_series(as_of: str, history_start: str | None = None) -> pd.DataFrame:
    """Return the monthly series as it was knowable by the end of the day ``as_of``.

    Parameters
    ----------
    as_of : str
        "YYYY-MM-DD"; only figures published by then are used.
    history_start : str, optional
        First month "YYYY-MM" to return; by default June 2012, where the excluded months begin.

    Returns
    -------
    DataFrame
        One row per period and flow, sorted by flow and period: ``period, flow, value_cny_100mn,
        value_usd_mn, quantity_100mn, basis, basis_cny, basis_usd, basis_quantity, se_cny_100mn,
        se_usd_mn, excluded, rows_cny, rows_usd, rows_quantity``. ``basis`` is the less direct of
        both currencies; standard errors are NaN where a month is not estimated; the rows name
        rows of the record.

    Raises
    ------
    UsageError
        ``as_of`` is no day or lies before the first release; ``history_start`` is no month.
    """
    table = _monthly(parse_day(as_of), record_stamp(), _side_stamps())
    if history_start is not None:
        try:
            start = str(pd.Period(history_start, freq="M"))
        except ValueError as error:
            raise UsageError(f"history_start: {history_start!r} is no month; write it YYYY-MM") from error
        table = table[table["period"] >= start]
    return table.reset_index(drop=True).copy()


def _side_stamps() -> tuple:
    raw = raw_dir()
    names = ("pboc/central_parity_monthly.csv", "market/usdcny_monthly_average.csv", "gacc/calendar.csv")
    more = (
        "korea_customs/hs8542_exports_monthly.csv",
        "taiwan_mof/electronic_components_exports_monthly.csv",
    )
    return tuple(stamp(raw / name) for name in (*names, *more))


@lru_cache(maxsize=256)
def _monthly(as_of: str, _record: tuple, _sides: tuple) -> pd.DataFrame:
    inputs = known_by(as_of)
    return pd.concat([_table(flow, build(inputs, flow), inputs.last) for flow in FLOWS], ignore_index=True)


def known_by(as_of: str) -> Inputs:
    """Return everything the series of ``as_of`` may be made of."""
    rows = releases_as_of(as_of)
    visible, comtrade = choose(rows), choose(rows, STAND_IN)
    ends = [key.end for key in visible]
    rates = rates_as_of(as_of)
    return Inputs(
        visible,
        comtrade,
        dict(zip(rates.index, rates.to_numpy().tolist(), strict=True)),
        indicators_as_of(as_of),
        max(pd.Period(max(ends), freq="M"), EXCLUDED[1]),
    )


def build(inputs: Inputs, flow: str) -> dict[str, Months]:
    """Return the months of a flow by "CNY", "USD" and "quantity", in the order of preference."""
    years = range(FIRST_YEAR, inputs.last.year + 1)
    direct = {
        name: {year: resolve(inputs.visible, flow, measure, year) for year in years}
        for name, measure in MEASURES.items()
    }
    usd, cny = convert(direct["USD"], direct["CNY"], inputs.rates)
    rake_all(direct["USD"], usd)
    rake_all(direct["CNY"], cny)
    estimate_values(inputs, flow, direct, usd, cny)
    quantity = _known(direct["quantity"])
    bound = _bound(inputs, flow, "quantity", direct["quantity"], quantity)
    quantity.update(_estimated(quantity, bound, inputs.indicators))
    return {"CNY": cny, "USD": usd, "quantity": quantity}


def _known(years: dict[int, Year]) -> Months:
    return {
        pd.Period(year=year, month=m, freq="M"): month
        for year, found in years.items()
        for m, month in sorted(found.months.items())
    }


def convert(
    usd_years: dict[int, Year], cny_years: dict[int, Year], rates: dict[pd.Period, float]
) -> tuple[Months, Months]:
    """Return months in USD and in CNY, each filled from the other at the customs rate of the month."""
    usd, cny = _known(usd_years), _known(cny_years)
    own_usd, own_cny = dict(usd), dict(cny)
    for period, month in own_cny.items():
        if period not in usd:
            usd[period] = _converted(month, cny_to_usd, rates[period])
    for period, month in own_usd.items():
        if period not in cny:
            cny[period] = _converted(month, usd_to_cny, rates[period])
    return usd, cny


def _converted(month: Month, rule, rate: float, basis: str = "converted") -> Month:
    return Month(rule(month.value, rate), rule(month.half, rate), basis, month.rows, rule(month.se, rate))


def rake_all(years: dict[int, Year], months: Months) -> None:
    """Scale the converted or estimated months of each year to the totals of their own currency."""
    for year, found in years.items():
        here = {p.month: month for p, month in months.items() if p.year == year}
        loose = {m: month for m, month in here.items() if m not in found.months}
        if loose and found.points:
            for m, month in rake(found.points, found.months, loose).items():
                months[pd.Period(year=year, month=m, freq="M")] = month


def estimate_values(inputs: Inputs, flow: str, direct: dict, usd: Months, cny: Months) -> None:
    """Fill months that neither currency gives: estimated in USD, then in CNY at the customs rate."""
    bound: list[Stretch] = []
    for year in direct["USD"]:
        months = {p.month: month for p, month in usd.items() if p.year == year}
        if len(months) == DECEMBER:
            continue
        rates = {m: inputs.rates[pd.Period(year=year, month=m, freq="M")] for m in _rated(inputs, year)}
        both = [
            year_points(inputs.visible, flow, MEASURES[c], year, direct[c][year].points)
            for c in ("USD", "CNY")
        ]
        points = join_currencies(both[0], both[1], rates)
        if DECEMBER not in points:
            points = {**stand_in(inputs.comtrade, flow, year), **points}
        bound += [stretch_of(year, free, rest) for free, rest in stretches(points, months)]
    found = _estimated(usd, [s for s in bound if s.total > 0], inputs.indicators)
    for period, month in found.items():
        usd[period] = month
        cny[period] = _converted(month, usd_to_cny, inputs.rates[period], month.basis)
    rake_all(direct["USD"], usd)
    rake_all(direct["CNY"], cny)


def _rated(inputs: Inputs, year: int) -> list[int]:
    return [m for m in range(1, DECEMBER + 1) if pd.Period(year=year, month=m, freq="M") in inputs.rates]


def _bound(inputs: Inputs, flow: str, measure: str, years: dict[int, Year], months: Months) -> list[Stretch]:
    bound = []
    for year, found in years.items():
        here = {p.month: month for p, month in months.items() if p.year == year}
        points = year_points(inputs.visible, flow, measure, year, found.points)
        bound += [stretch_of(year, free, rest) for free, rest in stretches(points, here)]
    return [s for s in bound if s.total > 0]


def _estimated(known: Months, bound: list[Stretch], indicators: pd.DataFrame) -> Months:
    result = estimate({p: month.value for p, month in known.items()}, bound, indicators)
    return {} if result is None else as_months(*result, bound)


def _table(flow: str, found: dict[str, Months], last: pd.Period) -> pd.DataFrame:
    periods = pd.period_range(EXCLUDED[0], last, freq="M")
    missing = Month(np.nan, np.nan, "missing", ())
    columns: dict[str, list] = {"period": periods.strftime("%Y-%m").tolist(), "flow": [flow] * len(periods)}
    for name in ("CNY", "USD", "quantity"):
        months = [found[name].get(p, missing) for p in periods]
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


def to_series(monthly: pd.DataFrame, flow: str, currency: str) -> pd.Series:
    """Return one gap-free monthly series, NaN where a month is missing or excluded.

    Returns
    -------
    Series
        Float, PeriodIndex[M] from the first to the last month with a value; 100 million CNY or
        million USD.

    Raises
    ------
    UsageError
        The flow or the currency does not exist, or the table has no value for them.
    """
    return _column(monthly, flow, currency, units.VALUE)


def standard_errors(monthly: pd.DataFrame, flow: str, currency: str) -> pd.Series:
    """Return the standard errors of the estimated months on the index of `to_series`, else NaN."""
    series = _column(monthly, flow, currency, units.ERROR, trim=False)
    return series.reindex(to_series(monthly, flow, currency).index)


def _column(
    monthly: pd.DataFrame, flow: str, currency: str, names: dict[str, str], trim: bool = True
) -> pd.Series:
    if flow not in FLOWS:
        raise UsageError(f"flow: {flow!r} is not one of {', '.join(FLOWS)}")
    if currency not in names:
        raise UsageError(f"currency: {currency!r} is not one of {', '.join(names)}")
    rows = monthly[monthly["flow"] == flow]
    values = rows[names[currency]].to_numpy(dtype=float, copy=True)
    values[rows["excluded"].to_numpy(dtype=bool)] = np.nan
    series = pd.Series(values, index=pd.PeriodIndex(rows["period"], freq="M"), name=f"{flow}_{currency}")
    if not trim:
        return series
    known = series.dropna()
    if known.empty:
        raise UsageError(f"{flow}, {currency}: no month is known; choose a later as_of")
    return series.reindex(pd.period_range(known.index[0], known.index[-1], freq="M"))
