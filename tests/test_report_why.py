"""Why exports double: the reasons of the report against figures worked out by hand, cut at as_of."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from sample_run import write_sample

from chipexports.charts.figure import FigureNotDrawn
from chipexports.charts.why import doubled
from chipexports.clean import known
from chipexports.report.build import build_report
from chipexports.report.why import GROUPS, standing_table, why_table
from chipexports.results import load_run

ROOT = Path(__file__).resolve().parents[1]


def test_2026_is_price_and_memories() -> None:
    table = why_table(known("2026-11-22"), 2026, "export").set_index("item")
    price, pieces, value = (table.loc[name] for name in ("unit_value", "pieces", "value"))
    assert (price["first"], price["last"]) == ("2026-01", "2026-07"), "August has no pieces"
    assert value["change_pct"] == pytest.approx(99.5, abs=0.3)
    assert price["change_pct"] == pytest.approx(88, abs=1)
    ratio = (1 + price["change_pct"] / 100) * (1 + pieces["change_pct"] / 100)
    assert ratio == pytest.approx(1 + value["change_pct"] / 100)
    memories = table.loc["memories"]
    assert memories["share_pct"] == pytest.approx(70.1, abs=0.1)
    assert memories["part_pct"] == pytest.approx(97, abs=1)
    assert memories["before"] == pytest.approx(47_100, rel=0.01)
    assert not set(table.loc["partner", "name"]) & set(GROUPS)
    assert set(table.loc["neighbour", "name"]) == {"Korea", "Taiwan"}


def test_koreas_memories_cost_more_by_value_over_weight() -> None:
    raw = pd.read_csv(ROOT / "data/raw/korea_customs/memory_exports_monthly.csv", index_col="period")
    now, before = (raw.loc[f"{year}-01" : f"{year}-06"].sum() for year in (2026, 2025))
    table = why_table(known("2026-09-14"), 2026, "export").set_index(["item", "name"])
    weight, value = table.loc[("korea_weight", "memory")], table.loc[("korea_value", "memory")]
    assert (value["first"], value["last"]) == ("2026-01", "2026-06")
    assert value["now"] == pytest.approx(now["memory_usd_mn"])
    assert weight["change_pct"] == pytest.approx(100 * (now["memory_tonnes"] / before["memory_tonnes"] - 1))
    for name in ("memory", "dram", "nand"):
        price = table.loc[("korea_price", name)]
        assert price["now"] == pytest.approx(1000 * now[f"{name}_usd_mn"] / now[f"{name}_tonnes"])
        ratio = now[f"{name}_usd_mn"] / before[f"{name}_usd_mn"]
        ratio /= now[f"{name}_tonnes"] / before[f"{name}_tonnes"]
        assert price["change_pct"] == pytest.approx(100 * (ratio - 1))
    assert table.loc[("korea_price", "memory"), "change_pct"] > 100


def test_the_bridge_ends_at_the_value_and_its_steps_add_up() -> None:
    table = why_table(known("2026-09-14"), 2026, "export")
    drawn = doubled(table, {"language": "zh", "currency": "USD"}, save=False)
    heights = [bar.get_height() for bar in drawn.ax.patches]
    row = table.set_index("item").loc["memories"]
    assert heights[0] + heights[1] + heights[2] == pytest.approx(heights[3])
    assert heights[3] == pytest.approx(row["now"] / row["share_pct"], rel=1e-6)  # 亿美元
    assert heights[1] / (heights[3] - heights[0]) == pytest.approx(row["part_pct"] / 100)
    with pytest.raises(FigureNotDrawn, match="nothing is known of memories"):
        doubled(table[table["item"] != "memories"], save=False)


def test_nothing_later_than_the_day_is_used() -> None:
    table = why_table(known("2026-05-20"), 2026, "export")
    assert table["last"].max() <= "2026-04"
    assert "memories" not in set(table["item"]), "known since August"


def test_before_the_first_month_there_are_no_reasons() -> None:
    assert "value" not in set(why_table(known("2026-02-15"), 2026, "export")["item"])


def test_each_month_has_the_standing_of_its_figures() -> None:
    table = standing_table(known("2026-11-22"), "export", "USD").set_index("period")
    assert table.loc["2026-08", "standing"] == "quoted once"
    assert table.loc["2016-05", "standing"] == "estimate"
    assert table["value"].notna().all()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_reasons_stand_on_page_one_with_their_cells(tmp_path, monkeypatch, language) -> None:
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    write_sample(tmp_path)
    (tmp_path / "data" / "raw").symlink_to(ROOT / "data" / "raw")
    document, c = build_report(load_run("sample"), language)
    first = document.text.split("{#months}")[0]
    price = why_table(known("2024-11-07"), 2024, "export").set_index("item").loc["unit_value"]
    assert f"{price['now']:.2f}" in first
    listed = c.n.listed()
    assert {"before", "now", "change_pct"} <= set(listed[listed["table"] == "report.why"]["column"])
    assert ("the customs' own table" if language == "en" else "海关统计表") in document.text
