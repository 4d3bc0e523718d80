"""Tasks of a sweep on this machine: each in a process forked from one that has done the imports."""

from __future__ import annotations

from collections.abc import Iterator
from multiprocessing.connection import wait
from typing import Any

from chipexports.run.sweep_task import failed

COMPUTE = "chipexports.run.sweep_task:compute"


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
    from chipexports.run.kernels import can_fork, wait_for_server, warm_kernels

    with warm_kernels(warm=warm):
        if warm and can_fork() and wait_for_server():
            yield from _forked(arguments, workers)
        else:
            yield from _joblib(arguments, workers)


def _forked(arguments: list[dict[str, Any]], workers: int) -> Iterator[tuple[str, dict[str, Any]]]:
    from chipexports.errors import ChipExportsError, UsageError
    from chipexports.run.kernels import ForkedProcess, outcome, request_for

    waiting = list(reversed(arguments))
    running: dict[Any, tuple[str, ForkedProcess]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                task = waiting.pop()
                process = ForkedProcess(request_for(COMPUTE, task))
                running[process.connection] = (task["literals"]["run"], process)
            for connection in wait(list(running)):
                name, process = running.pop(connection)
                try:
                    result = outcome(process)
                except UsageError:
                    raise
                except ChipExportsError as error:
                    result = failed(str(error))
                yield name, result
    finally:
        for _, process in running.values():
            process.close()


def _joblib(arguments: list[dict[str, Any]], workers: int) -> Iterator[tuple[str, dict[str, Any]]]:
    from joblib import Parallel, delayed

    yield from Parallel(n_jobs=workers, return_as="generator_unordered")(
        delayed(named_compute)(task) for task in arguments
    )


def named_compute(task: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the run's name with the result of its task."""
    from chipexports.run.sweep_task import compute

    return task["literals"]["run"], compute(**task)
