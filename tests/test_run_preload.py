"""What the fork server has ready: every name in its lists is there, and a forked kernel ends at once."""

from __future__ import annotations

import importlib
import time
from pathlib import Path

import pytest
from tiny_project import make_tiny_project

from chipexports.params import load_params
from chipexports.run.preload import FIRST, NEXT


@pytest.mark.parametrize("name", [*FIRST, *NEXT])
def test_what_is_to_be_ready_exists(name: str) -> None:
    module, _, function = name.partition(":")
    found = importlib.import_module(module)
    assert not function or callable(getattr(found, function))


def test_a_warm_kernel_ends_without_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from chipexports.run.execute import execute
    from chipexports.run.forked import wait_for_server
    from chipexports.run.kernels import can_fork, warm_kernels

    if not can_fork():
        pytest.skip("no forked kernels on this system")
    root = make_tiny_project(tmp_path / "project")
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(root))
    monkeypatch.setenv("CHIPEXPORTS_OUTPUT", str(tmp_path / "output"))
    monkeypatch.setenv("CHIPEXPORTS_PRELOAD", "0")
    literals = load_params("article").literals()
    took = []
    with warm_kernels():
        assert wait_for_server()
        for _ in range(6):
            started = time.perf_counter()
            execute(root / "notebooks" / "01_collect_releases.ipynb", literals)
            took.append(time.perf_counter() - started)
    # two in six waited 3.5 s more when the kernel closed its channels in order
    assert sorted(took)[-2] < 2 * sorted(took)[1] + 1.0
