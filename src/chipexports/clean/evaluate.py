"""How far estimated months are off: known months are hidden but for their totals, and estimated.

The plain alternative shares each total out by the last known seasonal shares: those of the year before
the hidden one (of the year after for the first). It is given more than the methods are, for the year
before may itself be hidden from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from chipexports.clean.build import build, known_by
from chipexports.clean.estimate import METHODS, Stretch, estimate
from chipexports.clean.schemas import ESTIMATES
from chipexports.record.indicators import COLUMNS, indicators_as_of

KOREA, TAIWAN = COLUMNS[:2]
COVER = 1.2816  # a normal error stays within this many standard errors four times in five


class _Hidden(NamedTuple):
    """A known series, the years to hide, and the length in months of the totals that stay."""

    name: str
    series: pd.Series
    years: tuple[int, ...]
    span: int
    plain_from: dict[int, int]
    extra: list[Stretch]


def _stretches_of(case: _Hidden) -> list[Stretch]:
    """Return the totals of the hidden years, each over ``span`` months."""
    found = list(case.extra)
    for year in case.years:
        for start in range(1, 13, case.span):
            periods = pd.period_range(f"{year}-{start:02d}", periods=case.span, freq="M")
            found.append(Stretch(tuple(periods), float(case.series[periods].sum()), ()))
    return found


def _plain_shares(case: _Hidden) -> pd.Series:
    """Return the hidden months by the shares that the months of another year had in the same span."""
    parts = []
    for year in case.years:
        shift = 12 * (year - case.plain_from[year])
        for start in range(1, 13, case.span):
            periods = pd.period_range(f"{year}-{start:02d}", periods=case.span, freq="M")
            shares = case.series[periods - shift].to_numpy()
            parts.append(pd.Series(case.series[periods].sum() * shares / shares.sum(), index=periods))
    return pd.concat(parts)


def _score(case: _Hidden, indicators: pd.DataFrame, method: str) -> dict[str, float | str | int]:
    """Return the errors of one method on one case: MAPE, the plain one's, ratio, coverage of 80 %."""
    months = pd.PeriodIndex(case.series.index)
    hidden = months[months.year.isin(case.years)]
    rest = case.series.drop(hidden)
    known = dict(zip(pd.PeriodIndex(rest.index), rest.to_numpy(dtype=float).tolist(), strict=True))
    result = estimate(known, _stretches_of(case), indicators, method)
    assert result is not None, "a case hides at least a year"
    months, found = result
    values = pd.Series(found.values, index=months)[hidden]
    errors = pd.Series(found.errors, index=months)[hidden]
    truth = case.series[hidden]
    mape = float(100 * (values / truth - 1).abs().mean())
    plain = float(100 * (_plain_shares(case)[hidden] / truth - 1).abs().mean())
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


def hidden_months(as_of: str, methods: Sequence[str] = METHODS) -> pd.DataFrame:
    """Return how well each method finds known months again, with what was known by ``as_of``.

    Cases: exports in RMB of the years from 2023 whose months figures give, hidden together but for
    their quarters and years; each of these years alone, but for its quarters, and but for its
    total; Korea's exports of 2014 to 2022 but for their years, with Taiwan's as the only
    indicator. Cases whose months are not yet known are left out.

    Parameters
    ----------
    as_of : str
        "YYYY-MM-DD"; only what was published by the end of that day.
    methods : sequence of str
        Methods of `chipexports.clean.estimate.estimate`.

    Returns
    -------
    DataFrame
        ``case, method, months, mape_pct, plain_mape_pct, ratio, coverage_80_pct``.
    """
    indicators = indicators_as_of(as_of)
    china, before = _china(as_of)
    counts = pd.PeriodIndex(china.index).year.value_counts()
    years = tuple(sorted(int(str(year)) for year, n in counts.items() if n == 12))
    cases: list[_Hidden] = []
    if len(years) > 1:
        nearest = {year: years[1] if year == years[0] else year - 1 for year in years}
        name = f"China {years[0]}-{years[-1]}, quarters known"
        cases.append(_Hidden(name, china, years, 3, nearest, before))
        for span, word in ((3, "quarters"), (12, "year")):
            cases += [_Hidden(f"China {y}, {word} known", china, (y,), span, nearest, before) for y in years]
    rows = [_score(case, indicators, method) for method in methods for case in cases]
    korea = indicators[KOREA].dropna()
    hidden = tuple(range(2014, 2023))
    if korea.index[-1] >= pd.Period("2023-12", freq="M"):
        case = _Hidden("Korea 2014-2022, years known", korea, hidden, 12, dict.fromkeys(hidden, 2013), [])
        rows += [_score(case, indicators[[TAIWAN]], method) for method in methods]
    return pd.DataFrame(rows)


def _china(as_of: str) -> tuple[pd.Series, list[Stretch]]:
    """Return the months of exports in RMB that figures give from 2023, and the totals before."""
    months = build(known_by(as_of), "export")["CNY"]
    first = pd.Period("2023-01", freq="M")
    direct = {p: m.value for p, m in sorted(months.items()) if p >= first and m.basis not in ESTIMATES}
    spans = [pd.period_range(f"{year}-01", f"{year}-12", freq="M") for year in range(2016, 2022)]
    spans += [pd.period_range(start, periods=6, freq="M") for start in ("2022-01", "2022-07")]
    before = [
        Stretch(tuple(span), float(np.sum([months[p].value for p in span])), ())
        for span in spans
        if all(p in months for p in span)
    ]
    series = pd.Series(list(direct.values()), index=pd.PeriodIndex(list(direct), freq="M"), dtype=float)
    return series, before
