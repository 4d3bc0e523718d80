"""The monthly series of the bundled record: identities, what is excluded, and how long it takes."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from chipexports.base.errors import ChipExportsError, UsageError
from chipexports.clean import known
from chipexports.clean.arithmetic import BASES
from chipexports.clean.monthly import COLUMNS, monthly_series, series_as_of, standard_errors, to_series
from chipexports.clean.schemas import hold, monthly_schema
from chipexports.clean.totals import MIXING
from chipexports.record.choice import FIRST, REVISED, choose
from chipexports.record.rates import FAR, rates_as_of
from chipexports.record.releases import read_releases
from chipexports.record.vintage import releases_as_of

LATEST = "2026-11-22"
VALUE = {"value_cny": "value_cny_100mn", "value_usd": "value_usd_mn", "quantity": "quantity_100mn"}


@pytest.fixture(scope="module")
def monthly():
    return monthly_series(LATEST)


@pytest.fixture(scope="module")
def printed():
    return choose(releases_as_of(LATEST))


def span(monthly, flow, measure, start, end):
    rows = monthly[(monthly["flow"] == flow) & monthly["period"].between(start, end)]
    return rows[VALUE[measure]].sum(skipna=False)


@pytest.mark.parametrize(("flow", "currency"), [("transit", "CNY"), ("export", "EUR")])
def test_unknown_words_are_refused(monthly, flow, currency):
    with pytest.raises(UsageError, match="is not one of"):
        to_series(monthly, flow, currency)


def test_a_wrong_history_start_is_refused():
    with pytest.raises(UsageError, match="history_start"):
        monthly_series(LATEST, "long ago")


def test_no_known_month_is_said_plainly():
    with pytest.raises(UsageError, match="no month is known"):
        to_series(monthly_series("2012-01-01"), "export", "USD")


@pytest.mark.parametrize(
    "break_it",
    [
        lambda t: t.assign(value_usd_mn=-t["value_usd_mn"]),
        lambda t: t.assign(basis_cny="guessed"),
        lambda t: pd.concat([t, t.tail(1)], ignore_index=True),
        lambda t: t.assign(rows_cny=""),
        lambda t: t.assign(se_cny_100mn=np.nan),
    ],
)
def test_the_schema_refuses_a_broken_table(monthly, break_it):
    with pytest.raises(ChipExportsError, match="monthly"):
        hold(break_it(monthly), monthly_schema(), "monthly")


def test_shape_and_order(monthly):
    assert tuple(monthly.columns) == COLUMNS
    assert monthly["flow"].is_monotonic_increasing
    for _, rows in monthly.groupby("flow"):
        periods = pd.PeriodIndex(rows["period"], freq="M")
        assert (periods == pd.period_range("2012-06", "2026-08", freq="M")).all()


def test_every_month_of_2024_and_2025_is_a_difference_of_published_year_to_dates(monthly, printed):
    export = monthly[monthly["flow"] == "export"].set_index("period")["value_cny_100mn"]
    for year, edition in ((2024, REVISED), (2025, FIRST)):
        ytd = {
            int(k.end[5:]): f.value
            for k, f in printed.items()
            if (k.flow, k.measure, k.edition) == ("export", "value_cny", edition)
            and k.start == f"{year}-01" and k.end.startswith(str(year)) and k.end > k.start
        }  # fmt: skip
        assert sorted(ytd) == list(range(2, 13))
        for m in range(3, 13):
            assert export[f"{year}-{m:02d}"] == pytest.approx(ytd[m] - ytd[m - 1], abs=1e-8)
        assert export[f"{year}-01"] + export[f"{year}-02"] == pytest.approx(ytd[2], abs=1e-8)


@pytest.mark.parametrize(
    ("year", "value"), [(2024, 11335.4), (2025, 14442.0), (2022, 10254.0), (2020, 8056.0)]
)
def test_months_add_up_to_the_printed_year(monthly, year, value):
    assert span(monthly, "export", "value_cny", f"{year}-01", f"{year}-12") == pytest.approx(value, rel=1e-9)


def test_published_totals_of_the_estimated_years_are_met(monthly, printed):
    """Within rounding; where two vintages of a year are printed, within what mixing them costs."""
    missed = []
    for key, figure in printed.items():
        if key.measure not in VALUE or not key.start >= "2014-01" or key.end > "2021-12":
            continue
        if key.start == key.end and figure.half > 0.005 * figure.value:
            continue  # a press month too rounded to be one
        total = span(monthly, key.flow, key.measure, key.start, key.end)
        other = {k.edition for k in printed if k[:2] == key[:2] and k.start[:4] == key.start[:4]}
        mixed = 1.5 * MIXING * figure.value if len(other & {"first_print", "revised_later"}) > 1 else 0.0
        if not np.isnan(total) and abs(total - figure.value) > figure.half + mixed + 1e-6:
            missed.append((key, figure.value, total))
    assert missed == []


def test_estimates_are_called_so_and_carry_an_error(monthly):
    past = monthly[(monthly["period"].between("2014-05", "2022-12")) & (monthly["flow"] == "export")]
    given = past.loc[past["basis_cny"] != "estimated", "period"]
    assert given.tolist() == ["2019-05", "2021-01", "2021-07", "2021-08", "2022-01", "2022-08"]
    relative = past["se_cny_100mn"] / past["value_cny_100mn"]
    assert relative.dropna().between(0.002, 0.25).all()
    direct = monthly[~monthly["basis_cny"].isin(["estimated", "joint_estimate"])]
    assert direct["se_cny_100mn"].isna().all()


def test_the_inflated_window_is_marked_and_out_of_the_series(monthly):
    window = monthly[monthly["excluded"]]
    assert (window["period"].min(), window["period"].max()) == ("2012-06", "2014-04")
    assert len(window) == 46
    for flow, start in (("export", "2014-05"), ("import", "2014-05")):
        series = to_series(monthly, flow, "USD")
        assert str(series.index[0]) == start
        assert series.notna().all()
        assert series.index.freqstr == "M"


def test_standard_errors_share_the_index(monthly):
    series, errors = to_series(monthly, "export", "CNY"), standard_errors(monthly, "export", "CNY")
    assert series.index.equals(errors.index)
    assert errors["2024-01":].isna().all()
    assert errors["2016-01":"2016-12"].notna().all()


def test_both_currencies_stand_at_a_plausible_rate(monthly):
    rate = rates_as_of(FAR)
    known = monthly.dropna(subset=["value_cny_100mn", "value_usd_mn"])
    implied = (100 * known["value_cny_100mn"] / known["value_usd_mn"]).to_numpy()
    official = rate.reindex(pd.PeriodIndex(known["period"], freq="M")).to_numpy()
    apart = np.abs(implied / official - 1)
    assert np.median(apart) < 5e-4
    # imports of the end of 2022 are revised in RMB and first printed in USD: apart by that revision
    assert apart.max() < 0.02
    assert (apart > 0.01).sum() <= 2


def test_basis_is_the_less_direct_and_rows_exist(monthly):
    order = list(BASES)
    worse = [
        max(a, b, key=order.index) for a, b in zip(monthly["basis_cny"], monthly["basis_usd"], strict=True)
    ]
    assert monthly["basis"].tolist() == worse
    names = set(read_releases()["row_id"])
    used = {
        name
        for column in ("rows_cny", "rows_usd", "rows_quantity")
        for r in monthly[column]
        for name in r.split()
    }
    assert used <= names


def test_press_rounding_loses_against_the_precise_figure(monthly):
    export = monthly[monthly["flow"] == "export"].set_index("period")
    # 90,000 "about" for January-July 2024 and 136,000 for 2023 move no month
    assert export.loc["2024-01":"2024-07", "value_usd_mn"].sum() == pytest.approx(
        6389.5 / 7.105 * 100, rel=2e-3
    )
    assert export.loc["2026-06", "value_usd_mn"] == pytest.approx(38204.8)  # not the press's 38,210


def test_history_start_cuts_rows_only(monthly):
    cut = monthly_series(LATEST, "2023-01")
    whole = monthly[monthly["period"] >= "2023-01"].reset_index(drop=True)
    pd.testing.assert_frame_equal(cut, whole)


def test_a_returned_table_may_be_changed():
    mine = monthly_series(LATEST)
    mine["value_usd_mn"] = 0.0
    assert (monthly_series(LATEST)["value_usd_mn"].dropna() > 0).all()


def test_another_day_costs_less_than_half_the_first_one():
    code = (
        "import time, pandas, pandera.pandas; t = time.process_time()\n"
        "from chipexports.clean.monthly import monthly_series\n"
        "from chipexports.clean.checks import check_releases\n"
        "from chipexports.record.vintage import missing_releases, releases_as_of\n"
        f"d = {LATEST!r}; releases_as_of(d); missing_releases(d); monthly_series(d); check_releases(d)\n"
        "first = time.process_time() - t; t = time.process_time()\n"
        "monthly_series('2025-08-10'); print(first, time.process_time() - t)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, again = map(float, out.stdout.split())
    assert again < 0.5 * first


@pytest.mark.parametrize("as_of", ["2019-03-01", "2023-08-20", "2024-03-08", LATEST])
@pytest.mark.parametrize("flow", ["export", "import"])
@pytest.mark.parametrize("currency", ["CNY", "USD"])
def test_a_series_alone_is_the_table_s(as_of, flow, currency):
    table = monthly_series(as_of)
    series, errors = series_as_of(flow, currency, as_of)
    pd.testing.assert_series_equal(series, to_series(table, flow, currency))
    pd.testing.assert_series_equal(errors, standard_errors(table, flow, currency))


def test_a_series_alone_refuses_what_does_not_exist():
    with pytest.raises(UsageError, match="'transit' is not one of export, import"):
        series_as_of("transit", "CNY", LATEST)
    with pytest.raises(UsageError, match="'EUR' is not one of"):
        series_as_of("export", "EUR", LATEST)


def test_a_month_before_a_printed_one_is_estimated_though_no_total_holds_it():
    # on this day August 2022 is printed while the last year-to-date is June's
    months = known("2022-11-30").monthly("export")
    july, june = months.loc["2022-07"], months.loc["2022-06"]
    assert str(months["usd_mn"].last_valid_index()) == "2022-08"
    assert months.loc["2022-08", "kind_usd"] == "customs"
    assert july["kind_usd"] == "estimate"
    assert july["se_usd_mn"] / july["usd_mn"] > june["se_usd_mn"] / june["usd_mn"]
    later = known("2026-11-22").monthly("export").loc["2022-07", "usd_mn"]
    assert abs(july["usd_mn"] - later) < 2.5 * july["se_usd_mn"]
    for flow in ("export", "import"):
        for day in ("2018-12-31", "2020-03-31", "2021-09-30", "2022-11-30"):
            assert known(day).history(flow, "USD").values.notna().all()
