"""A file system without locks is named as what it is, and nothing is written."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import filelock
import pandas as pd
import pytest

from chipexports.backtest.archive import COLUMNS, append_forecasts
from chipexports.base.errors import ChipExportsError
from chipexports.record.releases import append_rows, releases_path
from chipexports.run.workspace import run_lock

SAYS = r"the file system has no locks .* move the project to a local folder"


def locked_run() -> None:
    with run_lock("mine"):
        raise AssertionError("there is no lock")


def appended_rows() -> None:
    append_rows(pd.DataFrame())


def appended_forecasts() -> None:
    append_forecasts(pd.DataFrame(columns=COLUMNS))


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
@pytest.mark.parametrize("write", [locked_run, appended_rows, appended_forecasts])
def test_a_file_system_without_locks_is_named(
    project_copy: Path, monkeypatch: pytest.MonkeyPatch, number: int, write: Callable[[], None]
) -> None:
    record = releases_path().read_bytes()

    def no_locks(self: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(filelock.FileLock, "_acquire", no_locks)
    with pytest.raises(ChipExportsError, match=SAYS) as caught:
        write()
    assert "\n" not in str(caught.value)
    assert releases_path().read_bytes() == record
    assert not (project_copy / "data" / "forecasts" / "forecasts.csv").exists()
