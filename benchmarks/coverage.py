"""Do the intervals hold what they say? Coverage and CRPS of pools, and of series whose history is estimated.

    python benchmarks/coverage.py

Writes ``benchmarks/results/coverage.csv`` and the two tables of docs/methods.md that rest on it. *Panel*:
Korea, Taiwan and China's goods as they are, 2014-2025, after 2, 4, 6, 8 and 10 months. *Stand-ins*: the same
series, 2012-2025, after 0, 2, ..., 10 months, with every month but those of the target year and of the year
before it replaced by an estimate from yearly totals (half-yearly ones for the last three years), as China's
chip exports are known before 2023. Takes a minute.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from page import METHODS, fill

from chipexports.backtest.origins import Origin, panel_origins
from chipexports.backtest.run import score
from chipexports.base.files import write_table, write_text_atomic
from chipexports.clean.estimate import Stretch, as_months, estimate
from chipexports.forecast import (
    DEFAULT_METHODS,
    YearPaths,
    calibration_table,
    forecast_full_year,
    run_methods,
)
from chipexports.forecast.distribution import BOUNDS

RESULTS = Path(__file__).parent / "results" / "coverage.csv"
POOLS: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in DEFAULT_METHODS},
    "ets + indicator": ("ets", "indicator"),
    "ucm + level_regression": ("ucm", "level_regression"),
    "indicator + level_regression": ("indicator", "level_regression"),
    "ucm + indicator": ("ucm", "indicator"),
    "ets + sarima + ucm": ("ets", "sarima", "ucm"),
    "default": DEFAULT_METHODS,
}
#: every method of a pool
ALL = tuple(dict.fromkeys(name for pool in POOLS.values() for name in pool))
STAND_IN_YEARS, STAND_IN_MONTHS = range(2012, 2026), (0, 2, 4, 6, 8, 10)
#: years before the real months whose halves are known as well
HALVES = 3


def stretches(values: pd.Series, until: int) -> list[Stretch]:
    """Return the totals that stay known: years, and halves of the last three before ``until``."""
    out = []
    for year in range(values.index[0].year, until):
        span = 6 if year >= until - HALVES else 12
        for start in range(1, 13, span):
            months = pd.period_range(f"{year}-{start:02d}", periods=span, freq="M")
            if months.isin(values.index).all():
                out.append(Stretch(tuple(months), float(values[months].sum()), ()))
    return out


def stand_in(origin: Origin) -> Origin | None:
    """Return the origin with the months before the year before its target year estimated from totals.

    None where no whole year lies before them.
    """
    history = origin.history
    values, until = history.values, origin.target_year - 1
    assert history.indicators is not None
    others = history.indicators.drop(columns=origin.series)  # its own months would give it away
    hidden = stretches(values, until)
    real = values[f"{until}-01" :]
    known = dict(zip(real.index, real.to_numpy(float), strict=True))
    estimated = estimate(known, hidden, others)
    if estimated is None:
        return None
    months = as_months(*estimated, hidden)
    index = pd.period_range(min(months), real.index[-1], freq="M")
    shown = pd.Series([months[p].value if p in months else known[p] for p in index], index=index)
    errors = pd.Series([months[p].se if p in months else np.nan for p in index], index=index)
    return replace(origin, history=replace(history, values=shown, standard_errors=errors, indicators=others))


def row(kind: str, pool: str, origin: Origin, forecast: YearPaths) -> dict:
    """Return one forecast's scores."""
    quantiles = forecast.quantiles()
    scores = score(forecast.totals, origin.outturn, quantiles)
    inside = {
        f"inside_{level}": float(quantiles[low] <= origin.outturn <= quantiles[high])
        for level, (low, high) in BOUNDS.items()
    }
    return {
        "cases": kind,
        "pool": pool,
        "months_published": origin.months_published,
        "target_year": origin.target_year,
        "ape_pct": scores["outturn_ape_pct"],
        "crps_pct": 100 * scores["outturn_crps"] / origin.outturn,
        **inside,
    }


def _panel(origin: Origin) -> list[dict]:
    members = run_methods(origin.history, origin.target_year, methods=ALL)
    rows = []
    for pool, methods in POOLS.items():
        if set(methods) & set(members.usable):  # else its only method abstains here
            factor = calibration_table(members, "equal", methods).loc["combination", "factor"]
            forecast = members.pool("equal", methods).rescaled(factor)
            rows.append(row("panel", pool, origin, forecast))
    return rows


def _stand_in(origin: Origin) -> list[dict]:
    estimated = stand_in(origin)
    if estimated is None:
        return []
    return [
        row(kind, "default", one, forecast_full_year(one.history, one.target_year))
        for kind, one in (("real history", origin), ("estimated history", estimated))
    ]


def cases(jobs: int) -> pd.DataFrame:
    """Return one row a forecast."""
    tasks = [delayed(_panel)(origin) for origin in panel_origins()]
    tasks += [delayed(_stand_in)(origin) for origin in panel_origins(STAND_IN_YEARS, STAND_IN_MONTHS)]
    done: Iterable[list[dict]] = Parallel(n_jobs=jobs, batch_size=12)(tasks)
    return pd.DataFrame([one for rows in done for one in rows])


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Return cases, coverage, error and CRPS of each kind and pool, in percent."""
    groups = table.groupby(["cases", "pool"], sort=False)
    inside = 100 * groups[[f"inside_{level}" for level in BOUNDS]].mean()
    means = groups[["ape_pct", "crps_pct"]].mean().rename(columns={"ape_pct": "mape_pct"})
    out = groups.size().to_frame("n").join(inside.round(1)).join(means.round(3)).reset_index()
    return in_order(out)


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the panel first, pools in the order of ``POOLS``."""
    place = {pool: i for i, pool in enumerate(POOLS)}
    keys = [
        (row.cases != "panel", row.cases != "real history", place[row.pool]) for row in table.itertuples()
    ]
    return table.iloc[sorted(range(len(keys)), key=keys.__getitem__)].reset_index(drop=True)


def markdown(table: pd.DataFrame, first: str, name: str) -> str:
    """Return a table of docs/methods.md."""
    lines = [
        f"| {name} | cases | 50% | 80% | 95% | MAPE, % | CRPS, % |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for one in table.to_dict("records"):
        inside = " | ".join(f"{one[f'inside_{level}']:.0f}" for level in BOUNDS)
        lines.append(
            f"| {one[first]} | {one['n']} | {inside} | {one['mape_pct']:.2f} | {one['crps_pct']:.2f} |"
        )
    return "\n".join(lines)


def blocks(table: pd.DataFrame) -> dict[str, str]:
    """Return the computed tables of docs/methods.md by their marks."""
    panel = table["cases"] == "panel"
    return {
        "coverage of pools": markdown(table[panel], "pool", "pool"),
        "estimated history": markdown(table[~panel], "cases", "default pool, stand-ins with"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--dry-run", action="store_true", help="print the tables, write nothing")
    options = parser.parse_args()
    table = summary(cases(options.jobs))
    print(table.to_string(index=False))
    if not options.dry_run:
        write_table(table, RESULTS)
        write_text_atomic(METHODS, fill(METHODS.read_text(encoding="utf-8"), blocks(table)))


if __name__ == "__main__":
    main()
