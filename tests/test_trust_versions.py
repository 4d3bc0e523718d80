"""The lowest and the highest versions that requirements.in lets in give the results of the lock."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest
from trust.counts import LONG, note
from trust.versions import (
    CENTRE,
    COVERAGE,
    DATA,
    OTHER,
    changed,
    environment,
    farthest,
    names,
    package,
    results,
)

from chipexports.base.files import write_table


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return package(tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="module")
def locked(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the tables of the environment that runs this test."""
    path = str(source / "src")
    return results(Path(sys.executable), source, tmp_path_factory.mktemp("locked"), PYTHONPATH=path)


def test_the_comparison_sees_what_differs(tmp_path: Path) -> None:
    table = pd.DataFrame({"median": [100.0, 0.0], "q10": [90.0, 80.0], "coverage": [0.8, 0.9], "note": "a"})
    one = write_table(table, tmp_path / "one.csv")
    two = write_table(table.assign(median=[100.1, 0.1], coverage=[0.9, 0.9]), tmp_path / "two.csv")
    found = farthest(one, two)
    assert found["numbers"] == 6
    assert (found["centre"], found["other"]) == (pytest.approx(0.002), 0)
    assert found["coverage"] == pytest.approx(0.1)
    write_table(table.assign(note="b"), two)
    with pytest.raises(AssertionError, match="note"):
        farthest(one, two)


@pytest.mark.slow
@pytest.mark.parametrize("resolution", ["lowest-direct", "highest"])
def test_other_versions_the_same_results(tmp_path: Path, source: Path, locked: Path, resolution: str) -> None:
    python, problem = environment(tmp_path / "environment", source, resolution)
    if problem:
        pytest.skip(f"an environment cannot be made here: {problem[:200]}")
    found = results(python, source, tmp_path, PYTHONPATH="")
    assert names(found) == names(locked)
    data = [name for name in names(locked) if Path(name).stem.split("_")[0] in DATA]
    assert len(data) == 8
    assert [name for name in data if (found / name).read_bytes() != (locked / name).read_bytes()] == []
    apart = pd.DataFrame([farthest(locked / name, found / name) for name in names(locked)])
    worst = apart.max()
    assert worst["centre"] < CENTRE
    assert worst["other"] < OTHER
    assert worst["coverage"] <= COVERAGE
    note(
        f"versions_{resolution.partition('-')[0]}",
        LONG,
        1,
        packages_of_another_version=changed(locked, found),
        data_tables_the_same=len(data),
        numbers_compared=int(apart["numbers"].sum()),
        farthest_median=f"{100 * worst['centre']:.2g}%",
        farthest_quantile_or_score=f"{100 * worst['other']:.2g}%",
    )
