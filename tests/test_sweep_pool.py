"""Who gets which set of a sweep, and what its workers import before they are forked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipexports.params.sets import shown
from chipexports.run import kernels, pool
from chipexports.run.forkserver import PRELOAD


def tasks(days: str) -> list[dict[str, Any]]:
    return [{"literals": {"run": f"{n}", "as_of": day}, "notebooks": False} for n, day in enumerate(days)]


def given_out(days: str, workers: int) -> list[list[str]]:
    """Return the days each of several equally fast workers gets, in order."""
    waiting, got = pool.Waiting(tasks(days)), [[] for _ in range(workers)]
    while waiting:
        for mine in got:
            if waiting:
                mine.append(waiting.take(mine[-1] if mine else None)["literals"]["as_of"])
    return got


def test_sets_of_one_day_go_to_one_worker() -> None:
    assert given_out("aabbccdd", 2) == [list("aacc"), list("bbdd")]
    assert given_out("abcdabcd", 2) == [list("aacc"), list("bbdd")]


def test_a_worker_without_a_day_helps_where_most_is_left() -> None:
    assert given_out("aaaaaaaa", 2) == [list("aaaa"), list("aaaa")]
    assert given_out("aaaaaab", 2) == [list("aaaa"), list("baa")]


@given(st.text("abcd", max_size=30), st.integers(1, 5))
def test_every_set_is_given_out_once(days: str, workers: int) -> None:
    waiting, found, last = pool.Waiting(tasks(days)), [], [None] * workers
    while waiting:
        for worker in range(workers):
            if waiting:
                task = waiting.take(last[worker])
                last[worker] = task["literals"]["as_of"]
                found.append(task["literals"]["run"])
    assert sorted(found, key=int) == [str(n) for n in range(len(days))]


@pytest.mark.parametrize(
    ("notebooks", "before", "named"),
    [(False, None, pool.NEEDS), (True, None, None), (False, "0", "0")],
    ids=["by library", "by notebooks", "as the user set it"],
)
def test_the_server_of_a_library_sweep_imports_no_kernel(
    monkeypatch: pytest.MonkeyPatch, notebooks: bool, before: str | None, named: str | None
) -> None:
    seen = []
    monkeypatch.setattr(kernels, "start_server", lambda _, changes: seen.append(changes.get(PRELOAD)))
    monkeypatch.setattr(pool, "_joblib", lambda *_: iter(()))
    monkeypatch.delenv(PRELOAD, raising=False)
    if before is not None:
        monkeypatch.setenv(PRELOAD, before)
    assert list(pool.local_results([{"notebooks": notebooks}], 1)) == []
    assert seen == [named]
    assert os.environ.get(PRELOAD) == before


def test_what_a_set_needs_holds_the_methods_and_nothing_to_draw_or_to_run_notebooks() -> None:
    code = f"import sys, {pool.NEEDS}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"chipexports.stages.forecast", "chipexports.forecast.methods.ucm", "pandas"} <= loaded
    assert not loaded & {"matplotlib", "ipykernel", "IPython", "papermill", "jupyter_client"}


def test_a_table_outside_the_project_is_named_in_full(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path / "project"))
    (tmp_path / "project").mkdir()
    inside = tmp_path.resolve() / "project" / "reports" / "summary.csv"
    assert shown(inside) == "reports/summary.csv"
    assert shown(tmp_path / "elsewhere.csv") == (tmp_path / "elsewhere.csv").as_posix()
