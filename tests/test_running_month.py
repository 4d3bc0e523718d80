"""The running month so far: what Korea's days say, with nothing that was not out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from record_copy import copy_record

from chipexports.clean import known
from chipexports.forecast.questions.running_month import _on_heading, running_month


def test_the_first_20_days_are_worth_something_and_say_how_little():
    july = running_month(known("2026-07-21"))
    assert (str(july.month), july.segment) == ("2026-07", "days_20")
    assert 5 < july.error_pct < 7.5 < july.own_error_pct
    assert july.low80 < july.nowcast < july.high80
    assert july.high80 / july.low80 == pytest.approx(np.exp(2 * 1.2816 * july.error_pct / 100))
    printed = known("2026-11-22").monthly("export").loc["2026-07", "usd_mn"]
    assert july.low80 < printed < july.high80


def test_the_whole_month_takes_the_place_of_its_days_when_it_is_out():
    assert running_month(known("2026-07-31")).segment == "days_20"
    assert running_month(known("2026-08-01")).segment == "whole"


@pytest.mark.parametrize(
    ("as_of", "why"),
    [
        ("2026-07-20", "20 days of July are out on the 21st"),
        ("2026-11-22", "Korea's days end in August"),
        ("2025-03-01", "February is not comparable"),
        ("2024-12-02", "too few months to compare"),
    ],
)
def test_where_nothing_can_be_said_nothing_is(as_of, why):
    assert running_month(known(as_of)) is None, why


def test_a_higher_figure_of_korea_moves_the_nowcast_by_the_slope(monkeypatch, tmp_path):
    day = "2026-07-21"
    before = running_month(known(day))
    record = copy_record(monkeypatch, tmp_path)
    path = record.parents[1] / "korea_customs" / "semiconductors_10_20_days.csv"
    table = pd.read_csv(path, dtype={"month": str, "semiconductor_kusd": float})
    last = (table["month"] == "2026-07") & (table["segment"] == "D20")
    table.loc[last, "semiconductor_kusd"] *= 1.1
    later = table["month"] > "2026-07"
    later |= (table["month"] == "2026-07") & (table["segment"] == "FULL")
    table.loc[later, "semiconductor_kusd"] *= 5.0  # not out yet: it moves nothing
    table.to_csv(path, index=False)
    after = running_month(known(day))
    assert after.slope == before.slope
    assert after.nowcast / before.nowcast == pytest.approx(1.1**before.slope)


def test_days_are_put_on_the_heading_by_earlier_ratios_alone():
    months = pd.period_range("2024-01", periods=14, freq="M")
    days = pd.Series(100.0, index=months)
    korea = pd.Series(np.r_[np.full(13, 80.0), 1e6], index=months)
    level = _on_heading(days, korea, "whole")
    assert str(level.index[0]) == "2024-07"  # six ratios at least
    assert level.to_numpy() == pytest.approx(80.0)
