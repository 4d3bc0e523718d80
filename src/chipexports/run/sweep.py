"""A sweep: many parameter sets in parallel processes, resumable, its failures collected."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from joblib import Parallel, delayed
from joblib.externals.loky import get_reusable_executor

from chipexports.base.errors import ChipExportsError
from chipexports.base.files import read_table, write_table, write_text_atomic
from chipexports.base.paths import figures_dir, reports_dir
from chipexports.kernels import warm_kernels
from chipexports.params import RunParams
from chipexports.params.sets import readable_path
from chipexports.run import preload
from chipexports.run.cluster import check_scheduler, dask_backend
from chipexports.run.fingerprint import combined
from chipexports.run.progress import Progress
from chipexports.run.sweep_file import Sweep, load_sweep
from chipexports.run.sweep_task import conditions, failed, named
from chipexports.run.workspace import run_lock

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
FIGURE = "month_by_month"
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
        Warm kernels for the notebooks.
    quiet
        Print nothing.

    Returns
    -------
    Path
        Of ``summary.csv``; a sweep over days also gets a figure (see `draw_sweep`).

    Raises
    ------
    UsageError
        The sweep's file is wrong; nothing was run.
    SweepFailed
        At least one set failed; the rest is finished and the same command tries the failed ones again.
    """
    sweep = load_sweep(given)
    if scheduler:
        check_scheduler(scheduler)
    started = time.perf_counter()
    with run_lock(sweep.name):
        store = Store(sweep, notebooks=notebooks)
        todo = [p for p in sweep.sets if force or store.read(p) is None]
        progress = Progress(len(todo), "set", quiet=quiet)
        task = {"expected": store.conditions, "notebooks": notebooks, "force": force}
        try:
            for params, result in _results(todo, task, workers or os.cpu_count() or 1, scheduler, warm=warm):
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
        print(f"{sweep.name}: {counts} → {readable_path(summary)}")
        print(figure, end="\n" if figure else "")
    if failures:
        first = store.results[failures[0]]["error"]
        raise SweepFailed(
            f"{sweep.name}: {len(failures)} of {len(sweep.sets)} sets failed, e.g. {failures[0]}: {first}; "
            f"{readable_path(summary)} says why for each"
        )
    return summary


def _results(
    todo: list[RunParams], common: dict[str, Any], workers: int, scheduler: str | None, *, warm: bool
) -> Iterator[tuple[RunParams, Result]]:
    """Yield every set with its result as they are done, by joblib: on this machine, or on a Dask cluster.

    A worker that dies loses nothing: what is done is done, and the rest is given out again. A set that
    kills the worker it is alone with has failed.
    """
    left = {params.run: params for params in sorted(todo, key=lambda params: params.as_of)}
    alone = False
    while left:
        count = len(left)
        chosen = list(left.values())[:1] if alone else list(left.values())
        tasks = [{"literals": params.literals(), **common} for params in chosen]
        try:
            with _workers(scheduler, workers, kernels=common["notebooks"], warm=warm) as parallel:
                for run, result in parallel(delayed(named)(task) for task in tasks):
                    yield left.pop(run), result
            alone = False
        except _deaths(scheduler):
            if alone:
                died = failed("the process computing it died (out of memory, or killed)")
                yield left.pop(chosen[0].run), died
            # when a whole round brought nothing, find the set that kills its worker
            alone = alone or len(left) == count


def _deaths(scheduler: str | None) -> tuple[type[BaseException], ...]:
    """Return what is raised where workers have died."""
    if scheduler is None:
        return (BrokenExecutor,)
    from distributed import KilledWorker

    return (BrokenExecutor, KilledWorker)


@contextmanager
def _workers(scheduler: str | None, workers: int, *, kernels: bool, warm: bool) -> Iterator[Parallel]:
    """Yield what does tasks: processes of this machine, or the workers of a Dask scheduler."""
    how: dict[str, Any] = {"return_as": "generator_unordered", "batch_size": 1}
    if scheduler:
        with dask_backend(scheduler):
            yield Parallel(n_jobs=-1, **how)
        return
    kernels_ready = warm_kernels(first=preload.first(), then=preload.then(), warm=warm)
    with kernels_ready if kernels else nullcontext():
        try:
            yield Parallel(n_jobs=workers, backend="loky", **how)
        finally:
            get_reusable_executor().shutdown(wait=False, kill_workers=True)


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
            result = json.loads((self.folder / "sets" / f"{params.run}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if result.get("key") != self._key(params) or result["status"] != "done":
            return None
        self.results[params.run] = result
        return result

    def write(self, params: RunParams, result: Result) -> None:
        """Keep the result of a set."""
        entry = {"key": self._key(params), "parameters": params.literals(), **result}
        self.results[params.run] = entry
        text = json.dumps(entry, indent=1, ensure_ascii=False, allow_nan=False)
        write_text_atomic(self.folder / "sets" / f"{params.run}.json", text + "\n")

    def summarise(self) -> Path:
        """Write ``summary.csv`` (one row per set) and ``forecasts.csv`` (full rows, no times).

        A set that was not reached (the sweep was stopped) is in the summary as ``waiting``.
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


def over_days(sweep: Sweep) -> bool:
    """Say whether the sets of a sweep lie on more than one day."""
    return len({params.as_of for params in sweep.sets}) > 1


def is_drawn(sweep: Sweep) -> bool:
    """Say whether the sweep has its figure, or the note why it has none, already."""
    files = (f"{FIGURE}.caption.md", f"{FIGURE}.left-out.md")
    return not over_days(sweep) or any((figures_dir(sweep.name) / file).is_file() for file in files)


def draw_sweep(sweep: Sweep, *, language: str | None = None, folder: str = "") -> str:
    """Draw a sweep's forecasts from its table into ``figures/<sweep>``; return the line that says so.

    The language is that of its sets unless another is given.
    """
    first = sweep.sets[0]
    language = language or first.language
    if not over_days(sweep):
        from chipexports.words.text import text

        return f"{sweep.name}, figure: {text('figure.left_out.one_day', language)}"
    from chipexports.charts.catalogue import draw_and_save

    table = reports_dir(sweep.name) / "forecasts.csv"
    drawn = draw_and_save(
        FIGURE,
        {"sweep": read_table(table)} if table.is_file() else {},
        sweep.name,
        formats=first.figure_formats,
        folder=folder,
        language=language,
        flow=first.flow,
        currency=first.currency,
        series=first.series,
    )
    if drawn.left_out:
        return f"{sweep.name}, figure: {drawn.left_out}"
    place = figures_dir(sweep.name) / folder / f"{FIGURE}.{first.figure_formats[0]}"
    return f"{sweep.name}, figure → {readable_path(place)}"
