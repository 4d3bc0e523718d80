"""Scores of a backtest: error, CRPS, weighted interval score, coverage, width, Diebold-Mariano."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from chipexports.backtest.rules import diebold_mariano
from chipexports.forecast.distribution import BOUNDS

REFERENCE = "growth_ytd"
#: name under which the open panel's series are scored together
PANEL = "panel"
#: a group of cases (``months``: 0 to 11, or ``ALL``), and the name of the reference's error beside a case's
_GROUP, ALL, _BASE = ["series", "method", "months"], -1, "reference_ape_pct"


_COLUMNS = [
    *("series", "method", "months_published", "n_cases"),
    *(f"outturn_{name}_pct" for name in ("mape", "crps", "wis")),
    *(f"outturn_coverage_{level}" for level in (50, 80, 95)),
    *(f"outturn_width_{level}_pct" for level in (50, 80, 95)),
    *("outturn_dm_stat", "outturn_dm_p"),
]


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
    if rows.empty:
        return pd.DataFrame(columns=_COLUMNS)
    rows = rows.assign(member=rows["member"].fillna(rows["series"]) if "member" in rows else rows["series"])
    case = ["series", "member", "target_year", "months_published"]
    base = rows.loc[rows["method"] == reference, [*case, "outturn_ape_pct"]]
    rows = rows.merge(base.rename(columns={"outturn_ape_pct": _BASE}), on=case, how="left")
    cases = pd.concat([rows.assign(months=ALL), rows.assign(months=rows["months_published"])])
    table = _means(cases).join(_tests(cases)).sort_index().reset_index()
    months = ["all" if m == ALL else str(m) for m in table.pop("months")]
    table.insert(2, "months_published", months)
    return table


def _means(cases: pd.DataFrame) -> pd.DataFrame:
    """Return the number of cases and the mean scores of each group."""
    outturn = cases["outturn"]
    of_each = {
        "outturn_mape_pct": cases["outturn_ape_pct"],
        "outturn_crps_pct": 100 * cases["outturn_crps"] / outturn,
        "outturn_wis_pct": 100 * cases["outturn_wis"] / outturn,
    }
    for level, (low, high) in BOUNDS.items():
        of_each[f"outturn_coverage_{level}"] = (outturn >= cases[low]) & (outturn <= cases[high])
    for level, (low, high) in BOUNDS.items():
        of_each[f"outturn_width_{level}_pct"] = 100 * (cases[high] - cases[low]) / outturn
    groups = pd.concat([cases[_GROUP], pd.DataFrame(of_each)], axis=1).groupby(_GROUP)
    return groups.size().to_frame("n_cases").join(groups.mean())


def _tests(cases: pd.DataFrame) -> pd.DataFrame:
    """Return the Diebold-Mariano test of each group on the cases both have, one value a target year."""
    both = cases.dropna(subset=[_BASE])
    yearly = both.groupby([*_GROUP, "target_year"])[["outturn_ape_pct", _BASE]].mean()
    tests = {
        key: diebold_mariano(part["outturn_ape_pct"].to_numpy(), part[_BASE].to_numpy())
        for key, part in yearly.groupby(level=_GROUP)
    }
    index = pd.MultiIndex.from_tuples(tests, names=_GROUP)
    return pd.DataFrame(list(tests.values()), index=index, columns=["outturn_dm_stat", "outturn_dm_p"])
