"""Notebook 03 as a reader meets it: every number in a title computed again, other runs, one's own cells."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from notebook_cells import proof, run_cells, sentences
from one_language import foreign

from chipexports.clean import known
from chipexports.record.festival import spring_festival
from chipexports.record.memory import memory_exports_as_of
from chipexports.record.products import products_as_of

NOTEBOOK = "03_explore_exports"
AS_OF = "2026-11-22"
# seaborn's heatmap sets the colour of gaps in the old way
pytestmark = pytest.mark.filterwarnings("ignore:The set_bad function:PendingDeprecationWarning")


@pytest.fixture(scope="module")
def latest(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHIPEXPORTS_OUTPUT", str(tmp_path_factory.mktemp("latest")))
        yield run_cells(NOTEBOOK, as_of=AS_OF)


@pytest.fixture(scope="module")
def monthly():
    return known(AS_OF, "2014-05").monthly("export")


@pytest.fixture(scope="module")
def real(monthly):
    return monthly["usd_mn"].where(monthly["kind_usd"] != "estimate")


def numbers(text: str) -> list[float]:
    return [float(x.replace("−", "-").replace(",", "")) for x in re.findall(r"[−+]?\d[\d,]*\.?\d*", text)]


def title(state, name: str) -> str:
    return state.charts[name].title


def month(text: str) -> str:
    return pd.Period(text, "M").strftime("%b %Y")


# --- what would mislead: first


def test_no_month_that_is_an_estimate_enters_a_split_a_slope_or_a_correlation(latest, monthly, real):
    names = latest.names
    for table in (names["parts"].index, names["world"].index[12:]):
        for m in table:
            if not names["by_print"].get(m, False):
                assert monthly.at[m, "kind_usd"] != "estimate"
                assert monthly.at[m - 12, "kind_usd"] != "estimate"
    soft = monthly["basis_pieces"].isin(["estimated", "joint_estimate"])
    assert not soft[list(names["measured"].index)].any()
    assert not soft[[m - 12 for m in names["measured"].index]].any()
    for year in names["chips"].index:
        assert real[[pd.Period(f"{year}-01", "M"), pd.Period(f"{year}-02", "M")]].notna().all()


def test_goods_do_not_stand_in_for_chips(latest):
    slopes = latest.names["slopes"]["log_points_a_week"]
    assert slopes["chips", "february_alone"] < 0 < slopes["goods", "february_alone"]
    assert "cannot stand in" in sentences(latest)["03-festival-words"]


def test_a_sum_rests_on_its_weakest_month(latest, monthly):
    sums = latest.names["sides"]["export"]["rests_on"]
    for m in sums.index[-40:]:
        kinds = set(monthly.loc[m - 11 : m, "kind_usd"])
        weakest = next(k for k in ("estimate", "derived", "customs") if k in kinds)
        assert sums[m] == weakest


# --- the number in each title


def test_level(latest, monthly):
    value = monthly["usd_mn"].dropna()
    last = value.index[-1]
    shown = numbers(title(latest, "exports_level"))
    assert month(str(last)) in title(latest, "exports_level")
    assert round(value.iloc[-1] / 1e3, 1) in shown
    assert round(value.iloc[-1] / value[last - 12], 2) in shown


def test_steepest_twelve_months(latest, monthly):
    change = {
        m: 100 * np.log(v / monthly["usd_mn"][m - 12])
        for m, v in monthly["usd_mn"].items()
        if m - 12 in monthly.index
    }
    top, low = max(change, key=change.get), min(change, key=change.get)
    words = title(latest, "exports_log")
    assert month(str(top)) in words
    assert month(str(low)) in words
    assert {round(change[top]), round(change[low])} <= set(numbers(words))


def test_growth(latest, monthly):
    last = monthly["usd_mn"].last_valid_index()
    expected = [100 * (monthly["usd_mn"][m] / monthly["usd_mn"][m - 12] - 1) for m in (last, last - 6)]
    assert {round(x, 1) for x in expected} <= set(numbers(title(latest, "growth")))


def test_heatmap_names_the_first_month_whose_growth_is_free_of_estimates(latest, real):
    free = [
        m
        for m in real.index[12:]
        if real[m : real.index[-1]].notna().all() and real[m - 12 : real.index[-1] - 12].notna().all()
    ]
    assert month(str(free[0])) in title(latest, "growth_heatmap")


def test_year_to_date(latest, monthly):
    value, last = monthly["usd_mn"] / 1e3, monthly["usd_mn"].last_valid_index()
    so_far = value[f"{last.year}-01" : str(last)].sum()
    passed = max(y for y in range(2015, last.year) if value[str(y)].sum() < so_far)
    shown = numbers(title(latest, "ytd_paths"))
    assert round(so_far, 1) in shown
    assert passed in shown


def test_strong_months_hold_with_growth_taken_out(latest, monthly):
    value = monthly["usd_mn"].dropna()
    average = pd.Series(
        {
            m: (value[m - 6] / 2 + value[m - 5 : m + 5].sum() + value[m + 6] / 2) / 12
            for m in value.index[6:-6]
        }
    )
    ratio = (value / average)["2023":"2025"]
    ratio = ratio.groupby(ratio.index.month).mean()
    assert set(ratio.nlargest(3).index) >= {3, 9}
    assert np.allclose(latest.names["factors"]["ratio"], 100 * ratio / ratio.mean())
    assert {"Mar", "Sep"} == set(re.findall(r"\b(?:Mar|Sep)\b", title(latest, "seasonality")))
    raw = value["2023":"2025"] / value["2023":"2025"].groupby(value["2023":"2025"].index.year).transform(
        "sum"
    )
    assert "by raw share it is Dec" in title(latest, "seasonality")
    assert raw.groupby(raw.index.month).mean().idxmax() == 12


def test_festival_slope(latest, monthly):
    log = 100 * np.log(monthly["usd_mn"])
    weeks, effect = [], []
    for year in range(2023, 2027):
        d, j, f, m = (
            log[pd.Period(p, "M")] for p in (f"{year - 1}-12", f"{year}-01", f"{year}-02", f"{year}-03")
        )
        weeks.append((spring_festival(year) - np.datetime64(f"{year}-01-20")).astype(int) / 7)
        effect.append(f - j - (m - d) / 3)
    (slope, start), x = np.polyfit(weeks, effect, 1), np.array(weeks)
    error = np.sqrt(((effect - slope * x - start) ** 2).sum() / 2 / ((x - x.mean()) ** 2).sum())
    shown = numbers(title(latest, "festival"))
    assert shown[:3] == [round(slope, 1), round(error, 1), 4]


def test_price_and_quantity_make_value(latest, monthly):
    both = monthly[["usd_mn", "pieces_100mn"]].dropna()
    last = both.index[-1]
    value, pieces = (100 * (both[c][last] / both[c][last - 12] - 1) for c in both)
    price = 100 * ((1 + value / 100) / (1 + pieces / 100) - 1)
    words = title(latest, "price_quantity_monthly")
    assert month(str(last)) in words
    assert {round(value), round(pieces), round(price)} <= set(numbers(words))
    assert (latest.names["parts"].eval("value - pieces - unit_value").abs() < 1e-9).all()


def test_the_headline_splits_where_both_are_known_and_quotes_pieces_after_it(latest):
    said = sentences(latest)
    words = said["03-answer-words"] + " " + said["03-answer-pieces"]
    assert "–" not in re.sub(r"[−–](?=\d)", "", words.replace("Jan–", ""))
    assert re.search(
        r"Value and pieces are both known to Jul 2026: value \+99\.5%.*per piece \+88\.0%.*pieces \+6\.1%",
        words,
    )
    assert "For Aug 2026 only the growth of pieces was printed, −8.0%" in words


def test_deficit(latest, monthly):
    imports = known(AS_OF, "2014-05").monthly("import")["usd_mn"]
    gap = (imports.rolling(12).sum() - monthly["usd_mn"].rolling(12).sum()).dropna() / 1e3
    shown = numbers(title(latest, "trade_balance"))
    assert {round(gap.iloc[-1]), round(gap[gap.index[-1] - 12])} <= set(shown)


def test_products_partners_and_the_reason(latest, monthly):
    table = products_as_of(AS_OF).query(
        "flow == 'export' and hs6 == '854232' and period_end.str.endswith('-07')"
    )
    before, after = (table.set_index("period_start").at[f"{y}-01", "value_usd"] / 1e9 for y in (2025, 2026))
    whole = [monthly["usd_mn"][f"{y}-01" : f"{y}-07"].sum() / 1e3 for y in (2025, 2026)]
    part = 100 * (after - before) / (whole[1] - whole[0])
    assert round(part) in numbers(title(latest, "why_doubled"))
    assert round(part, 1) == 96.8
    assert round(100 * after / whole[1]) in numbers(title(latest, "products"))
    quarter = latest.names["quarter"]
    points = 100 * (quarter["2026-01"] - quarter["2025-01"]) / quarter.at["World", "2025-01"]
    assert numbers(title(latest, "partners"))[-2:] == [round(points["Hong Kong"]), round(points["World"])]
    assert (latest.names["mix"].sum(axis=1) - 100).abs().max() < 1.0  # what is not known stays unknown


def test_memory_prices(latest, monthly):
    korea = memory_exports_as_of(AS_OF)
    price = (korea["memory_usd_mn"] / korea["memory_tonnes"]).dropna()
    last = price.index[-1]
    unit = monthly["usd_mn"] / monthly["pieces_100mn"]
    shown = numbers(title(latest, "memory_prices"))
    assert shown[-2:] == [round(price[last] / price[last - 12], 1), round(unit[last] / unit[last - 12], 1)]


def test_revisions_are_counted(latest):
    revised = latest.names["of_value"]
    shown = numbers(title(latest, "revisions"))
    assert len(revised) in shown
    assert (revised < 0).all() == ("All" in title(latest, "revisions"))
    assert round(revised.abs().max(), 2) in shown


def test_no_lead_is_claimed_inside_the_band(latest):
    lead, band = latest.names["lead"], latest.names["band"]
    assert len(lead) == 18
    assert ("no lead" in title(latest, "cycle")) == (lead["surprises"].abs().max() <= band)
    pairs = latest.names["yearly_growth"][["china", "korea"]].to_numpy()
    korea = lead[(lead["with"] == "korea") & (lead["lag"] == 0)].iloc[0]
    assert korea["correlation"] == pytest.approx(np.corrcoef(pairs.T)[0, 1])
    assert korea["low"] < korea["correlation"] < korea["high"]


def test_a_bootstrap_that_keeps_the_overlap_is_wider_than_one_that_does_not(latest):
    pairs = latest.names["yearly_growth"][["china", "korea"]].to_numpy()
    interval = latest.names["interval"]
    kept, torn = interval(pairs, block=12), interval(pairs, block=1)
    assert kept[1] - kept[0] > torn[1] - torn[0]


# --- every chart is whole


def test_every_chart_has_title_description_and_data(latest):
    assert len(latest.charts) >= 15
    for name, c in latest.charts.items():
        assert c.title, name
        assert c.alt, name
        assert c.alt != c.title, name
        assert len(c.data), name


# --- other runs


def test_the_english_run_has_no_chinese(latest):
    assert not foreign(latest, "en")


@pytest.mark.parametrize(
    ("params", "unsaid"),
    [
        (
            {"as_of": "2019-03-14", "target_year": 2019},
            ["festival-facts", "price", "cycle-table", "pass-table"],
        ),
        (
            {"as_of": "2023-02-01", "target_year": 2023},
            ["festival-facts", "price", "cycle-table", "pass-table"],
        ),
        (
            {
                "as_of": "2024-11-07",
                "target_year": 2024,
                "currency": "CNY",
                "flow": "import",
                "language": "zh",
            },
            ["festival-facts", "partners-table", "cycle-table", "pass-table"],
        ),
    ],
    ids=["2019", "2023", "imports in yuan, Chinese"],
)
def test_what_does_not_apply_is_said(params, unsaid, tmp_path, monkeypatch):
    monkeypatch.setenv("CHIPEXPORTS_OUTPUT", str(tmp_path))
    state = run_cells(NOTEBOOK, **params)
    said = sentences(state)
    for cell in unsaid:
        assert said[f"03-{cell}"], cell
    assert state.names["value"].index[-1] < pd.Period(params["as_of"], "M")
    assert state.names["price"].index[-1] < pd.Period(params["as_of"], "M")
    assert not foreign(state, params.get("language", "en"))


# --- a researcher's own cells


def test_growth_as_a_three_month_average_from_2023_on(latest, monthly):
    (table,) = proof(latest, 'growth["2023":].rolling(3).mean().dropna().tail(3)')
    yearly = 100 * (monthly["usd_mn"] / monthly["usd_mn"].shift(12) - 1)
    assert table["USD"].iloc[-1] == pytest.approx(yearly.dropna().iloc[-3:].mean())


def test_an_indicator_of_ones_own_and_its_lead(latest):
    (table,) = proof(
        latest,
        """
mine = now.indicators["china_goods_usd_100mn"].shift(2)  # an indicator that trails chips by two months, say
theirs = 100 * np.log(mine).diff(12)
rows = {}
for lag in range(-4, 5):
    pairs = pd.concat([yearly_growth["china"], theirs.shift(lag)], axis=1).dropna()
    rows[lag] = {"correlation": pairs.corr().iloc[0, 1], "n": len(pairs)}
    rows[lag]["low"], rows[lag]["high"] = interval(pairs.to_numpy())
pd.DataFrame(rows).T
""",
    )
    plain = latest.names["now"].indicators["china_goods_usd_100mn"]
    there = 100 * np.log(plain).diff(12)
    both = pd.concat([latest.names["yearly_growth"]["china"], there], axis=1).dropna()
    assert table.at[-2, "correlation"] == pytest.approx(both.corr().iloc[0, 1], abs=0.05)
    assert (table["low"] < table["high"]).all()
    assert table["n"].min() >= 24


def test_one_figure_80_mm_wide_grey_chinese_pdf(latest, tmp_path, monkeypatch):
    monkeypatch.setenv("CHIPEXPORTS_OUTPUT", str(tmp_path))
    proof(
        latest,
        """
with chart("mine", params, width=80, grey=True, language="zh", formats=["pdf", "png"]) as c:
    by_kind(c.ax, shown["2023":], kind, label="出口")
    c.ax.set(ylabel="亿美元", ylim=(0, None))
    c.title, c.data = "集成电路出口", shown["2023":].to_frame("value")
""",
    )
    pdf = next(Path(tmp_path).rglob("mine.pdf")).read_bytes()
    box = [float(x) for x in re.search(rb"/MediaBox \[([^\]]*)\]", pdf).group(1).split()]
    assert box[2] / 72 * 25.4 == pytest.approx(80, abs=0.5)
    assert b"/CIDFontType2" in pdf or b"/TrueType" in pdf
    assert b"/Type3" not in pdf
    from PIL import Image

    pixels = np.asarray(Image.open(next(Path(tmp_path).rglob("mine.png"))).convert("RGB")).astype(int)
    assert np.ptp(pixels, axis=2).max() <= 2
    table = pd.read_csv(next(Path(tmp_path).rglob("mine.csv")))
    assert len(table) == len(latest.names["shown"]["2023":])
