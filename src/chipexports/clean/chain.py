"""The year-to-dates of one year, in one vintage, and the months that follow from them.

A month is printed once and silently revised by later year-to-dates, and a year later the whole year
is printed again on a revised base. Differences are therefore taken inside one vintage: the revised
one when it reaches December and is no single correction, else the first prints. So the months of a
year add up to the year-to-date that vintage prints, and no month carries a revision of the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from chipexports.clean.arithmetic import Amount, Month, add, back_out_growth, difference, january
from chipexports.record.choice import FIRST, REVISED, Figure, Key
from chipexports.record.schema import GROWTH_OF

# A difference or month whose rounding exceeds this share of it gives way to the other currency's month;
# beyond ROUGH it is not a month at all, only a bound on a total.
ROUGH = 0.005
COARSE = {"value_cny": 0.002, "value_usd": 0.002, "quantity": 0.005}
DECEMBER = 12

# a printed month replaces a difference that agrees with it when its rounding is this share of it
MUCH_SHARPER = 0.1

Visible = Mapping[Key, Figure]


class Year(NamedTuple):
    """What is printed of a year: year-to-dates by month, months that follow, and roughly rounded ones."""

    year: int
    points: dict[int, Amount]
    months: dict[int, Month]
    rough: dict[int, Month]


def month_name(year: int, month: int) -> str:
    """Return "YYYY-MM"."""
    return f"{year}-{month:02d}"


def figure(visible: Visible, flow: str, measure: str, edition: str, start: str, end: str) -> Amount | None:
    """Return a printed figure as an amount, or None."""
    printed = visible.get(Key(flow, measure, edition, start, end))
    return None if printed is None else Amount(printed.value, printed.half, (printed.row,))


def year_to_dates(visible: Visible, flow: str, measure: str, edition: str, year: int) -> dict[int, Amount]:
    """Return the printed year-to-dates of two months and more, by month."""
    first = month_name(year, 1)
    amounts = {
        m: figure(visible, flow, measure, edition, first, month_name(year, m)) for m in range(2, DECEMBER + 1)
    }
    return {m: amount for m, amount in amounts.items() if amount is not None}


def printed_months(visible: Visible, flow: str, measure: str, year: int) -> dict[int, Amount]:
    """Return the months as printed, by month; a month is printed once."""
    names = {m: month_name(year, m) for m in range(1, DECEMBER + 1)}
    amounts = {m: figure(visible, flow, measure, FIRST, name, name) for m, name in names.items()}
    return {m: amount for m, amount in amounts.items() if amount is not None}


def resolve(visible: Visible, flow: str, measure: str, year: int) -> Year:
    """Return the year-to-dates of the year's vintage and every month that its figures give, in `Year`.

    A month printed more precisely than a difference that agrees with it is the same figure, less rounded,
    and is taken as printed.
    """
    # order: difference of year-to-dates, the month as printed, growth printed a year later
    first = year_to_dates(visible, flow, measure, FIRST, year)
    revised = year_to_dates(visible, flow, measure, REVISED, year)
    months = printed_months(visible, flow, measure, year)
    whole = DECEMBER in revised and 2 * len(revised) >= len(first)
    main, other = (revised, first) if whole else (first, revised)
    points, made_with = carry(main, months)
    candidates = [january_february(main, months)]
    steps = {
        m: difference(points[m], points[m - 1])
        for m in range(3, DECEMBER + 1)
        if m in points and m - 1 in points and m not in made_with
    }
    candidates.append({m: sharper(step, months.get(m)) for m, step in steps.items()})
    candidates.append({m: (amount, "printed") for m, amount in months.items()})
    candidates.append(
        {
            m: (difference(other[m], other[m - 1]), "ytd_difference")
            for m in range(3, DECEMBER + 1)
            if m in other and m - 1 in other
        }
    )
    later = {m: growth_later(visible, flow, measure, year, m) for m in range(1, DECEMBER + 1)}
    candidates.append({m: (amount, "growth_backed_out") for m, amount in later.items() if amount})
    exact: dict[int, Month] = {}
    rough: dict[int, Month] = {}
    for group in candidates:
        for m, (amount, basis) in group.items():
            target = exact if amount.relative <= COARSE[measure] else rough
            if amount.relative <= ROUGH:
                target.setdefault(m, Month(amount.value, amount.half, basis, amount.rows))
    return Year(year, points, exact, {m: month for m, month in rough.items() if m not in exact})


def sharper(step: Amount, printed: Amount | None) -> tuple[Amount, str]:
    """Return the difference, or the printed month where it is the same figure more precisely.

    >>> sharper(Amount(36959.0, 50.5, ("d",)), Amount(36982.0, 0.5, ("p",)))[1]
    'printed'
    >>> sharper(Amount(1542.6, 0.05, ("d",)), Amount(1549.5, 0.05, ("p",)))[1]
    'ytd_difference'
    """
    if (
        printed is not None
        and printed.half < MUCH_SHARPER * step.half
        and abs(step.value - printed.value) <= step.half + printed.half
    ):
        return printed, "printed"
    return step, "ytd_difference"


def january_february(points: dict[int, Amount], months: dict[int, Amount]) -> dict[int, tuple[Amount, str]]:
    """Share the joint release of January and February: the two add up to its year-to-date.

    Where January is printed, February is the difference; where only February is, or January is
    rounded more coarsely, January is.
    """
    joint, jan, feb = points.get(2), months.get(1), months.get(2)
    if joint is None:
        return {}
    if jan is not None and (feb is None or jan.half <= joint.half + feb.half):
        return {1: (jan, "printed"), 2: sharper(difference(joint, jan), feb)}
    if feb is not None:
        return {1: (january(joint, feb), "ytd_difference"), 2: (feb, "printed")}
    return {}


def carry(points: dict[int, Amount], months: dict[int, Amount]) -> tuple[dict[int, Amount], set[int]]:
    """Return the year-to-dates, with those that one and a printed month lead to, and the months so used.

    A month that made a year-to-date cannot be its difference.
    """
    carried, used = dict(points), set()
    if 1 in months:
        carried.setdefault(1, months[1])
    for m in range(DECEMBER, 2, -1):
        if m in carried and m in months and m - 1 not in carried:
            carried[m - 1] = difference(carried[m], months[m])
            used.add(m)
    for m in range(2, DECEMBER + 1):
        if m - 1 in carried and m in months and m not in carried:
            carried[m] = add(carried[m - 1], months[m])
            used.add(m)
    return carried, used


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
    points = {}
    first = month_name(year + 1, 1)
    for m in range(2, DECEMBER + 1):
        end = month_name(year + 1, m)
        value = figure(visible, flow, measure, FIRST, first, end)
        growth = figure(visible, flow, GROWTH_OF[measure], FIRST, first, end)
        if growth is None:
            growth = figure(visible, flow, GROWTH_OF[measure], REVISED, first, end)
        if value is not None and growth is not None:
            points[m] = back_out_growth(value, growth)
    return points
