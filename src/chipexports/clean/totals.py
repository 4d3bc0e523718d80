"""The totals that bind the months of a year no figure gives: year-to-dates the record prints or implies."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import pandas as pd

from chipexports.clean.arithmetic import Amount, Month, cny_to_usd, difference, merge
from chipexports.clean.chain import DECEMBER, Visible, figure, growth_points, month_name, year_to_dates
from chipexports.clean.estimate import Growth
from chipexports.record.choice import FIRST, REVISED
from chipexports.record.schema import GROWTH_OF

# a stretch between two year-to-dates is used as a total when rounding moves it by no more than this
SHARPNESS = 0.01
# what a mean customs rate over several months, or another vintage, may shift a year-to-date by
MIXING = 0.002


def year_points(
    visible: Visible, flow: str, measure: str, year: int, own: dict[int, Amount]
) -> dict[int, Amount]:
    """Return year-to-dates by month: the vintage's own, else another's, else implied by later growth."""
    points = dict(own)
    for edition in (FIRST, REVISED):
        for m, amount in year_to_dates(visible, flow, measure, edition, year).items():
            mixed = amount.half + MIXING * amount.value
            points.setdefault(m, Amount(amount.value, mixed, amount.rows))
    for m, amount in growth_points(visible, flow, measure, year).items():
        points.setdefault(m, amount)
    return points


def stand_in(comtrade: Visible, flow: str, year: int) -> dict[int, Amount]:
    """Return the year of the whole heading 8542, for years whose customs line is not in the record."""
    amount = figure(comtrade, flow, "value_usd", "comtrade", month_name(year, 1), month_name(year, DECEMBER))
    return {} if amount is None else {DECEMBER: amount}


def growth_only(
    visible: Visible, flow: str, measures: Mapping[str, Mapping[pd.Period, float]]
) -> list[Growth]:
    """Return growth that is printed without the value it belongs to: a bound of two years' months.

    Where the value is printed, value and growth give last year's base (`year_points`) or month. The measures,
    the preferred first, come with the rates that turn the series into them.
    """
    growths: dict[tuple[str, str], Growth] = {}
    for measure, rates in measures.items():
        for key, printed in sorted(visible.items()):
            if key.flow != flow or key.measure != GROWTH_OF[measure] or (key.start, key.end) in growths:
                continue
            if figure(visible, flow, measure, FIRST, key.start, key.end) is not None:
                continue
            months = tuple(pd.period_range(key.start, key.end, freq="M"))
            if rates and not {*months, *(m - 12 for m in months)} <= set(rates):
                continue
            factor, half = 1 + printed.value / 100, printed.half / 100
            growths[key.start, key.end] = Growth(months, factor, half, rates, printed.row)
    return [growths[span] for span in sorted(growths)]


def stretches(points: dict[int, Amount], months: dict[int, Month]) -> list[tuple[list[int], Amount]]:
    """Return the months no figure gives between consecutive year-to-dates, and what is left for them.

    A year-to-date that would leave too uncertain a rest, or nothing, is passed over; the last of the year
    binds in any case, and months after it are in none.
    """
    binding = sharp(points, months)
    result = []
    before, start = Amount(0.0, 0.0, ()), 0
    for m in binding:
        rest = difference(points[m], before)
        free = [k for k in range(start + 1, m + 1) if k not in months]
        rest = difference(rest, _sum(months[k] for k in range(start + 1, m + 1) if k in months))
        if free:
            result.append((free, rest))
        before, start = points[m], m
    return result


def sharp(points: dict[int, Amount], months: dict[int, Month]) -> list[int]:
    """Return the year-to-dates that bind, in order, the most precise taken first, the last always."""
    if not points:
        return []
    binding = [max(points)]
    for m in sorted(points, key=lambda k: (points[k].half, -k)):
        if m in binding:
            continue
        trial = sorted([*binding, m])
        if all(_usable(points, months, trial, i) for i in range(len(trial))):
            binding = trial
    return sorted(binding)


def _usable(points: dict[int, Amount], months: dict[int, Month], trial: list[int], i: int) -> bool:
    start = trial[i - 1] if i else 0
    free = [k for k in range(start + 1, trial[i] + 1) if k not in months]
    if not free:
        return True
    rest = difference(points[trial[i]], points[start]) if start else points[trial[i]]
    rest = difference(rest, _sum(months[k] for k in range(start + 1, trial[i] + 1) if k in months))
    return rest.value > 0 and rest.half <= SHARPNESS * rest.value


def _sum(months: Iterable[Month]) -> Amount:
    """Add months; their roundings are independent, so they add like standard deviations."""
    months = list(months)
    reach = math.sqrt(sum(month.half**2 for month in months))
    return Amount(sum(month.value for month in months), reach, merge(*(month.rows for month in months)))


def _in_usd(points: dict[int, Amount], rates: dict[int, float]) -> dict[int, Amount]:
    """Return RMB year-to-dates in million USD at the mean customs rate of their months."""
    converted = {}
    for m, amount in points.items():
        mean = sum(rates[k] for k in range(1, m + 1)) / m
        value = cny_to_usd(amount.value, mean)
        converted[m] = Amount(value, cny_to_usd(amount.half, mean) + MIXING * value, amount.rows)
    return converted


def join_currencies(
    usd: dict[int, Amount], cny: dict[int, Amount], rates: dict[int, float]
) -> dict[int, Amount]:
    """Return the year-to-dates of both currencies in million USD, each month once.

    The currency with more year-to-dates leads (USD when even); the other fills the gaps, its
    rounding widened by what mixing two currencies and vintages costs.
    """
    foreign = _in_usd(cny, rates)
    if len(cny) > len(usd):
        usd = {m: Amount(a.value, a.half + MIXING * a.value, a.rows) for m, a in usd.items()}
        foreign = {m: Amount(a.value, a.half - MIXING * a.value, a.rows) for m, a in foreign.items()}
        return {**usd, **foreign}
    return {**foreign, **usd}
