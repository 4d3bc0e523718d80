"""The same tasks on a Dask cluster: the scheduler's workers do what the local processes do."""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from chipexports.base.errors import UsageError

ADDRESS = "DASK_SCHEDULER_ADDRESS"
PATIENCE = 5  # seconds to wait for a scheduler that does not answer


def scheduler_address(given: str | None) -> str | None:
    """Return the scheduler to use: the one given, else that of ``DASK_SCHEDULER_ADDRESS``, else None."""
    return given or os.environ.get(ADDRESS) or None


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """Yield a client of the scheduler at ``address``.

    Raises
    ------
    UsageError
        Nobody answers there, the address is no address, or the scheduler has no worker.
    """
    import dask
    from distributed import Client

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


def cluster_results(address: str, arguments: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the run's name and the result of every task, as the workers finish them.

    A task carries its parameters; the raw data it reads from the worker's own checkout, after
    checking that code and data are the same (see `chipexports.run.sweep_task.compute`). A worker
    that dies has its tasks done by another; every task is yielded once.

    Raises
    ------
    UsageError
        As `connected`; or a task refused the conditions it found.
    """
    from distributed import as_completed

    from chipexports.run.sweep_task import failed

    with connected(address) as client:
        # unique keys: the scheduler must not answer from an earlier sweep's memory
        futures = {
            client.submit(
                on_worker, task, pure=False, key=f"{task['literals']['run']}-{os.urandom(4).hex()}"
            ): task
            for task in arguments
        }
        for future in as_completed(list(futures), loop=client.loop):
            name = futures[future]["literals"]["run"]
            if future.status == "finished":
                yield name, future.result()
                continue
            error = future.exception()
            if isinstance(error, UsageError):
                raise error
            yield name, failed(f"{type(error).__name__}: {error}")


def on_worker(task: dict[str, Any]) -> dict[str, Any]:
    """Do one task in a Dask worker; notebooks get warm kernels there, too."""
    from chipexports.run.sweep_task import compute

    if task["notebooks"]:
        _kernels_of_this_worker()
    return compute(**task)


_kept = ExitStack()


def _kernels_of_this_worker() -> None:
    """Start the fork server of this worker process once; it ends with the worker."""
    from chipexports.run.forked import SOCKET
    from chipexports.run.kernels import warm_kernels

    if not os.environ.get(SOCKET):
        _kept.enter_context(warm_kernels())
        atexit.register(_kept.close)


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
    found = scheduler_address(address)
    if found is None:
        yield False
        return
    import joblib

    with (
        connected(found) as client,
        joblib.parallel_config(backend="dask", client=client, wait_for_workers_timeout=10),
    ):
        yield True
