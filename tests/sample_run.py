"""A small run for tests of reports: the printed months of 2024 in yuan, and round numbers around them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from chipexports.base.files import write_table
from chipexports.forecast.answer import answer_table as table_of
from chipexports.words.answer import Answer, Without

# printed months of 2024, 100 million CNY, January to October (year-to-date 9311.7)
PUBLISHED = [889.3, 754.1, 915.2, 961.4, 915.4, 884.5, 1009.4, 918.1, 979.1, 1085.2]
QUANTILES = {"q025": 0.025, "q10": 0.1, "q25": 0.25, "median": 0.5, "q75": 0.75, "q90": 0.9, "q975": 0.975}
PARAMETERS = {
    "run": "sample",
    "as_of": "2024-11-07",
    "target_year": 2024,
    "flow": "export",
    "currency": "CNY",
    "methods": ["growth_ytd", "seasonal_naive"],
    "combination": "equal",
    "n_paths": 400,
    "seed": 0,
    "levels": [0.5, 0.8, 0.95],
    "threshold": 10000.0,
    "history_start": "2022-01",
    "truth": "latest",
    "language": "en",
    "figure_formats": ["png", "svg"],
}


def paths() -> np.ndarray:
    """Return 400 paths of twelve months; the first ten are the same in all."""
    rng = np.random.default_rng(7)
    rest = np.exp(np.log([1000.0, 1050.0]) + 0.05 * rng.standard_normal((400, 2)))
    return np.hstack([np.tile(PUBLISHED, (400, 1)), rest])


def _quantiles(values: np.ndarray) -> dict[str, float]:
    return {name: float(np.quantile(values, q)) for name, q in QUANTILES.items()}


def forecast_table(run: str, totals: np.ndarray) -> pd.DataFrame:
    """Return ``forecast.csv``: two methods and the combination."""
    rows = []
    for name, shift, weight in (
        ("growth_ytd", 0.99, 0.5),
        ("seasonal_naive", 1.01, 0.5),
        ("combination", 1, 1),
    ):
        own = totals * shift
        rows.append(
            {
                "run": run, "as_of": "2024-11-07", "target_year": 2024, "flow": "export", "currency": "CNY",
                "unit": "100 million CNY", "method": name, "weight": weight, "months_published": 10,
                "published_total": sum(PUBLISHED), "mean": own.mean(), **_quantiles(own),
                "threshold": 10000.0, "p_above": float((own > 10000).mean()), "outturn": 11351.6, "note": "",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def answer_table(totals: np.ndarray) -> pd.DataFrame:
    """Return ``answer.csv``: what `forecast_table` says, with a month that rests on one copy."""
    levels = tuple((x, *np.quantile(totals, [(1 - x) / 2, (1 + x) / 2])) for x in PARAMETERS["levels"])
    without = Without("2024-10", 11250.0, 11010.0, 11490.0, 0.95)
    return table_of(
        Answer(
            "2024-11-07", 2024, "export", "CNY", 10, "2024-10", sum(PUBLISHED), float(np.median(totals)),
            levels, 10000.0, float((totals > 10000).mean()), outturn=11351.6, quoted_once=("2024-10",),
            fitted=34, fitted_estimates=12, without=without,
        )
    )  # fmt: skip


def fan_table(values: np.ndarray) -> pd.DataFrame:
    """Return ``fan.csv``."""
    rows = []
    for m in range(12):
        month, ytd = _quantiles(values[:, m]), _quantiles(values[:, : m + 1].sum(axis=1))
        rows.append(
            {
                "period": f"2024-{m + 1:02d}",
                "kind": "published" if m < 10 else "forecast",
                **{f"month_{k}": v for k, v in month.items()},
                **{f"ytd_{k}": v for k, v in ytd.items()},
            }
        )
    return pd.DataFrame(rows)


def monthly_table() -> pd.DataFrame:
    """Return ``monthly.csv``: 2022 and 2023 at 0.8 and 0.9 of 2024, marked as estimates."""
    rows = []
    for year, factor, basis in (
        (2022, 0.8, "estimated"),
        (2023, 0.9, "growth_backed_out"),
        (2024, 1.0, "printed"),
    ):
        for m, value in enumerate(PUBLISHED + ([] if year == 2024 else [1000.0, 1050.0])):
            cny = factor * value
            rows.append(
                {
                    "period": f"{year}-{m + 1:02d}", "flow": "export", "value_cny_100mn": cny,
                    "value_usd_mn": cny * 100 / 7.1, "quantity_100mn": cny / 4, "basis": basis,
                    "basis_cny": basis, "basis_usd": "converted", "basis_quantity": basis,
                    "se_cny_100mn": 20.0 if year == 2022 else np.nan, "se_usd_mn": np.nan, "excluded": False,
                    "rows_cny": "a1", "rows_usd": "a2", "rows_quantity": "a3",
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def scores_table() -> pd.DataFrame:
    """Return ``scores.csv``."""
    rows = []
    for method, factor in (("combination", 1.0), ("growth_ytd", 1.6)):
        for months, cases, error in (("2", 12, 6.0), ("6", 12, 3.0), ("10", 12, 1.0), ("all", 36, 10 / 3)):
            rows.append(
                {
                    "series": "panel", "method": method, "months_published": months, "n_cases": cases,
                    "outturn_mape_pct": factor * error, "outturn_crps_pct": 0.7 * factor * error,
                    "outturn_wis_pct": 0.8 * factor * error, "outturn_coverage_50": 0.5,
                    "outturn_coverage_80": 0.81, "outturn_coverage_95": 0.94,
                    "outturn_width_50_pct": error, "outturn_width_80_pct": 2 * error,
                    "outturn_width_95_pct": 3 * error, "outturn_dm_stat": -2.1, "outturn_dm_p": 0.04,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def tables(run: str) -> dict[str, pd.DataFrame]:
    """Return every table of the run."""
    values = paths()
    totals = values.sum(axis=1)
    nan = np.nan
    steps = [("start", "", nan, nan, 0.0, 11300.0), ("revision", "2024-09", nan, nan, -12.0, 11288.0),
             ("news", "2024-10", 1020.0, 1085.2, 80.0, 11368.0),
             ("reestimation", "", nan, nan, -6.5, 11361.5), ("end", "", nan, nan, 0.0, 11361.5)]  # fmt: skip
    evolution = [
        {"target_year": 2024, "months_published": k, "as_of": f"2024-{k + 1:02d}-07",
         **_quantiles(totals * f), "threshold": 10000.0, "p_above": 0.97, "outturn": 11351.6}
        for k, f in ((2, 0.95), (4, 0.97), (6, 0.99), (8, 1.0), (10, 1.0))
    ]  # fmt: skip
    claims = [
        {"claim_id": 7, "text_zh": "预计全年芯片出口额将突破万亿元大关",
         "text_en": "the year will pass one trillion yuan",
         "short_zh": "全年破万亿", "short_en": "The year passes one trillion",
         "claimed": 10000.0, "computed": 11351.6,
         "unit": "100 million CNY", "record_says_en": "1,135.2 bn CNY",
         "record_says_zh": "11352亿元", "source": "GACC", "verdict": "holds_with_remark",
         "reason_en": "It passed, but 2022 had passed before.", "reason_zh": "突破属实，但2022年已突破。"},
    ]  # fmt: skip
    return {
        "releases": pd.DataFrame(
            {"row_id": ["a1", "a2"], "flow": "export", "commodity": "gacc_ic", "period_start": "2024-01",
             "period_end": "2024-10", "measure": "value_cny", "value": [9311.7, 9311.7],
             "unit": "100 million CNY", "published": ["2024-11-07", "2024-11-18"],
             "published_basis": "printed", "edition": "first_print",
             "source": ["http://www.customs.gov.cn/a", "GACC <script>alert(1)</script>"],
             "confidence": "seen-many", "note": ""}
        ),
        "missing": pd.DataFrame(
            {"period": ["2024-09"], "flow": ["import"], "currency": ["USD"], "due": ["2024-10-18"],
             "last_known": ["2024-08"]}
        ),
        "monthly": monthly_table(),
        "checks": pd.DataFrame({"check": ["sum", "sum"], "verdict": ["ok", "explained"]}),
        "scores": scores_table(),
        "evolution": pd.DataFrame(evolution),
        "forecast": forecast_table(run, totals),
        "answer": answer_table(totals),
        "fan": fan_table(values),
        "totals": pd.DataFrame({"path": range(400), "total": totals}),
        "methods": pd.DataFrame(
            {"method": ["growth_ytd", "seasonal_naive", "sarima"], "status": ["used", "used", "abstained"],
             "reason": ["", "", "needs 60 months of history, has 34"],
             "reason_key": ["", "", "too_short"], "reason_values": ["", "", '{"needs": 60, "has": 34}'],
             "weight": [0.5, 0.5, 0.0]}
        ),
        "news": pd.DataFrame(
            steps, columns=["step", "period", "expected", "actual", "contribution", "total"]
        ),
        "needed": pd.DataFrame(
            {"threshold": [10000.0], "published_total": [9311.7], "months_remaining": [2],
             "needed_total": [688.3], "needed_monthly_average": [344.15],
             "last_year_monthly_average": [922.5],
             "needed_growth_pct": [-62.69], "p_above": [1.0]}
        ),
        "both_currencies": pd.DataFrame(
            {"currency": ["CNY", "USD"], "median": [11351.5, 159500.0], "q10": [11266.0, 158000.0],
             "q90": [11441.0, 161000.0]}
        ),
        "claims": pd.DataFrame(claims),
    }  # fmt: skip


def write_sample(root: Path, run: str = "sample", **parameters: object) -> Path:
    """Write the run below ``root`` and return its table folder."""
    folder = root / "data" / "processed" / run
    for name, table in tables(run).items():
        write_table(table, folder / f"{name}.csv")
    manifest = {
        "format": 1,
        "run": run,
        "parameters": PARAMETERS | {"run": run} | parameters,
        "environment": {"python": "3.11.7", "packages": {"pandas": "3.1.1"}},
        "code": {"package": "ab" * 32, "commit": None},
        "data": {"hash": "cd" * 32},
    }
    path = root / "reports" / run / "manifest.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(manifest), encoding="utf-8")
    return folder
