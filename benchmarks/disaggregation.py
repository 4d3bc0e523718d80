"""Compare ways to share totals out among months, on months and figures that are known.

    python benchmarks/disaggregation.py [--as-of YYYY-MM-DD] [--csv FILE]

Three tables. *Withheld*: each printed figure of up to three months of 2017 to 2022 is taken out in turn,
with all else known, and its months are estimated: the task the record really sets. It is done twice: the
figure alone out (growth that was printed beside it stays, as it does where only growth is known), and the
figure with every other that restates it. *Hidden*: known months
of China, Korea and Taiwan are hidden but for their quarters or years. *History*: the median standard error
of the estimated months, and December over October.

``used`` is what `chipexports.clean.estimate` does; the others are kept here for comparison only. Chow and
Lin (1971, Review of Economics and Statistics 53, 372-375) regress the months on indicators with an
autoregressive error, Fernandez (1981, ibid. 63, 471-476) with a random walk; Denton's proportional
benchmarking is Fernandez with the indicator as scale and a constant as the only regressor. All stand on the
same level, the 13-month mean of a first estimate: on one drawn through the known months those would leave
no residual to learn from.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from chipexports.clean import build, estimate
from chipexports.clean.chain import DECEMBER
from chipexports.clean.disaggregate import random_walk, smooth_level
from chipexports.clean.evaluate import COVER, hidden_cases
from chipexports.clean.monthly import monthly_series
from chipexports.record.festival import calendar_rows
from chipexports.record.neighbours import MIRROR

RHO, CHANCE = 0.75, 0.06
FIRST, LAST, LONGEST = 2017, 2022, 3


class Found(NamedTuple):
    """Months with their mean and covariance."""

    months: pd.PeriodIndex
    values: np.ndarray
    covariance: np.ndarray


Method = Callable[[dict, list, pd.DataFrame, list], Found]


def used(known: dict, bound: list, indicators: pd.DataFrame, growths: list) -> Found:
    """Return what the package does."""
    result = estimate.estimate(known, bound, indicators, growths)
    assert result is not None
    return Found(result[0], result[1].values, result[1].covariance)


def without_growth(known: dict, bound: list, indicators: pd.DataFrame, _growths: list) -> Found:
    """Return what the package does, without growth printed alone."""
    return used(known, bound, indicators, [])


def without_mirror(known: dict, bound: list, indicators: pd.DataFrame, growths: list) -> Found:
    """Return what the package does, without Hong Kong's mirror."""
    return used(known, bound, indicators.drop(columns=MIRROR, errors="ignore"), growths)


def without_both(known: dict, bound: list, indicators: pd.DataFrame, _growths: list) -> Found:
    """Return what the package does, with neither."""
    return without_mirror(known, bound, indicators, [])


def gls(
    totals: np.ndarray, members: np.ndarray, regressors: np.ndarray, scale: np.ndarray, rho: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return months and covariance of x = scale (regressors b + u), u of autocorrelation rho."""
    n, (m, k) = len(scale), (len(totals), regressors.shape[1])
    place = np.arange(n)
    walk = random_walk(n) if rho == 1 else rho ** np.abs(np.subtract.outer(place, place)) / (1 - rho**2)
    spread, design = walk * np.outer(scale, scale), regressors * scale[:, None]
    cross = spread @ members.T
    root = np.linalg.cholesky(members @ cross)
    white_y, white_x = np.linalg.solve(root, totals), np.linalg.solve(root, members @ design)
    inverse = np.linalg.pinv(white_x.T @ white_x)
    coefficients = inverse @ (white_x.T @ white_y)
    residual = white_y - white_x @ coefficients
    gain = np.linalg.solve(root.T, np.linalg.solve(root, cross.T)).T
    values = design @ coefficients + gain @ (totals - members @ design @ coefficients)
    open_part = design - gain @ (members @ design)
    variance = residual @ residual / max(m - k, 1)
    return values, variance * (spread - gain @ cross.T + open_part @ inverse @ open_part.T)


def _setting(known: dict, bound: list) -> tuple[pd.PeriodIndex, np.ndarray, np.ndarray]:
    first = min(s.periods[0] for s in bound)
    months = pd.period_range(first, max([*known, *(s.periods[-1] for s in bound)]), freq="M")
    known = {p: v for p, v in known.items() if p >= first}
    return months, *estimate.constraints(known, bound, months)


def denton(known: dict, bound: list, indicators: pd.DataFrame, _growths: list) -> Found:
    """Return Denton's benchmarking of the indicators' mean movement, the level drawn through the totals."""
    months, totals, members = _setting(known, bound)
    scale = smooth_level(totals, members) * np.exp(estimate.mean_movement(indicators, months))
    return Found(months, *gls(totals, members, np.ones((len(months), 1)), scale, 1.0))


def learnt_denton(known: dict, bound: list, indicators: pd.DataFrame, growths: list) -> Found:
    """Return Denton's benchmarking, season and festival learnt from known months by a ridge regression."""
    found = denton(known, bound, indicators, growths)
    months, totals, members = _setting(known, bound)
    base = estimate.mean_movement(indicators, months)
    season = (months.month.to_numpy()[:, None] == np.arange(1, 13)) - 1 / 12
    design = np.column_stack([season, calendar_rows(months.asi8)])
    prior = np.r_[np.full(12, estimate.SEASON), np.full(design.shape[1] - 12, estimate.FESTIVAL)]
    given = months.isin(list(known))
    beyond, x = (estimate.movement(found.values) - base)[given], design[given]
    learnt = np.linalg.solve(x.T @ x / CHANCE**2 + np.diag(prior**-2.0), x.T @ beyond / CHANCE**2)
    scale = smooth_level(totals, members) * np.exp(base + design @ learnt)
    return Found(months, *gls(totals, members, np.ones((len(months), 1)), scale, 1.0))


def former(known: dict, bound: list, indicators: pd.DataFrame, _growths: list) -> Found:
    """Return what the package did before: the same without the mirror and without growth."""
    return learnt_denton(known, bound, indicators.drop(columns=MIRROR, errors="ignore"), [])


def regression(rho: float) -> Method:
    """Return Chow and Lin's method, or Fernandez' (rho 1), on a level of 13 months."""

    def method(known: dict, bound: list, indicators: pd.DataFrame, growths: list) -> Found:
        months, totals, members = _setting(known, bound)
        path = denton(known, bound, indicators, growths).values
        level = np.exp(np.log(path) - estimate.movement(path))
        design = np.column_stack([np.ones(len(months)), estimate.mean_movement(indicators, months)])
        return Found(months, *gls(totals, members, design, level, rho))

    return method


METHODS: dict[str, Method] = {
    "used": used,
    "without growth": without_growth,
    "without mirror": without_mirror,
    "without both": without_both,
    "denton": denton,
    "denton, learnt": learnt_denton,
    "former": former,
    "fernandez": regression(1.0),
    "chow_lin": regression(RHO),
}


def _gaps(inputs: build.Inputs) -> build.Gaps:
    direct = {c: build._direct(inputs, "export", c) for c in ("USD", "CNY")}
    usd, _ = build._convert(direct["USD"], direct["CNY"], inputs.rates)
    return build.gaps(inputs, "export", direct, usd)


def _withheld_rows(rows: tuple[str, ...], visible: dict) -> set[str]:
    """Return the rows to take out so that a part is not given: a base's growth, else value and growth."""
    keys = {figure.row: key for key, figure in visible.items()}
    growth = {row for row in rows if row in keys and keys[row].measure.startswith("yoy")}
    if growth:
        return growth
    span = next((keys[row].start, keys[row].end) for row in rows if row in keys)
    return {f.row for k, f in visible.items() if k.flow == "export" and (k.start, k.end) == span}


def _given(gaps: build.Gaps, months: tuple[pd.Period, ...]) -> tuple[str, ...] | None:
    """Return the rows that give the sum of the months, or None when nothing does."""
    if set(months) <= set(gaps.known):
        return gaps.known[months[-1]].rows
    if any(stretch.periods == months for stretch in gaps.stretches()):
        return gaps.points[months[-1].year][months[-1].month].rows
    return None


def withheld_figures(as_of: str, restated: bool) -> Iterator[tuple[str, tuple, float, tuple]]:
    """Yield (name, months, value, arguments of a method) of each short part of a year, taken out.

    With ``restated`` whatever gives the same sum goes too: growth beside the figure, last year's as revised.
    """
    inputs = build.known_by(as_of)
    whole = _gaps(inputs)
    years = range(FIRST, LAST + 1)
    parts = [((p,), m.value, m.rows) for p, m in sorted(whole.known.items()) if p.year in years]
    for stretch in whole.stretches():
        year, last = stretch.periods[0].year, stretch.periods[-1].month
        if year in years and len(stretch.periods) <= LONGEST and last < DECEMBER:
            parts.append((stretch.periods, stretch.total, whole.points[year][last].rows))
    for months, value, rows in sorted(parts):
        out: set[str] = set()
        given: tuple[str, ...] | None = rows
        while given is not None:  # another figure may give the same months
            # a difference names the later year-to-date first
            out |= _withheld_rows(given, dict(inputs.visible)) if restated else {given[0]}
            visible = {key: figure for key, figure in inputs.visible.items() if figure.row not in out}
            less = _gaps(inputs._replace(visible=visible))
            given = _given(less, months)
        known = {p: month.value for p, month in less.known.items()}
        name = str(months[0]) if len(months) == 1 else f"{months[0]}..{months[-1]}"
        yield name, months, value, (known, less.stretches(), inputs.of("export"), less.growths)


def withheld(as_of: str, restated: bool) -> pd.DataFrame:
    """Return one row a figure and method: error in percent, z."""
    rows = []
    for name, months, value, arguments in withheld_figures(as_of, restated):
        for label, method in METHODS.items():
            found = method(*arguments)
            here = found.months.isin(months).astype(float)
            error = here @ found.values - value
            spread = np.sqrt(max(here @ found.covariance @ here, (1e-6 * value) ** 2))
            rows.append((label, "withheld", name, 1, 100 * error / value, error / spread, spread / value))
    return pd.DataFrame(rows, columns=["method", "task", "case", "months", "error_pct", "z", "se"])


def hidden(as_of: str) -> pd.DataFrame:
    """Return one row a hidden month and method: error in percent, z."""
    rows = []
    for case in hidden_cases(as_of):
        truth = case.series[case.months]
        for label, method in METHODS.items():
            found = method(case.known(), case.stretches(), case.indicators, [])
            at = found.months.get_indexer(truth.index)
            error = found.values[at] - truth.to_numpy()
            spread = np.sqrt(np.clip(np.diag(found.covariance)[at], 1e-12, None))
            rows += [
                (label, "hidden", case.name, str(p), 100 * e / v, e / s, s / v)
                for p, v, e, s in zip(truth.index, truth, error, spread, strict=True)
            ]
    return pd.DataFrame(rows, columns=["method", "task", "case", "months", "error_pct", "z", "se"])


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return by case and method: cases, mean absolute error, share within 80 and 95%, rms z, median s.e."""
    grouped = rows.groupby(["case", "method"], sort=False)
    return pd.DataFrame(
        {
            "n": grouped.size(),
            "mae_pct": grouped["error_pct"].apply(lambda e: e.abs().mean()),
            "bias_pct": grouped["error_pct"].mean(),
            "inside_80": grouped["z"].apply(lambda z: 100 * (z.abs() <= COVER).mean()),
            "inside_95": grouped["z"].apply(lambda z: 100 * (z.abs() <= 1.96).mean()),
            "rms_z": grouped["z"].apply(lambda z: np.sqrt((z**2).mean())),
            "median_se_pct": 100 * grouped["se"].median(),
        }
    )


def grouped_cases(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the hidden rows once more, pooled: single years together, quarters, years, and all."""
    single = rows["case"].str.fullmatch(r"China \d{4}, (quarters|year) known")
    pooled = [
        rows[single & rows["case"].str.contains("quarters")].assign(case="China, one year, quarters known"),
        rows[single & rows["case"].str.contains("year known")].assign(case="China, one year, year known"),
        rows[rows["case"].str.contains("quarters")].assign(case="all with quarters known"),
        rows[~rows["case"].str.contains("quarters")].assign(case="all with years known"),
        rows.assign(case="all stand-ins"),
    ]
    return pd.concat(pooled)


def history(as_of: str) -> str:
    """Return the median standard error of the estimated months and December over October, as text."""
    table = monthly_series(as_of, "2014-05")
    table = table[table["flow"] == "export"].set_index("period")
    error = 100 * (table["se_usd_mn"] / table["value_usd_mn"]).dropna()
    value = table["value_usd_mn"]
    ratios = {y: float(round(value[f"{y}-12"] / value[f"{y}-10"], 2)) for y in range(2016, 2026)}
    return f"estimated months {len(error)}, median s.e. {error.median():.1f}%; December over October {ratios}"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--as-of", default="2026-11-22")
    parser.add_argument("--csv", help="where to write the summary of both tasks")
    options = parser.parse_args()
    months = hidden(options.as_of)
    pd.set_option("display.width", 200, "display.max_rows", None, "display.float_format", "{:.2f}".format)
    tables = []
    for restated, name in ((False, "withheld alone"), (True, "withheld with what restates it")):
        printed = withheld(options.as_of, restated)
        print(name)
        print(printed.pivot(index="case", columns="method", values="error_pct")[list(METHODS)].to_string())
        tables.append(printed.assign(case=name))
    china_alone = months["method"].isin(["without growth", "without both"])  # growth is of China's past
    months = months[~china_alone]
    table = summary(pd.concat([*tables, months, grouped_cases(months)]))
    print(table.to_string())
    if options.csv:
        table.round(2).to_csv(options.csv)
    print(history(options.as_of))


if __name__ == "__main__":
    main()
