"""One run of a name at a time: the second says so and stops."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from filelock import FileLock, Timeout

from chipexports.base.errors import ChipExportsError
from chipexports.base.files import write_text_atomic
from chipexports.base.paths import project_root

# seconds: the processes of a run that was killed are gone by then, and with them its lock
GRACE = 1.0


@contextlib.contextmanager
def run_lock(name: str, *, timeout: float = GRACE) -> Iterator[None]:
    """Hold the lock of the run ``name``.

    The lock belongs to the process, not to the file: the system frees it when the process ends, in
    whatever way, so that a killed run leaves no stale lock.

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
        Another process holds it.
    """
    folder = project_root() / ".cache" / "locks"
    holder = folder / f"{name}.pid"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / f"{name}.lock", timeout=timeout)
        lock.acquire()
        write_text_atomic(holder, str(os.getpid()))
    except Timeout:
        pid = holder.read_text().strip() if holder.is_file() else "unknown"
        raise ChipExportsError(
            f"run {name!r} is being executed by another process ({pid}); wait for it, or give this one "
            "another name with -p run=NAME"
        ) from None
    except (OSError, ChipExportsError) as error:
        reason = getattr(error, "strerror", None) or getattr(error.__cause__, "strerror", error)
        raise ChipExportsError(
            f".cache/locks: cannot be written ({reason}); runs need a folder they may write to"
        ) from error
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # it only says who holds the lock; the lock itself is freed
            holder.unlink(missing_ok=True)
        lock.release()
