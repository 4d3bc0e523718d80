"""The engine away from home: leaves of a panel of other series, beside Nixtla's three on the same cases.

    .venv/bin/python benchmarks/leaves.py PANEL.csv

A fixed sample: four target years of each leaf, drawn once by a seed, each after 2, 4, 6, 8 or 10 months in
turn. The peers' errors lie in ``results/leaves_peers.csv``; where that file is missing they are computed
anew, which takes a quarter of an hour in the peers' environment (``benchmarks/bench.sh``). Writes
``results/leaves_scores.csv``; rows in which a peer is better stay. ``--apart`` learns the coefficients of
``level_regression`` without the country's own series first.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from chipexports.backtest.origins import Origin, lag_origins
from chipexports.backtest.run import COMBINATION, backtest_origins
from chipexports.backtest.train_level_regression import learn, read_panel
from chipexports.base.files import write_table
from chipexports.forecast.members import DEFAULT_METHODS
from chipexports.forecast.methods import level_regression

RESULTS = Path(__file__).parent / "results"
KEY = ["series", "target_year", "months_published"]
MONTHS, YEARS_EACH, SEED = (2, 4, 6, 8, 10), 4, 1
FIRST_YEAR, LAST_YEAR = 2018, 2024
PEER_MEAN = "nixtla_mean_of_three"


def sample(file: Path, country: str) -> list[Origin]:
    """Return the origins of the fixed sample of a country's leaves."""
    about = pd.read_csv(file.with_name("series.csv")).set_index("series_id")
    leaves = about.index[(about["country"] == country) & (about["level"] == "leaf")].sort_values()
    table = pd.read_csv(file)
    table["period"] = pd.PeriodIndex(table["period"], freq="M")
    values = {name: rows.set_index("period")["value"] for name, rows in table.groupby("series_id")}
    rng, turn, origins = np.random.default_rng(SEED), 0, []
    for name in leaves:
        series = values[name].astype(float)
        whole = [y for y in range(FIRST_YEAR, LAST_YEAR + 1) if (series.index.year == y).sum() == 12]
        for year in sorted(rng.choice(whole, size=min(YEARS_EACH, len(whole)), replace=False)):
            origins += lag_origins(str(name), series, [int(year)], [MONTHS[turn % len(MONTHS)]])
            turn += 1
        turn += int(rng.integers(len(MONTHS)))
    return origins


def peers_errors(origins: list[Origin]) -> pd.DataFrame:
    """Return the peers' absolute percentage errors on the sample, a column each; kept in a file."""
    file = RESULTS / "leaves_peers.csv"
    if file.is_file():
        return pd.read_csv(file).set_index(KEY)
    from peers import NIXTLA, PEERS  # only the peers' environment has them

    rows = []
    for origin in origins:
        published = origin.known[origin.known.index.year == origin.target_year].sum()
        points = {n: PEERS[n](origin.known, 12 - origin.months_published).point + published for n in NIXTLA}
        points[PEER_MEAN] = float(np.mean(list(points.values())))
        errors = {name: 100 * abs(point / origin.outturn - 1) for name, point in points.items()}
        rows.append({**{key: getattr(origin, key) for key in KEY}, **errors})
    write_table(pd.DataFrame(rows), file)
    return pd.DataFrame(rows).set_index(KEY)


def scores(ours: pd.DataFrame, peers: pd.DataFrame) -> pd.DataFrame:
    """Return one row a method: error by months published and over all, coverage, ratio to the peers' mean."""
    ours = ours.assign(
        inside_80=ours["outturn"].between(ours["q10"], ours["q90"]),
        inside_95=ours["outturn"].between(ours["q025"], ours["q975"]),
        crps_pct=100 * ours["outturn_crps"] / ours["outturn"],
    )
    theirs = peers.melt(ignore_index=False, var_name="method", value_name="outturn_ape_pct").reset_index()
    table = pd.concat([ours, theirs], ignore_index=True)
    by = table.pivot_table(index="method", columns="months_published", values="outturn_ape_pct")
    by.columns = [f"mape_{months}" for months in by.columns]
    groups = table.groupby("method")
    by["mape_all"], by["n_cases"] = groups["outturn_ape_pct"].mean(), groups.size()
    by["against_peers_mean"] = by["mape_all"] / by.loc[PEER_MEAN, "mape_all"]
    means = ours.groupby("method")[["crps_pct", "inside_80", "inside_95"]].mean()
    return by.join(means).sort_values("mape_all").reset_index()


def main() -> None:
    """Run, write and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("panel", type=Path)
    parser.add_argument("--country", default="United States")
    parser.add_argument("--apart", action="store_true")
    arguments = parser.parse_args()
    if arguments.apart:
        learnt = learn(read_panel(arguments.panel, leave_out=arguments.country))
        level_regression.coefficients = lambda: learnt
    origins = sample(arguments.panel, arguments.country)
    ours = backtest_origins(origins, methods=(*DEFAULT_METHODS, "ets", "sarima"), jobs=1)
    ours["method"] = ours["method"].replace(COMBINATION, "chipexports")
    table = scores(ours, peers_errors(origins))
    write_table(table, RESULTS / f"leaves_scores{'_apart' if arguments.apart else ''}.csv")
    print(table.round(3).to_string(index=False))


if __name__ == "__main__":
    main()
