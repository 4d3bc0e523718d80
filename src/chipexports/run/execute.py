"""Notebooks through papermill, each in a scratch place and a process of its own.

What is executed is cleaned of clocks; what fails is explained in one sentence.
"""

from __future__ import annotations

import json
import logging
import multiprocessing as mp
import os
import re
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.provisioning import KernelProvisionerFactory
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillException, PapermillExecutionError
from papermill.execute import execute_notebook

from chipexports.base.environment import environment
from chipexports.base.errors import ChipExportsError
from chipexports.base.files import write_text_atomic
from chipexports.base.paths import OUTPUT
from chipexports.base.processes import end_with_parent
from chipexports.kernels import Kernels
from chipexports.params.notebook import STEP
from chipexports.run.own_series import cells_of
from chipexports.run.plan import Work
from chipexports.run.progress import Progress
from chipexports.run.steps import Step, check_parameters_cell

ENGINE = "chipexports"
# the line of the cell itself; only where the trace names no cell, the first line an arrow points at
CELL_LINE = re.compile(r"(?:Cell In\[\d+\], line|<ipython-input[^>]*>:?\s*(?:in.*)?line)\s*(\d+)")
ARROW_LINE = re.compile(r"^-+>\s*(\d+)", re.M)
ANSI = re.compile(r"\x1b\[[0-9;]*m")
MOST_PRINTED = 1_000_000  # characters of one output kept in the executed notebook


class NotebookFailed(ChipExportsError):
    """A notebook did not run to its end.

    ``executed`` holds what was executed of it, where known, ``detail`` the whole traceback.
    """

    def __init__(self, message: str, executed: Any = None, detail: str = "") -> None:
        super().__init__(message)
        self.executed = executed
        self.detail = detail


class _Engine(NBClientEngine):
    """Papermill's engine that writes nothing on the way and keeps the notebook for a failure."""

    last: Any = None

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, **kwargs):
        cls.last = nb_man.nb
        return super().execute_managed_notebook(nb_man, kernel_name, **kwargs)


papermill_engines.register(ENGINE, _Engine)


def execute_all(work: Work, progress: Progress, jobs: int, kernels: Kernels) -> None:
    """Execute the notebooks left, each as soon as those it reads from are done, until one fails.

    ``jobs`` at a time, each in a process of its own; 0: one after the other in this process.
    """
    prepare()
    if jobs:
        _in_processes(work, progress, jobs, kernels)
    else:
        _in_this_process(work, progress, kernels)


def _in_this_process(work: Work, progress: Progress, kernels: Kernels) -> None:
    while not work.failed and (ready := work.ready()):
        folder = work.begin(ready[0])
        result = execute_step(ready[0], work.params.literals(), folder, work.timeout, kernels)
        work.finish(result)
        progress.done(result.line)


def _in_processes(work: Work, progress: Progress, jobs: int, kernels: Kernels) -> None:
    running: list[Running] = []
    try:
        while True:
            if not work.failed:
                values = work.params.literals()
                for step in work.ready()[: jobs - len(running)]:
                    one = Running(step, values, work.begin(step), work.timeout, kernels)
                    running.append(one)
            if not running:
                return
            progress.doing([one.step.name for one in running])
            ready = wait([one.receiver for one in running])
            for one in [one for one in running if one.receiver in ready]:
                running.remove(one)
                result = one.result()
                work.finish(result)
                progress.done(result.line)
    finally:
        end_all(running)
        for place in work.places.values():
            place.drop()


@dataclass(frozen=True)
class Result:
    """What came of executing a notebook: an error is one sentence, ``detail`` its traceback."""

    step: Step
    seconds: float
    error: str | None = None
    executed: str = ""
    detail: str = ""

    @property
    def line(self) -> str:
        """The line that says so where there is no terminal."""
        return f"{self.step.name:<24}{'failed' if self.error else 'done':<8}{self.seconds:6.1f} s"


def execute_step(
    step: Step, literals: Mapping[str, Any], folder: Path, timeout: float | None, kernels: Kernels
) -> Result:
    """Execute a notebook into ``folder``, which stands in for the project; the result says how it went."""
    started = time.perf_counter()
    with environment({OUTPUT: str(folder)}):
        try:
            text = execute(step, dict(literals), timeout, kernels.options())
            write_text_atomic(folder / "reports" / literals["run"] / f"{step.name}.ipynb", text)
        except NotebookFailed as error:
            seconds = time.perf_counter() - started
            return Result(step, seconds, str(error), error.executed or "", error.detail)
        except ChipExportsError as error:
            return Result(step, time.perf_counter() - started, str(error))
    return Result(step, time.perf_counter() - started)


class Running:
    """A notebook being executed in a child process (papermill is not safe in threads)."""

    def __init__(
        self,
        step: Step,
        literals: Mapping[str, Any],
        folder: Path,
        timeout: float | None,
        kernels: Kernels,
    ) -> None:
        self.step = step
        self.folder = folder
        self.started = time.perf_counter()
        context: Any = mp.get_context("fork" if "fork" in mp.get_all_start_methods() else "spawn")
        self.receiver, sender = context.Pipe(duplex=False)
        self.process = context.Process(
            target=_child, args=(sender, step, dict(literals), folder, timeout, kernels)
        )
        self.process.start()
        sender.close()

    def result(self) -> Result:
        """Return the result; call it when the receiver is ready."""
        try:
            result = self.receiver.recv()
        except EOFError:
            self.process.join()
            result = Result(
                self.step,
                time.perf_counter() - self.started,
                f"notebooks/{self.step.name}.ipynb: the process executing it ended early "
                f"(exit code {self.process.exitcode}; out of memory, or killed); run it again",
            )
        self.process.join()
        self.receiver.close()
        return result


def _child(
    sender: Connection,
    step: Step,
    literals: dict,
    folder: Path,
    timeout: float | None,
    kernels: Kernels,
) -> None:
    # Ctrl-C reaches the whole foreground group; only the parent answers it, by ending its children
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    sender.send(execute_step(step, literals, folder, timeout, kernels))
    sender.close()


def end_all(running: list[Running]) -> None:
    """End the processes and every kernel below them, at once."""
    import psutil

    below = []
    for one in running:
        try:
            below += psutil.Process(one.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            continue
    for process in below:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    for one in running:
        one.process.kill()
        one.process.join()
        one.receiver.close()


def prepare() -> None:
    """Do what the first notebook of a process would do: read the format's schema, find the kernel.

    The processes that execute notebooks are forked from the one in which this was called.
    """
    nbformat.reads(nbformat.writes(nbformat.v4.new_notebook()), as_version=4)
    KernelSpecManager().get_kernel_spec("python3")
    KernelProvisionerFactory.instance()


def execute(
    step: Step,
    literals: dict[str, Any],
    timeout: float | None = None,
    options: dict[str, Any] | None = None,
) -> str:
    """Execute a notebook and return it as JSON without clocks; ``options`` are what warm kernels add.

    With a ``series`` of one's own among the literals the cells are those of `chipexports.run.own_series`.
    """
    path = step.path_in(literals["language"])
    check_parameters_cell(path)
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    os.environ[STEP] = step.declared
    _Engine.last = None
    end = time.monotonic() + (timeout or 0.0)
    left = (lambda _: max(end - time.monotonic(), 0.01)) if timeout else None
    try:
        with _as_file(path, literals) as file:
            done = execute_notebook(
                file,
                None,
                literals,
                engine_name=ENGINE,
                progress_bar=False,
                request_save_on_cell_execute=False,
                timeout_func=left,
                record_timing=False,
                resources={"metadata": {"path": str(path.parent)}},
                **(options or {}),
            )
    except PapermillExecutionError as error:
        trace = ANSI.sub("", "\n".join(error.traceback or []))
        raise NotebookFailed(explain(path, error), _text(_Engine.last), trace) from None
    except CellTimeoutError:
        raise NotebookFailed(
            f"notebooks/{path.name}: a cell took longer than what was left of the notebook's {timeout:g} s "
            "and was stopped; raise --timeout",
            _text(_Engine.last),
        ) from None
    except DeadKernelError:
        raise NotebookFailed(
            f"notebooks/{path.name}: its kernel died (out of memory, or killed from outside); run it again",
            _text(_Engine.last),
        ) from None
    except (PapermillException, RuntimeError) as error:
        raise NotebookFailed(f"notebooks/{path.name}: {_first_line(error)}", _text(_Engine.last)) from error
    finally:
        os.environ.pop(STEP, None)
    return _text(done)


@contextmanager
def _as_file(path: Path, literals: Mapping[str, Any]) -> Iterator[Path]:
    """Give a notebook's file; for a series of one's own one with its cells, for the time of its execution."""
    if not literals.get("series"):
        yield path
        return
    cells = cells_of(path, literals["series"], literals["language"])
    notebook = json.loads(path.read_text(encoding="utf-8")) | {"cells": cells}
    with tempfile.TemporaryDirectory(prefix="chipexports-") as folder:
        place = Path(folder) / path.name
        place.write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")
        yield place


def strip_clocks(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Take out what differs between two identical runs: times, durations, random cell ids."""
    notebook.metadata.pop("papermill", None)
    for number, cell in enumerate(notebook.cells):
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = "injected-parameters"
        elif "papermill-error-cell-tag" in cell.metadata.get("tags", []):
            cell["id"] = f"error-{number}"
    return notebook


def shorten(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Cut what cells printed to `MOST_PRINTED` characters an output: nobody reads more."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            text = output.get("text", "")
            if len(text) > MOST_PRINTED:
                cut = f"\n… {len(text) - MOST_PRINTED:,} more characters were printed and are left out"
                output["text"] = text[:MOST_PRINTED] + cut
    return notebook


def _text(notebook: Any) -> str:
    return "" if notebook is None else nbformat.writes(shorten(strip_clocks(notebook))) + "\n"


def explain(path: Path, error: PapermillExecutionError) -> str:
    """Return one sentence: notebook, cell, line and what went wrong there."""
    trace = ANSI.sub("", "\n".join(error.traceback or []))
    position = CELL_LINE.search(trace) or ARROW_LINE.search(trace)
    line = f", line {position[1]}" if position else ""
    message = _first_line(error.evalue)
    kind = "" if error.ename in ("UsageError", "ChipExportsError") else f"{error.ename}: "
    return f"notebooks/{path.name}, cell {error.cell_index + 1}{line}: {kind}{message}"


def _first_line(error: object) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
