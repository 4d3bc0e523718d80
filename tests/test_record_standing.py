"""How well a printed figure is attested: never better than its sources, and as of the day."""

from __future__ import annotations

import pandas as pd
import pytest
from record_copy import copy_record, rows

from chipexports.base.errors import UsageError
from chipexports.clean import known
from chipexports.record.releases import append_rows
from chipexports.record.standing import place

AS_OF = "2026-11-22"
AUGUST = {"period_start": "2026-08", "period_end": "2026-08", "value": "40731", "published": "2026-09-20"}


def august(as_of: str = AS_OF) -> str:
    return known(as_of).monthly("export").loc["2026-08", "standing_usd"]


@pytest.fixture
def record(monkeypatch, tmp_path):
    return copy_record(monkeypatch, tmp_path)


def test_one_unconfirmed_copy_is_quoted_once_in_both_currencies():
    month = known(AS_OF).monthly("export").loc["2026-08"]
    assert month[["standing_usd", "standing_cny"]].tolist() == ["quoted once", "quoted once"]
    assert month[["kind_usd", "kind_cny"]].tolist() == ["customs", "derived"]


@pytest.mark.parametrize(
    ("source", "value", "standing"),
    [
        # another file of the repository that was read already is no second place
        ("GitHub DoiEnnoson/TradeBalanceTracker data/again.csv", "40731", "quoted once"),
        # another figure does not attest this one
        ("https://example.org/news", "40900.1", "quoted once"),
        # a rounded quotation does not attest every digit
        ("https://example.org/news", "40700", "quoted once"),
        ("https://example.org/news", "40731", "quoted in several places"),
        (
            "GACC, (5) China's Major Exports, Aug 2026 (in USD), page dated 2026-09-14",
            "40731.0",
            "customs table",
        ),
    ],
)
def test_another_print_attests_only_the_same_figure_from_elsewhere(record, source, value, standing):
    append_rows(rows({**AUGUST, "source": source, "value": value, "confidence": "seen-once"}))
    months = known(AS_OF).releases
    first = months[(months["period_start"] == "2026-08") & (months["value"] == 40731)]
    assert first.loc[first["flow"] == "export", "standing"].iloc[0] == standing


def test_a_later_print_attests_from_its_own_day_on(record):
    append_rows(rows({**AUGUST, "source": "GACC, (5) China's Major Exports, page dated 2026-09-20"}))
    assert august("2026-09-19") == "quoted once"
    assert august("2026-09-20") == "customs table"


def test_a_page_of_the_customs_counts_as_its_table_wherever_it_was_kept():
    months = known(AS_OF).monthly("export")
    assert set(months.loc["2024-01":"2026-07", "standing_cny"]) == {"customs table"}
    # growth over the revised base is reckoned, not printed, whoever printed it
    assert set(months.loc["2023-01":"2023-12", "standing_cny"]) == {"derived"}
    assert months.loc["2025-08", "standing_usd"] == "quoted once"  # it rests on August 2026


def test_standing_and_kind_say_the_same_of_estimates():
    for flow in ("export", "import"):
        months = known(AS_OF).monthly(flow)
        for currency, value in (("usd", "usd_mn"), ("cny", "cny_100mn")):
            kind, standing = months[f"kind_{currency}"], months[f"standing_{currency}"]
            assert ((kind == "estimate") == (standing == "estimate")).all()
            assert (kind.isna() == months[value].isna()).all()
            assert ((kind == "estimate") == months[f"se_{value}"].notna()).all()


def test_without_a_month_nothing_of_it_is_left():
    day = known(AS_OF)
    less = day.without("2026-08")
    assert less.as_of == AS_OF
    assert str(less.history("export", "USD").last) == "2026-07"
    assert "2026-08" not in set(less.releases["period_end"])
    # August 2025 rested on growth of August 2026; now the other currency gives it
    assert less.monthly("export").loc["2025-08", "basis_usd"] == "converted"
    printed = day.monthly("export").query("kind_cny == 'customs'")[["cny_100mn", "basis_cny", "standing_cny"]]
    pd.testing.assert_frame_equal(less.monthly("export").loc[printed.index, printed.columns], printed)
    # a year-to-date that ends there speaks of the month, too
    assert str(day.without("2026-08").without("2026-07").history("export", "CNY").last) == "2026-06"
    assert not (less.checks["period"] == "2026-08").any()


@pytest.mark.parametrize(("month", "reason"), [("August", "is not a month"), ("2026-09", "no figure known")])
def test_without_refuses_what_is_no_known_month(month, reason):
    with pytest.raises(UsageError, match=reason):
        known(AS_OF).without(month)


@pytest.mark.parametrize(
    ("source", "where"),
    [
        ("Caixin; 163.com", "163.com"),
        ("https://www.example.org/a.html (customs)", "example.org"),
        ("Nomura note (copy)", "nomura note"),
    ],
)
def test_place_of_a_source(source, where):
    assert place(source) == where
