"""What `fetch` brought home adds months after the shipped tables end, and changes none of theirs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from record_copy import copy_record

from chipexports.base.errors import UsageError
from chipexports.clean.monthly import series_as_of
from chipexports.record.indicators import indicators_as_of
from chipexports.record.rates import rates_as_of

LATE = "2027-03-31"
KOREA, TAIWAN = "korea_hs8542_usd_mn", "taiwan_components_usd_mn"


def put(raw: Path, folder: str, name: str, text: str) -> Path:
    path = raw / folder / "fetched" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def raw(monkeypatch, tmp_path):
    return copy_record(monkeypatch, tmp_path).parents[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("month,value_usd_mn\n2026-09,1\n", "has no column period"),
        ("period,value\n2026-09,1\n", "has no column value_usd_mn"),
        ("period,value_usd_mn\n2026-13,1\n", "not a month or not a positive number"),
        ("period,value_usd_mn\n2026-09,-1\n", "not a month or not a positive number"),
        ("period,value_usd_mn\n2026-09,x\n", "not a month or not a positive number"),
        ("period,value_usd_mn\n2026-09,1\n2026-09,2\n", "a month twice"),
    ],
)
def test_a_broken_table_is_refused_with_its_name(raw, text, said):
    path = put(raw, "taiwan_mof", "electronic_components_exports_2026-11-01.csv", text)
    with pytest.raises(UsageError, match=said) as caught:
        indicators_as_of(LATE)
    assert path.name in str(caught.value)


def test_fetched_months_follow_the_shipped_ones(raw):
    before = indicators_as_of(LATE)
    last = before[TAIWAN].last_valid_index()
    text = f"period,value_usd_mn\n{last},1.0\n{last + 1},23456.5\n"
    put(raw, "taiwan_mof", "electronic_components_exports_2026-11-01.csv", text)
    after = indicators_as_of(LATE)
    assert after[TAIWAN].dropna().iloc[:-1].equals(before[TAIWAN].dropna())  # no shipped month moves
    assert after.loc[last + 1, TAIWAN] == 23456.5
    assert after[KOREA].dropna().equals(before[KOREA].dropna())


def test_the_day_of_publication_still_cuts(raw):
    last = indicators_as_of(LATE)[TAIWAN].last_valid_index()
    text = f"period,value_usd_mn\n{last + 1},23456.5\n"
    put(raw, "taiwan_mof", "electronic_components_exports_2026-11-01.csv", text)
    ahead = last + 2
    known = indicators_as_of(f"{ahead}-09")[TAIWAN]
    not_yet = indicators_as_of(f"{ahead}-08")[TAIWAN]
    assert known.last_valid_index() == last + 1
    assert not_yet.last_valid_index() == last


def test_the_table_taken_in_last_counts(raw):
    last = indicators_as_of(LATE)[KOREA].last_valid_index()
    for name, value in (("2027-01-05_2", 3.0), ("2027-01-05", 2.0), ("2026-11-30", 1.0)):
        text = f"period,value_usd_mn\n{last + 1},{value}\n"
        put(raw, "korea_customs", f"hs8542_exports_2026-01_2026-09_{name}.csv", text)
    assert indicators_as_of(LATE).loc[last + 1, KOREA] == 3.0


def test_the_market_rate_carries_the_customs_rate_on(raw):
    before, _ = series_as_of("export", "CNY", LATE), rates_as_of(LATE)
    market = pd.read_csv(raw / "market" / "usdcny_monthly_average.csv", dtype={"period": str})
    after = pd.Period(market["period"].iloc[-1], "M") + 1
    put(raw, "market", "usdcny_monthly_average_2026-12-01.csv", f"period,value\n{after},5.0\n")
    put(raw, "market", "usdcny_daily_2026-12-01.csv", "period,value\n2026-10-01,9.9\n")  # not a monthly one
    rates = rates_as_of(LATE)
    assert rates.iloc[-1] == pytest.approx(5.0, rel=0.02)
    assert series_as_of("export", "CNY", LATE)[0].equals(before[0])
