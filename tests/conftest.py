"""Shared by all tests: where the project lies, and a copy of it that a test may write to."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from shared_runs import FOLDER

ROOT = Path(__file__).resolve().parents[1]


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder of the runs that tests share, before the workers start."""
    if not hasattr(config, "workerinput"):
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="runs-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove it when the last worker is done."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(FOLDER), ignore_errors=True)


@pytest.fixture
def project_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the project's inputs that ``CHIPEXPORTS_ROOT`` points to."""
    copy = tmp_path / "project"
    for name in ("notebooks", "params", "data/raw"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    for name in ("data/processed", "figures", "reports"):
        (copy / name).mkdir(parents=True)
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(copy))
    return copy
