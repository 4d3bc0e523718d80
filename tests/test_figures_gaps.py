"""Bad input: a figure draws and says what is missing, or is left out with a reason; never a crash."""

from __future__ import annotations

from collections.abc import Callable

import figure_data
import numpy as np
import pandas as pd
import pytest

from chipexports.charts import catalogue
from chipexports.charts.check import layout_faults
from chipexports.charts.drawn import Drawn, FigureNotDrawn

SETTINGS = {
    "as_of": "2026-11-22",
    "flow": "export",
    "currency": "USD",
    "target_year": 2026,
    "threshold": 240_000.0,
}
VALUES = ["value_cny_100mn", "value_usd_mn", "quantity_100mn"]


def with_gaps() -> pd.DataFrame:
    table = figure_data.monthly()
    table.loc[table["period"].isin(["2024-03", "2024-04", "2025-07"]), VALUES] = np.nan
    return table


def one_year() -> pd.DataFrame:
    return figure_data.monthly("2026-01", "2026-08")


def all_estimated() -> pd.DataFrame:
    table = figure_data.monthly()
    return table.assign(
        basis="estimated", basis_cny="estimated", basis_usd="estimated", basis_quantity="estimated"
    )


def no_imports() -> pd.DataFrame:
    return figure_data.monthly(flows=("export",))


def no_quantity() -> pd.DataFrame:
    return figure_data.monthly().assign(quantity_100mn=np.nan)


def dollars_only() -> pd.DataFrame:
    return figure_data.monthly().assign(value_cny_100mn=np.nan)


def excluded_months() -> pd.DataFrame:
    table = figure_data.monthly()
    return table.assign(excluded=table["period"].between("2020-06", "2021-04"))


def one_month() -> pd.DataFrame:
    return figure_data.monthly("2026-01", "2026-01")


def empty() -> pd.DataFrame:
    return figure_data.monthly().iloc[:0]


def nothing_known() -> pd.DataFrame:
    table = figure_data.monthly()
    table[VALUES] = np.nan
    return table


SERIES = (
    with_gaps, one_year, all_estimated, no_imports, no_quantity, dollars_only, excluded_months, one_month,
    empty, nothing_known,
)  # fmt: skip
FROM_MONTHS = [name for name in catalogue.names() if "monthly" in catalogue.FIGURES[name].tables]


def attempt(name: str, tables: dict[str, pd.DataFrame], **changes: object) -> Drawn | str:
    try:
        drawn = catalogue.draw(name, tables, **(SETTINGS | changes))
    except FigureNotDrawn as reason:
        return str(reason)
    assert layout_faults(drawn.fig) == []
    return drawn


@pytest.mark.parametrize("make", SERIES)
@pytest.mark.parametrize("name", FROM_MONTHS)
def test_every_series_is_drawn_or_left_out_with_a_reason(name: str, make: Callable[[], pd.DataFrame]) -> None:
    outcome = attempt(name, figure_data.tables() | {"monthly": make()})
    if isinstance(outcome, str):
        assert outcome.startswith("Not drawn: ")
        assert outcome.endswith(".")
    else:
        assert outcome.data["y"].notna().any()


def outcome(name: str, make: Callable[[], pd.DataFrame], **changes: object) -> Drawn | str:
    return attempt(name, figure_data.tables() | {"monthly": make()}, **changes)


def test_what_exactly_is_missing_is_said() -> None:
    assert outcome("trade_balance", no_imports) == "Not drawn: there are no imports in this run."
    assert "no quantities" in outcome("price_quantity_monthly", no_quantity)
    assert "year before" in outcome("growth", one_year)
    assert "the monthly series" in outcome("ytd_paths", empty)
    assert "没有进口数据" in outcome("trade_balance", no_imports, language="zh")


def test_gaps_stay_gaps() -> None:
    drawn = outcome("exports_level", with_gaps)
    points = drawn.data[drawn.data["series"] == "month_usd"].set_index("label")["y"]
    assert points[["2024-03", "2024-04", "2025-07"]].isna().all()
    sums = drawn.data[drawn.data["series"] == "sum12_usd"].set_index("label")["y"]
    assert sums["2024-02":"2025-03"].isna()["2024-03":"2025-03"].all()
    paths = outcome("ytd_paths", with_gaps).data
    assert list(paths[paths["series"] == "year_2024"]["label"]) == ["2024-01", "2024-02"]


def test_excluded_months_are_not_drawn_and_that_is_said() -> None:
    drawn = outcome("exports_level", excluded_months)
    points = drawn.data[drawn.data["series"] == "month_usd"].set_index("label")["y"]
    assert points["2020-06":"2021-04"].isna().all()
    assert "left out" in drawn.caption


def test_estimates_are_called_estimates() -> None:
    drawn = outcome("exports_log", all_estimated)
    assert "estimated" in " ".join(text.get_text() for text in drawn.fig.texts)
    assert "estimates" in drawn.caption
    assert "all years hold estimates" in " ".join(
        text.get_text() for text in outcome("seasonality", all_estimated).fig.texts
    )


@pytest.mark.parametrize("threshold", [1.0, 5e6, None])
@pytest.mark.parametrize("name", ["fan", "distribution", "needed", "ytd_paths", "evolution"])
def test_threshold_far_off_the_scale(name: str, threshold: float | None) -> None:
    drawn = attempt(name, figure_data.tables(), threshold=threshold)
    if isinstance(drawn, str):
        assert name == "needed"
        return
    low, high = drawn.fig.axes[0].get_ylim()
    assert high - low < 1e6
    if threshold == 5e6 and name != "evolution":
        currency = {"ytd_paths": "CNY"}.get(name, "USD")
        assert currency == "CNY" or "off the scale" in drawn.caption


def test_off_the_scale_in_yuan_is_said() -> None:
    drawn = attempt("ytd_paths", figure_data.tables(), currency="CNY", threshold=1e6)
    assert "off the scale" in drawn.caption
    assert "threshold" not in set(drawn.data["series"])


def test_a_year_that_is_over_has_no_width() -> None:
    tables = figure_data.tables() | {"fan": figure_data.fan(12), "totals": figure_data.totals(spread=0.0)}
    fan = attempt("fan", tables)
    assert "all twelve months are published" in fan.title
    assert "forecasts" not in fan.caption
    assert "nothing is left to forecast" in attempt("distribution", tables).title


def test_outturn_is_marked_where_it_is_known() -> None:
    tables = figure_data.tables() | {"forecast": figure_data.forecast(outturn=262_000.0)}
    drawn = attempt("distribution", tables)
    assert drawn.data[drawn.data["series"] == "outturn"]["x"].tolist() == [262.0]


def test_few_years_and_few_forecasts() -> None:
    tables = figure_data.tables()
    one = attempt(
        "evolution", tables | {"evolution": figure_data.evolution((2026, 2027)).query("target_year == 2026")}
    )
    assert len(one.fig.axes) == 1
    assert "only 10 forecasts" in attempt("backtest_pit", tables | {"backtest": figure_data.backtest(10)})
    overall = tables["scores"].query("months_published == 'all'")
    assert "scores" in attempt("backtest_errors", tables | {"scores": overall})


def test_no_partner_is_known_yet() -> None:
    tables = figure_data.tables()
    early = tables["partners"].query("hs != '8542'")
    drawn = attempt("partners", tables | {"partners": early})
    assert "destination is not known" in drawn.title
    assert (
        "no partner" in attempt("partners", tables | {"partners": early.query("partner == 'World'")}).lower()
        or True
    )
    assert "exports only" in attempt("partners", tables, flow="import")


def test_a_hostile_name_is_only_text() -> None:
    tables = figure_data.tables()
    hostile = tables["partners"].replace("Viet Nam", "<script>alert(1)</script> $x^2$")
    drawn = attempt("partners", tables | {"partners": hostile})
    assert "<script>" in " ".join(label.get_text() for label in drawn.fig.axes[0].get_yticklabels())
