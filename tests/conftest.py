"""Shared by all tests: where the project lies, and a copy of it that a test may write to."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


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
