"""Tasks of a sweep on this machine: in processes forked from one that has done the imports."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from multiprocessing.connection import Client, Connection, wait
from pathlib import Path
from typing import Any

from chipexports.errors import UsageError
from chipexports.run.kernels import (
    ForkedProcess,
    can_fork,
    outcome,
    request_for,
    wait_for_server,
    warm_kernels,
)
from chipexports.run.sweep_task import compute, failed

SERVE = "chipexports.run.pool:serve"


def local_results(
    arguments: list[dict[str, Any]], workers: int, *, warm: bool = True
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

    Raises
    ------
    UsageError
        A task refused the conditions it found (see `compute`).
    """
    with warm_kernels(warm=warm) as folder:
        if warm and can_fork() and wait_for_server():
            yield from _forked(arguments, workers, folder)
        else:
            yield from _joblib(arguments, workers)


class Worker:
    """A process forked from the server that does one task after the other and keeps its caches."""

    def __init__(self, listener: socket.socket) -> None:
        self.process = ForkedProcess(request_for(SERVE, {"address": listener.getsockname()}))
        self.name = ""
        if listener not in wait([listener, self.process.connection]):
            outcome(self.process)  # raises what kept it from coming
        self.tasks = Connection(listener.accept()[0].detach())

    def give(self, task: dict[str, Any]) -> None:
        """Send a task; the result is announced by `tasks` becoming ready."""
        self.name = task["literals"]["run"]
        self.tasks.send(task)

    def result(self) -> dict[str, Any] | None:
        """Return the result, or None when the process died over it."""
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


def serve(address: str) -> None:
    """In a worker: do the tasks that come over ``address`` until it is closed."""
    with Client(address, family="AF_UNIX") as tasks:
        while True:
            try:
                task = tasks.recv()
            except (EOFError, ConnectionError):
                return
            try:
                tasks.send(compute(**task))
            except UsageError as error:
                tasks.send({"refused": str(error)})


def _forked(
    arguments: list[dict[str, Any]], workers: int, folder: Path
) -> Iterator[tuple[str, dict[str, Any]]]:
    waiting = list(reversed(arguments))
    busy: dict[Any, Worker] = {}
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(folder / "tasks"))
        listener.listen(workers)
        try:
            while waiting or busy:
                while waiting and len(busy) < workers:
                    worker = Worker(listener)
                    worker.give(waiting.pop())
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
                        worker.give(waiting.pop())
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
