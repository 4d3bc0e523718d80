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
    """Return a fan whose months have a spread of 5 % and whose sums are of independent months."""
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


def forecast(outturn: float = float("nan"), year: int = 2026) -> pd.DataFrame:
    """Return the forecast table of two methods and the combination."""
    row = {
        "run": "demo",
        "as_of": "2026-11-22",
        "target_year": year,
        "flow": "export",
        "currency": "USD",
        "unit": "million USD",
        "weight": 0.5,
        "months_published": 8,
        "published_total": 152_400.0,
        "mean": 250_200.0,
        "threshold": 240_000.0,
        "p_above": 0.95,
        "outturn": outturn,
        "note": "",
    }
    row |= {name: 250_000.0 + 6_000 * z for name, z in QUANTILES.items()}
    return pd.DataFrame([row | {"method": name} for name in ("ets", "sarima", "combination")])


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
                    "series": "all",
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


def backtest(n: int = 200) -> pd.DataFrame:
    """Return forecasts of the combination with evenly spread positions of the outturn."""
    return pd.DataFrame(
        {
            "series": "demo",
            "method": "combination",
            "target_year": 2020,
            "months_published": [i % 12 for i in range(n)],
            "outturn_pit": (np.arange(n) + 0.5) / n,
        }
    )


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


def indicators(first: str = "2005-01", last: str = "2026-08") -> pd.DataFrame:
    """Return Korea's, Taiwan's and all goods' series; Korea comes two months before China's cycle."""
    index = pd.period_range(first, last, freq="M")
    step = np.arange(len(index))
    festival = np.where(index.month == 2, 0.8, 1.0)
    return pd.DataFrame(
        {
            "korea_hs8542_usd_mn": 8000 * 1.005**step * (1 + 0.2 * np.cos((step + 2) / 5)),
            "taiwan_components_usd_mn": 7000 * 1.006**step * (1 + 0.1 * np.cos(step / 5)),
            "china_goods_usd_100mn": 1500 * 1.004**step * festival,
        },
        index=index,
    )


def products() -> pd.DataFrame:
    """Return shares of two products that leave a tenth unknown."""
    rows = []
    for year in (2022, 2023, 2024):
        for hs6, value in (("8542", 100.0), ("854231", 40.0), ("854232", 45.0 + year - 2022)):
            span = {"period_start": f"{year}-01", "period_end": f"{year}-12"}
            rows.append(
                span | {"flow": "export", "hs6": hs6, "value_usd": value * 1e9, "source": "UN Comtrade"}
            )
    return pd.DataFrame(rows)


def partners() -> pd.DataFrame:
    """Return three named partners with three quarters of exports, and a history of one."""
    span = {"period_start": "2026-01", "period_end": "2026-03", "hs": "8542", "source": "UIBE"}
    now = [("Hong Kong", 45.0), ("Korea", 20.0), ("Viet Nam", 10.0), ("World", 100.0), ("ASEAN", 30.0)]
    rows = [span | {"partner": name, "value_usd": share * 1e9, "share_pct": share} for name, share in now]
    for year in (2023, 2024):
        span = {
            "period_start": f"{year}-01",
            "period_end": f"{year}-12",
            "hs": "854231+32+39",
            "source": "UN Comtrade",
        }
        for name, value in (
            ("World", 100.0),
            ("Rep. of Korea", 15.0),
            ("Rest of world (incl. Hong Kong)", 85.0),
        ):
            rows.append(span | {"partner": name, "value_usd": value * 1e9, "share_pct": value})
    return pd.DataFrame(rows)


def output() -> pd.DataFrame:
    """Return output with its gaps: no January, nothing in 2024."""
    index = pd.period_range("2019-01", "2026-08", freq="M")
    made = pd.Series(200 + np.arange(len(index)), index=index).astype(float)
    made[(index.month == 1) | (index.year == 2024)] = np.nan
    return pd.DataFrame({"period": index.astype(str), "output_100mn": made.to_numpy(), "yoy_pct": 10.0})


def releases() -> pd.DataFrame:
    """Return year-to-date figures of 2024 printed twice, 1 % lower the second time, and months once."""
    rows = []
    common = {
        "commodity": "gacc_ic",
        "flow": "export",
        "measure": "value_cny",
        "half": 0.05,
        "source": "GACC",
    }
    for month in range(2, 13):
        end = f"2024-{month:02d}"
        span = common | {"period_start": "2024-01", "period_end": end}
        rows.append(span | {"value": 100.0 * month, "edition": "first_print", "published": "2024-12-01"})
        rows.append(span | {"value": 99.0 * month, "edition": "revised_later", "published": "2025-12-01"})
        rows.append(
            common
            | {"period_start": end, "period_end": end, "value": 100.0, "edition": "first_print"}
            | {"published": "2024-12-01"}
        )
    return pd.DataFrame(rows)


def claims() -> pd.DataFrame:
    """Return ten claims, each verdict among them."""
    verdicts = ["holds", "holds_with_remark", "does_not_hold", "cannot_be_checked", "holds"] * 2
    return pd.DataFrame(
        {
            "claim_id": range(1, 11),
            "short_en": "A claim that somebody made about exports of chips",
            "short_zh": "关于出口的一条说法",
            "record_says_en": "In 2024 imports were 2.42 times exports",
            "record_says_zh": "2024年进口为出口的2.42倍",
            "verdict": verdicts,
        }
    )


def tables() -> dict[str, pd.DataFrame]:
    """Return every table a figure may ask for."""
    makers = (
        monthly, releases, indicators, products, partners, output, fan, totals, forecast, evolution, backtest,
        scores, news, claims,
    )  # fmt: skip
    return {maker.__name__: maker() for maker in makers}
