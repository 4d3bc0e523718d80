"""The customs rate, CNY per USD: the rate customs converts each declaration with.

By rule it is the central parity of the third Wednesday of the month before; the record holds it to
January 2024. For later months it is read from the customs' own figures: where a table prints the same
figure in both currencies, chips or (less surely) all goods, their ratio is the rate. In between, and
beyond, it is last month's market average plus a gap that fades: a mean error of 0.3% one month ahead
and 0.4% ten months ahead, on the months of 2011 to 2023. The market rate of the month itself is never
used.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from chipexports.record.calendar import CALENDAR, due_date, parse_day
from chipexports.record.choice import Figure, Key
from chipexports.record.indicators import GOODS, derived_from
from chipexports.record.raw import kept_for, table_path
from chipexports.record.releases import RECORD
from chipexports.record.schema import MONTH, first_and_last
from chipexports.record.taken_in import months, with_fetched
from chipexports.record.vintage import figures_as_of

FAR = "9999-12-31"
PARITY = "pboc/central_parity_monthly.csv"
MARKET = "market/usdcny_monthly_average.csv"
#: the tables the rate is read from
TABLES = (*RECORD, PARITY, *with_fetched(MARKET), GOODS, CALENDAR)
# customs' own figures in both currencies follow the rate to 0.02-0.07%
CUSTOMS_NOISE = 4e-4
# the total of all goods in both currencies, one of them revised or derived: off by 0.25% where the
# central parity is known
GOODS_NOISE = 3e-3
# a pair rounded more coarsely than this says nothing about the rate
COARSEST = 0.01
HISTORY = 120  # months over which the gap to the market rate is measured


class Pair(NamedTuple):
    """One figure printed in both currencies: months, log of CNY per USD, reach of rounding."""

    start: str
    end: str
    log_rate: float
    tolerance: float


def rates_as_of(as_of: str, without: tuple[str, ...] = ()) -> pd.Series:
    """Return the customs rate as it was known by the end of the day ``as_of``.

    Only pairs of figures published by then and months of the market rate that were over by then
    are used. The series runs to the month of ``as_of`` or of the last release, if that is later.

    Parameters
    ----------
    as_of : str
        "YYYY-MM-DD"; only what was published by the end of that day.
    without : tuple of str
        Months whose figures are left out, as in `chipexports.record.vintage.releases_as_of`.

    Returns
    -------
    Series
        CNY per USD, float, gap-free PeriodIndex[M] from 2006-03; empty before.
    """
    return _rates(parse_day(as_of), without).copy()


@kept_for(*TABLES, most=256)
def _rates(as_of: str, without: tuple[str, ...]) -> pd.Series:
    parity, market = _parity(), _market()
    goods = [pair for known, pair in _goods_pairs() if known <= as_of]
    if as_of != FAR:
        this_month = pd.Period(dt.date.fromisoformat(as_of), freq="M")
        parity = parity[parity.index <= this_month]
        market = market[market.index < this_month]
    if parity.empty:
        return parity
    visible = figures_as_of(as_of, without=without)
    newest = max((key.end for key in visible), default="1970-01")
    last = max(market.index[-1] + 1, pd.Period(newest, freq="M"))
    if as_of != FAR:
        last = max(last, this_month)
    if last <= parity.index[-1]:
        return parity
    return extend(parity, market, pairs(visible) + goods, last)


@kept_for(GOODS, CALENDAR)
def _goods_pairs() -> tuple[tuple[str, Pair], ...]:
    """Return (day it became known, pair) of the total of all goods, by month or joint January-February."""
    table = pd.read_csv(table_path(GOODS), dtype={"period": str, "value_100mn": float})
    keys = list(zip(table["currency"], table["period"], strict=True))
    values = dict(zip(keys, table["value_100mn"], strict=True))
    basis = dict(zip(keys, table["basis"], strict=True))
    dated = []
    for (currency, period), usd in values.items():
        start, end = first_and_last(period)
        parts = [values.get(("CNY", m)) for m in dict.fromkeys((start, end))]
        if currency != "USD" or not (MONTH.fullmatch(start) and MONTH.fullmatch(end)) or None in parts:
            continue
        ratio = sum(part for part in parts if part is not None) / usd
        known = max(
            due_date(derived_from(end, basis[key]))
            for key in (("USD", period), *(("CNY", month) for month in (start, end)))
        )
        dated.append((known.isoformat(), Pair(start, end, float(np.log(ratio)), GOODS_NOISE)))
    return tuple(dated)


@kept_for(PARITY)
def _parity() -> pd.Series:
    table = pd.read_csv(table_path(PARITY), dtype={"period": str, "value": float})
    table = table[table["series"].str.startswith("customs rate")]
    series = pd.Series(table["value"].to_numpy(), index=pd.PeriodIndex(table["period"], freq="M"))
    return _gap_free(series.sort_index())


@kept_for(*with_fetched(MARKET))
def _market() -> pd.Series:
    return _gap_free(months(MARKET, "value"))


def _gap_free(series: pd.Series) -> pd.Series:
    return series.reindex(pd.period_range(series.index[0], series.index[-1], freq="M")).ffill()


def pairs(visible: Mapping[Key, Figure]) -> list[Pair]:
    """Return the figures printed in both currencies in one edition, most precise first.

    The tolerance is relative: half a unit of the last digit of both, and the customs' own noise.
    """
    both = []
    for key, cny in visible.items():
        usd = visible.get(key._replace(measure="value_usd")) if key.measure == "value_cny" else None
        if usd is None:
            continue
        rounding = np.hypot(cny.half / cny.value, usd.half / usd.value)
        if rounding <= COARSEST:
            tolerance = float(np.hypot(rounding, CUSTOMS_NOISE))
            both.append(Pair(key.start, key.end, float(np.log(cny.value * 100 / usd.value)), tolerance))
    return sorted(both, key=lambda pair: (pair.tolerance, pair.start, pair.end))


def extend(parity: pd.Series, market: pd.Series, known: list[Pair], last: pd.Period) -> pd.Series:
    """Return ``parity`` carried on to ``last`` by least squares through the rates of the ``known`` pairs."""
    # On logarithms: the customs rate of a month is last month's market average plus a gap that fades at the
    # pace measured on the months where both are known, and the mean over a pair's months is the pair's rate
    # within its tolerance.
    fade, spread = gap_dynamics(parity, market)
    ahead = pd.period_range(parity.index[-1] + 1, last, freq="M")
    n = len(ahead)
    base = _lagged(market).reindex(ahead).ffill().to_numpy()
    gap = float(np.log(parity.iloc[-1]) - _lagged(market).loc[parity.index[-1]])
    start = np.zeros(n)
    start[0] = fade * gap
    rows, values = [(np.eye(n) - fade * np.eye(n, k=-1)) / spread], [start / spread]
    first = ahead[0].ordinal
    logs = np.log(parity.to_numpy())
    for pair in known:
        begin, end = pd.Period(pair.start, freq="M").ordinal, pd.Period(pair.end, freq="M").ordinal
        if end < first or begin < parity.index[0].ordinal or end > last.ordinal:
            continue
        span = end - begin + 1
        weight = np.zeros(n)
        weight[max(begin - first, 0) : end - first + 1] = 1 / span
        fixed = logs[begin - first :].sum() / span if begin < first else 0.0
        rest = pair.log_rate - fixed - weight @ base
        rows.append(weight[None, :] / pair.tolerance)
        values.append(np.array([rest / pair.tolerance]))
    gaps = np.linalg.lstsq(np.vstack(rows), np.concatenate(values), rcond=None)[0]
    return pd.concat([parity, pd.Series(np.exp(base + gaps), index=ahead)])


def gap_dynamics(parity: pd.Series, market: pd.Series) -> tuple[float, float]:
    """Return which share of the gap to last month's market rate is left a month later, and its spread.

    The gap is the logarithm of the customs rate less that of the market average of the month
    before; a regression of it on its past over the last `HISTORY` months.
    """
    gap = (np.log(parity) - _lagged(market)).dropna().to_numpy()[-HISTORY:]
    past, present = gap[:-1], gap[1:]
    fade = float(np.clip(past @ present / (past @ past), 0.0, 1.0))
    return fade, float(np.sqrt(np.mean((present - fade * past) ** 2)))


def _lagged(market: pd.Series) -> pd.Series:
    logs = np.log(market)
    logs.index = logs.index + 1
    return logs
