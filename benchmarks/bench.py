"""The engine beside its peers: the same forecasts on several sets, one process a core.

    make bench [PANEL=file.csv]

Sets: the open panel; China's own exports; monthly series of the M3 competition; the leaves of a panel
file, where one is given, with the coefficients of ``level_regression`` as shipped and learnt without them.
Peers' forecasts are kept in ``.cache/bench`` and made anew with ``--again`` (half an hour). With a panel
file, writes ``benchmarks/results/peers.csv``, one row a set and method, and the tables of docs/methods.md
that rest on it. Rows in which a peer is better stay.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import sets
from beside import BASELINE, OURS, PEER_MEAN, RESULTS, blocks, summary
from joblib import Parallel, delayed
from page import METHODS, fill
from peers import NIXTLA, PEERS, Answer, mean_of

from chipexports.backtest.origins import Origin
from chipexports.backtest.run import score
from chipexports.backtest.train_level_regression import learn, read_panel
from chipexports.base.errors import UsageError
from chipexports.base.files import write_table, write_text_atomic
from chipexports.forecast.fullyear import forecast_full_year
from chipexports.forecast.inputs import SeriesWarning
from chipexports.forecast.methods import level_regression

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / ".cache" / "bench"
LEVELS = {50: (0.25, 0.75), 80: (0.1, 0.9), 95: (0.025, 0.975)}
LEAVES, APART = "US leaves", "US leaves, not learnt from"
#: Prophet is given the Spring Festival, so it stands beside series that know one
WITH_PROPHET = ("open panel", "China's chip exports")


def ours(origin: Origin) -> dict[str, tuple[float, np.ndarray, float]]:
    """Return point, sample and seconds of the default forecast and of growth carried forward."""
    start = time.process_time()
    default = forecast_full_year(origin.history, origin.target_year)
    seconds = time.process_time() - start
    answers = {OURS: (default.median, default.totals, seconds)}
    try:
        base = forecast_full_year(origin.history, origin.target_year, methods=[BASELINE])
    except UsageError:  # growth carried forward leaves every bound
        return answers
    return answers | {BASELINE: (base.median, base.totals, float("nan"))}


def theirs(origin: Origin, prophet: bool) -> dict[str, tuple[float, np.ndarray, float]]:
    """Return the same of every peer that gives a forecast, and of the mean of Nixtla's three."""
    horizon = 12 - origin.months_published
    published = origin.known[origin.known.index.year == origin.target_year].sum()
    answers: dict[str, Answer] = {}
    for name in PEERS if prophet else NIXTLA:
        try:
            answers[name] = PEERS[name](origin.known, horizon)
        except (ValueError, RuntimeError, ZeroDivisionError, IndexError, NotImplementedError) as error:
            print(f"{name} at {origin.series} {origin.origin}: no forecast ({error})")
    three = [answers[name] for name in NIXTLA if name in answers]
    if three:
        answers[PEER_MEAN] = mean_of(three)
    return {name: (a.point + published, a.sample + published, a.seconds) for name, a in answers.items()}


def rows(answers: dict[str, tuple[float, np.ndarray, float]], origin: Origin) -> list[dict]:
    """Return one row a method: errors and scores in percent of the outturn."""
    out = []
    for method, (point, sample, seconds) in answers.items():
        scores = score(sample, origin.outturn)
        inside = {
            f"inside_{level}": float(low <= origin.outturn <= high)
            for level, (low, high) in ((n, np.quantile(sample, pair)) for n, pair in LEVELS.items())
        }
        out.append(
            {
                "series": origin.series,
                "target_year": origin.target_year,
                "months_published": origin.months_published,
                "method": method,
                "ape_pct": 100 * abs(point / origin.outturn - 1),
                "crps_pct": 100 * scores["outturn_crps"] / origin.outturn,
                "wis_pct": 100 * scores["outturn_wis"] / origin.outturn,
                **inside,
                "seconds": seconds,
            }
        )
    return out


def _quietly(make: Callable[..., dict], origin: Origin, *arguments: object) -> list[dict]:
    warnings.filterwarnings(
        "ignore", category=SeriesWarning
    )  # some leaves jump; they are forecast all the same
    # the peers call pandas in ways that are to go; their versions are locked, ours are not silenced
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"statsforecast|prophet|fugue|triad")
    return rows(make(origin, *arguments), origin)


def in_parallel(
    jobs: int, make: Callable[..., dict], origins: list[Origin], *arguments: object
) -> pd.DataFrame:
    """Return the rows of all origins."""
    tasks = (delayed(_quietly)(make, origin, *arguments) for origin in origins)
    return pd.DataFrame([row for part in Parallel(n_jobs=jobs)(tasks) for row in part])


def peers_of(name: str, origins: list[Origin], jobs: int, again: bool) -> pd.DataFrame:
    """Return the peers' rows on a set, from the file where they are kept or made now."""
    kept = KEPT / f"{name.replace(' ', '_')}.csv"
    if again or not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        in_parallel(jobs, theirs, origins, name in WITH_PROPHET).to_csv(kept, index=False)
    table = pd.read_csv(kept)
    asked = {(o.series, o.target_year, o.months_published) for o in origins}
    if asked != set(zip(table["series"], table["target_year"], table["months_published"], strict=True)):
        raise SystemExit(f"{kept.relative_to(ROOT)} holds other forecasts; run again with --again")
    return table


def compare(panel_file: Path | None, jobs: int, again: bool) -> pd.DataFrame:
    """Return the summaries of all sets, one under the other."""
    origins = {
        "open panel": sets.open_panel(),
        "China's chip exports": sets.china(),
        "M3, monthly": sets.m3(),
    }
    if panel_file is not None:
        origins[LEAVES] = sets.leaves(panel_file)
    parts = []
    for name, cases in origins.items():
        print(f"{name}: {len(cases)} forecasts", flush=True)
        peers = peers_of(name, cases, jobs, again)
        parts.append(summary(name, pd.concat([in_parallel(jobs, ours, cases), peers])))
        if name == LEAVES and panel_file is not None:
            learnt = learn(read_panel(panel_file, leave_out="United States"))
            with mock.patch.object(level_regression, "coefficients", return_value=learnt):
                apart = in_parallel(1, ours, cases)  # they stand in this process only
            parts.append(summary(APART, pd.concat([apart, peers])))
    table = pd.concat(parts, ignore_index=True)
    return table[["set", *table.columns.drop("set")]]


def main() -> None:
    """Run, write and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("panel", type=Path, nargs="?", help="file of other series, with series.csv beside it")
    parser.add_argument("--again", action="store_true", help="make the peers' forecasts anew")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    options = parser.parse_args()
    table = compare(options.panel, options.jobs, options.again)
    print(table.round(3).to_string(index=False))
    if options.panel is not None:  # a table without the panel's rows would replace one with them
        write_table(table, RESULTS)
        write_text_atomic(METHODS, fill(METHODS.read_text(encoding="utf-8"), blocks(table)))


if __name__ == "__main__":
    main()
