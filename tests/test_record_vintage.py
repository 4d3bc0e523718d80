"""What was known on a day, and that nothing published later can be seen."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from record_copy import copy_record, raise_later_figures

from chipexports.base.errors import UsageError
from chipexports.base.files import write_table
from chipexports.clean.checks import check_releases
from chipexports.clean.monthly import monthly_series
from chipexports.record.calendar import as_of_dates, due_date, publication_day
from chipexports.record.choice import choose
from chipexports.record.indicators import indicators_as_of, panel
from chipexports.record.outturn import outturn
from chipexports.record.products import output_as_of, partners_as_of, products_as_of
from chipexports.record.rates import FAR, rates_as_of
from chipexports.record.vintage import missing_releases, releases_as_of

ARTICLE = "2024-11-07"
LATEST = "2026-11-22"


@pytest.mark.parametrize("as_of", ["2024-11", "07.11.2024", "2024-02-30", "", "latest"])
def test_a_day_that_is_no_day_is_refused(as_of):
    for read in (releases_as_of, monthly_series, check_releases, missing_releases, rates_as_of):
        with pytest.raises(UsageError, match="is not a date"):
            read(as_of)


def test_before_the_first_release_there_is_nothing():
    with pytest.raises(UsageError, match="before the first release"):
        releases_as_of("2006-01-17")
    assert len(releases_as_of("2006-01-18")) == 2


def test_outturn_refuses_unknown_words():
    with pytest.raises(UsageError, match="truth"):
        outturn(2024, "export", "CNY", truth="final")
    with pytest.raises(UsageError, match="currency"):
        outturn(2024, "export", "EUR")


@pytest.mark.parametrize("as_of", [ARTICLE, "2024-03-06", "2025-06-08", "2026-03-10", "2022-12-31"])
def test_later_figures_leave_every_table_byte_for_byte_the_same(monkeypatch, tmp_path, as_of):
    def tables(name):
        parts = {
            "releases": releases_as_of(as_of),
            "monthly": monthly_series(as_of),
            "checks": check_releases(as_of),
            "missing": missing_releases(as_of),
            "indicators": indicators_as_of(as_of).reset_index(),
            "rates": rates_as_of(as_of).rename("rate").reset_index(),
        }
        folder = tmp_path / name
        return {k: write_table(t, folder / f"{k}.csv").read_bytes() for k, t in parts.items()}

    before = tables("before")
    record = copy_record(monkeypatch, tmp_path)
    raise_later_figures(record, as_of)
    assert tables("after") == before


def test_the_table_of_the_day_is_known_in_rmb_and_converted_to_usd():
    export = monthly_series(ARTICLE).query("flow == 'export'").set_index("period")
    assert export.index[-1] == "2024-10"
    assert export.loc["2024":"2024-10", "value_cny_100mn"].sum() == pytest.approx(9311.6744, abs=1e-6)
    assert set(export.loc["2024-01":"2024-10", "basis_usd"]) == {"converted"}
    # the USD level of January-October, 130,900, was printed with the article of December only
    day_after = monthly_series("2024-12-25").query("flow == 'export'").set_index("period")
    assert export.loc["2024":, "value_usd_mn"].sum() != pytest.approx(130900, abs=50)
    assert day_after.loc["2024-01":"2024-10", "value_usd_mn"].sum() == pytest.approx(130900, rel=0.003)


def test_the_day_before_october_is_not_known():
    assert monthly_series("2024-11-06")["period"].max() == "2024-09"


def test_the_precise_print_is_computed_with_and_a_contradiction_is_a_later_vintage():
    names = ["flow", "commodity", "measure", "edition", "period_start", "period_end"]

    def chosen(*figures):
        table = pd.DataFrame(
            [
                ("export", "gacc_ic", "value_usd", "first_print", "2030-01", "2030-06", *figure)
                for figure in figures
            ],
            columns=[*names, "value", "half", "row_id", "published"],
        )
        (figure,) = choose(table).values()
        return figure.row

    press, table = (38210.0, 5.0, "press", "2030-07-14"), (38205.0, 0.05, "table", "2030-07-14")
    assert chosen(press, table) == chosen(table, press) == "table"
    assert chosen(table, (38210.0, 5.0, "late press", "2030-07-20")) == "table"
    assert chosen(press, (38205.0, 0.05, "late table", "2030-07-20")) == "late table"
    assert chosen(table, (38300.0, 50.0, "later vintage", "2030-08-20")) == "later vintage"
    assert chosen(table, (38204.9, 0.05, "same within rounding", "2030-08-20")) == "table"


def test_a_revised_base_is_not_seen_before_its_table():
    def january_february(as_of):
        export = monthly_series(as_of).query("flow == 'export'").set_index("period")
        return export.loc["2024-01":"2024-02", "value_cny_100mn"].sum()

    assert january_february("2026-01-13") == pytest.approx(1607.0818)  # the year's revision is not out
    assert january_february("2026-01-14") == pytest.approx(1594.0)


def test_nothing_of_the_year_is_known_in_february():
    assert monthly_series("2025-03-06")["period"].max() == "2024-12"
    assert monthly_series("2025-03-07")["period"].max() == "2025-02"


def test_missing_tables_of_the_latest_run():
    missing = missing_releases(LATEST)
    found = {(r.period, r.flow, r.currency) for r in missing.itertuples()}
    both = {(p, f, c) for p in ("2026-09", "2026-10") for f in ("export", "import") for c in ("CNY", "USD")}
    assert found == both | {("2026-08", "export", "CNY"), ("2026-08", "import", "CNY")}
    assert missing_releases("2026-08-07").query("currency == 'CNY'").empty


def test_calendar_knows_printed_days_and_the_rule():
    assert due_date("2024-10") == dt.date(2024, 11, 7)
    assert due_date("2025-01") == due_date("2025-02", "USD") == dt.date(2025, 3, 7)
    assert due_date("2026-10") == dt.date(2026, 11, 14)
    assert due_date("2026-12") == dt.date(2027, 1, 14)
    assert as_of_dates("2025-12", "2026-02") == [
        ("2025-12", dt.date(2026, 1, 14)),
        ("2026-01", dt.date(2026, 3, 10)),
        ("2026-02", dt.date(2026, 3, 10)),
    ]


def test_days_of_the_rule_are_marked_and_never_before_the_period_ends():
    table = releases_as_of(LATEST)
    blank = table["published_text"] == ""
    assert blank.sum() == 209
    assert (table.loc[blank, "published_basis"] == "rule").all()
    assert (table.loc[table["published_text"].str.len() == 10, "published_basis"] == "printed").all()
    assert (table["published"] > table["period_end"] + "-28").mean() > 0.99


def test_the_customs_rate_is_the_customs_own():
    rate = rates_as_of(FAR)
    assert rate.index.is_monotonic_increasing
    assert rate[pd.Period("2024-01", "M")] == 7.0966  # central parity of 2023-12-20
    # printed in both currencies: 2026-05 2438.5435 over 35548.2
    assert rate[pd.Period("2026-05", "M")] == pytest.approx(100 * 2438.5435 / 35548.2, rel=7e-4)
    known = rates_as_of("2015-06-15")
    assert known.index[-1] == pd.Period("2015-06", "M")
    assert known.equals(rate[known.index])


def test_indicators_wait_for_their_publishers():
    on_the_8th, on_the_9th = indicators_as_of("2024-11-08"), indicators_as_of("2024-11-09")
    october = pd.Period("2024-10", "M")
    assert np.isnan(on_the_8th["taiwan_components_usd_mn"].get(october, np.nan))
    assert on_the_9th.loc[october, "taiwan_components_usd_mn"] > 0
    assert np.isnan(indicators_as_of("2024-11-14").loc[october, "korea_hs8542_usd_mn"])
    assert indicators_as_of("2024-11-15").loc[october, "korea_hs8542_usd_mn"] > 0
    # derived as 2026 / (1 + growth): known with the table of 2026 only
    march = pd.Period("2025-03", "M")
    assert np.isnan(indicators_as_of("2026-04-13").loc[march, "china_goods_usd_100mn"])
    assert indicators_as_of("2026-04-14").loc[march, "china_goods_usd_100mn"] > 0


@pytest.mark.parametrize(
    ("printed", "period", "currency", "full", "expected"),
    [
        # pages of the customs are dated up to six days before they are out: the known release counts
        (dt.date(2026, 1, 8), "2025-12", "USD", False, (dt.date(2026, 1, 14), "calendar")),
        (None, "2025-12", "CNY", False, (dt.date(2026, 1, 14), "calendar")),
        (dt.date(2026, 3, 6), "2026-01", "USD", False, (dt.date(2026, 3, 10), "calendar")),
        # the calendar does not know the month: the later of the printed day and the rule's
        (dt.date(2026, 10, 8), "2026-09", "USD", False, (dt.date(2026, 10, 14), "rule")),
        (dt.date(2026, 10, 20), "2026-09", "USD", False, (dt.date(2026, 10, 20), "printed")),
        (dt.date(2026, 10, 15), "2026-09", "USD", True, (dt.date(2026, 10, 18), "rule")),
        (dt.date(2027, 3, 9), "2027-01", "CNY", False, (dt.date(2027, 3, 14), "rule")),
        # a page dated after its release is a later page
        (dt.date(2026, 1, 18), "2025-12", "USD", True, (dt.date(2026, 1, 18), "printed")),
    ],
)
def test_a_table_counts_from_the_later_of_its_date_and_its_release(printed, period, currency, full, expected):
    assert publication_day(period, currency, printed, full) == expected


@pytest.mark.parametrize("year", [2026, 2027, 2031])
def test_a_value_reckoned_back_is_known_with_the_figure_it_was_reckoned_from(monkeypatch, tmp_path, year):
    record = copy_record(monkeypatch, tmp_path)
    path = record.with_name("goods_exports.csv")
    lines = path.read_text(encoding="utf-8").splitlines()
    row = f"{year - 1}-05,USD,3000.5,4.0,derived: {year} value / (1+yoy),a page,"
    lines = [line for line in lines if not line.startswith(f"{year - 1}-05,USD")]
    path.write_text("\n".join([*lines, row]) + "\n", encoding="utf-8")
    due = due_date(f"{year}-05")
    month, column = pd.Period(f"{year - 1}-05", "M"), "china_goods_usd_100mn"
    before = indicators_as_of((due - dt.timedelta(days=1)).isoformat())[column]
    assert np.isnan(before.get(month, np.nan))
    assert indicators_as_of(due.isoformat()).loc[month, column] == 3000.5


def test_a_rate_waits_for_the_figure_its_dollars_were_reckoned_from(monkeypatch, tmp_path):
    record = copy_record(monkeypatch, tmp_path)
    path = record.with_name("goods_exports.csv")
    before = {day: rates_as_of(day) for day in ("2026-06-08", "2026-06-09")}
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "2025-05,CNY,20000.0,6.0,reported,a page,\n", encoding="utf-8")
    assert rates_as_of("2026-06-08").equals(before["2026-06-08"])  # May 2026 is out on 9 June
    assert not rates_as_of("2026-06-09").equals(before["2026-06-09"])


def test_panel_is_positive_and_gap_free():
    for series in panel().values():
        assert (series > 0).all()
        assert len(series) == (series.index[-1] - series.index[0]).n + 1


def test_outturn_by_truth_and_day():
    assert outturn(2024, "export", "CNY", "first_print") == 11351.5826
    assert outturn(2024, "export", "CNY") == 11335.4
    assert outturn(2024, "export", "USD") == 159271.5
    assert outturn(2024, "export", "CNY", as_of=ARTICLE) is None
    assert outturn(2024, "export", "CNY", as_of="2025-01-13") == 11351.5826
    assert outturn(2026, "export", "USD") is None
    assert outturn(2025, "import", "CNY") == 30355.4


def test_products_partners_and_output_are_cut_by_day():
    assert products_as_of(ARTICLE)["period_end"].max() == "2023-12"
    assert products_as_of(LATEST)["period_end"].max() == "2026-07"
    assert set(products_as_of(LATEST)["flow"]) == {"export", "import"}
    assert partners_as_of(ARTICLE)["period_end"].max() == "2023-12"
    assert output_as_of("2023-10-17")["period"].max() < "2023-09"


def test_a_product_of_a_later_month_is_not_known_with_the_report_on_an_earlier(monkeypatch, tmp_path):
    record = copy_record(monkeypatch, tmp_path)
    path = record.parents[1] / "xinhua" / "ic_products_monthly.csv"
    table = pd.read_csv(path, dtype={"period": str})
    table.assign(period="2027-05").to_csv(path, index=False)
    assert "2027-05" not in set(products_as_of("2027-06-13")["period_end"])
    assert "2027-05" in set(products_as_of("2027-06-14")["period_end"])
