"""A run: the notebooks on one parameter set, each as soon as those it reads from are done."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from multiprocessing.connection import wait

from chipexports.base.errors import ChipExportsError, UsageError
from chipexports.base.paths import OUTPUT, project_root, reports_dir
from chipexports.kernels import Kernels, warm_kernels
from chipexports.params import RunParams, check_record, load_params
from chipexports.run import preload
from chipexports.run.closing import closing_lines
from chipexports.run.conclude import conclude, up_to_date
from chipexports.run.lock import run_lock
from chipexports.run.plan import Run, states
from chipexports.run.progress import Progress
from chipexports.run.steps import TIMEOUT, find_step, steps_of
from chipexports.run.worker import Running, end_all, execute_step


class RunFailed(ChipExportsError):
    """A notebook of a run failed; the last good outputs are in place."""


def run_set(
    path: str | os.PathLike[str],
    overrides: Iterable[str] = (),
    *,
    force: bool = False,
    from_notebook: str | None = None,
    warm: bool = True,
    timeout: float | None = TIMEOUT,
    jobs: int | None = None,
    quiet: bool = False,
) -> str:
    """Bring the notebooks of a parameter set up to date and return the line with the answer.

    Parameters
    ----------
    path, overrides
        As `chipexports.params.load_params`.
    force
        Execute every notebook, fresh or not.
    from_notebook
        Execute this notebook and the later ones, fresh or not; the earlier ones only if stale.
    warm
        Fork the kernels from a process that has done the imports (Linux, macOS).
    timeout
        Seconds a notebook may take; None or 0 for no limit.
    jobs
        Notebooks executed at a time, each in a process of its own; default: the cores, at most two;
        0: one after the other in this process (which has only one thread that does so).
    quiet
        Print nothing.

    Returns
    -------
    str
        The answer in one line.

    Raises
    ------
    UsageError
        The set, or the record for this set, does not allow a run; nothing was written.
    RunFailed
        A notebook failed; the sentence says which, where and why. The last good outputs stay.
    """
    params = load_params(path, overrides)
    return run_params(
        params, force=force, from_notebook=from_notebook, warm=warm, timeout=timeout, jobs=jobs, quiet=quiet
    )


def run_params(
    params: RunParams,
    *,
    force: bool = False,
    from_notebook: str | None = None,
    warm: bool = True,
    timeout: float | None = TIMEOUT,
    jobs: int | None = None,
    quiet: bool = False,
    report: bool = True,
) -> str:
    """Bring the notebooks of checked parameters up to date.

    Parameters
    ----------
    params : RunParams
        Checked already.
    force, from_notebook, warm, timeout, jobs, quiet
        As in `run_set`.
    report : bool
        Whether to write the report.

    Returns
    -------
    str
        The answer in one line.

    Raises
    ------
    UsageError, RunFailed
        As `run_set`.
    """
    if os.environ.get(OUTPUT):
        raise UsageError(
            f"{OUTPUT}: a run sets it for its notebooks; unset it (CHIPEXPORTS_ROOT names another project)"
        )
    cores = min(2, os.cpu_count() or 1)
    own = steps_of(params.series)
    first = own.index(find_step(from_notebook, own)) if from_notebook else (0 if force else len(own))
    with run_lock(params.run):
        shutil.rmtree(project_root() / ".cache" / "work" / params.run, ignore_errors=True)
        run = Run(params, forced=own[first:], timeout=timeout, report=report)
        progress = Progress(len(own), quiet=quiet)
        try:
            if run.forced or any(s.word != "fresh" for s in states(params, run.manifest, run.now)):
                _bring_up_to_date(run, progress, warm=warm, jobs=cores if jobs is None else jobs)
        finally:
            progress.close()
        if not run.failed and not up_to_date(run):
            conclude(run)
        run.now.reach.save()
        return _conclude(run, quiet=quiet)


def _bring_up_to_date(run: Run, progress: Progress, *, warm: bool, jobs: int) -> None:
    # inside a sweep the kernels' server is there already
    with warm_kernels(first=preload.first(), then=preload.then(), warm=warm) as kernels:
        check_record(run.params)  # while the server does its imports
        from chipexports.run.execute import prepare

        prepare()
        if jobs:
            _in_processes(run, progress, jobs, kernels)
        else:
            _in_this_process(run, progress, kernels)
        if not run.failed:
            conclude(run)


def _in_this_process(run: Run, progress: Progress, kernels: Kernels) -> None:
    while not run.failed and (ready := run.ready()):
        folder = run.begin(ready[0])
        result = execute_step(ready[0], run.params.literals(), folder, run.timeout, kernels)
        run.finish(result)
        progress.done(result.line)


def _in_processes(run: Run, progress: Progress, jobs: int, kernels: Kernels) -> None:
    running: list[Running] = []
    try:
        while True:
            if not run.failed:
                values = run.params.literals()
                for step in run.ready()[: jobs - len(running)]:
                    one = Running(step, values, run.begin(step), run.timeout, kernels)
                    running.append(one)
            if not running:
                return
            progress.doing([one.step.name for one in running])
            ready = wait([one.receiver for one in running])
            for one in [one for one in running if one.receiver in ready]:
                running.remove(one)
                result = one.result()
                run.finish(result)
                progress.done(result.line)
    finally:
        end_all(running)
        for place in run.places.values():
            place.drop()


def _conclude(run: Run, *, quiet: bool) -> str:
    """Raise for the first failure; otherwise bring the manifest in line and print the answer."""
    if run.failed:
        first = run.failed[0]
        name = f"reports/{run.params.run}/{first.step.name}.failed.ipynb"
        kept = f" (kept as {name})" if first.executed else ""
        raise RunFailed(f"{first.error}{kept}; the last good outputs are unchanged")
    for left_over in reports_dir(run.params.run).glob("*.failed.*"):
        left_over.unlink()  # of a failure that a full disk kept out of the manifest
    line = str(run.manifest.get("answer"))
    if not quiet:
        if not run.executed:
            print(f"{run.params.run}: nothing changed, nothing executed")
        print("\n".join([line, *closing_lines(run.manifest.get("closing", {}))]))
    return line
