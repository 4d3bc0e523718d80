"""What a run holds on disk: its lock, and a scratch place per notebook that replaces outputs on success.

While a notebook runs, ``CHIPEXPORTS_OUTPUT`` sends ``data/processed/<run>``, ``figures/<run>`` and
``reports/<run>`` (all of `chipexports.base.paths`) to a folder of its own under ``.cache/work``, filled
with copies of what the notebooks it reads from wrote. On success its new files are moved into
place, on failure the folder is dropped: the last good outputs were never touched. As a notebook
sees only what it declares to read, an undeclared dependence fails at once instead of going stale.
"""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chipexports.base.errors import ChipExportsError
from chipexports.base.files import write_text_atomic
from chipexports.base.locks import held
from chipexports.base.paths import project_root
from chipexports.run.fingerprint import file_hash

# seconds: the processes of a run that was killed are gone by then, and with them its lock
GRACE = 1.0


@contextmanager
def run_lock(name: str, *, timeout: float = GRACE) -> Iterator[None]:
    """Hold the lock of the run ``name``: one at a time, the second says so and stops."""
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
            with suppress(OSError):  # it only says who holds the lock
                holder.unlink(missing_ok=True)


def _holder(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError:
        return "unknown"


class Workspace:
    """The scratch place of one notebook of one run."""

    def __init__(self, run: str, step: str) -> None:
        self.root = project_root()
        self.folder = self.root / ".cache" / "work" / run / step
        self._copied: dict[str, str] = {}

    def prepare(self, inputs: Iterable[str]) -> Path:
        """Clear the place and copy ``inputs`` (paths relative to the project) into it."""
        try:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
            for name in inputs:
                target = self.folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(self.root / name, target)
                self._copied[name] = file_hash(target)
        except OSError as error:
            raise ChipExportsError(
                f".cache/work: cannot be written ({error.strerror}); the last good outputs are unchanged"
            ) from error
        return self.folder

    def produced(self) -> dict[str, str]:
        """Return relative path to hash of the files that are new or changed."""
        hashes = {}
        for path in sorted(self.folder.rglob("*")):
            name = path.relative_to(self.folder).as_posix()
            if path.is_file() and not path.name.endswith(".tmp") and not name.startswith("."):
                digest = file_hash(path)
                if self._copied.get(name) != digest:
                    hashes[name] = digest
        return hashes

    def commit(self, previous: Iterable[str]) -> dict[str, str]:
        """Move what was produced into place and remove ``previous`` outputs no longer produced.

        Every file is moved by one rename within the file system; an interrupt waits until all are.
        """
        produced = self.produced()
        try:
            for name in produced:
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            with uninterrupted():
                for name in produced:
                    (self.folder / name).replace(self.root / name)
                for name in set(previous) - set(produced):
                    (self.root / name).unlink(missing_ok=True)
        except OSError as error:
            raise ChipExportsError(
                f"{error.filename}: outputs could not be put in place ({error.strerror})"
            ) from error
        self.drop()
        return produced

    def drop(self) -> None:
        """Remove the place and everything in it."""
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C back until the block is done (main thread only; elsewhere this does nothing)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: caught.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if caught:
        raise KeyboardInterrupt
