"""One run of a name at a time: the second says so and stops."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from chipexports.base.errors import ChipExportsError
from chipexports.base.files import write_text_atomic
from chipexports.base.locks import held
from chipexports.base.paths import project_root

# seconds: the processes of a run that was killed are gone by then, and with them its lock
GRACE = 1.0


@contextlib.contextmanager
def run_lock(name: str, *, timeout: float = GRACE) -> Iterator[None]:
    """Hold the lock of the run ``name``.

    Parameters
    ----------
    name : str
        The run's.
    timeout : float
        Seconds to wait for it.

    Yields
    ------
    None
        While the lock is held.

    Raises
    ------
    ChipExportsError
        Another process holds it, or there can be none.
    """
    folder = project_root() / ".cache" / "locks"
    holder = folder / f"{name}.pid"
    unwritable = ".cache/locks: cannot be written ({reason}); runs need a folder they may write to"
    busy = (
        f"run {name!r} is being executed by another process ({_holder(holder)}); wait for it, or give this "
        "one another name with -p run=NAME"
    )
    with held(folder / f"{name}.lock", timeout=timeout, busy=busy, unwritable=unwritable):
        try:
            write_text_atomic(holder, str(os.getpid()))
        except ChipExportsError as error:
            reason = getattr(error.__cause__, "strerror", error)
            raise ChipExportsError(unwritable.format(reason=reason)) from error
        try:
            yield
        finally:
            with contextlib.suppress(OSError):  # it only says who holds the lock
                holder.unlink(missing_ok=True)


def _holder(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError:
        return "unknown"
