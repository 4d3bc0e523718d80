"""Every release checked against its own arithmetic: residual, tolerance from rounding, verdict.

Within the rounding of the figures a residual is ok. A larger one is explained by how the publisher works:
a year-to-date silently revises the months before it, growth is counted on a revised base. Else it fails.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from chipexports.clean.arithmetic import Amount, difference, merge
from chipexports.clean.chain import DECEMBER, Visible, figure, month_name, printed_months, year_to_dates
from chipexports.clean.schemas import checks_schema, hold
from chipexports.record.calendar import parse_day
from chipexports.record.choice import FIRST, REVISED, Figure, Key, agree, choose
from chipexports.record.rates import CUSTOMS_NOISE, TABLES, rates_as_of
from chipexports.record.raw import kept_for
from chipexports.record.schema import GROWTH_OF
from chipexports.record.vintage import FLOWS, LINE, figures_as_of, releases_as_of

REVISION = 0.01  # how far a year-to-date revises the one before
BASE_REVISION = 0.0255  # and a base, a year later; the furthest: 2.51%, quantity of January-February 2025
RATE_ERROR = 0.005  # of the customs rate of months without a known central parity
PARITY_ENDS = pd.Period("2024-01", freq="M")
LEVELS = ("value_cny", "value_usd", "quantity")
MONTH_REVISED = "the year-to-date revises earlier months"
BASE_REVISED = "growth is counted on last year's revised base"
PRESS = "one of the figures is the press's"


class _Check(NamedTuple):
    """One comparison; ``left`` and ``right`` in the unit of the measure, ``rows`` joined by a space."""

    check: str
    flow: str
    period: str
    measure: str
    left: float
    right: float
    residual: float
    tolerance: float
    verdict: str
    reason: str
    rows: str


def check_releases(as_of: str, without: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return the arithmetic cross-check of every release known by ``as_of``.

    Parameters
    ----------
    as_of : str
        "YYYY-MM-DD"; only what was published by the end of that day.
    without : tuple of str
        Months whose figures are left out, as in `chipexports.record.vintage.releases_as_of`.

    Returns
    -------
    DataFrame
        ``check`` (ytd_difference: year-to-date less the one before against the month printed; growth:
        value against last year; currencies: RMB over USD against the customs rate; year_of_months: the
        year against the sum of its months; prints: one figure printed twice), ``flow, period, measure,
        left, right, residual`` (left - right), ``tolerance, verdict, reason, rows`` (see `verdict`).
    """
    return _checks(parse_day(as_of), without).copy()


@kept_for(*TABLES, most=64)
def _checks(as_of: str, without: tuple[str, ...]) -> pd.DataFrame:
    rows = releases_as_of(as_of, without)
    visible = figures_as_of(as_of, without=without)
    years = sorted({int(key.end[:4]) for key in visible})
    checks: list[_Check] = []
    for flow in FLOWS:
        for measure in LEVELS:
            for year in years:
                checks += _ytd_differences(visible, flow, measure, year)
                checks += _year_of_months(visible, flow, measure, year)
            checks += _growth(visible, flow, measure)
        checks += _currencies(visible, flow, rates_as_of(as_of, without))
    checks += _prints(rows)
    table = pd.DataFrame(checks, columns=list(_Check._fields))
    table = table.sort_values(["check", "flow", "measure", "period"], kind="stable", ignore_index=True)
    return hold(table, checks_schema(), f"checks as of {as_of}")


def verdict(residual: float, tolerance: float, reach: float, reason: str) -> tuple[str, str]:
    """Return the verdict on a residual (ok to ``tolerance``, explained to ``reach``) and its reason."""
    if abs(residual) <= tolerance * (1 + 1e-9):
        return "ok", ""
    if abs(residual) <= reach:
        return "explained", reason
    return "fails", "neither rounding nor the usual revisions explain it"


def _check(
    name: str, key: tuple[str, str, str], left: Amount, right: Amount, reach: float, why: str
) -> _Check:
    flow, period, measure = key
    residual = left.value - right.value
    tolerance = left.half + right.half
    word, reason = verdict(residual, tolerance, reach, why)
    rows = " ".join(merge(left.rows, right.rows))
    return _Check(
        name, flow, period, measure, left.value, right.value, residual, tolerance, word, reason, rows
    )


def _ytd_differences(visible: Visible, flow: str, measure: str, year: int) -> list[_Check]:
    """Compare each year-to-date less the one before with the month printed with it."""
    points = year_to_dates(visible, flow, measure, FIRST, year)
    months = printed_months(visible, flow, measure, year)
    if 1 in months:
        points[1] = months[1]
    checks = []
    for m in range(2, DECEMBER + 1):
        if m in points and m - 1 in points and m in months:
            step = difference(points[m], points[m - 1])
            key = (flow, month_name(year, m), measure)
            reach = REVISION * points[m].value
            checks.append(_check("ytd_difference", key, step, months[m], reach, MONTH_REVISED))
    return checks


def _year_of_months(visible: Visible, flow: str, measure: str, year: int) -> list[_Check]:
    """Compare the printed year, first print and revision, with the sum of its printed months."""
    months = printed_months(visible, flow, measure, year)
    joint = figure(visible, flow, measure, FIRST, month_name(year, 1), month_name(year, 2))
    if not {1, 2} <= set(months) and joint is not None:
        months = {m: a for m, a in months.items() if m > 2} | {2: joint, 1: Amount(0.0, 0.0, ())}
    if len(months) < DECEMBER:
        return []
    parts = list(months.values())
    total = Amount(sum(p.value for p in parts), sum(p.half for p in parts), merge(*(p.rows for p in parts)))
    checks = []
    for edition in (FIRST, REVISED):
        year_figure = year_to_dates(visible, flow, measure, edition, year).get(DECEMBER)
        if year_figure is not None:
            key = (flow, str(year), measure)
            reach = REVISION * year_figure.value
            checks.append(_check("year_of_months", key, year_figure, total, reach, MONTH_REVISED))
    return checks


def _growth(visible: Visible, flow: str, measure: str) -> list[_Check]:
    """Compare each printed growth, in percent, with its two levels; last year's as revised, if printed."""
    checks = []
    for key, printed in visible.items():
        if key.flow != flow or key.measure != GROWTH_OF[measure]:
            continue
        value = figure(visible, flow, measure, FIRST, key.start, key.end)
        before = (f"{int(key.start[:4]) - 1}{key.start[4:]}", f"{int(key.end[:4]) - 1}{key.end[4:]}")
        revised = figure(visible, flow, measure, REVISED, *before)
        base = revised or figure(visible, flow, measure, FIRST, *before)
        if value is None or base is None:
            continue
        ratio = 100 * value.value / base.value
        computed = Amount(ratio - 100, ratio * (value.relative + base.relative), merge(value.rows, base.rows))
        right = Amount(printed.value, printed.half, (printed.row,))
        name = (flow, key.period, GROWTH_OF[measure])
        reach = (100 + printed.value) * BASE_REVISION  # value / (1 + growth) against the base
        checks.append(_check("growth", name, computed, right, reach, BASE_REVISED))
    return checks


def _currencies(visible: Visible, flow: str, rates: pd.Series) -> list[_Check]:
    """Compare RMB over USD of each figure with the mean customs rate of its months."""
    checks = []
    for key, cny in visible.items():
        usd = visible.get(key._replace(measure="value_usd"))
        if key.flow != flow or key.measure != "value_cny" or usd is None:
            continue
        months = pd.period_range(key.start, key.end, freq="M")
        known = rates.reindex(months)
        if known.isna().any():
            continue
        implied = 100 * cny.value / usd.value
        rounding = cny.half / cny.value + usd.half / usd.value
        left = Amount(implied, implied * rounding, (cny.row, usd.row))
        slack = CUSTOMS_NOISE if len(months) == 1 else 5 * CUSTOMS_NOISE
        right = Amount(float(known.mean()), float(known.mean()) * slack, ())
        inferred = months[-1] > PARITY_ENDS
        reach = left.half + right.half + implied * RATE_ERROR if inferred else implied * REVISION
        why = "the customs rate of these months is itself inferred" if inferred else PRESS
        checks.append(_check("currencies", (flow, key.period, "cny_per_usd"), left, right, reach, why))
    return checks


def _prints(rows: pd.DataFrame) -> list[_Check]:
    """Compare every row with the print of the same figure and edition that is used in calculations."""
    checks = []
    for key, left, right, same in _doubles(rows):
        reach = 1.0 if key.measure.startswith("yoy") else REVISION * abs(right.value)
        check = _check("prints", (key.flow, key.period, key.measure), left, right, reach, PRESS)
        checks.append(check._replace(verdict="ok", reason="") if same else check)
    return checks


def _doubles(rows: pd.DataFrame) -> Iterator[tuple[Key, Amount, Amount, bool]]:
    """Yield each print that another of the same figure is preferred to, beside that one.

    Only prints of one figure in one edition are compared: a first print and a revision may differ.
    """
    rows = rows[rows["commodity"] == LINE]
    held = choose(rows)
    groups: dict[Key, list[Figure]] = defaultdict(list)
    names = ["flow", "measure", "edition", "period_start", "period_end"]
    more = ["value", "half", "row_id", "published"]
    for record in rows[names + more].itertuples(index=False, name=None):
        groups[Key(*record[:5])].append(Figure(*record[5:]))
    for key, figures in groups.items():
        best = held[key]
        for other in figures:
            if other.row != best.row:
                left, right = (Amount(f.value, f.half, (f.row,)) for f in (other, best))
                yield key, left, right, agree(other, best)


def failing(checks: pd.DataFrame) -> pd.DataFrame:
    """Return the checks that fail, the largest residual against its tolerance first."""
    bad = checks[checks["verdict"] == "fails"]
    size = bad["residual"].abs() / bad["tolerance"].clip(lower=math.ulp(1.0))
    return bad.loc[size.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)
