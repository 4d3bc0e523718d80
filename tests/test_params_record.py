"""What the record says of a parameter set: answered, or refused before anything is executed."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
import yaml

from chipexports.base.errors import UsageError
from chipexports.params import RunParams, check_record, load_params
from chipexports.params import newest as newest_module
from chipexports.params.newest import outside, record_span

REFUSED = [
    ("threshold=1e99", "threshold: 1e+99 is more than 1000 times the largest total printed"),
    ("as_of=2016-07-31 target_year=2016 history_start=2014-01", "the record holds no export figure of 2016"),
    ("as_of=2014-07-31 target_year=2014 history_start=2009-01", "no month is known; take a later as_of"),
    ("as_of=2006-02-01 target_year=2006 history_start=2004-01", "2004 to 2004 is known"),
]


@pytest.mark.parametrize(("overrides", "says"), REFUSED, ids=[r[0] for r in REFUSED])
def test_what_cannot_be_answered_is_refused_by_parameter(overrides: str, says: str) -> None:
    with pytest.raises(UsageError, match=re.escape(says)) as caught:
        check_record(load_params("latest", overrides.split()), "here")
    assert re.match(r"here: (as_of|target_year|threshold|methods|history_start): ", str(caught.value))
    assert "\n" not in str(caught.value)


ANSWERED = [
    "as_of=2022-11-30 target_year=2022 threshold=160000",
    "as_of=2019-03-14 target_year=2019 threshold=100000",
    "as_of=2026-02-15",
    "as_of=2026-01-05",
    "as_of=2026-01-05 target_year=2025",
    "threshold=0.001",
    "threshold=1e8",
    "levels=0.9",
    "levels=0.1,0.3,0.5,0.7,0.99",
]


@pytest.mark.parametrize("overrides", ANSWERED)
def test_what_can_be_answered_passes(overrides: str) -> None:
    params = load_params("latest", overrides.split())
    assert check_record(params) is params


def test_methods_that_all_abstain_are_named() -> None:
    params = load_params(
        "latest", ["as_of=2019-03-14", "target_year=2019", "methods=sarima", "history_start=2017-01"]
    )
    with pytest.raises(UsageError, match=r"^methods: .*sarima.*choose other methods"):
        check_record(params)


def test_a_day_in_the_future_is_one_that_neither_clock_nor_record_has_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    span = record_span()

    class Clock(dt.date):
        @classmethod
        def today(cls) -> dt.date:
            return dt.date.fromisoformat(clock)

    monkeypatch.setattr(newest_module.dt, "date", Clock)
    clock = "1970-01-01"  # a clock that is wrong refuses nothing that is in the record
    assert outside(span.newest, 2026) is None
    assert "lies in the future (today is 1970-01-01)" in str(outside("2026-11-22", 2026))
    clock = "2026-11-22"
    assert outside("2026-11-22", 2026) is None
    assert f"take newest, which is {span.newest}" in str(outside("2026-11-23", 2026))


def test_the_file_named_is_the_one_the_day_stands_in(project_copy: Path) -> None:
    mine = project_copy / "params" / "mine.yaml"
    mine.write_text(yaml.safe_dump({"extends": "latest", "as_of": "1999-05-05"}), encoding="utf-8")
    with pytest.raises(UsageError, match=r"^params/mine\.yaml: as_of: 1999-05-05 lies before") as caught:
        load_params("mine")
    assert "1999 or earlier" not in str(caught.value)


def test_parameters_made_by_hand_are_asked_as_well() -> None:
    with pytest.raises(UsageError, match="before the first release"):
        check_record(RunParams(as_of="1990-01-01", target_year=1990, history_start="1980-01"))
