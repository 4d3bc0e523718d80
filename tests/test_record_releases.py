"""The record: what it refuses, what it keeps, and that nothing is ever overwritten."""

from __future__ import annotations

import pandas as pd
import pytest
import yaml
from record_copy import copy_record, rows

from chipexports.base.errors import UsageError
from chipexports.clean.monthly import monthly_series
from chipexports.record import schema
from chipexports.record.releases import append_rows, read_releases, releases_path


@pytest.fixture
def record(monkeypatch, tmp_path):
    return copy_record(monkeypatch, tmp_path)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"period_end": "2026-13"}, "not a period"),
        ({"period_start": "2026-10", "period_end": "2026-09"}, "impossible"),
        ({"period_start": "1850-01", "period_end": "1850-01"}, "not a period"),
        ({"published": "2026-08-31"}, "cannot have been published"),
        ({"published": "soon"}, "not a date"),
        ({"unit": "million EUR"}, "unit 'million EUR'"),
        ({"measure": "quantity", "unit": "furlongs"}, "unit 'furlongs'"),
        ({"measure": "quantity", "unit": "100 million tonnes", "commodity": "steel"}, None),
        ({"measure": "weight"}, "measure 'weight'"),
        ({"flow": "transit"}, "flow 'transit'"),
        ({"value": "about 12"}, "not a number"),
        ({"value": "nan"}, "not a number"),
        ({"value": "-5"}, "negative"),
        ({"source": " "}, "source is empty"),
        ({"edition": "second"}, "edition 'second'"),
    ],
)
def test_append_refuses_an_impossible_row_and_leaves_the_bytes(record, change, reason):
    before = record.read_bytes()
    if reason is None:
        assert append_rows(rows(change)) == 1
        return
    with pytest.raises(UsageError, match=reason):
        append_rows(rows({}, change))  # the good row before the bad one must not get in either
    assert record.read_bytes() == before


def test_append_refuses_unknown_and_missing_columns(record):
    before = record.read_bytes()
    with pytest.raises(UsageError, match="unknown columns"):
        append_rows(rows({}).assign(colour="red"))
    with pytest.raises(UsageError, match="missing columns"):
        append_rows(rows({}).drop(columns="unit"))
    assert record.read_bytes() == before


def test_append_keeps_the_old_bytes_and_adds_once(record):
    before = record.read_bytes()
    assert append_rows(rows({}, {"period_start": "2026-09", "value": "40000.0"})) == 2
    after = record.read_bytes()
    assert after.startswith(before)
    assert append_rows(rows({}, {"period_start": "2026-09", "value": "40000.0"})) == 0
    assert record.read_bytes() == after
    table = read_releases()
    assert table["value"].iloc[-1] == 40000.0
    assert table["half"].iloc[-1] == 0.05  # the printed decimal survives


def test_contradiction_is_a_later_vintage(record):
    known = {"period_start": "2026-01", "period_end": "2026-07"}
    day = {"published": "2026-08-20"}
    append_rows(rows({**known, **day, "value": "216500.0"}, {**known, **day, "value": "216020.3"}))
    added = read_releases().tail(2)
    assert added["edition"].tolist() == ["revised_later", "first_print"]


def test_other_commodities_change_nothing(record):
    before = monthly_series("2026-11-22")
    append_rows(rows({"commodity": "Steel products"}, {"commodity": "Rare earths", "value": "12.5"}))
    pd.testing.assert_frame_equal(monthly_series("2026-11-22"), before)


def test_new_table_enters_the_series(record):
    append_rows(rows({}))
    series = monthly_series("2026-11-22").set_index(["flow", "period"])
    known = 216020.27 + 40731.0
    assert series.loc[("export", "2026-09"), "value_usd_mn"] == pytest.approx(297000.5 - known)
    assert series.loc[("export", "2026-09"), "basis_usd"] == "ytd_difference"


def _correct(record, **parts):
    entry = {
        "row_id": "r6a025462ff",
        "expect": {"value": "532.2"},
        "set": {"value": "516.5"},
        "reason": "test",
        "source": "test",
    } | parts
    path = record.parents[1] / "corrections.yml"
    path.write_text(yaml.safe_dump([entry]), encoding="utf-8")


def test_correction_is_applied_and_guarded(record):
    text = record.read_text(encoding="utf-8")
    row = text[text.index("r6a025462ff") :].splitlines()[0].split(",")
    _correct(record, expect={"value": row[6]})
    table = read_releases().set_index("row_id")
    assert table.loc["r6a025462ff", "value"] == 516.5
    assert "corrected: test" in table.loc["r6a025462ff", "note"]
    _correct(record, expect={"value": row[6]}, set={"drop": True})
    assert "r6a025462ff" not in set(read_releases()["row_id"])
    assert record.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"expect": {"value": "999"}}, "expected to say"),
        ({"row_id": "r0000000000"}, "not in the record"),
        ({"extra": 1}, "must have exactly"),
    ],
)
def test_correction_fails_when_the_record_changed_under_it(record, parts, reason):
    _correct(record, **parts)
    with pytest.raises(UsageError, match=reason):
        read_releases()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a CSV table"),
        (b"\xff\xfe\x00binary", "not a CSV table|columns"),
        (b"a,b\n1,2\n", "not those of the record"),
    ],
)
def test_a_broken_file_is_named(record, content, reason):
    record.write_bytes(content)
    with pytest.raises(UsageError, match=reason):
        read_releases()


def test_a_broken_value_is_named_with_its_line(record):
    text = record.read_text(encoding="utf-8").replace(",14000,", ",fourteen,", 1)
    record.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="line 2: value 'fourteen'"):
        read_releases()


def test_a_missing_file_is_named(record):
    record.unlink()
    with pytest.raises(UsageError, match="missing"):
        read_releases()


def test_rows_are_named_by_what_they_say():
    table = read_releases()
    assert table["row_id"].is_unique
    texts = pd.read_csv(releases_path(), dtype=str, keep_default_na=False)
    named = [schema.row_id(row) for row in texts[list(schema.IDENTITY)].itertuples(index=False, name=None)]
    assert named == texts["row_id"].tolist()


@pytest.mark.parametrize(
    ("text", "half"),
    [
        ("1607.0818", 5e-5),
        ("2976.0", 0.05),
        ("130900", 50),
        ("473", 0.5),
        ("0.5", 0.05),
        ("0", 0.5),
        ("32", 0.5),
    ],
)
def test_rounding_is_read_from_the_digits(text, half):
    assert schema.half_unit(text) == pytest.approx(half)
