"""The numbers of each figure against a second computation from the tables it was drawn from."""

from __future__ import annotations

import math

import figure_checks as checks
import figure_data
import numpy as np
import pandas as pd
import pytest

from chipexports.charts import catalogue
from chipexports.charts.cycle import lead_lag
from chipexports.charts.growth import rate_part
from chipexports.charts.needed import requirement
from chipexports.charts.price_quantity import split_by_month, split_by_year
from chipexports.charts.revisions import revision_table

TABLES = figure_data.tables()
SETTINGS = {
    "as_of": "2026-11-22",
    "flow": "export",
    "currency": "USD",
    "target_year": 2026,
    "threshold": 240_000.0,
    "language": "en",
}


def data(name: str, **changes: object) -> pd.DataFrame:
    return catalogue.draw(name, TABLES, **(SETTINGS | changes)).data


def series(frame: pd.DataFrame, name: str) -> dict[str, float]:
    rows = frame[frame["series"] == name]
    return dict(zip(rows["label"].astype(str), rows["y"], strict=True))


def value(period: str, column: str = "value_usd_mn", flow: str = "export") -> float:
    rows = TABLES["monthly"]
    return float(rows[(rows["flow"] == flow) & (rows["period"] == period)][column].iloc[0])


def back(period: str, months: int) -> str:
    return str(pd.Period(period, freq="M") - months)


def test_months_and_sums_of_twelve_in_both_currencies() -> None:
    frame = data("exports_level")
    month, total = series(frame, "month_usd"), series(frame, "sum12_cny")
    assert month["2026-08"] == pytest.approx(value("2026-08") / 1000)
    by_hand = sum(value(back("2026-08", n), "value_cny_100mn") for n in range(12)) / 10
    assert total["2026-08"] == pytest.approx(by_hand)
    assert math.isnan(total["2019-11"])
    roles = frame[frame["series"] == "month_usd"].set_index("label")["role"]
    assert (roles["2022-12"], roles["2023-01"], roles["2024-01"]) == ("estimated", "derived", "published")


def test_chinese_units_are_a_hundred_million() -> None:
    assert series(data("exports_log", language="zh"), "month_usd")["2026-08"] == pytest.approx(
        value("2026-08") / 100
    )


def test_paths_add_up_month_by_month_and_cross_where_they_do() -> None:
    path = series(data("ytd_paths"), "year_2025")
    total = 0.0
    for month in range(1, 13):
        total += value(f"2025-{month:02d}", "value_cny_100mn") / 10
        assert path[f"2025-{month:02d}"] == pytest.approx(total)
    title = catalogue.draw("ytd_paths", TABLES, **SETTINGS).title
    crossed = next(int(label[5:]) for label, y in series(data("ytd_paths"), "year_2026").items() if y > 1000)
    assert pd.Period(f"2026-{crossed:02d}", freq="M").strftime("%b") in title


def test_growth_in_yuan_is_growth_in_dollars_plus_the_rate_exactly() -> None:
    rows = TABLES["monthly"][TABLES["monthly"]["flow"] == "export"].set_index("period")
    rows.index = pd.PeriodIndex(rows.index, freq="M")
    part = rate_part(rows["value_cny_100mn"], rows["value_usd_mn"]).dropna()
    assert (part["cny"] == part["usd"] + part["rate"]).mean() > 0.4
    np.testing.assert_allclose(part["cny"], part["usd"] + part["rate"], rtol=0, atol=1e-12)
    rate = rows["value_cny_100mn"] / rows["value_usd_mn"] * 100
    by_hand = 100 * math.log(rate["2026-08"] / rate["2025-08"])
    assert part["rate"]["2026-08"] == pytest.approx(by_hand)
    frame = data("growth")
    assert series(frame, "month_rate")["2026-08"] == pytest.approx(by_hand)
    growth = 100 * (value("2026-08") / value("2025-08") - 1)
    assert series(frame, "month_usd")["2026-08"] == pytest.approx(growth)
    sums = [sum(value(f"{year}-{m:02d}") for m in range(1, 9)) for year in (2025, 2026)]
    assert series(frame, "ytd_usd")["2026-08"] == pytest.approx(100 * (sums[1] / sums[0] - 1))


def test_price_and_quantity_add_up_exactly() -> None:
    rows = TABLES["monthly"][TABLES["monthly"]["flow"] == "export"].set_index("period")
    rows.index = pd.PeriodIndex(rows.index, freq="M")
    for parts in (
        split_by_month(rows["value_usd_mn"], rows["quantity_100mn"]),
        split_by_year(rows["value_usd_mn"], rows["quantity_100mn"]),
    ):
        parts = parts.dropna()
        assert (parts["value"] == parts["price"] + parts["quantity"]).all()
    by_month = split_by_month(rows["value_usd_mn"], rows["quantity_100mn"])
    assert by_month["value"]["2026-08"] == pytest.approx(100 * math.log(value("2026-08") / value("2025-08")))
    by_year = split_by_year(rows["value_usd_mn"], rows["quantity_100mn"])
    years = [sum(value(f"{year}-{m:02d}") for m in range(1, 13)) for year in (2024, 2025)]
    assert by_year["value"]["2025-12"] == pytest.approx(100 * math.log(years[1] / years[0]))
    assert by_year.index[-1] == pd.Period("2026-08", freq="M")


def test_stacked_bars_end_where_the_dot_is() -> None:
    frame = data("price_quantity_yearly")
    price, quantity = (frame[frame["series"] == name].set_index("label") for name in ("price", "quantity"))
    dots = series(frame, "value")
    for label, dot in dots.items():
        assert price["y"][label] + quantity["y"][label] == pytest.approx(dot)
        same = np.sign(price["y"][label]) == np.sign(quantity["y"][label])
        assert price["y_low"][label] == pytest.approx(quantity["y"][label] if same else 0.0)


def test_shares_of_a_year_sum_to_a_hundred_and_estimates_stay_out_of_the_mean() -> None:
    frame = data("seasonality")
    assert sum(series(frame, "year_2024").values()) == pytest.approx(100)
    firm = [series(frame, f"year_{year}") for year in (2023, 2024, 2025)]
    mean = series(frame, "mean")
    assert mean["02"] == pytest.approx(np.mean([one[f"{2023 + i}-02"] for i, one in enumerate(firm)]))


def test_festival_uses_only_months_that_are_not_estimates() -> None:
    frame = data("festival")
    chips = frame[frame["series"] == "chips"]
    assert list(chips["label"]) == ["2023", "2024", "2025", "2026"]
    one = chips.set_index("label").loc["2024"]
    assert one["x"] == 21  # 10 February 2024, counted from 20 January
    assert one["y"] == pytest.approx(100 * math.log(value("2024-02") / value("2024-01")))


def test_cover_ratio_and_gap() -> None:
    frame = data("trade_balance")
    sold, bought = (
        sum(value(back("2026-08", n), flow=flow) for n in range(12)) for flow in ("export", "import")
    )
    assert series(frame, "cover")["2026-08"] == pytest.approx(100 * sold / bought)
    gap = frame[(frame["series"] == "gap") & (frame["label"] == "2026-08")].iloc[0]
    assert gap["y_high"] - gap["y_low"] == pytest.approx((bought - sold) / 1000)


def test_products_and_partners_leave_the_unknown_open() -> None:
    frame = data("products")
    assert series(frame, "share_854232")["2024"] == pytest.approx(47.0)
    assert series(frame, "share_unknown")["2024"] == pytest.approx(13.0)
    frame = data("partners")
    assert series(frame, "now_partner") == {"Hong Kong": 45.0, "Korea": 20.0, "Viet Nam": 10.0}
    assert series(frame, "now_unknown") == {"unknown": 25.0}
    assert series(frame, "share_unknown")["2024"] == pytest.approx(85.0)


def test_lead_is_found_and_signed() -> None:
    index = pd.period_range("2015-01", "2024-12", freq="M")
    wave = np.random.default_rng(3).normal(size=len(index) + 6).cumsum() / 10
    home = pd.Series(np.exp(wave[: len(index)]), index=index)
    early = pd.Series(np.exp(wave[3 : len(index) + 3]), index=index)  # the same, three months ahead
    table = lead_lag(home, early).set_index("lead")
    assert table["correlation"].idxmax() == 3
    assert table["correlation"][3] == pytest.approx(1.0)
    growth = np.log(home).diff(12)[15:]
    other = np.log(early).diff(12).shift(3)[15:]
    assert table["correlation"][3] == pytest.approx(np.corrcoef(growth, other)[0, 1])
    assert lead_lag(home[:24], early[:24])["correlation"].isna().all()


def test_index_is_a_hundred_where_all_begin() -> None:
    frame = data("cycle")
    for name in ("china", "korea", "taiwan"):
        points = series(frame, name)
        assert points[min(points)] == pytest.approx(100)


def test_output_keeps_its_gaps() -> None:
    points = series(data("output"), "output")
    assert math.isnan(points["2024-06"])
    assert points["2026-08"] == pytest.approx(29.1)


def test_revision_is_the_change_on_the_first_print() -> None:
    table = revision_table(TABLES["releases"], "export", "CNY")
    assert set(table["kind"]) == {"ytd", "month"}
    np.testing.assert_allclose(table["revision_pct"], -1.0, atol=1e-9)
    assert len(table[table["kind"] == "ytd"]) == 11


def test_fan_is_the_table_in_the_plotted_unit() -> None:
    frame, table = data("fan"), TABLES["fan"].set_index("period")
    assert series(frame, "ytd_published")["2026-08"] == pytest.approx(table["ytd_median"]["2026-08"] / 1000)
    band = frame[(frame["series"] == "ytd_q10_q90") & (frame["label"] == "2026-12")].iloc[0]
    assert band["y_low"] == pytest.approx(table["ytd_q10"]["2026-12"] / 1000)
    assert band["y_high"] == pytest.approx(table["ytd_q90"]["2026-12"] / 1000)
    drawn = catalogue.draw("fan", TABLES, **SETTINGS)
    assert float(f"{band['y_high']:.9g}") in checks.band_edges(drawn, 2, "ytd_q10_q90")


def test_distribution_counts_every_path_and_writes_the_chance() -> None:
    frame = data("distribution")
    bars = frame[frame["series"].isin(["below", "above"])]
    assert bars["y"].sum() == pytest.approx(100)
    above = float((TABLES["totals"]["total"] > 240_000).mean())
    assert bars[bars["series"] == "above"]["y"].sum() == pytest.approx(100 * above)
    assert f"{100 * above:.0f}%" in catalogue.draw("distribution", TABLES, **SETTINGS).title


def test_evolution_draws_each_forecast_and_scores_them() -> None:
    drawn = catalogue.draw("evolution", TABLES, **SETTINGS)
    rows = TABLES["evolution"]
    one = rows[(rows["target_year"] == 2023) & (rows["months_published"] == 10)].iloc[0]
    panel = drawn.data[(drawn.data["panel"] == 1) & (drawn.data["series"] == "median")].set_index("x")
    assert panel["y"][10] == pytest.approx(one["median"] / 1000)
    assert "0.8%" in drawn.title  # 0.4 % a month left


def test_backtest_points_are_the_scores() -> None:
    frame = data("backtest_errors")
    points = series(frame, "growth_ytd")
    assert points["10"] == pytest.approx(1.15 * 2)
    frame = data("backtest_coverage")
    marks = frame[frame["series"] == "outturn_coverage_80"].set_index("label")["x"]
    assert marks["combination"] == pytest.approx(81)
    frame = data("backtest_pit")
    np.testing.assert_allclose(frame[frame["series"] == "pit"]["y"], 10.0)


def test_waterfall_adds_up() -> None:
    frame = data("moved")
    levels = frame[frame["series"] == "level"]["y"].tolist()
    steps = frame[frame["series"].isin(["up", "down"])]
    assert levels[0] + steps["y"].sum() == pytest.approx(levels[1])
    ends = (steps["y_low"].astype(float) + steps["y"]).tolist()
    assert any(end == pytest.approx(levels[1]) for end in ends)


def test_what_is_needed_is_the_gap_over_the_months_left() -> None:
    frame = data("needed")
    published = sum(value(f"2026-{m:02d}") for m in range(1, 9))
    average = (240_000 - published) / 4 / 1000
    np.testing.assert_allclose(frame[frame["series"] == "needed"]["y"], average)
    index = pd.period_range("2023-01", "2024-10", freq="M")
    need = requirement(pd.Series(range(1, 23), index=index, dtype=float), 2024, 300.0)
    assert need["published"] == sum(range(13, 23))
    assert need["average"] == pytest.approx((300 - 175) / 2)
    assert need["before"] == pytest.approx(11.5)
    assert requirement(pd.Series(range(1, 23), index=index, dtype=float), 2024, 10.0)["gap"] == 0.0


def test_every_claim_has_its_mark() -> None:
    frame = data("claims")
    assert sorted(frame["label"].astype(int)) == list(range(1, 11))
    assert set(frame["series"]) == {"holds", "holds_with_remark", "does_not_hold", "cannot_be_checked"}
