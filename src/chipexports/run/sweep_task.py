"""One parameter set of a sweep: what a worker does, on this machine or another."""

from __future__ import annotations

import inspect
import math
import sys
import threading
import time
import traceback
from functools import cache
from pathlib import Path
from typing import Any

from chipexports.base.errors import ChipExportsError, UsageError
from chipexports.base.processes import end_with_parent
from chipexports.params import RunParams
from chipexports.run.fingerprint import Snapshot, combined

_one_at_a_time = threading.Lock()


def conditions() -> dict[str, str]:
    """Return what must be equal wherever a set is computed: its code, data, locked versions."""
    now = Snapshot()
    code = combined(
        now.code_reached("\n".join(inspect.getsource(part) for part in (_by_library, _by_notebooks)))
    )
    now.reach.save()
    return {"code": code, "data": now.data_hash, "environment": now.environment}


def compute(
    literals: dict[str, Any], expected: dict[str, str], notebooks: bool = False, force: bool = False
) -> dict[str, Any]:
    """Return the result of one set: ``status``, ``seconds``, ``error`` and the ``row`` of its forecast.

    The task carries the parameters and nothing else: a worker reads ``data/raw`` of its own checkout (or of
    the folder ``CHIPEXPORTS_ROOT`` names), and refuses where its code or data are not the ``expected``
    `conditions`. With ``notebooks`` these are executed (fresh ones with ``force``), and the row is theirs.
    """
    here = _conditions_here()
    for part, value in expected.items():
        if here[part] != value:
            raise UsageError(
                f"sweep: a worker has other {part} than the machine that started the sweep; update its "
                "checkout, or let CHIPEXPORTS_ROOT name a folder both can read"
            )
    params = RunParams(**literals)
    started = time.perf_counter()
    try:
        row = _by_notebooks(params, force) if notebooks else _by_library(params)
    except ChipExportsError as error:
        return failed(str(error), time.perf_counter() - started)
    except Exception as error:  # whatever one set meets, the others go on; its row says what it was
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}, line {place.lineno}"
        return failed(f"{type(error).__name__}: {error} ({where})", time.perf_counter() - started)
    return {"status": "done", "seconds": time.perf_counter() - started, "error": "", "row": row}


def named(task: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the run's name with the result of its task: what a worker does, wherever it is.

    A worker on this machine ends with the process that started it, however that ends.
    """
    _end_with_parent()
    return task["literals"]["run"], compute(**task)


@cache
def _end_with_parent() -> None:
    if "distributed.worker" not in sys.modules:  # a Dask worker belongs to its cluster
        end_with_parent()


@cache
def _conditions_here() -> dict[str, str]:
    """Return `conditions` of this worker: it has imported its code, and keeps it as long as it lives."""
    return conditions()


def failed(message: str, seconds: float = 0.0) -> dict[str, Any]:
    """Return the result of a set that could not be computed."""
    return {"status": "failed", "seconds": seconds, "error": " ".join(message.split()), "row": {}}


def _by_library(params: RunParams) -> dict[str, Any]:
    from chipexports.forecast.tables import forecast_row
    from chipexports.params import check_record

    return {name: _plain(value) for name, value in forecast_row(check_record(params, trial=False)).items()}


def _by_notebooks(params: RunParams, force: bool) -> dict[str, Any]:
    from chipexports.base.files import read_table
    from chipexports.base.paths import processed_dir
    from chipexports.run.runner import run_params

    # papermill's settings belong to the process: a worker with several threads takes turns
    with _one_at_a_time:
        run_params(params, force=force, jobs=0, quiet=True, report=False)
    row = read_table(processed_dir(params.run) / "forecast.csv").iloc[-1]
    return {str(name): _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    """Return a number of numpy as Python's own, NaN as None: what JSON can say."""
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value
