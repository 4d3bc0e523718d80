"""How far estimated months are off: known months are hidden but for their totals, and estimated.

The plain alternative shares each total out as the same months of the nearest year whose months are
known to it; it is given more than the methods are, for it may look at hidden years before.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from chipexports.clean.build import build, known_by
from chipexports.clean.estimate import METHODS, Stretch, estimate
from chipexports.record.indicators import COLUMNS, panel

KOREA = COLUMNS[0]
COVER = 1.2816  # a normal error stays within this many standard errors four times in five


class Hidden(NamedTuple):
    """A known series, the years to hide, and the length in months of the totals that stay."""

    name: str
    series: pd.Series
    years: tuple[int, ...]
    span: int
    plain_from: dict[int, int]
    extra: list[Stretch]


def stretches_of(case: Hidden) -> list[Stretch]:
    """Return the totals of the hidden years, each over ``span`` months."""
    found = list(case.extra)
    for year in case.years:
        for start in range(1, 13, case.span):
            periods = pd.period_range(f"{year}-{start:02d}", periods=case.span, freq="M")
            found.append(Stretch(tuple(periods), float(case.series[periods].sum()), ()))
    return found


def plain_shares(case: Hidden) -> pd.Series:
    """Return the hidden months by the shares that the months of another year had in the same span."""
    parts = []
    for year in case.years:
        shift = 12 * (year - case.plain_from[year])
        for start in range(1, 13, case.span):
            periods = pd.period_range(f"{year}-{start:02d}", periods=case.span, freq="M")
            shares = case.series[periods - shift].to_numpy()
            parts.append(pd.Series(case.series[periods].sum() * shares / shares.sum(), index=periods))
    return pd.concat(parts)


def score(case: Hidden, indicators: pd.DataFrame, method: str) -> dict[str, float | str | int]:
    """Return the errors of one method on one case: MAPE, the plain one's, ratio, coverage of 80 %."""
    months = pd.PeriodIndex(case.series.index)
    hidden = months[months.year.isin(case.years)]
    rest = case.series.drop(hidden)
    known = dict(zip(pd.PeriodIndex(rest.index), rest.to_numpy(dtype=float).tolist(), strict=True))
    result = estimate(known, stretches_of(case), indicators, method)
    assert result is not None, "a case hides at least a year"
    months, found = result
    values = pd.Series(found.values, index=months)[hidden]
    errors = pd.Series(found.errors, index=months)[hidden]
    truth = case.series[hidden]
    mape = float(100 * (values / truth - 1).abs().mean())
    plain = float(100 * (plain_shares(case)[hidden] / truth - 1).abs().mean())
    covered = float(((values - truth).abs() <= COVER * errors).mean() * 100)
    return {
        "case": case.name,
        "method": method,
        "months": len(hidden),
        "mape_pct": mape,
        "plain_mape_pct": plain,
        "ratio": mape / plain,
        "coverage_80_pct": covered,
    }


def hidden_months(as_of: str) -> pd.DataFrame:
    """Return how well each method finds known months again.

    Cases: exports of 2023 to 2025 in RMB hidden together, but for quarters and years; each of
    these years alone, but for its quarters, and but for its total; Korea's exports of 2014 to 2022
    but for their years (its own months are then no indicator).

    Returns
    -------
    DataFrame
        ``case, method, months, mape_pct, plain_mape_pct, ratio, coverage_80_pct``.
    """
    series_panel = panel()
    china, before = _china(as_of)
    others = pd.DataFrame({name: series_panel[name] for name in COLUMNS})
    rows = []
    nearest = {2023: 2024, 2024: 2023, 2025: 2024}
    cases = [Hidden("China 2023-2025, quarters known", china, (2023, 2024, 2025), 3, nearest, before)]
    for span, word in ((3, "quarters"), (12, "year")):
        cases += [Hidden(f"China {y}, {word} known", china, (y,), span, nearest, before) for y in nearest]
    for method in METHODS:
        rows += [score(case, others, method) for case in cases]
    korea = series_panel[KOREA]
    years = tuple(range(2014, 2023))
    case = Hidden("Korea 2014-2022, years known", korea, years, 12, dict.fromkeys(years, 2023), [])
    rows += [score(case, others.drop(columns=KOREA), method) for method in METHODS]
    return pd.DataFrame(rows)


def _china(as_of: str) -> tuple[pd.Series, list[Stretch]]:
    """Return the known months of exports in RMB from 2023, and the half-years and years before."""
    months = build(known_by(as_of), "export")["CNY"]
    first = pd.Period("2023-01", freq="M")
    direct = {p: m.value for p, m in sorted(months.items()) if p >= first}
    spans = [pd.period_range(f"{year}-01", f"{year}-12", freq="M") for year in range(2016, 2022)]
    spans += [
        pd.period_range("2022-01", "2022-06", freq="M"),
        pd.period_range("2022-07", "2022-12", freq="M"),
    ]
    before = [Stretch(tuple(span), float(np.sum([months[p].value for p in span])), ()) for span in spans]
    series = pd.Series(direct)
    series.index = pd.PeriodIndex(series.index, freq="M")
    return series, before
