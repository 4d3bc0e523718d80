"""How far estimated months are off: known months are hidden but for their totals, and estimated.

The plain alternative shares each total out by the last known seasonal shares: those of the year before
the hidden one (of the year after for the first). It is given more than the method is, for the year
before may itself be hidden from it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from chipexports.clean.build import build, known_by
from chipexports.clean.estimate import Stretch, estimate
from chipexports.clean.schemas import ESTIMATES
from chipexports.record.indicators import COLUMNS

KOREA, TAIWAN, GOODS = COLUMNS
COVER = 1.2816  # a normal error stays within this many standard errors four times in five


class Hidden(NamedTuple):
    """A known series, the years to hide, and what stays known of them."""

    of: str  # whose exports: china, korea or taiwan
    series: pd.Series
    years: tuple[int, ...]
    span: int  # months of the totals that stay: 3 for quarters, 12 for years
    plain_from: dict[int, int]  # year whose shares the plain alternative takes, by hidden year
    extra: list[Stretch]  # totals of earlier months
    indicators: pd.DataFrame

    @property
    def span_of_years(self) -> str:
        """The hidden years as words: 2024, 2014–2022."""
        return "–".join(str(year) for year in dict.fromkeys((self.years[0], self.years[-1])))

    @property
    def known_by(self) -> str:
        """What stays known of them: quarters or years."""
        return {3: "quarters", 12: "years"}[self.span]

    @property
    def name(self) -> str:
        """The case in words: China 2024, year known."""
        known = self.known_by[: None if self.span == 3 or len(self.years) > 1 else -1]
        return f"{self.of.title()} {self.span_of_years.replace('–', '-')}, {known} known"

    @property
    def months(self) -> pd.PeriodIndex:
        """The hidden months."""
        months = pd.PeriodIndex(self.series.index)
        return months[months.year.isin(self.years)]

    def known(self) -> dict[pd.Period, float]:
        """Return the months that stay known."""
        rest = self.series.drop(self.months)
        return dict(zip(pd.PeriodIndex(rest.index), rest.to_numpy(dtype=float).tolist(), strict=True))

    def spans(self) -> list[pd.PeriodIndex]:
        """Return the hidden months, those of each total together."""
        starts = [f"{year}-{month:02d}" for year in self.years for month in range(1, 13, self.span)]
        return [pd.period_range(start, periods=self.span, freq="M") for start in starts]

    def stretches(self) -> list[Stretch]:
        """Return the totals of the hidden years, each over `span` months, and those of earlier months."""
        totals = [Stretch(tuple(months), float(self.series[months].sum()), ()) for months in self.spans()]
        return [*self.extra, *totals]

    def plain(self) -> pd.Series:
        """Return the hidden months by the shares that the months of another year had in the same span."""
        parts = []
        for months in self.spans():
            year = months[0].year
            shares = self.series[months - 12 * (year - self.plain_from[year])].to_numpy()
            parts.append(pd.Series(self.series[months].sum() * shares / shares.sum(), index=months))
        return pd.concat(parts)


SCORES = ("of", "hidden", "known", "months", "mape_pct", "plain_mape_pct", "ratio", "coverage_80_pct")


def hidden_months(as_of: str) -> pd.DataFrame:
    """Return how well known months are found again, with what was known by ``as_of``.

    Cases: exports in RMB of the years from 2023 whose months figures give, hidden together but for
    their quarters and but for their years; each of these years alone, likewise; Korea's and Taiwan's
    exports of 2014 to 2022, each with the other's and China's goods as indicators, likewise. Cases whose
    months are not yet known are left out.

    Parameters
    ----------
    as_of : str
        "YYYY-MM-DD"; only what was published by the end of that day.

    Returns
    -------
    DataFrame
        ``of`` (china, korea, taiwan), ``hidden`` years, ``known`` (quarters or years), ``months, mape_pct,
        plain_mape_pct, ratio, coverage_80_pct``; empty where nothing can be hidden yet.
    """
    return pd.DataFrame([_score(case) for case in hidden_cases(as_of)], columns=list(SCORES))


def _score(case: Hidden) -> dict[str, float | str | int]:
    """Return the errors on one case: MAPE, the plain one's, their ratio, coverage of the 80% band."""
    estimated = estimate(case.known(), case.stretches(), case.indicators)
    assert estimated is not None, "a case hides at least a year"
    months, result = estimated
    hidden = case.months
    values = pd.Series(result.values, index=months)[hidden]
    errors = pd.Series(np.sqrt(np.clip(np.diag(result.covariance), 0, None)), index=months)[hidden]
    truth = case.series[hidden]
    mape = float(100 * (values / truth - 1).abs().mean())
    plain = float(100 * (case.plain()[hidden] / truth - 1).abs().mean())
    return {
        "of": case.of,
        "hidden": case.span_of_years,
        "known": case.known_by,
        "months": len(hidden),
        "mape_pct": mape,
        "plain_mape_pct": plain,
        "ratio": mape / plain,
        "coverage_80_pct": float(((values - truth).abs() <= COVER * errors).mean() * 100),
    }


def hidden_cases(as_of: str) -> list[Hidden]:
    """Return the cases of `hidden_months` that can be asked for with what was known by ``as_of``."""
    inputs = known_by(as_of)
    china, before = _china(build(inputs, "export")["CNY"])
    counts = pd.PeriodIndex(china.index).year.value_counts()
    years = tuple(sorted(int(str(year)) for year, n in counts.items() if n == 12))
    cases: list[Hidden] = []
    if len(years) > 1:
        nearest = {year: years[1] if year == years[0] else year - 1 for year in years}
        rest = (nearest, before, inputs.of("export"))
        every = [years, *((year,) for year in years)]
        cases += [Hidden("china", china, one, span, *rest) for one in every for span in (3, 12)]
    hidden = tuple(range(2014, 2023))
    for name, column, others in (("korea", KOREA, [TAIWAN, GOODS]), ("taiwan", TAIWAN, [KOREA, GOODS])):
        series = inputs.indicators[column].dropna()
        if series.index[-1] < pd.Period("2023-12", freq="M"):
            continue
        shares = dict.fromkeys(hidden, 2013)
        for span in (3, 12):
            cases.append(Hidden(name, series, hidden, span, shares, [], inputs.indicators[others]))
    return cases


def _china(months: dict) -> tuple[pd.Series, list[Stretch]]:
    """Return the months of exports in RMB that figures give from 2023, and the totals before."""
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
