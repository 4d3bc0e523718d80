"""Small invented tables in the schema of a run's, for tests of figures; no real numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd


def monthly(
    first: str = "2019-01", last: str = "2026-08", flows: tuple[str, ...] = ("export", "import")
) -> pd.DataFrame:
    """Return a smooth growing series with a season; estimated to 2022, derived in 2023, then published."""
    frames = []
    for flow in flows:
        index = pd.period_range(first, last, freq="M")
        step = np.arange(len(index))
        season = 1 + 0.08 * np.sin(2 * np.pi * index.month / 12) - 0.12 * (index.month == 2)
        usd = (9000 if flow == "export" else 28000) * 1.009**step * season * (1 + 0.05 * np.cos(step / 5))
        rate = 6.9 + 0.2 * np.sin(step / 9)
        basis = np.where(
            index.year < 2023, "estimated", np.where(index.year < 2024, "growth_backed_out", "printed")
        )
        frames.append(
            pd.DataFrame(
                {
                    "period": index.astype(str),
                    "flow": flow,
                    "value_cny_100mn": usd * rate / 100,
                    "value_usd_mn": usd,
                    "quantity_100mn": 220 * 1.004**step * season,
                    "basis": basis,
                    "basis_cny": basis,
                    "basis_usd": basis,
                    "basis_quantity": basis,
                    "se_cny_100mn": np.where(index.year < 2023, usd * rate / 100 * 0.05, np.nan),
                    "se_usd_mn": np.where(index.year < 2023, usd * 0.05, np.nan),
                    "excluded": False,
                    "rows_cny": "a",
                    "rows_usd": "b",
                    "rows_quantity": "c",
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


QUANTILES = {
    "q025": -1.96,
    "q10": -1.2816,
    "q25": -0.6745,
    "median": 0.0,
    "q75": 0.6745,
    "q90": 1.2816,
    "q975": 1.96,
}


def fan(published: int = 8, year: int = 2026) -> pd.DataFrame:
    """Return a fan whose months have a spread of 5% and whose sums are of independent months."""
    rows, total, variance = [], 0.0, 0.0
    for month in range(1, 13):
        middle = 15000.0 + 900 * month
        spread = 0.0 if month <= published else 0.05 * middle
        total, variance = total + middle, variance + spread**2
        row: dict[str, object] = {
            "period": f"{year}-{month:02d}",
            "kind": "published" if month <= published else "forecast",
        }
        row |= {f"month_{name}": middle + z * spread for name, z in QUANTILES.items()}
        row |= {f"ytd_{name}": total + z * variance**0.5 for name, z in QUANTILES.items()}
        rows.append(row)
    return pd.DataFrame(rows)


def totals(paths: int = 2000, middle: float = 250_000.0, spread: float = 6_000.0) -> pd.DataFrame:
    """Return totals of paths, normal around ``middle``."""
    values = np.random.default_rng(1).normal(middle, spread, paths) if spread else np.full(paths, middle)
    return pd.DataFrame({"path": range(paths), "total": values})


CENTRES = {"ets": 262e3, "ucm": 255e3, "indicator": 244e3, "pooled_growth": 241e3, "combination": 250e3}


def forecast(outturn: float = float("nan"), year: int = 2026) -> pd.DataFrame:
    """Return the forecast table of four methods in two camps, and their pool between them."""
    rows = []
    for method, middle in CENTRES.items():
        row = {
            "run": "demo",
            "as_of": "2026-11-22",
            "target_year": year,
            "flow": "export",
            "currency": "USD",
            "unit": "million USD",
            "method": method,
            "weight": 1.0 if method == "combination" else 0.25,
            "months_published": 8,
            "published_total": 152_400.0,
            "mean": middle + 200.0,
            "threshold": 240_000.0,
            "p_above": 0.5 + (middle - 240_000.0) / 50_000.0,
            "outturn": outturn,
            "note": "",
        }
        rows.append(row | {name: middle + 6_000 * z for name, z in QUANTILES.items()})
    return pd.DataFrame(rows)


def evolution(years: tuple[int, ...] = (2023, 2024, 2025, 2026)) -> pd.DataFrame:
    """Return forecasts after each month that close in on an outturn; the last year has none yet."""
    rows = []
    for year in years:
        outturn = 100_000.0 + 20_000 * (year - years[0])
        for month in range(13 if year != years[-1] else 9):
            spread = outturn * 0.02 * (12 - month) ** 0.5
            middle = outturn * (1 + 0.004 * (12 - month))
            row: dict[str, object] = {
                "target_year": year,
                "months_published": month,
                "as_of": f"{year}-{min(max(month, 1), 12):02d}-28",
                "threshold": 150_000.0,
                "p_above": 0.5,
                "outturn": outturn if year != years[-1] else np.nan,
            }
            rows.append(row | {name: middle + z * spread for name, z in QUANTILES.items()})
    return pd.DataFrame(rows)


METHODS = ("combination", "growth_ytd", "seasonal_naive", "ets", "sarima", "theta")


def scores() -> pd.DataFrame:
    """Return scores of six methods after each month and over all of them."""
    rows = []
    for place, method in enumerate(METHODS):
        for months in [*map(str, range(13)), "all"]:
            left = 6 if months == "all" else 12 - int(months)
            rows.append(
                {
                    "series": "panel",
                    "method": method,
                    "months_published": months,
                    "n_cases": 120,
                    "outturn_mape_pct": (1 + 0.15 * place) * left,
                    "outturn_coverage_50": 0.52 - 0.02 * place,
                    "outturn_coverage_80": 0.81 - 0.03 * place,
                    "outturn_coverage_95": 0.94 - 0.02 * place,
                }
            )
    return pd.DataFrame(rows)


def backtest(years: int = 12) -> pd.DataFrame:
    """Return the pool's forecasts of two series: bounds at -1 and +1 (80%), outturns known by year.

    With two months published the outturn leaves the 80% interval in every fourth year, with eight in none.
    """
    rows = []
    for name in ("korea_mn", "taiwan_mn"):
        for year in range(2010, 2010 + years):
            for months in (2, 8):
                outside = months == 2 and year % 4 == 0
                rows.append(
                    {
                        "series": name,
                        "method": "combination",
                        "target_year": year,
                        "months_published": months,
                        "outturn": 101.2 if outside else 100.0 + (year % 3) / 10,
                        "outturn_pit": 0.95 if outside else 0.5 + (year % 4) / 10,
                        "median": 100.0,
                        **{q: 100.0 + z / 1.2816 for q, z in QUANTILES.items()},
                    }
                )
    return pd.DataFrame(rows)


def news() -> pd.DataFrame:
    """Return a waterfall that adds up: 240 to 256 thousand."""
    return pd.DataFrame(
        {
            "step": ["start", "revision", "news", "news", "reestimation", "end"],
            "period": ["2026-09-10", "", "2026-07", "2026-08", "", "2026-10-10"],
            "contribution": [np.nan, -500.0, 4_500.0, 13_000.0, -1_000.0, np.nan],
            "total": [240_000.0, 239_500.0, 244_000.0, 257_000.0, 256_000.0, 256_000.0],
        }
    )


def tables() -> dict[str, pd.DataFrame]:
    """Return every table a figure may ask for."""
    makers = (
        monthly, fan, totals, forecast, evolution, backtest, scores, news,
    )  # fmt: skip
    return {maker.__name__: maker() for maker in makers}
