"""One notebook through papermill: executed in a scratch place, cleaned of clocks, its error explained."""

from __future__ import annotations

import json
import logging
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.provisioning import KernelProvisionerFactory
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillException, PapermillExecutionError
from papermill.execute import execute_notebook

from chipexports.base.errors import ChipExportsError
from chipexports.params.notebook import STEP
from chipexports.run.steps import check_parameters_cell

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


def prepare() -> None:
    """Do what the first notebook of a process would do: read the format's schema, find the kernel.

    The processes that execute notebooks are forked from the one in which this was called.
    """
    nbformat.reads(nbformat.writes(nbformat.v4.new_notebook()), as_version=4)
    KernelSpecManager().get_kernel_spec("python3")
    KernelProvisionerFactory.instance()


def execute(
    path: Path,
    literals: dict[str, Any],
    timeout: float | None = None,
    options: dict[str, Any] | None = None,
    cells: list[dict[str, Any]] | None = None,
) -> str:
    """Execute the notebook at ``path`` and return it as text, without clocks.

    Parameters
    ----------
    path
        The notebook, under ``notebooks/``; its kernel works in that folder.
    literals
        The values for its parameters cell: str, int, float and lists of them.
    timeout
        Seconds the notebook may take; None for no limit.
    options
        What warm kernels add to papermill's keywords (`chipexports.kernels.Kernels.options`).
    cells
        Executed in place of the notebook's own, where it is not executed as it stands.

    Returns
    -------
    str
        The executed notebook as JSON.

    Raises
    ------
    NotebookFailed
        With the notebook, the cell, its line and the error, and what was executed so far.
    """
    check_parameters_cell(path)
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    os.environ[STEP] = path.stem
    _Engine.last = None
    end = time.monotonic() + (timeout or 0.0)
    left = (lambda _: max(end - time.monotonic(), 0.01)) if timeout else None
    try:
        with _as_file(path, cells) as file:
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
def _as_file(path: Path, cells: list[dict[str, Any]] | None) -> Iterator[Path]:
    """Give a notebook's file, or for the time of its execution one with other cells."""
    if cells is None:
        yield path
        return
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
    found = CELL_LINE.search(trace) or ARROW_LINE.search(trace)
    line = f", line {found[1]}" if found else ""
    message = _first_line(error.evalue)
    kind = "" if error.ename in ("UsageError", "ChipExportsError") else f"{error.ename}: "
    return f"notebooks/{path.name}, cell {error.cell_index + 1}{line}: {kind}{message}"


def _first_line(error: object) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
