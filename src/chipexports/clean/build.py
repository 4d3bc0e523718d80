"""The months of a flow in order of preference: figures, the other currency, disaggregation."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.clean.arithmetic import Month, cny_to_usd, usd_to_cny
from chipexports.clean.chain import DECEMBER, Visible, Year, resolve
from chipexports.clean.estimate import Stretch, as_months, estimate, stretch_of
from chipexports.clean.rake import rake
from chipexports.clean.totals import join_currencies, stand_in, stretches, year_points
from chipexports.record.indicators import indicators_as_of
from chipexports.record.rates import rates_as_of
from chipexports.record.vintage import LINE, STAND_IN, figures_as_of

# invoices inflated by arbitrage through Hong Kong: in no fit, in no growth rate
EXCLUDED = (pd.Period("2012-06", freq="M"), pd.Period("2014-04", freq="M"))
FIRST_YEAR = 2014
MEASURES = {"CNY": "value_cny", "USD": "value_usd", "quantity": "quantity"}
LOOSE = ("converted", "joint_estimate", "estimated")
Months = dict[pd.Period, Month]


class Inputs(NamedTuple):
    """What was known on a day.

    Attributes
    ----------
    visible, comtrade : mapping of Key to Figure
        Printed figures of the customs line and of the one that stands in for its totals.
    rates : dict of Period to float
        Customs rate by month, CNY per USD.
    indicators : DataFrame
        As `indicators_as_of` returns.
    last : Period
        Last month a figure of the customs line speaks of.
    """

    visible: Visible
    comtrade: Visible
    rates: dict[pd.Period, float]
    indicators: pd.DataFrame
    last: pd.Period


def known_by(as_of: str, without: tuple[str, ...] = ()) -> Inputs:
    """Return everything the series of ``as_of`` may be made of, less the figures of months left out."""
    visible, comtrade = (figures_as_of(as_of, line, without) for line in (LINE, STAND_IN))
    if not visible:
        raise UsageError(
            f"without: the record of {as_of} has figures of no other month than {', '.join(without)}"
        )
    ends = [key.end for key in visible]
    rates = rates_as_of(as_of, without)
    return Inputs(
        visible,
        comtrade,
        dict(zip(rates.index, rates.to_numpy().tolist(), strict=True)),
        indicators_as_of(as_of),
        pd.Period(max(ends), freq="M"),
    )


def build(inputs: Inputs, flow: str) -> dict[str, Months]:
    """Return the months of a flow by "CNY", "USD" and "quantity", in the order of preference."""
    direct = _direct(inputs, flow, "quantity")
    quantity = {**_known(direct, rough=True), **_known(direct)}
    bound = _bound(inputs, flow, "quantity", direct, quantity)
    quantity.update(_estimated(quantity, bound, inputs.indicators))
    return {**values(inputs, flow), "quantity": quantity}


def values(inputs: Inputs, flow: str) -> dict[str, Months]:
    """Return the months of a flow by "CNY" and "USD", in the order of preference."""
    direct = {currency: _direct(inputs, flow, currency) for currency in ("USD", "CNY")}
    usd, cny = _convert(direct["USD"], direct["CNY"], inputs.rates)
    rake_all(direct["USD"], usd)
    rake_all(direct["CNY"], cny)
    estimate_values(inputs, flow, direct, usd, cny)
    return {"CNY": cny, "USD": usd}


def _direct(inputs: Inputs, flow: str, name: str) -> dict[int, Year]:
    years = range(FIRST_YEAR, inputs.last.year + 1)
    return {year: resolve(inputs.visible, flow, MEASURES[name], year) for year in years}


def _known(years: dict[int, Year], rough: bool = False) -> Months:
    return {
        pd.Period(year=year, month=m, freq="M"): month
        for year, found in years.items()
        for m, month in sorted((found.rough if rough else found.months).items())
    }


def _convert(
    usd_years: dict[int, Year], cny_years: dict[int, Year], rates: dict[pd.Period, float]
) -> tuple[Months, Months]:
    """Return months in USD and in CNY, each filled from the other at the customs rate of the month.

    A roughly rounded month counts only where the other currency has none.
    """
    usd, cny = _known(usd_years), _known(cny_years)
    _fill(usd, dict(cny), cny_to_usd, rates)
    _fill(cny, dict(usd), usd_to_cny, rates)
    rough_usd, rough_cny = _known(usd_years, rough=True), _known(cny_years, rough=True)
    usd.update({period: month for period, month in rough_usd.items() if period not in usd})
    cny.update({period: month for period, month in rough_cny.items() if period not in cny})
    _fill(usd, dict(cny), cny_to_usd, rates)
    _fill(cny, dict(usd), usd_to_cny, rates)
    return usd, cny


def _fill(months: Months, other: Months, rule: Callable, rates: dict[pd.Period, float]) -> None:
    for period, month in other.items():
        if period not in months:
            months[period] = _converted(month, rule, rates[period])


def _converted(month: Month, rule: Callable, rate: float, basis: str = "converted") -> Month:
    return Month(rule(month.value, rate), rule(month.half, rate), basis, month.rows, rule(month.se, rate))


def rake_all(years: dict[int, Year], months: Months) -> None:
    """Scale the converted or estimated months of each year to the totals of their own currency."""
    for year, found in years.items():
        here = {p.month: month for p, month in months.items() if p.year == year}
        loose = {m: month for m, month in here.items() if month.basis in LOOSE}
        exact = {m: month for m, month in here.items() if m not in loose}
        if loose and found.points:
            for m, month in rake(found.points, exact, loose).items():
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
