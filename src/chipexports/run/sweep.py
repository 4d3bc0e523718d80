"""A sweep: many parameter sets in parallel processes, resumable, its failures collected."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from chipexports.base.errors import ChipExportsError
from chipexports.base.files import write_table, write_text_atomic
from chipexports.base.paths import reports_dir
from chipexports.params import RunParams
from chipexports.params.sets import shown
from chipexports.run.fingerprint import combined
from chipexports.run.lock import run_lock
from chipexports.run.pool import local_results
from chipexports.run.progress import Progress
from chipexports.run.sweep_figure import NEEDED, draw_sweep, is_drawn, over_days
from chipexports.run.sweep_file import Sweep, load_sweep
from chipexports.run.sweep_task import conditions

SUMMARY = (
    "status",
    "seconds",
    "median",
    "q025",
    "q10",
    "q90",
    "q975",
    "threshold",
    "p_above",
    "outturn",
    "error",
)
Result = dict[str, Any]


class SweepFailed(ChipExportsError):
    """Some sets of a sweep failed; the others are in its tables."""


def run_sweep(
    given: str | os.PathLike[str],
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    notebooks: bool = False,
    force: bool = False,
    warm: bool = True,
    quiet: bool = False,
) -> Path:
    """Compute every set of a sweep that is not there yet; return the path of its summary.

    Parameters
    ----------
    given
        The sweep's file, or its name in ``params/sweeps``.
    workers
        Processes on this machine; default: its cores.
    scheduler
        Address of a Dask scheduler whose workers do the work instead.
    notebooks
        Execute the notebooks of every set; otherwise the library alone is called, which takes a
        fraction of the time (the notebooks of one set can be run later under its name).
    force
        Compute every set again.
    warm
        Fork the workers from a process that has done the imports.
    quiet
        Print nothing.

    Returns
    -------
    Path
        Of ``summary.csv``; a sweep over days also gets a figure (see `sweep_figure`).

    Raises
    ------
    UsageError
        The sweep's file is wrong; nothing was run.
    SweepFailed
        At least one set failed; the rest is finished and the same command tries the failed ones again.
    """
    sweep = load_sweep(given)
    started = time.perf_counter()
    with run_lock(sweep.name):
        store = Store(sweep, notebooks=notebooks)
        todo = [p for p in sweep.sets if force or store.read(p) is None]
        progress = Progress(len(todo), "set", quiet=quiet)
        how: dict[str, Any] = {"notebooks": notebooks, "force": force, "warm": warm}
        how["meanwhile"] = ("pandas", *(NEEDED if over_days(sweep) else ()))
        try:
            for params, result in _results(todo, workers, scheduler, **how):
                store.write(params, result)
                progress.done(f"{params.run:<40} {result['status']:<7}{result['seconds']:6.1f} s")
        finally:
            progress.close()
            summary = store.summarise()
        figure = draw_sweep(sweep) if todo or not is_drawn(sweep) else ""
    failures = [p.run for p in sweep.sets if store.results[p.run]["status"] != "done"]
    if not quiet:
        seconds = time.perf_counter() - started
        counts = f"{len(sweep.sets)} sets, {len(todo)} computed in {seconds:.1f} s"
        print(f"{sweep.name}: {counts} → {shown(summary)}")
        print(figure, end="\n" if figure else "")
    if failures:
        first = store.results[failures[0]]["error"]
        raise SweepFailed(
            f"{sweep.name}: {len(failures)} of {len(sweep.sets)} sets failed, e.g. {failures[0]}: {first}; "
            f"{shown(summary)} says why for each"
        )
    return summary


def _results(
    todo: list[RunParams],
    workers: int | None,
    scheduler: str | None,
    *,
    notebooks: bool,
    force: bool,
    warm: bool,
    meanwhile: Iterable[str],
) -> Iterator[tuple[RunParams, Result]]:
    if not todo:
        return iter(())
    tasks = {p.run: p for p in todo}
    common = {"expected": conditions(), "notebooks": notebooks, "force": force}
    arguments = [{"literals": params.literals(), **common} for params in todo]
    if scheduler:
        from chipexports.run.pool import cluster_results

        found: Iterable[tuple[str, Result]] = cluster_results(scheduler, arguments)
    else:
        cores = workers or os.cpu_count() or 1
        found = local_results(arguments, cores, warm=warm, meanwhile=meanwhile)
    return ((tasks[name], result) for name, result in found)


class Store:
    """The results of a sweep on disk: one small file per set, written when the set is done."""

    def __init__(self, sweep: Sweep, *, notebooks: bool) -> None:
        self.sweep = sweep
        self.notebooks = notebooks
        self.folder = reports_dir(sweep.name)
        self.results: dict[str, Result] = {}
        self.conditions = conditions()

    def _key(self, params: RunParams) -> str:
        return combined({**params.literals(), **self.conditions, "notebooks": self.notebooks})

    def read(self, params: RunParams) -> Result | None:
        """Return the result of a set when it is there, done, and still follows from code and data."""
        try:
            found = json.loads((self.folder / "sets" / f"{params.run}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if found.get("key") != self._key(params) or found["status"] != "done":
            return None
        self.results[params.run] = found
        return found

    def write(self, params: RunParams, result: Result) -> None:
        """Keep the result of a set."""
        kept = {"key": self._key(params), "parameters": params.literals(), **result}
        self.results[params.run] = kept
        text = json.dumps(kept, indent=1, ensure_ascii=False, allow_nan=False)
        write_text_atomic(self.folder / "sets" / f"{params.run}.json", text + "\n")

    def summarise(self) -> Path:
        """Write ``summary.csv`` (one row per set) and ``forecasts.csv`` (full rows, no times).

        A set that was not reached (the sweep was stopped) stands in the summary as ``waiting``.
        """
        import pandas as pd

        rows, forecasts = [], []
        for params in self.sweep.sets:
            result = self.results.get(
                params.run, {"status": "waiting", "seconds": None, "error": "", "row": {}}
            )
            literals = params.literals()
            varied = {n: literals[n] for n in self.sweep.varied}
            varied = {n: " ".join(map(str, v)) if isinstance(v, list) else v for n, v in varied.items()}
            values = {n: result["row"].get(n) for n in SUMMARY}
            values |= {n: result[n] for n in ("status", "error")}
            values["seconds"] = None if result["seconds"] is None else round(result["seconds"], 3)
            rows.append({"run": params.run, **varied, **values})
            if result["row"]:
                forecasts.append(result["row"])
        if forecasts:
            write_table(pd.DataFrame(forecasts), self.folder / "forecasts.csv")
        return write_table(pd.DataFrame(rows), self.folder / "summary.csv")
