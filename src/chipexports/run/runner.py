"""A run: plan what is stale, execute it, conclude with gallery, report and answer, keep the manifest."""

from __future__ import annotations

import inspect
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from chipexports.base.errors import ChipExportsError, UsageError
from chipexports.base.files import write_text_atomic
from chipexports.base.paths import OUTPUT, figures_dir, project_root, reports_dir
from chipexports.kernels import call, warm_kernels
from chipexports.params import RunParams, check_record, load_params
from chipexports.run import preload
from chipexports.run.closing import closing_lines
from chipexports.run.fingerprint import Snapshot, differences, file_hash
from chipexports.run.plan import Work, damaged, states
from chipexports.run.progress import Progress
from chipexports.run.steps import TIMEOUT, find_step, steps_of
from chipexports.run.workspace import run_lock

ENDING = "chipexports.run.runner:ending"
DOCUMENTS = "chipexports.run.runner:documents"


class RunFailed(ChipExportsError):
    """A notebook of a run failed; the last good outputs are in place."""


def run_set(path: str | os.PathLike[str], overrides: Iterable[str] = (), **how: Any) -> str:
    """Bring the notebooks of a parameter set up to date, as `run_params` does, and return its answer."""
    return run_params(load_params(path, overrides), **how)


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
    """Bring the notebooks of a run up to date and return the line with the answer.

    Parameters
    ----------
    params : RunParams
        Checked already.
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
    report
        Write the report.

    Returns
    -------
    str
        The answer in one line.

    Raises
    ------
    UsageError
        The record does not allow a run of this set; nothing was written.
    RunFailed
        A notebook failed; the sentence says which, where and why. The last good outputs stay.
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
        work = Work(params, forced=own[first:], timeout=timeout, report=report)
        progress = Progress(len(own), quiet=quiet)
        try:
            if work.forced or any(s.word != "fresh" for s in states(params, work.manifest, work.now)):
                _bring_up_to_date(work, progress, warm=warm, jobs=cores if jobs is None else jobs)
        finally:
            progress.close()
        if not work.failed and not up_to_date(work):
            conclude(work)
        work.now.reach.save()
        return _answer(work, quiet=quiet)


def _bring_up_to_date(work: Work, progress: Progress, *, warm: bool, jobs: int) -> None:
    # inside a sweep the kernels' server is there already
    with warm_kernels(first=preload.first(), then=preload.then(), warm=warm) as kernels:
        check_record(work.params)  # while the server does its imports
        from chipexports.run.execute import execute_all

        execute_all(work, progress, jobs, kernels)
        if not work.failed:
            conclude(work)


def _answer(work: Work, *, quiet: bool) -> str:
    """Raise for the first failure; otherwise bring the manifest in line and print the answer."""
    if work.failed:
        first = work.failed[0]
        name = f"reports/{work.params.run}/{first.step.name}.failed.ipynb"
        place = f" (kept as {name})" if first.executed else ""
        raise RunFailed(f"{first.error}{place}; the last good outputs are unchanged")
    for left_over in reports_dir(work.params.run).glob("*.failed.*"):
        left_over.unlink()  # of a failure that a full disk kept out of the manifest
    line = str(work.manifest.get("answer"))
    if not quiet:
        if not work.executed:
            print(f"{work.params.run}: nothing changed, nothing executed")
        print("\n".join([line, *closing_lines(work.manifest.get("closing", {}))]))
    return line


def made_from(now: Snapshot) -> dict[str, Any]:
    """Return the code that answer, gallery and report are made by."""
    return {"code": now.code_reached("\n".join(inspect.getsource(part) for part in (ending, documents)))}


def out_of_date(manifest: Mapping[str, Any], literals: Mapping[str, Any], now: Snapshot) -> list[str]:
    """Return in words why answer, gallery and report are to be made again; [] when they are not."""
    if manifest.get("answer") is None:
        return ["was never made"]
    words = damaged(manifest.get("conclusion", {}))
    if manifest.get("parameters") != literals:
        words.append("parameters changed")
    return words + differences(manifest.get("concluded_from", {}), made_from(now))


def up_to_date(work: Work) -> bool:
    """Say whether nothing is left to conclude: the same parameters and code, and every file in place."""
    return work.concluded == len(work.executed) and not out_of_date(
        work.manifest, work.params.literals(), work.now
    )


def conclude(work: Work) -> None:
    """Write what belongs to the whole run and note the answer in the manifest."""
    literals = work.params.literals()
    for name, entry in work.manifest["notebooks"].items():
        path = f"reports/{work.params.run}/{name}.ipynb"
        if name not in work.executed and show_parameters(project_root() / path, literals):
            entry["outputs"][path] = file_hash(project_root() / path)
    work.save()  # the report reads the parameters from there
    given: dict[str, Any] = {"run": work.params.run, "language": work.params.language}
    about = {name: literals[name] for name in ("as_of", "flow", "currency", "series")}
    calls = [(ENDING, {**given, "about": about})]
    if work.report:
        # two processes share the work: the page draws its figures for a phone, the documents wait for tools
        calls += [(DOCUMENTS, {**given, "formats": ["html"]})]
        calls += [(DOCUMENTS, {**given, "formats": ["pdf", "docx", "xlsx"], "figures": True})]
    try:
        answer, *written = call(*calls)
    except RuntimeError as error:
        raise ChipExportsError(f"{work.params.run}: the report could not be made: {error}") from error
    work.manifest |= {**answer, "concluded_from": made_from(work.now)}
    for hashes in written:
        work.manifest["conclusion"] |= hashes
    work.concluded = len(work.executed)
    work.save()


def ending(run: str, language: str, about: dict[str, Any]) -> dict[str, Any]:
    """Write the gallery of ``run``; return answer, closing sentences and the hashes of the files."""
    from chipexports.results import load_run
    from chipexports.run.closing import closing

    written: list[Path] = []
    if figures_dir(run).is_dir():
        from chipexports.charts.gallery import write_gallery

        written.append(write_gallery(run, language=language))
    return {
        "answer": load_run(run).answer_words,
        "closing": closing(language=language, **about),
        "conclusion": _hashes(written),
    }


def documents(run: str, language: str, formats: list[str], figures: bool = False) -> dict[str, str]:
    """Write the report of ``run`` in some formats; return the files written with their hashes."""
    from chipexports.report.build import write_report

    return _hashes(write_report(run, formats, language=language, figures=figures))


def _hashes(written: list[Path]) -> dict[str, str]:
    return {path.relative_to(project_root()).as_posix(): file_hash(path) for path in written}


def show_parameters(path: Path, literals: Mapping[str, Any]) -> bool:
    """Make an executed notebook show ``literals``; True when it showed others.

    A notebook that was not executed again because it does not use what changed would otherwise
    show the old value in its injected cell, and differ from that of a full run.
    """
    from papermill.translators import PythonTranslator

    notebook = json.loads(path.read_text(encoding="utf-8"))
    source = PythonTranslator.codify(dict(literals), "Parameters").splitlines(keepends=True)
    changed = False
    for cell in notebook["cells"]:
        if "injected-parameters" in cell["metadata"].get("tags", []) and cell["source"] != source:
            cell["source"] = source
            changed = True
    if changed:
        text = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True, separators=(",", ": "))
        write_text_atomic(path, text + "\n")
    return changed
