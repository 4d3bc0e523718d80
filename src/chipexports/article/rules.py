"""The rules by which data decide a claim; each states its tolerance and reads only what was published.

Sums in table units: 100 million CNY, million USD. ``as_of`` is "YYYY-MM-DD".
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from chipexports.article.finding import Finding, Value, unknown
from chipexports.base.units import BASIS
from chipexports.clean.monthly import monthly_series, series_as_of, to_series
from chipexports.record.outturn import outturn
from chipexports.record.products import partners_as_of, products_as_of, world_shares

ARTICLE_DAY = "2024-12-25"
DAY_BEFORE = "2024-12-24"  # the article's own figures are in the record too, from its day on
TRILLION = 10_000.0
DEFICIT, DEFICIT_TOLERANCE = 280.0, 0.03  # "nearly 280 bn": within 3%
WORLD_SHARE, SHARE_TOLERANCE = 6.0, 1.0  # percentage points
# claim 6: 0.1% of yuan; 0.3% of dollars, which are converted where none were printed; 0.2 points of growth
VALUE_TOLERANCE, GROWTH_TOLERANCE = {"cny": 0.001, "usd": 0.003}, 0.2
NAMED = ("Taiwan", "Korea", "Viet Nam", "Malaysia")
GACC = "GACC"
COMTRADE = "UN Comtrade"


def deficit(year: int, as_of: str) -> float | None:
    """Return a year's imports less exports in billion USD, first prints; None until both are out."""
    bought, sold = (
        outturn(year, flow, "USD", truth="first_print", as_of=as_of) for flow in ("import", "export")
    )
    return None if bought is None or sold is None else (bought - sold) / 1000


def trade_deficit(as_of: str) -> Finding:
    """Claim 4: "then (2022) still a deficit of nearly 280 bn USD"; the year before is looked at too."""
    named, before = deficit(2022, as_of), deficit(2021, as_of)
    if named is None or before is None:
        return unknown(DEFICIT, "bn USD", GACC)
    values = {"d2022": (1000 * named, "USD"), "d2021": (1000 * before, "USD")}
    near = abs(named / DEFICIT - 1) <= DEFICIT_TOLERANCE
    other = abs(before / DEFICIT - 1) <= DEFICIT_TOLERANCE
    verdict, case = ("holds", "holds") if near else ("does_not_hold", "other_year" if other else "off")
    return Finding(verdict, case, DEFICIT, named, "bn USD", GACC, values)


def world_share(as_of: str) -> Finding:
    """Claim 5: "exports are 6% of the world market": China's share in the exports of all reporters.

    Years with fewer than 130 reporters are not yet complete and do not count.
    """
    table = world_shares()
    known = table[[f"{int(year) + 1}-06-30" <= as_of for year in table["year"]]]
    known = known[known["reporters"] >= 130].sort_values("year")
    if known.empty:
        return unknown(WORLD_SHARE, "%", COMTRADE)
    last = known.iloc[-1]
    share = float(last["china_share_pct"])
    values = {"share": share, "year": int(last["year"]), "lowest": float(known["china_share_pct"].min())}
    near = abs(share - WORLD_SHARE) <= SHARE_TOLERANCE
    return Finding(
        "holds_with_remark" if near else "does_not_hold",
        "near" if near else "off",
        WORLD_SHARE,
        share,
        "%",
        COMTRADE,
        values,
    )


def ten_months(as_of: str) -> Finding:
    """Claim 6: January to October 2024 in both currencies; the article's own rows do not count.

    Growth is looked at only where no month of 2023 it rests on is an estimate.
    """
    claimed = {"cny": 9311.7, "usd": 130_900.0, "cny_growth": 21.4, "usd_growth": 19.6}
    monthly = monthly_series(min(as_of, DAY_BEFORE))
    computed: dict[str, float] = {}
    for key, currency in (("cny", "CNY"), ("usd", "USD")):
        series = to_series(monthly, "export", currency)
        now, before = (float(series.reindex(_ten(year)).sum(skipna=False)) for year in (2024, 2023))
        firm = not _estimated(monthly, currency)
        computed |= {key: now, f"{key}_growth": 100 * (now / before - 1) if firm else float("nan")}
    if not np.isfinite([computed["cny"], computed["usd"]]).all():
        return unknown(claimed["cny"], "100 million CNY", GACC)
    amounts = all(
        abs(computed[key] / claimed[key] - 1) <= allowed for key, allowed in VALUE_TOLERANCE.items()
    )
    gaps = [abs(computed[key] - claimed[key]) for key in ("cny_growth", "usd_growth")]
    revised = since_january("2024-10", as_of)
    values: dict[str, Value] = {**computed, "cny": (computed["cny"], "CNY"), "usd": (computed["usd"], "USD")}
    values["revised"] = (revised, "CNY")
    if not amounts or any(gap > GROWTH_TOLERANCE for gap in gaps):
        verdict, case = "does_not_hold", "off"
    elif not np.isfinite(gaps).all():
        verdict, case = "holds_with_remark", "growth_open"
    else:
        verdict, case = "holds", "holds" if revised == computed["cny"] else "revised"
    return Finding(verdict, case, claimed["cny"], computed["cny"], "100 million CNY", GACC, values)


def _estimated(monthly: pd.DataFrame, currency: str) -> bool:
    base = monthly[
        (monthly["flow"] == "export") & monthly["period"].astype(str).between("2023-01", "2023-10")
    ]
    return bool(base[BASIS[currency]].isin(["estimated", "joint_estimate"]).any())


def _ten(year: int) -> pd.PeriodIndex:
    return pd.period_range(f"{year}-01", f"{year}-10", freq="M")


def since_january(period: str, as_of: str) -> float:
    """Return exports since January in 100 million CNY as of a day; NaN where a month is missing."""
    end = pd.Period(period, freq="M")
    series, _ = series_as_of("export", "CNY", as_of)
    return float(series.reindex(pd.period_range(f"{end.year}-01", end, freq="M")).sum(skipna=False))


def passed_in(year: int, as_of: str) -> tuple[str, float] | None:
    """Return the first month by whose year-to-date a year had passed the line, and that sum; None if none."""
    for month in range(1, 13):
        period = f"{year}-{month:02d}"
        total = since_january(period, as_of)
        if total > TRILLION:
            return period, total
    return None


def trillion(as_of: str) -> Finding:
    """Claim 7: the full year 2024 passes one trillion yuan; whether it is the first, as the title says."""
    total = outturn(2024, "export", "CNY", truth="first_print", as_of=as_of)
    earlier = {
        year: outturn(year, "export", "CNY", truth="first_print", as_of=as_of) for year in range(2010, 2024)
    }
    passed = [year for year, value in earlier.items() if value is not None and value > TRILLION]
    values: dict[str, Value] = {"first": passed[0] if passed else 2024}
    values["first_total"] = (float(earlier[passed[0]] or np.nan), "CNY") if passed else float("nan")
    line = passed_in(2024, min(as_of, ARTICLE_DAY))
    if line is not None:
        values |= {"passed_by": line[0], "to_date": (line[1], "CNY")}
    if total is None and line is not None:
        case = "passed_not_first" if passed else "passed"
        return Finding("holds_with_remark", case, TRILLION, line[1], "100 million CNY", GACC, values)
    if total is None:
        case = "open_not_first" if passed else "unknown"
        return Finding("cannot_be_checked", case, TRILLION, float("nan"), "100 million CNY", GACC, values)
    values["total"] = (total, "CNY")
    if total <= TRILLION:
        return Finding("does_not_hold", "missed", TRILLION, total, "100 million CNY", GACC, values)
    verdict, case = ("holds_with_remark", "not_first") if passed else ("holds", "first")
    return Finding(verdict, case, TRILLION, total, "100 million CNY", GACC, values)


def from_importer(as_of: str) -> Finding:
    """Claim 8: "from big importer to big exporter": imports over exports, last year printed up to 2024."""
    for year in range(min(int(as_of[:4]), int(ARTICLE_DAY[:4])), 2009, -1):
        for currency in ("CNY", "USD"):
            bought, sold = (
                outturn(year, flow, currency, truth="latest", as_of=as_of) for flow in ("import", "export")
            )
            if bought is not None and sold is not None:
                ratio = bought / sold
                # a figure of speech: no number of the sentence can be right or wrong
                verdict, case = ("holds", "holds") if ratio < 1 else ("cannot_be_checked", "speech")
                return Finding(verdict, case, 1.0, ratio, "ratio", GACC, {"ratio": ratio, "year": year})
    return unknown(1.0, "ratio", GACC)


def destinations(as_of: str) -> Finding:
    """Claim 9: Taiwan, Korea, Viet Nam and Malaysia are main destinations: rank by share.

    Judged by the period with known shares nearest to the article: what 2026 brought is no evidence of 2024.
    """
    rows = partners_as_of(as_of)
    rows = rows[(rows["hs"] == "8542") & rows["share_pct"].notna()]
    rows = rows[~rows["partner"].isin(["World", "ASEAN", "EU"])]
    if rows.empty:
        return unknown(float("nan"), "%", COMTRADE)
    spans = rows[["period_start", "period_end"]].drop_duplicates()
    away = [abs((pd.Period(end, "M") - pd.Period(ARTICLE_DAY[:7], "M")).n) for end in spans["period_end"]]
    start, end = (
        spans.assign(away=away).sort_values(["away", "period_start"]).iloc[0][["period_start", "period_end"]]
    )
    now = rows[(rows["period_end"] == end) & (rows["period_start"] == start)]
    shares = now.groupby("partner")["share_pct"].first().astype(float).sort_values(ascending=False)
    if not set(NAMED) <= set(shares.index):
        return unknown(float("nan"), "%", COMTRADE)
    joint, top = float(shares[list(NAMED)].sum()), str(shares.index[0])
    values = {"joint": joint, "top_share": float(shares.iloc[0]), "start": start, "end": end, "top": top}
    among = set(NAMED) <= set(shares.index[: len(NAMED) + 1])
    if not among:
        return Finding("does_not_hold", "off", float("nan"), joint, "%", f"UIBE; {GACC}", values)
    verdict, case = ("holds", "holds") if top in NAMED else ("holds_with_remark", "omits_largest")
    return Finding(verdict, case, float("nan"), joint, "%", f"UIBE; {GACC}", values)


def main_products(as_of: str) -> Finding:
    """Claim 10: processors, controllers and memories are the main exports, more and more so."""
    rows = products_as_of(as_of)
    rows = rows[
        (rows["flow"] == "export")
        & rows["period_start"].str.endswith("-01")
        & rows["period_end"].str.endswith("-12")
    ]
    values = rows.pivot_table(index="period_end", columns="hs6", values="value_usd", aggfunc="sum")
    if values.empty or not {"8542", "854231", "854232"} <= set(values):
        return unknown(50.0, "%", COMTRADE)
    joint = (100 * (values["854231"] + values["854232"]) / values["8542"]).dropna()
    if joint.empty:
        return unknown(50.0, "%", COMTRADE)
    first, last = joint.iloc[0], joint.iloc[-1]
    shares = {
        "share": float(last),
        "year": int(joint.index[-1][:4]),
        "before": float(first),
        "from_year": int(joint.index[0][:4]),
    }
    if last <= 50:
        return Finding("does_not_hold", "off", 50.0, float(last), "%", COMTRADE, shares)
    verdict, case = ("holds", "holds") if last >= first else ("holds_with_remark", "falling")
    return Finding(verdict, case, 50.0, float(last), "%", COMTRADE, shares)
