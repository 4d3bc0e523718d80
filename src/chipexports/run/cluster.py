"""A Dask cluster: finding its scheduler, and letting joblib work there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chipexports.base.errors import UsageError

ADDRESS = "DASK_SCHEDULER_ADDRESS"
PATIENCE = 5  # seconds to wait for a scheduler that does not answer


def scheduler_address(given: str | None) -> str | None:
    """Return the scheduler to use: the one given, else that of ``DASK_SCHEDULER_ADDRESS``, else None."""
    return given or os.environ.get(ADDRESS) or None


def check_scheduler(address: str) -> None:
    """Refuse an address at which no scheduler with workers answers."""
    with connected(address):
        pass


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """Yield a client of the scheduler at ``address``, which must have a worker."""
    import dask
    from distributed import Client

    if not re.fullmatch(r"[a-z]+://\S+", address):
        # left to itself, the client would go on trying in the background
        raise UsageError(
            f"--scheduler {address}: is not an address; write it with its scheme and port, "
            "e.g. tcp://127.0.0.1:8786"
        )
    try:
        with dask.config.set({"distributed.comm.timeouts.connect": f"{PATIENCE}s"}):
            client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"--scheduler {address}: no Dask scheduler answers there; start one with `dask scheduler` and "
            "give its address, e.g. tcp://127.0.0.1:8786"
        ) from error
    try:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise UsageError(
                f"--scheduler {address}: the scheduler has no workers; start one with `dask worker {address}`"
            ) from error
        yield client
    finally:
        client.close()


@contextmanager
def dask_backend(address: str | None = None) -> Iterator[bool]:
    """Let joblib's ``Parallel`` inside the block work on the cluster; yield whether there is one.

    For the backtest and whatever else is written with joblib; without an address (given, or in
    ``DASK_SCHEDULER_ADDRESS``) nothing changes.

    Parameters
    ----------
    address : str, optional
        Of the Dask scheduler.

    Yields
    ------
    bool
        Whether there is a cluster.
    """
    scheduler = scheduler_address(address)
    if scheduler is None:
        yield False
        return
    import joblib

    with (
        connected(scheduler) as client,
        joblib.parallel_config(backend="dask", client=client, wait_for_workers_timeout=10),
    ):
        yield True
