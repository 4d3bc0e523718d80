"""Execute one notebook of a run in its own scratch place, in a process of its own."""

from __future__ import annotations

import multiprocessing as mp
import os
import signal
import threading
import time
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from chipexports.base.errors import ChipExportsError
from chipexports.base.paths import OUTPUT
from chipexports.kernels import Kernels
from chipexports.run.own_series import cells_of
from chipexports.run.steps import Step


@dataclass(frozen=True)
class Result:
    """What came of executing a notebook.

    Attributes
    ----------
    step : Step
        The notebook.
    seconds : float
        Wall time.
    error : str or None
        One sentence, if it failed.
    executed, detail : str
        What there is of the executed notebook; the traceback. Empty when all went well.
    """

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
    """Execute a notebook; its outputs and the executed notebook go to a folder.

    Parameters
    ----------
    step : Step
        The notebook.
    literals : mapping
        Values of its parameters cell.
    folder : Path
        Stands in for the project where outputs are concerned.
    timeout : float or None
        Seconds it may take.
    kernels : Kernels
        Those it may have.

    Returns
    -------
    Result
        Of success or failure; nothing is raised for what the notebook does.
    """
    from chipexports.base.files import write_text_atomic
    from chipexports.run.execute import NotebookFailed, execute

    started = time.perf_counter()
    with _output(folder):
        try:
            language = literals["language"]
            path, series = step.path_in(language), literals.get("series")
            cells = cells_of(path, series, language) if series else None
            text = execute(path, dict(literals), timeout, kernels.options(), cells)
            write_text_atomic(folder / "reports" / literals["run"] / f"{step.name}.ipynb", text)
        except NotebookFailed as error:
            seconds = time.perf_counter() - started
            return Result(step, seconds, str(error), error.executed or "", error.detail)
        except ChipExportsError as error:
            return Result(step, time.perf_counter() - started, str(error))
    return Result(step, time.perf_counter() - started)


@contextmanager
def _output(folder: Path):
    before = os.environ.get(OUTPUT)
    os.environ[OUTPUT] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[OUTPUT]
        else:
            os.environ[OUTPUT] = before


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
            found = self.receiver.recv()
        except EOFError:
            self.process.join()
            found = Result(
                self.step,
                time.perf_counter() - self.started,
                f"notebooks/{self.step.name}.ipynb: the process executing it ended early "
                f"(exit code {self.process.exitcode}; out of memory, or killed); run it again",
            )
        self.process.join()
        self.receiver.close()
        return found


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
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sender.send(execute_step(step, literals, folder, timeout, kernels))
    sender.close()


def _end_with_parent() -> None:
    """End this process as soon as the run that started it is gone, killed in whatever way.

    An orphan would go on holding the run's lock and writing to a scratch place that the next run uses;
    its kernel ends with it, for nobody holds the kernel's connection any more.
    """
    parent = mp.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def end_all(running: list[Running]) -> None:
    """End the processes and every kernel below them, at once."""
    import psutil

    below = []
    for one in running:
        try:
            process = psutil.Process(one.process.pid)
            below += [*process.children(recursive=True), process]
        except psutil.NoSuchProcess:
            continue
    for process in below:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    for one in running:
        one.process.join()
        one.receiver.close()
