"""The engine beside its peers as tables: one row a method, and where it is ahead."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

RESULTS = Path(__file__).parent / "results" / "peers.csv"
OURS, BASELINE, PEER_MEAN = "chipexports", "growth_ytd", "nixtla_mean_of_three"
LEVELS = (50, 80, 95)
TITLES = {
    OURS: "chipexports",
    PEER_MEAN: "mean of Nixtla's three",
    "nixtla_autoets": "AutoETS",
    "nixtla_autoarima_log": "AutoARIMA, logs",
    "nixtla_dynamictheta": "dynamic Theta",
    "prophet": "Prophet",
    BASELINE: "growth carried forward",
}


def summary(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Return one row a method: errors by months published and over them, scores, coverage, seconds."""
    by = table.pivot_table(index="method", columns="months_published", values="ape_pct")
    by.columns = [f"mape_{months}" for months in by.columns]
    groups = table.groupby("method")
    means = groups[["crps_pct", "wis_pct", *(f"inside_{level}" for level in LEVELS), "seconds"]].mean()
    out = (
        by.join(groups["ape_pct"].mean().rename("mape_all")).join(means).join(groups.size().rename("n_cases"))
    )
    best = out.loc[~out.index.isin([OURS, BASELINE]), "mape_all"].min()
    out["against_best_peer"] = out["mape_all"] / best
    out["against_peers_mean"] = out["mape_all"] / out.loc[PEER_MEAN, "mape_all"]
    return out.sort_values("mape_all").reset_index().assign(set=name)


def blocks(table: pd.DataFrame) -> dict[str, str]:
    """Return the computed tables of docs/methods.md by their marks."""
    months = [name for name in table if name.startswith("mape_") and name != "mape_all"]
    head = " | ".join(f"{name.removeprefix('mape_')} months" for name in months)
    lines = [
        f"| set, forecasts | forecaster | {head} | all | CRPS | 80% | 95% | of the best peer |",
        f"|---|---|{'---:|' * (len(months) + 5)}",
    ]
    for name, part in table.groupby("set", sort=False):
        for place, row in enumerate(part.to_dict("records")):
            first = f"{name}, {row['n_cases']}" if not place else ""
            method = f"**{TITLES[OURS]}**" if row["method"] == OURS else TITLES[row["method"]]
            figures = [f"{row[column]:.2f}" for column in (*months, "mape_all", "crps_pct")]
            figures += [f"{100 * row[f'inside_{level}']:.0f}" for level in (80, 95)]
            lines.append(f"| {first} | {method} | {' | '.join(figures)} | {row['against_best_peer']:.2f} |")
    return {"beside peers": "\n".join(lines), "where ahead": where_ahead(table)}


def where_ahead(table: pd.DataFrame) -> str:
    """Say in sentences on which sets and at how many published months the engine is ahead, and where not."""
    lines = []
    for name, part in table.groupby("set", sort=False):
        by = part.set_index("method")
        peers = by.drop(index=[OURS, BASELINE])
        ratios = {
            int(column.removeprefix("mape_")): by.loc[OURS, column] / peers[column].min()
            for column in by
            if column.startswith("mape_") and column != "mape_all"
        }
        behind = [f"{months} ({ratio:.2f})" for months, ratio in ratios.items() if ratio >= 1]
        best = peers["mape_all"].idxmin()
        where = f"behind the best of them after {', '.join(behind)} months"
        lines.append(
            f"- *{name}*: {by.loc[OURS, 'against_best_peer']:.2f} of the best peer's error ({TITLES[best]}); "
            f"by months published, {where if behind else 'ahead everywhere'}."
        )
    return "\n".join(lines)
