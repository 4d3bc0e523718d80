"""Faults for every Python process of a command: put this folder on PYTHONPATH and name the fault.

``TRUST_FULL``: writing a file whose path matches this expression fails as on a full disk
(``TRUST_ERROR`` names another errno, e.g. EROFS). ``TRUST_CLOCK``: the clock jumps by days, back and
forth, at every look.
"""

from __future__ import annotations

import errno
import itertools
import os
import re
import sys
import time


def _refuse(pattern: str, number: int) -> None:
    wanted = re.compile(pattern)

    def hook(event: str, arguments: tuple) -> None:
        if event == "open":
            path, _, flags = arguments
            writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
            if writes and isinstance(path, str | bytes) and wanted.search(os.fsdecode(path)):
                raise OSError(number, os.strerror(number), os.fsdecode(path))

    sys.addaudithook(hook)


def _jump() -> None:
    real, real_ns = time.time, time.time_ns
    days = itertools.cycle((0, 400, -3, 0, -7000, 1, 12))
    time.time = lambda: real() + 86_400 * next(days)
    time.time_ns = lambda: real_ns() + 86_400_000_000_000 * next(days)


if os.environ.get("TRUST_FULL"):
    _refuse(os.environ["TRUST_FULL"], getattr(errno, os.environ.get("TRUST_ERROR", "ENOSPC")))
if os.environ.get("TRUST_CLOCK"):
    _jump()
