"""The year-to-dates of one year, in one vintage, and the months that follow from them.

A month is printed once and silently revised by later year-to-dates, and a year later the whole year
is printed again on a revised base. Differences are therefore taken inside one vintage: the revised
one when it covers the whole year, else the first prints. So the months of a year add up to the
year-to-date that vintage prints, and no month carries a revision of the others.
"""

from __future__ import annotations

from typing import NamedTuple

from chipexports.clean.arithmetic import Amount, Month, add, back_out_growth, difference, january
from chipexports.record.choice import FIRST, REVISED, Figure, Key
from chipexports.record.schema import GROWTH_OF

# a difference or month whose rounding exceeds this share of it is no month, only a bound of a total
COARSE = {"value_cny": 0.002, "value_usd": 0.002, "quantity": 0.005}
DECEMBER = 12

Visible = dict[Key, Figure]


class Year(NamedTuple):
    """What is printed of a year: year-to-dates by month, and months resolved so far."""

    year: int
    points: dict[int, Amount]
    months: dict[int, Month]


def month_name(year: int, month: int) -> str:
    """Return "YYYY-MM"."""
    return f"{year}-{month:02d}"


def figure(visible: Visible, flow: str, measure: str, edition: str, start: str, end: str) -> Amount | None:
    """Return a printed figure as an amount, or None."""
    found = visible.get(Key(flow, measure, edition, start, end))
    return None if found is None else Amount(found.value, found.half, (found.row,))


def year_to_dates(visible: Visible, flow: str, measure: str, edition: str, year: int) -> dict[int, Amount]:
    """Return the printed year-to-dates of two months and more, by month."""
    first = month_name(year, 1)
    found = {
        m: figure(visible, flow, measure, edition, first, month_name(year, m)) for m in range(2, DECEMBER + 1)
    }
    return {m: amount for m, amount in found.items() if amount is not None}


def printed_months(visible: Visible, flow: str, measure: str, year: int) -> dict[int, Amount]:
    """Return the months as printed, by month; a month is printed once."""
    names = {m: month_name(year, m) for m in range(1, DECEMBER + 1)}
    found = {m: figure(visible, flow, measure, FIRST, name, name) for m, name in names.items()}
    return {m: amount for m, amount in found.items() if amount is not None}


def resolve(visible: Visible, flow: str, measure: str, year: int) -> Year:
    """Return the year-to-dates of the year's vintage and every month its figures give.

    Order: difference of year-to-dates, the month as printed, growth printed a year later.
    """
    first = year_to_dates(visible, flow, measure, FIRST, year)
    revised = year_to_dates(visible, flow, measure, REVISED, year)
    months = printed_months(visible, flow, measure, year)
    main, other = (revised, first) if DECEMBER in revised else (first, revised)
    coarse = COARSE[measure]
    found = _differences(main, coarse)
    january_february(main, months, found, coarse)
    points = _carry(main, months)
    for m in range(2, DECEMBER + 1):
        if m not in found and m in points and m - 1 in points and m not in months:
            _keep(found, m, difference(points[m], points[m - 1]), "ytd_difference", coarse)
    for m, amount in months.items():
        if m not in found:
            _keep(found, m, amount, "printed", coarse)
    for m, month in _differences(other, coarse).items():
        found.setdefault(m, month)
    for m in range(1, DECEMBER + 1):
        if m not in found:
            backed = growth_later(visible, flow, measure, year, m)
            if backed is not None:
                _keep(found, m, backed, "growth_backed_out", coarse)
    return Year(year, points, found)


def _keep(found: dict[int, Month], month: int, amount: Amount, basis: str, coarse: float) -> None:
    if amount.relative <= coarse:
        found[month] = Month(amount.value, amount.half, basis, amount.rows)


def _differences(points: dict[int, Amount], coarse: float) -> dict[int, Month]:
    found: dict[int, Month] = {}
    for m in range(3, DECEMBER + 1):
        if m in points and m - 1 in points:
            _keep(found, m, difference(points[m], points[m - 1]), "ytd_difference", coarse)
    return found


def january_february(
    points: dict[int, Amount], months: dict[int, Amount], found: dict[int, Month], coarse: float
) -> None:
    """Share the joint release of January and February: the two add up to its year-to-date.

    Where January is printed, February is the difference; where only February is, or January is
    rounded more coarsely, January is.
    """
    joint, jan, feb = points.get(2), months.get(1), months.get(2)
    if joint is None:
        return
    if jan is not None and (feb is None or jan.half <= joint.half + feb.half):
        _keep(found, 1, jan, "ytd_difference" if feb is not None else "printed", coarse)
        _keep(found, 2, difference(joint, jan), "ytd_difference", coarse)
    elif feb is not None:
        _keep(found, 1, january(joint, feb), "ytd_difference", coarse)
        _keep(found, 2, feb, "printed", coarse)


def _carry(points: dict[int, Amount], months: dict[int, Amount]) -> dict[int, Amount]:
    """Return the year-to-dates with those that follow by adding or taking off a printed month."""
    carried = dict(points)
    if 1 in months:
        carried.setdefault(1, months[1])
    for m in range(DECEMBER, 2, -1):
        if m in carried and m in months and m - 1 not in carried:
            carried[m - 1] = difference(carried[m], months[m])
    for m in range(2, DECEMBER + 1):
        if m - 1 in carried and m in months and m not in carried:
            carried[m] = add(carried[m - 1], months[m])
    return carried


def growth_later(visible: Visible, flow: str, measure: str, year: int, month: int) -> Amount | None:
    """Return a month from the figure and the growth printed for the same month a year later."""
    later = month_name(year + 1, month)
    value = figure(visible, flow, measure, FIRST, later, later)
    growth = figure(visible, flow, GROWTH_OF[measure], FIRST, later, later)
    if value is None or growth is None:
        return None
    return back_out_growth(value, growth)


def growth_points(visible: Visible, flow: str, measure: str, year: int) -> dict[int, Amount]:
    """Return last-year bases that follow from this year's year-to-dates and their growth."""
    found = {}
    first = month_name(year + 1, 1)
    for m in range(2, DECEMBER + 1):
        end = month_name(year + 1, m)
        value = figure(visible, flow, measure, FIRST, first, end)
        growth = figure(visible, flow, GROWTH_OF[measure], FIRST, first, end)
        if growth is None:
            growth = figure(visible, flow, GROWTH_OF[measure], REVISED, first, end)
        if value is not None and growth is not None:
            found[m] = back_out_growth(value, growth)
    return found
