"""The figures of reports show the numbers of their tables, and their titles what these bear out."""

from __future__ import annotations

from pathlib import Path

import figure_data
import numpy as np
import pandas as pd
import pytest

from chipexports.charts import catalogue
from chipexports.charts.backtest import coverage_by_months
from chipexports.charts.figure import Chart, FigureNotDrawn
from chipexports.charts.needed import requirement
from chipexports.forecast.distribution import edges

TABLES = figure_data.tables()
SETTINGS = {
    "as_of": "2026-11-22",
    "target_year": 2026,
    "flow": "export",
    "currency": "USD",
    "threshold": 240_000.0,
}


def draw(name: str, tables: dict[str, pd.DataFrame] | None = None, **settings: object) -> Chart:
    return catalogue.draw(name, TABLES | (tables or {}), **(SETTINGS | settings))


def outline(c: Chart, panel: int, level: str) -> set[float]:
    """Return the heights that a band's edges reach."""
    band = next(item for item in c.axes[panel].collections if item.get_gid() == f"band-{level}")
    return {round(float(y), 6) for path in band.get_paths() for _, y in path.vertices}


# --- fan


def test_fan_shows_the_table_in_the_plotted_unit() -> None:
    for language, factor in (("en", 1e-3), ("zh", 1e-2)):
        c = draw("fan", language=language)
        table = TABLES["fan"]
        np.testing.assert_allclose(c.data["ytd_median"], table["ytd_median"] * factor)
        drawn = np.concatenate([line.get_ydata() for line in c.axes[1].lines if len(line.get_xdata()) > 2])
        assert set(np.round(drawn, 6)) == set(np.round(table["ytd_median"] * factor, 6))
        for level, names in (("80", ("q10", "q90")), ("95", ("q025", "q975"))):
            december = table.iloc[-1]
            assert {round(float(december[f"ytd_{n}"]) * factor, 6) for n in names} <= outline(c, 1, level)


def test_fan_title_is_the_pools_row_of_the_forecast_table() -> None:
    low, high = 250.0 - 6 * 1.2816, 250.0 + 6 * 1.2816
    assert draw("fan").title == f"Exports in 2026: 250.0 bn USD forecast (80% interval {low:.1f}–{high:.1f})"
    assert draw("fan", language="zh").title.startswith("预计2026年集成电路出口为2,500亿美元（80%区间：")


@pytest.mark.parametrize("levels", [[0.5], [0.8, 0.95], [0.6, 0.9, 0.99]])
def test_levels_decide_the_bands(levels: list[float]) -> None:
    table, row = TABLES["fan"].copy(), TABLES["forecast"].copy()
    for level in levels:
        for name, share in edges(level).items():
            for part in ("month", "ytd"):
                table[f"{part}_{name}"] = table[f"{part}_median"] * (0.5 + share)
            row[name] = row["median"] * (0.5 + share)
    c = draw("fan", {"fan": table, "forecast": row}, levels=levels)
    bands = [item.get_gid() for item in c.axes[1].collections]
    assert bands == [f"band-{100 * level:g}" for level in reversed(levels)]
    named = [label.get_text() for label in c.fig.legends[0].get_texts()]
    assert [name for name in named if "interval" in name] == [
        f"{100 * level:g}% interval" for level in reversed(levels)
    ]
    assert all(f"{100 * level:g}%" in c.caption for level in levels)


def test_a_table_without_the_bounds_asked_for_is_no_figure() -> None:
    with pytest.raises(FigureNotDrawn, match=r"90% .* has no columns ytd_q05, ytd_q95"):
        draw("fan", levels=[0.9])


def test_a_year_that_is_over_has_a_total_and_no_bands() -> None:
    c = draw("fan", {"fan": figure_data.fan(12)})
    assert c.title == "Exports in 2026: 250.0 bn USD, all twelve months published"
    assert not c.axes[0].collections
    only = draw("distribution", {"totals": figure_data.totals(100, spread=0.0)})
    assert only.title == "Exports in 2026: 250.0 bn USD, nothing is left to forecast"
    assert len(only.data) == 1


def test_a_threshold_far_off_is_named_in_the_source_line() -> None:
    for name in ("fan", "distribution"):
        c = draw(name, threshold=9e6)
        assert "The threshold of 9,000 bn USD lies off the scale." in c.source
        assert not any(line.get_gid() == "threshold" for ax in c.axes for line in ax.lines)


# --- distribution, methods


def test_distribution_counts_every_path_and_says_the_probability() -> None:
    c = draw("distribution", threshold=250_000.0)
    totals = TABLES["totals"]["total"]
    assert c.data["share_pct"].sum() == pytest.approx(100.0)
    above = 100 * (totals > 250_000).mean()
    assert c.data.loc[c.data["above"], "share_pct"].sum() == pytest.approx(above)
    assert c.title == f"Probability that exports in 2026 exceed 250 bn USD: {above:.0f}%"
    assert f"{above:.0f}%" in c.alt


def test_what_is_only_simulated_is_never_certain() -> None:
    assert draw("distribution", threshold=200_000.0).title.endswith("above 99%")
    assert draw("distribution", threshold=300_000.0).title.endswith("below 1%")


def test_the_outturn_is_marked_where_it_is_known() -> None:
    c = draw("distribution", {"forecast": figure_data.forecast(outturn=251_000.0)})
    mark = next(line for line in c.ax.lines if line.get_gid() == "outturn")
    assert mark.get_xdata() == [251.0]
    assert "outturn 251.0 bn USD" in [label.get_text() for label in c.fig.legends[0].get_texts()]


def test_methods_stand_in_their_camps_with_the_pool_on_top() -> None:
    c = draw("methods")
    assert c.data["method"].tolist() == ["combination", "ets", "ucm", "indicator", "pooled_growth"]
    assert c.data["camp"].tolist() == ["pool", "level", "level", "growth", "growth"]
    assert c.title == (
        "The combination's 250.0 bn USD lies between two camps: 255.0–262.0 from the recent level, "
        "241.0–244.0 from growth on last year"
    )
    dots = {
        line.get_gid(): line.get_xdata()[0] for line in c.ax.lines if str(line.get_gid()).startswith("median")
    }
    assert dots == {f"median-{name}": value / 1e3 for name, value in figure_data.CENTRES.items()}


def test_probabilities_of_another_threshold_are_not_shown_for_this_one() -> None:
    def labels(c: Chart) -> str:
        return " ".join(label.get_text() for label in c.ax.texts)

    assert "P(> 240)" in labels(draw("methods"))
    assert "70%" in labels(draw("methods"))
    other = draw("methods", threshold=245_000.0)
    assert "%" not in labels(other)
    assert "P(>" not in labels(other)
    assert "probabilities" not in other.alt


def test_methods_say_so_where_the_pool_is_not_between_the_camps() -> None:
    table = TABLES["forecast"].copy()
    table.loc[table["method"] == "indicator", "median"] = 265e3
    assert (
        draw("methods", {"forecast": table}).title
        == "Methods put 2026 at 241.0–265.0; the combination at 250.0 bn USD"
    )
    mine = table[table["method"].isin(["ets", "combination"])]
    own = pd.concat([mine, mine[mine["method"] == "ets"].assign(method="my_method", median=1e5)])
    c = draw("methods", {"forecast": own})
    assert c.data["camp"].tolist() == ["pool", "level", "own"]
    assert "my method" in [label.get_text() for label in c.ax.get_yticklabels()]
    with pytest.raises(FigureNotDrawn, match="fewer than two methods"):
        draw("methods", {"forecast": mine})


# --- evolution, sweep


def test_evolution_draws_each_forecast_and_scores_them() -> None:
    c = draw("evolution")
    table = TABLES["evolution"]
    np.testing.assert_allclose(c.data["median"], table["median"] * 1e-3)
    assert [ax.get_title(loc="left") for ax in c.axes] == ["2023", "2024", "2025", "2026"]
    # 0.4% a month left: 0.8% with ten published, in each of three years
    assert (
        c.title == "With 10 months published the total was missed by 0.8% on average, 0.8% at most (3 years)"
    )


def test_evolution_says_when_the_forecast_left_its_own_intervals() -> None:
    table = TABLES["evolution"].copy()
    late = (table["target_year"] == 2026) & (table["months_published"] == 8)
    names = [*figure_data.QUANTILES]
    table.loc[late, names] = table.loc[late, names] * 1.5
    last = table.loc[late, "median"].iloc[0]
    earlier = table[(table["target_year"] == 2026) & (table["months_published"] < 8)]
    outside = int((earlier["q975"] < last).sum())
    assert outside == 8
    assert (
        f"outside the 95% interval of {outside} of its 8 earlier forecasts"
        in draw("evolution", {"evolution": table}).caption
    )
    assert "inside the 95% interval of every earlier forecast" in draw("evolution").caption


# --- backtest


def test_errors_are_those_of_the_scores() -> None:
    c = draw("backtest_errors")
    scores = TABLES["scores"].query("months_published != 'all'")
    whole, keys = {"months_published": int}, ["method", "months_published"]
    merged = c.data.astype(whole).merge(scores.astype(whole), on=keys)
    assert len(merged) == len(scores)
    np.testing.assert_allclose(merged["error_pct"], merged["outturn_mape_pct"])
    assert c.title.startswith("With 8 months published the combination misses by 4.0% on average, the growth")
    assert c.title.endswith("by 4.6%")


def test_coverage_by_months_counts_cases_of_a_year_as_related() -> None:
    table = coverage_by_months(TABLES["backtest"], 0.8)
    assert table["n_cases"].tolist() == [24, 24]
    assert table["n_years"].tolist() == [12, 12]
    assert table["share"].tolist() == [0.75, 1.0]
    # the two series agree in every year: as many independent cases as there are years, or nearly
    np.testing.assert_allclose(table["n_effective"], [12, 12], rtol=0.1)
    assert table.loc[2, "low"] < 0.5 < 0.9 < table.loc[2, "high"]
    assert table.loc[8, "low"] == pytest.approx(1 / (1 + 1.96**2 / 12))  # Wilson's bound of 12 of 12
    apart = TABLES["backtest"].copy()
    swap = (apart["series"] == "korea_mn") & (apart["months_published"] == 2)
    apart.loc[swap, "outturn"] = np.where(apart.loc[swap, "target_year"] % 4 == 1, 101.2, 100.0)
    assert coverage_by_months(apart, 0.8).loc[2, "n_effective"] > 18  # unrelated: nearly as many as cases


def test_coverage_shows_these_shares_and_its_title_says_them() -> None:
    c = draw("backtest_coverage")
    shown = c.data.set_index(["level_pct", "months_published"])["share"]
    for level in (50, 80, 95):
        expected = 100 * coverage_by_months(TABLES["backtest"], level / 100)["share"]
        np.testing.assert_allclose(shown[level], expected)
    assert (
        c.title == "The 80% interval held the outturn in 75% of cases with 2 months published, in 100% with 8"
    )
    assert len(c.axes) == 3
    assert len(draw("backtest_coverage", levels=[0.8]).axes) == 1


def test_pit_names_the_bars_outside_the_range_of_chance() -> None:
    c = draw("backtest_pit")
    values = TABLES["backtest"]["outturn_pit"]
    counts, _ = np.histogram(values, 10, (0, 1))
    np.testing.assert_allclose(c.data["share_pct"], 100 * counts / len(values))
    outside = (
        (c.data["share_pct"] > c.data["chance_high"]) | (c.data["share_pct"] < c.data["chance_low"])
    ).sum()
    assert outside > 0
    assert f"{outside} of 10 bars lie outside the range of chance" in c.title
    # 24 series and years, not 48 forecasts
    assert "that of 24 cases" in c.caption
    with pytest.raises(FigureNotDrawn, match="8"):
        draw("backtest_pit", {"backtest": figure_data.backtest(2)})


# --- moved, needed


def test_steps_add_up_from_start_to_end() -> None:
    c = draw("moved")
    rows = c.data
    steps = rows["contribution"].sum()
    assert rows["total"].iloc[0] + steps == pytest.approx(rows["total"].iloc[-1])
    assert c.title == "The forecast of 2026 moved from 240.0 to 256.0 bn USD (+6.7%)"
    dots = [line.get_xdata()[0] for line in c.ax.lines if str(line.get_gid()).startswith("step-")]
    np.testing.assert_allclose(dots, rows["total"])
    assert not c.ax.patches, "a bar that does not start at zero misleads"
    assert "News of Aug 2026 with +13.0" in c.alt


def test_what_is_needed_is_the_gap_over_the_months_left() -> None:
    months = pd.Series([10.0, 12.0] * 10, pd.period_range("2025-01", periods=20, freq="M"))
    need = requirement(months, 2026, 132.0)
    assert need["gap"] == pytest.approx(132 - months["2026"].sum())
    assert need["average"] == pytest.approx(need["gap"] / 4)
    assert need["growth_pct"] == pytest.approx(100 * (need["average"] / 11.0 - 1))
    assert requirement(months, 2026, 50.0)["gap"] == 0.0


def test_needed_draws_the_months_and_the_average() -> None:
    c = draw("needed")
    table = TABLES["monthly"].query("flow == 'export'").set_index("period")["value_usd_mn"]
    shown = c.data["value"].dropna()
    np.testing.assert_allclose(shown, table[shown.index.astype(str)] * 1e-3)
    published = table["2026-01":].sum()
    average = (240_000 - published) / 4 / 1e3
    np.testing.assert_allclose(c.data["needed"].dropna(), [average] * 4)
    assert f"{average:.1f} bn USD" in c.title
    passed = draw("needed", threshold=1_000.0)
    assert passed.title.startswith("2026 has passed 1 bn USD with 4 months still to come")


@pytest.mark.parametrize(
    ("months", "reason"),
    [
        (figure_data.monthly(last="2026-12"), "2026"),
        (figure_data.monthly(flows=("import",)), "threshold"),
    ],
)
def test_needed_is_left_out_with_a_reason(months: pd.DataFrame, reason: str) -> None:
    with pytest.raises(FigureNotDrawn, match=reason):
        draw("needed", {"monthly": months})


def test_gaps_stay_gaps_and_excluded_months_are_not_drawn() -> None:
    table = TABLES["monthly"].copy()
    table.loc[table["period"] == "2025-05", "excluded"] = True
    c = draw("needed", {"monthly": table})
    assert np.isnan(c.data.loc["2025-05", "value"])
    assert c.data["value"].notna().sum() == 31


# --- files


def test_files_are_written_or_the_reason_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHIPEXPORTS_OUTPUT", str(tmp_path))
    folder = tmp_path / "figures" / "demo"
    catalogue.draw_and_save("fan", TABLES, "demo", formats=["svg"], **SETTINGS)
    assert {path.name for path in folder.iterdir()} == {"fan.svg", "fan.csv", "fan.caption.md"}
    left = catalogue.draw_and_save("fan", TABLES | {"fan": TABLES["fan"].iloc[:0]}, "demo", **SETTINGS)
    assert [path.name for path in folder.iterdir()] == ["fan.left-out.md"]
    assert left.left_out.startswith("Not drawn:")
