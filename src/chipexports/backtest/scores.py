"""Scores of a backtest: error, CRPS, weighted interval score, coverage, width, Diebold-Mariano."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from chipexports.backtest.rules import diebold_mariano
from chipexports.distribution import BOUNDS

REFERENCE = "growth_ytd"
#: name under which the open panel's series are scored together
PANEL = "panel"


def score_table(
    backtest: pd.DataFrame, *, panel: Sequence[str] | None = None, reference: str = REFERENCE
) -> pd.DataFrame:
    """Return the scores of each series and method, by number of published months and over all.

    Parameters
    ----------
    backtest : DataFrame
        As ``backtest_origins`` returns it; rows without an outturn are passed over.
    panel : sequence of str, optional
        Series that are also scored together, each case with equal weight, as ``panel``; by default
        those named ``*_mn`` or ``*_100mn`` (the record's panel), if there are several.
    reference : str
        Method against which the Diebold-Mariano test runs: losses are absolute percentage errors,
        averaged over the origins (and series) of one target year; a negative statistic favours the
        row's method.

    Returns
    -------
    DataFrame
        ``series, method, months_published, n_cases, outturn_mape_pct, outturn_crps_pct,
        outturn_wis_pct, outturn_coverage_50/80/95 (share), outturn_width_50/80/95_pct,
        outturn_dm_stat, outturn_dm_p``. CRPS, WIS and widths in percent of the outturn.
    """
    rows = backtest.dropna(subset=["outturn"])
    names = list(dict.fromkeys(rows["series"]))
    members = [n for n in names if str(n).endswith("mn")] if panel is None else list(panel)
    if len(members) > 1:
        together = rows[rows["series"].isin(members)]
        rows = pd.concat([rows, together.assign(series=PANEL, member=together["series"])])
    rows = rows.assign(member=rows["member"].fillna(rows["series"]) if "member" in rows else rows["series"])
    blocks: list[dict] = []
    for months in ("all", *sorted(rows["months_published"].unique())):
        part = rows if months == "all" else rows[rows["months_published"] == months]
        blocks += _block(part, str(months), reference)
    table = pd.DataFrame(blocks)
    return table.sort_values(["series", "method"], kind="stable", ignore_index=True) if len(table) else table


def _block(rows: pd.DataFrame, months: str, reference: str) -> Iterable[dict]:
    for series, part in rows.groupby("series", sort=False):
        base = part[part["method"] == reference]
        for method, cases in part.groupby("method", sort=False):
            yield {
                "series": series,
                "method": method,
                "months_published": months,
                **_scores(cases),
                **_test(cases, base),
            }


def _scores(cases: pd.DataFrame) -> dict[str, float]:
    outturn = cases["outturn"]
    values: dict[str, float] = {
        "n_cases": len(cases),
        "outturn_mape_pct": cases["outturn_ape_pct"].mean(),
        "outturn_crps_pct": (100 * cases["outturn_crps"] / outturn).mean(),
        "outturn_wis_pct": (100 * cases["outturn_wis"] / outturn).mean(),
    }
    for level, (low, high) in BOUNDS.items():
        values[f"outturn_coverage_{level}"] = ((outturn >= cases[low]) & (outturn <= cases[high])).mean()
    for level, (low, high) in BOUNDS.items():
        values[f"outturn_width_{level}_pct"] = (100 * (cases[high] - cases[low]) / outturn).mean()
    return values


def _test(cases: pd.DataFrame, base: pd.DataFrame) -> dict[str, float]:
    """Return the Diebold-Mariano test on the cases both have, one value a target year."""
    keys = ["member", "target_year", "months_published"]
    both = cases[[*keys, "outturn_ape_pct"]].merge(
        base[[*keys, "outturn_ape_pct"]], on=keys, suffixes=("", "_base")
    )
    yearly = both.groupby("target_year")[["outturn_ape_pct", "outturn_ape_pct_base"]].mean()
    statistic, p = diebold_mariano(yearly.iloc[:, 0].to_numpy(), yearly.iloc[:, 1].to_numpy())
    return {"outturn_dm_stat": statistic, "outturn_dm_p": p}


def pit_histogram(backtest: pd.DataFrame, method: str = "combination", bins: int = 10) -> pd.DataFrame:
    """Return the share of outturns in each tenth of the forecast distribution; flat is calibrated.

    Parameters
    ----------
    backtest : DataFrame
        As ``backtest_origins`` returns it.
    method : str
        Whose forecasts.
    bins : int
        Number of equal parts of the distribution.

    Returns
    -------
    DataFrame
        ``low, high`` (bounds of the part, 0 to 1), ``share``, ``n_cases``.
    """
    values = backtest.loc[backtest["method"] == method, "outturn_pit"].dropna()
    counts, edges = np.histogram(values, bins=bins, range=(0, 1))
    share = counts / max(len(values), 1)
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], "share": share, "n_cases": len(values)})
