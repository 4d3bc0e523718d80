"""The third cell of every notebook: the parameters cell checked as strictly as a set's file."""

from __future__ import annotations

import ast
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chipexports.base.errors import ChipExportsError, UsageError
from chipexports.base.paths import OUTPUT, project_root, raw_dir
from chipexports.base.reads import Watch
from chipexports.params.model import DRAFT, SERIES, RunParams
from chipexports.params.parse import build, known_name
from chipexports.params.record import check_record
from chipexports.params.sets import EXTENDS, chain, set_path

INJECTED = "# Parameters"  # papermill's first line of the cell it injects
WHERE = "the notebook's parameters"
READS = ".reads.jsonl"  # in the scratch place: what the notebook was seen to read
#: set by the runner: the notebook that is being executed, then the parameters declared for it
STEP = "CHIPEXPORTS_NOTEBOOK"


class _Declared(RunParams):
    """Parameters that can be read only where `chipexports.run.steps` declares their use."""

    def __getattribute__(self, name: str) -> Any:
        notebook, *uses = os.environ.get(STEP, "").split()
        if name in RunParams.model_fields and name not in uses:
            raise UndeclaredParameter(
                f"{notebook} reads the parameter {name!r}, which chipexports.run.steps does not "
                "declare for it: a changed value would not execute it again; declare it there"
            )
        return super().__getattribute__(name)


class UndeclaredParameter(ChipExportsError):
    """A notebook reads a parameter that its entry in `chipexports.run.steps` does not list."""


def check_notebook(names: Mapping[str, Any]) -> RunParams:
    """Return the checked parameters of a notebook from its ``globals()``.

    The same for a cell edited by hand, ``papermill -p``/``-f`` on a single notebook, and
    ``python -m chipexports run``. Names that papermill injected and that are no parameters (it only
    warns of them) are refused. A set's ``extends`` is followed as on the command line.

    Parameters
    ----------
    names
        The notebook's ``globals()`` after its parameters cell.

    Returns
    -------
    RunParams
        Checked and frozen, ``as_of`` a date.

    Raises
    ------
    UsageError
        As `load_params`, or a parameter is missing from the parameters cell.

    Examples
    --------
    >>> params = check_notebook(globals())  # doctest: +SKIP
    """
    injected = _injected(names)
    values: dict[str, Any] = {}
    parent = injected.pop(EXTENDS, None)
    for name in injected:
        known_name(name, WHERE)
    if parent is not None:
        if "run" not in injected:
            raise UsageError(
                f"{WHERE}: run: the set extends {parent!r} and has no `run` of its own; give it one"
            )
        values, _ = chain(set_path(Path(str(parent)).name))
        values.update({name: names[name] for name in injected})
    else:
        for name in RunParams.model_fields:
            if name not in names:
                raise UsageError(f"{WHERE}: {name}: is missing from the parameters cell; add it")
            values[name] = names[name]
    if values.get(SERIES) and not os.environ.get(STEP):
        # by hand a series of one's own is put into a cell that holds the defaults of the record
        fields = RunParams.model_fields.items()
        values = {n: values[n] for n, info in fields if n in values and values[n] != info.default}
    params = build(values, {}, WHERE)
    if os.environ.get(STEP):  # the run has asked the record before it executed anything
        _watch_reads()
        return _Declared.model_construct(**params.literals())
    if params.run != DRAFT:
        print(
            f"by hand this notebook works in the run {DRAFT!r}, not in {params.run!r}, which only "
            f"`python -m chipexports run` writes"
        )
        params = params.model_copy(update={"run": DRAFT})
    return check_record(params, WHERE)


def _watch_reads() -> None:
    """Note what the notebook reads besides data, code and tables: a change of it must execute it again."""
    if scratch := os.environ.get(OUTPUT):
        package = Path(__file__).resolve().parents[1]
        accounted = [raw_dir(), package, Path(scratch), Path(os.environ.get("JUPYTER_RUNTIME_DIR", scratch))]
        Watch(project_root(), accounted, Path(scratch) / READS).start()


def _injected(names: Mapping[str, Any]) -> dict[str, Any]:
    """Return what papermill injected: the assignments of the cells it marks with its first line."""
    injected: dict[str, Any] = {}
    for source in names.get("In", ()):
        if isinstance(source, str) and source.startswith(INJECTED):
            for node in ast.parse(source).body:
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    name = node.targets[0].id
                    injected[name] = names.get(name)
    return injected
