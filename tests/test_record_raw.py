"""What is made of the tables of data/raw is kept until one of them changes, and not a moment longer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chipexports.base.errors import UsageError
from chipexports.record.raw import kept_for, table_path

SHIPPED, FETCHED = "market/rate.csv", "market/fetched/rate*.csv"


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    folder = tmp_path / "data" / "raw"
    (folder / "market" / "fetched").mkdir(parents=True)
    (folder / SHIPPED).write_text("1", encoding="utf-8")
    return folder


def counted() -> tuple[list[int], Callable[[int], float]]:
    calls: list[int] = []

    @kept_for(SHIPPED, FETCHED)
    def times(factor: int) -> float:
        calls.append(factor)
        return factor * float(table_path(SHIPPED).read_text(encoding="utf-8"))

    return calls, times


def test_a_missing_table_is_named_and_nothing_old_is_given(raw: Path) -> None:
    calls, times = counted()
    assert times(2) == 2
    (raw / SHIPPED).unlink()
    for ask in (lambda: times(2), lambda: table_path(SHIPPED)):
        with pytest.raises(UsageError, match=r"rate\.csv: the file is missing; take it from the repository"):
            ask()
    assert calls == [2]


def test_an_answer_is_kept_by_its_arguments_until_a_table_changes(raw: Path) -> None:
    calls, times = counted()
    assert (times(2), times(2), times(3), times(2)) == (2, 2, 3, 2)
    assert calls == [2, 3]
    (raw / SHIPPED).write_text("10", encoding="utf-8")
    assert times(2) == 20
    assert calls == [2, 3, 2]


def test_a_table_that_was_fetched_since_counts_and_another_one_does_not(raw: Path) -> None:
    calls, times = counted()
    times(2)
    (raw / "market" / "fetched" / "other.csv").write_text("", encoding="utf-8")
    times(2)
    assert calls == [2]
    (raw / "market" / "fetched" / "rate_2026-11-25.csv").write_text("", encoding="utf-8")
    times(2)
    assert calls == [2, 2]


def test_another_project_has_tables_of_its_own(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, times = counted()
    times(2)
    other = tmp_path / "other"
    (other / "data" / "raw" / "market").mkdir(parents=True)
    (other / "data" / "raw" / SHIPPED).write_text("7", encoding="utf-8")
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(other))
    assert times(2) == 14
    assert calls == [2, 2]
