"""A fuzzing campaign: many inputs to one reader, held to its documented errors, to time and to memory."""

from __future__ import annotations

import resource
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chipexports.base.errors import UsageError

LIMIT_SECONDS = 5  # of the processor; a machine busy with other things is no hang
LIMIT_WALL = 60
LIMIT_BYTES = 500_000_000


class Hang(AssertionError):
    """A reader took longer than the limit."""


def peak_memory() -> int:
    """Return the largest memory this process has held so far, in bytes."""
    found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return found if sys.platform == "darwin" else found * 1024


def campaign(read: Callable[[Any], Any], inputs: st.SearchStrategy, examples: int) -> dict[str, float]:
    """Call ``read`` on ``examples`` inputs; nothing but `UsageError` may come out, in time and memory.

    Parameters
    ----------
    read
        Reads one input; returns for a good one, raises `UsageError` in one sentence for a bad one.
    inputs
        Where the inputs come from.
    examples
        How many.

    Returns
    -------
    dict
        Number of inputs, accepted, refused, slowest in seconds, growth of memory in million bytes.
    """
    seen = {"inputs": 0, "accepted": 0, "refused": 0, "slowest": 0.0}
    before = peak_memory()

    def alarm(*_: object) -> None:
        raise Hang(f"longer than {LIMIT_SECONDS} s of the processor, or {LIMIT_WALL} s")

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs)
    def one(given_input: Any) -> None:
        signal.setitimer(signal.ITIMER_PROF, LIMIT_SECONDS)
        signal.setitimer(signal.ITIMER_REAL, LIMIT_WALL)
        started = time.process_time()
        try:
            read(given_input)
        except UsageError as error:
            seen["refused"] += 1
            said = str(error)
        else:
            seen["accepted"] += 1
            said = "read"
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.setitimer(signal.ITIMER_PROF, 0)
        assert 0 < len(said) < 2000, "an error without a sentence, or one that repeats its input"
        seen["inputs"] += 1
        seen["slowest"] = max(seen["slowest"], time.process_time() - started)

    old = {number: signal.signal(number, alarm) for number in (signal.SIGALRM, signal.SIGPROF)}
    try:
        one()
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
    grown = peak_memory() - before
    assert grown < LIMIT_BYTES
    assert seen["inputs"] >= examples
    return {**seen, "slowest": round(seen["slowest"], 3), "memory_mb": round(grown / 1e6, 1)}
