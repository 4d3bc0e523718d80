"""The end of a run, once every notebook is fresh: gallery, report, answer, parameters shown everywhere."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chipexports.base.errors import ChipExportsError
from chipexports.base.files import write_text_atomic
from chipexports.base.paths import figures_dir, project_root
from chipexports.kernels import call
from chipexports.run.fingerprint import Snapshot, differences, file_hash
from chipexports.run.plan import damaged

if TYPE_CHECKING:
    from chipexports.run.plan import Run

ENDING = "chipexports.run.conclude:ending"
DOCUMENTS = "chipexports.run.conclude:documents"


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


def up_to_date(run: Run) -> bool:
    """Say whether nothing is left to conclude: the same parameters and code, and every file in place."""
    return run.concluded == len(run.executed) and not out_of_date(
        run.manifest, run.params.literals(), run.now
    )


def conclude(run: Run) -> None:
    """Write what belongs to the whole run and note the answer in the manifest."""
    literals = run.params.literals()
    for name, entry in run.manifest["notebooks"].items():
        path = f"reports/{run.params.run}/{name}.ipynb"
        if name not in run.executed and show_parameters(project_root() / path, literals):
            entry["outputs"][path] = file_hash(project_root() / path)
    run.save()  # the report reads the parameters from there
    given: dict[str, Any] = {"run": run.params.run, "language": run.params.language}
    about = {name: literals[name] for name in ("as_of", "flow", "currency", "series")}
    calls = [(ENDING, {**given, "about": about})]
    if run.report:
        # two processes share the work: the page draws its figures for a phone, the documents wait for tools
        calls += [(DOCUMENTS, {**given, "formats": ["html"]})]
        calls += [(DOCUMENTS, {**given, "formats": ["pdf", "docx", "xlsx"], "figures": True})]
    try:
        answer, *written = call(*calls)
    except RuntimeError as error:
        raise ChipExportsError(f"{run.params.run}: the report could not be made: {error}") from error
    run.manifest |= {**answer, "concluded_from": made_from(run.now)}
    for hashes in written:
        run.manifest["conclusion"] |= hashes
    run.concluded = len(run.executed)
    run.save()


def ending(run: str, language: str, about: dict[str, Any]) -> dict[str, Any]:
    """Write the gallery of ``run``; return answer, closing sentences and the hashes of the files."""
    from chipexports.lab.results import load_run
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
