"""Locks between processes: one at a time writes the record, the archive, a run."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from chipexports.base.errors import ChipExportsError

NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP)


@contextmanager
def held(path: Path, *, timeout: float, busy: str, unwritable: str) -> Iterator[None]:
    """Hold the lock at ``path``, or say ``busy`` after ``timeout`` seconds, or ``unwritable`` (``{reason}``).

    The lock belongs to the process, not to the file: the system frees it when the process ends, in
    whatever way, so that nothing that was killed leaves a stale lock.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path, timeout=timeout)
        lock.acquire()
    except Timeout:
        raise ChipExportsError(busy) from None
    except (OSError, NotImplementedError) as error:
        if isinstance(error, NotImplementedError) or error.errno in NO_LOCKS:
            raise ChipExportsError(
                f"{path.parent}: the file system has no locks (a network folder without them?), and without "
                "them two processes could write at once; move the project to a local folder, or let "
                "CHIPEXPORTS_ROOT name a copy in one"
            ) from error
        raise ChipExportsError(unwritable.format(reason=error.strerror)) from error
    try:
        yield
    finally:
        lock.release()
