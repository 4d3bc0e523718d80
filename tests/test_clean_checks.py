"""Arithmetic of the releases, and the words about their quality."""

from __future__ import annotations

import pandas as pd
import pytest
from record_copy import copy_record

from chipexports.base.errors import ChipExportsError
from chipexports.clean.checks import check_releases, failing, verdict
from chipexports.clean.evaluate import hidden_months
from chipexports.clean.monthly import monthly_series
from chipexports.clean.quality import basis_counts, quality_text
from chipexports.clean.schemas import checks_schema, hold
from chipexports.record.vintage import missing_releases

LATEST = "2026-11-22"


@pytest.fixture(scope="module")
def checks():
    return check_releases(LATEST)


def test_a_misprint_fails(monkeypatch, tmp_path):
    record = copy_record(monkeypatch, tmp_path)
    table = pd.read_csv(record, dtype=str, keep_default_na=False)
    at = (table["value"] == "9311.6744").idxmax()
    table.loc[at, "value"] = "9811.6744"
    other = (table["value"] == "9311.7").idxmax()
    table.loc[other, "value"] = "9811.7"
    table.to_csv(record, index=False, lineterminator="\n")
    found = failing(check_releases("2024-12-31"))
    hit = found[(found["check"] == "ytd_difference") & (found["measure"] == "value_cny")]
    assert {"2024-10", "2024-11"} <= set(hit["period"])
    assert hit["rows"].str.contains(table.loc[at, "row_id"]).all()


def test_a_reason_without_need_is_refused(checks):
    with pytest.raises(ChipExportsError, match="reason"):
        hold(checks.assign(reason=""), checks_schema(), "checks")


def test_verdicts_by_hand():
    assert verdict(0.05, 0.05, 1.0, "why") == ("ok", "")
    assert verdict(-0.9, 0.05, 1.0, "why") == ("explained", "why")
    assert verdict(1.1, 0.05, 1.0, "why")[0] == "fails"


def test_every_kind_of_check_is_there(checks):
    assert set(checks["check"]) == {"ytd_difference", "growth", "currencies", "year_of_months", "prints"}
    assert (checks["residual"] - (checks["left"] - checks["right"])).abs().max() < 1e-9
    ok = checks[checks["verdict"] == "ok"]
    assert (ok["residual"].abs() <= ok["tolerance"] * (1 + 1e-6)).all()


def test_revision_of_2024_is_found(checks):
    # twelve first-printed months against the printed year: -0.27%
    row = checks[(checks["check"] == "year_of_months") & (checks["period"] == "2024")]
    first = row[(row["flow"] == "export") & (row["measure"] == "value_cny")].iloc[0]
    assert first["residual"] / first["left"] == pytest.approx(-0.0027, abs=1e-4)
    assert first["verdict"] == "explained"


def test_october_2024_by_hand(checks):
    row = checks[(checks["check"] == "ytd_difference") & (checks["period"] == "2024-10")]
    row = row[(row["flow"] == "export") & (row["measure"] == "value_cny")].iloc[0]
    assert (row["left"], row["right"]) == (pytest.approx(930.781), 932.2158)
    assert row["tolerance"] == pytest.approx(0.00015)


def test_few_checks_fail_and_say_why(checks):
    found = failing(checks)
    assert len(found) <= 2
    assert (found["reason"] != "").all()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("as_of", [LATEST, "2024-11-07", "2017-06-30", "2010-01-01"])
def test_quality_is_said_in_both_languages_for_any_day(as_of, language):
    monthly, missing = monthly_series(as_of), missing_releases(as_of)
    words = quality_text(monthly, check_releases(as_of), missing, language=language)
    assert words.startswith("# ")
    for period in missing["period"]:
        assert period in words


def test_quality_says_how_far_estimates_are_off(checks):
    hidden = hidden_months("2025-06-30")
    words = quality_text(monthly_series(LATEST), checks, missing_releases(LATEST), hidden=hidden)
    for case in hidden.to_dict("records"):
        assert (
            f"{case['of'].title()} {case['hidden']}, {case['known']} known: {case['months']} months" in words
        )
    assert set(hidden_months("2024-11-07")["of"]) == {"korea", "taiwan"}
    early = hidden_months("2022-11-30")  # before any case is known: no rows, but a table all the same
    assert early.empty
    assert list(early) == list(hidden)


def test_quality_counts_are_those_of_the_table(checks):
    monthly = monthly_series(LATEST)
    words = quality_text(monthly, checks, missing_releases(LATEST))
    export = monthly[(monthly["flow"] == "export")]
    counts = basis_counts(export, "basis_cny")
    assert sum(counts.values()) == (~export["excluded"]).sum()
    assert f"{counts['estimated']} estimated from totals" in words
    assert f"{counts['converted']} converted from the other currency" in words
