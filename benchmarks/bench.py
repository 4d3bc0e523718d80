"""The engine beside its peers: same panel, same origins, one process, one core.

Run by ``make bench``. Writes ``benchmarks/results/peers_cases.csv`` (one row a forecast) and
``peers_scores.csv`` (one row a method), and prints the scores. Rows in which a peer is better stay.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from peers import NIXTLA, PEERS, Answer, mean_of
from tqdm import tqdm

from chipexports.backtest.origins import PANEL_MONTHS, PANEL_YEARS, Origin, panel_origins
from chipexports.backtest.run import score
from chipexports.base.files import write_table
from chipexports.forecast.fullyear import forecast_full_year

RESULTS = Path(__file__).parent / "results"
OURS, BASELINE, PEER_MEAN = "chipexports", "growth_ytd", "nixtla_mean_of_three"
LEVELS = {50: (0.25, 0.75), 80: (0.1, 0.9), 95: (0.025, 0.975)}


def our_answers(origin: Origin) -> dict[str, tuple[float, np.ndarray, float]]:
    """Return point, sample and seconds of the default forecast and of growth carried forward."""
    start = time.perf_counter()
    ours = forecast_full_year(origin.known, origin.target_year, indicators=origin.indicators)
    seconds = time.perf_counter() - start
    base = forecast_full_year(origin.known, origin.target_year, methods=[BASELINE])
    return {
        OURS: (ours.median, ours.totals, seconds),
        BASELINE: (base.median, base.totals, float("nan")),
    }


def peer_answers(origin: Origin) -> dict[str, tuple[float, np.ndarray, float]]:
    """Return the same of every peer that gives a forecast, and of the mean of Nixtla's three."""
    horizon = 12 - origin.months_published
    published = origin.known[origin.known.index.year == origin.target_year].sum()
    answers: dict[str, Answer] = {}
    for name, peer in PEERS.items():
        try:
            answers[name] = peer(origin.known, horizon)
        except (ValueError, RuntimeError, ZeroDivisionError, IndexError, NotImplementedError) as error:
            tqdm.write(f"{name} at {origin.series} {origin.origin}: no forecast ({error})")
    three = [answers[name] for name in NIXTLA if name in answers]
    if three:
        answers[PEER_MEAN] = mean_of(three)
    return {name: (a.point + published, a.sample + published, a.seconds) for name, a in answers.items()}


def cases(origins: list[Origin]) -> pd.DataFrame:
    """Return one row for each origin and method."""
    rows = []
    for origin in tqdm(origins, unit="origin"):
        for method, (point, sample, seconds) in {**our_answers(origin), **peer_answers(origin)}.items():
            scores = score(sample, origin.outturn)
            rows.append(
                {
                    "series": origin.series,
                    "target_year": origin.target_year,
                    "months_published": origin.months_published,
                    "method": method,
                    "forecast": point,
                    "outturn": origin.outturn,
                    "ape_pct": 100 * abs(point / origin.outturn - 1),
                    "crps_pct": 100 * scores["outturn_crps"] / origin.outturn,
                    "wis_pct": 100 * scores["outturn_wis"] / origin.outturn,
                    **_inside(sample, origin.outturn),
                    "seconds": seconds,
                }
            )
    return pd.DataFrame(rows)


def _inside(sample: np.ndarray, outturn: float) -> dict[str, float]:
    bounds = {level: np.quantile(sample, pair) for level, pair in LEVELS.items()}
    return {f"inside_{level}": float(low <= outturn <= high) for level, (low, high) in bounds.items()}


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row a method: errors by months published and over all cells, scores, coverage, seconds."""
    by = table.pivot_table(index="method", columns="months_published", values="ape_pct")
    by.columns = [f"mape_{months}" for months in by.columns]
    by["mape_all"] = by.mean(axis=1)
    means = table.groupby("method")[
        ["crps_pct", "wis_pct", *(f"inside_{level}" for level in LEVELS), "seconds"]
    ].mean()
    out = by.join(means).join(table.groupby("method").size().rename("n_cases"))
    best = by.loc[by.index.isin([*PEERS, PEER_MEAN]), "mape_all"].min()
    out["against_best_peer"] = out["mape_all"] / best
    out["against_growth_ytd"] = out["mape_all"] / by.loc[BASELINE, "mape_all"]
    return out.sort_values("mape_all").reset_index()


def main() -> None:
    """Run, write and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first-year", type=int, default=PANEL_YEARS[0])
    parser.add_argument("--months", type=int, nargs="+", default=list(PANEL_MONTHS))
    arguments = parser.parse_args()
    # the peers call pandas in ways that are to go; their versions are locked, ours are not silenced
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"statsforecast|prophet|fugue|triad")
    origins = panel_origins([y for y in PANEL_YEARS if y >= arguments.first_year], arguments.months)
    our_answers(origins[-1])  # imports of the engine are not part of a forecast's time
    peer_answers(origins[-1])
    table = cases(origins)
    scores = summary(table)
    write_table(table.drop(columns="seconds"), RESULTS / "peers_cases.csv")
    write_table(scores, RESULTS / "peers_scores.csv")
    print(scores.round(3).to_string(index=False))
    seconds = scores.set_index("method")["seconds"]
    print(
        f"seconds a forecast: ours {seconds[OURS]:.3f}, Nixtla's three {seconds[PEER_MEAN]:.3f}, "
        f"ratio {seconds[OURS] / seconds[PEER_MEAN]:.3f}"
    )


if __name__ == "__main__":
    main()
