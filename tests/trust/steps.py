"""Every step by which a call touches files: killed there, or failing there as on a full disk."""

from __future__ import annotations

import errno
import multiprocessing as mp
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

KILLED = -signal.SIGKILL
STEPS = ("open", "os.rename", "os.remove", "os.mkdir", "os.chmod", "os.rmdir")


def _watch(root: Path, at: int, fault: str) -> None:
    """Count steps on files below ``root``; at number ``at`` kill this process or let the step fail."""
    seen = 0

    def hook(event: str, arguments: tuple) -> None:
        nonlocal seen
        if event not in STEPS or not isinstance(arguments[0], str | bytes | os.PathLike):
            return
        if not os.fsdecode(arguments[0]).startswith(str(root)):
            return
        writes = event != "open" or (
            isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        )
        if fault == "full" and (not writes or event in ("os.remove", "os.rmdir")):
            return  # reading and removing work on a full disk
        seen += 1
        if seen == at and fault == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if seen >= at and fault == "full":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), os.fsdecode(arguments[0]))

    sys.addaudithook(hook)


def _child(root: Path, at: int, fault: str, call: Callable[[], object]) -> None:
    from chipexports.base.errors import ChipExportsError

    _watch(root, at, fault)
    try:
        call()
    except ChipExportsError:
        os._exit(1)
    os._exit(0)


def faults(root: Path, fault: str, call: Callable[[], object], most: int = 200):
    """Yield (number, exit code) of ``call`` with the fault at its 1st, 2nd, … step, until none is left.

    Exit codes: `KILLED`, 1 for a clear refusal, anything else but 0 is a failure. ``call`` runs in a
    forked process that has done the imports.
    """
    context = mp.get_context("fork")
    for number in range(1, most):
        process = context.Process(target=_child, args=(root, number, fault, call))
        process.start()
        process.join(60)
        yield number, process.exitcode
        if process.exitcode == 0:
            return
    raise AssertionError(f"more than {most} steps")
