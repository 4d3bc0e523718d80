"""Tasks of a sweep on this machine: in processes forked from one that has done the imports."""

from __future__ import annotations

import atexit
import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from importlib import import_module
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from chipexports.base.errors import UsageError
from chipexports.run.cluster import connected
from chipexports.run.forked import SOCKET, ForkedProcess, outcome, request_for, wait_for_server
from chipexports.run.kernels import can_fork, warm_kernels
from chipexports.run.sweep_task import compute, failed

SERVE = "chipexports.run.sweep_task:serve"
NEEDS = "chipexports.run.sweep_needs"


def local_results(
    arguments: list[dict[str, Any]], workers: int, *, warm: bool = True, meanwhile: Iterable[str] = ()
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the run's name and the result of every task, as they finish.

    Parameters
    ----------
    arguments
        Keyword arguments of `chipexports.run.sweep_task.compute`, one mapping per task.
    workers
        Processes at a time.
    warm
        False, or a system that cannot fork: joblib's pool of processes instead.
    meanwhile
        Modules the caller needs for the results, imported here while the server imports its own.

    Raises
    ------
    UsageError
        A task refused the conditions it found (see `compute`).
    """
    notebooks = any(task["notebooks"] for task in arguments)
    with warm_kernels(warm=warm, ready="" if notebooks else NEEDS) as folder:
        for module in meanwhile:
            import_module(module)
        if warm and can_fork() and wait_for_server():
            yield from _forked(arguments, workers, folder)
        else:
            yield from _joblib(arguments, workers)


class Waiting:
    """Tasks not yet given out, those of one day together: the record is cut and cleaned once a day.

    A worker goes on with the day it has, else takes one that nobody has begun, else helps with the
    one that has most left.
    """

    def __init__(self, arguments: list[dict[str, Any]]) -> None:
        self.days: dict[str, list[dict[str, Any]]] = {}
        for task in arguments:
            self.days.setdefault(task["literals"]["as_of"], []).append(task)
        self.begun: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self.days)

    def take(self, last: str | None) -> dict[str, Any]:
        """Return the next task for a worker whose last one was of the day ``last``."""
        day = last if last in self.days else None
        day = day or next((day for day in self.days if day not in self.begun), None)
        day = day or max(self.days, key=lambda day: len(self.days[day]))
        self.begun.add(day)
        task = self.days[day].pop(0)
        if not self.days[day]:
            del self.days[day]
        return task


class Worker:
    """A process forked from the server that does one task after the other and keeps its caches."""

    def __init__(self, listener: socket.socket) -> None:
        self.process = ForkedProcess(request_for(SERVE, {"address": listener.getsockname()}))
        self.name = ""
        self.day: str | None = None
        if listener not in wait([listener, self.process.connection]):
            outcome(self.process)  # raises what kept it from coming
        self.tasks = Connection(listener.accept()[0].detach())

    def give(self, task: dict[str, Any]) -> None:
        """Send a task; the result is announced by `tasks` becoming ready."""
        self.name, self.day = task["literals"]["run"], task["literals"]["as_of"]
        self.tasks.send(task)

    def result(self) -> dict[str, Any] | None:
        """Return the result, or None when the process died over it.

        Raises
        ------
        UsageError
            The task refused the conditions it found.
        """
        try:
            found = self.tasks.recv()
        except (EOFError, ConnectionError):
            return None
        if "refused" in found:
            raise UsageError(found["refused"])
        return found

    def end(self) -> None:
        """End the process."""
        self.tasks.close()
        self.process.close()


def _forked(
    arguments: list[dict[str, Any]], workers: int, folder: Path
) -> Iterator[tuple[str, dict[str, Any]]]:
    waiting = Waiting(arguments)
    busy: dict[Any, Worker] = {}
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(folder / "tasks"))
        listener.listen(workers)
        try:
            while waiting or busy:
                while waiting and len(busy) < workers:
                    worker = Worker(listener)
                    worker.give(waiting.take(worker.day))
                    busy[worker.tasks] = worker
                for ready in wait(list(busy)):
                    worker = busy[ready]
                    result = worker.result()
                    if result is None:
                        # the next task gets a new process
                        busy.pop(ready).end()
                        result = failed("the process computing it died (out of memory, or killed)")
                    name = worker.name
                    if ready in busy and waiting:
                        worker.give(waiting.take(worker.day))
                    elif ready in busy:
                        busy.pop(ready).end()
                    yield name, result
        finally:
            for worker in busy.values():
                worker.end()


def _joblib(arguments: list[dict[str, Any]], workers: int) -> Iterator[tuple[str, dict[str, Any]]]:
    from joblib import Parallel, delayed

    yield from Parallel(n_jobs=workers, return_as="generator_unordered")(
        delayed(named_compute)(task) for task in arguments
    )


def named_compute(task: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the run's name with the result of its task."""
    return task["literals"]["run"], compute(**task)


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
    if task["notebooks"]:
        _kernels_of_this_worker()
    return compute(**task)


_kept = ExitStack()


def _kernels_of_this_worker() -> None:
    """Start the fork server of this worker process once; it ends with the worker."""
    if not os.environ.get(SOCKET):
        _kept.enter_context(warm_kernels())
        atexit.register(_kept.close)
