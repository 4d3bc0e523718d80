"""Build the report of a run from one template and write it in all formats, each file whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import jinja2

from chipexports.base.errors import ChipExportsError, UsageError
from chipexports.base.files import write_bytes_atomic, write_table
from chipexports.base.paths import project_root, reports_dir
from chipexports.report.cite import citations
from chipexports.report.content import Content
from chipexports.report.formats import RENDERERS, TEMPLATES, Document
from chipexports.results import Run, load_run
from chipexports.words import text as words
from chipexports.words.text import check_language

FORMATS = ("html", "pdf", "docx", "xlsx")


class ReportIncomplete(ChipExportsError):
    """Some files could not be made; ``written`` holds those that were."""

    def __init__(self, problems: Sequence[ChipExportsError], written: Sequence[Path]) -> None:
        super().__init__("; ".join(dict.fromkeys(str(problem) for problem in problems)))
        self.written = list(written)


def open_elsewhere(path: Path) -> Path | None:
    """Return the lock that Word, Excel or LibreOffice keeps beside a file while it is open there.

    Word leaves out up to two letters of a long name: ``~$port.zh.docx`` is the lock of ``report.zh.docx``.
    """
    names = [*(f"~${path.name[letters:]}" for letters in range(3)), f".~lock.{path.name}#"]
    return next((lock for lock in (path.with_name(name) for name in names) if lock.exists()), None)


def check_run(run: Run) -> None:
    """Refuse a run without parameters or without an answer, in one sentence that says what to do."""
    again = f"`python -m chipexports run {run.name}`"
    if not run.parameters:
        raise ChipExportsError(
            f"run {run.name!r}: its parameters are not known (no manifest, no params/{run.name}.yaml); "
            f"run it again with {again}"
        )
    lacking = [name for name in ("forecast", "answer") if name not in run.tables]
    if not lacking:
        return
    if run.failed:
        raise ChipExportsError(
            f"run {run.name!r}: notebook {run.failed[0]} failed before there was an answer, see "
            f"reports/{run.name}/{run.failed[0]}.failed.ipynb; mend it, then {again} goes on from there"
        )
    raise ChipExportsError(
        f"run {run.name!r}: has not reached its forecast (data/processed/{run.name}/{lacking[0]}.csv is "
        f"missing); {again} goes on from there"
    )


def build_report(run: Run, language: str | None = None) -> tuple[Document, Content]:
    """Return a run's report as Markdown with its figures, and the content that lists the numbers it shows."""
    check_run(run)
    lang = check_language(language or str(run.parameters.get("language", "en")))
    c = Content(run, lang)
    a = c.answer
    title = c.title
    as_of = words.day(a.as_of, lang)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - the output is Markdown; words of the record pass the filter `plain`
        keep_trailing_newline=True,
        comment_start_string="<#",  # Markdown writes {#name} for an anchor
        comment_end_string="#>",
    )
    environment.filters.update(c.filters)
    cited = citations(run, title, lang)
    for _, cite in cited:
        c.n.fixed(cite, "citation")
    has_set = (project_root() / "params" / f"{run.name}.yaml").is_file()
    name = f"params/{run.name}.yaml" if has_set else run.name
    commands = c.n.fixed(
        f"python -m chipexports run {name}\npython -m chipexports report {run.name}", "commands"
    )
    text = environment.get_template(f"own.{lang}.md" if c.series else f"report.{lang}.md").render(
        c=c, n=c.n, citations=cited, commands=commands
    )
    if run.failed:
        text = f"::: note\n{c.say('failed', notebooks=', '.join(run.failed))}\n:::\n\n{text}"
    if not c.has_figures:
        text = f"::: note\n{c.say('no_figures', run=run.name)}\n:::\n\n{text}"
    c.n.fixed(run.name, "name of the run")
    labels = {
        "title": title,
        "subtitle": c.say("subtitle", as_of=as_of, run=run.name),
        "short": c.say("short", as_of=as_of),
        "footer": c.say("footer", run=run.name),
        "contents": c.say("word.contents"),
        "skip": c.say("word.skip"),
    }
    return Document(text, lang, labels, c.pictures), c


def write_report(
    name: str, formats: Sequence[str] = FORMATS, language: str | None = None, *, figures: bool = True
) -> list[Path]:
    """Write a run's report in the formats asked for, with numbers and figures, and return the files written.

    What cannot be made stops nothing else: `ReportIncomplete` then names every obstacle and holds the files
    written. A language other than the run's own is part of the names, as in ``report.zh.html``.
    """
    unknown = [item for item in formats if item not in FORMATS]
    if unknown:
        raise UsageError(f"--format: {unknown[0]!r} is not known; use any of {', '.join(FORMATS)}")
    run = load_run(name)
    document, c = build_report(run, language)
    ending = "" if document.language == run.parameters.get("language", "en") else f".{document.language}"
    folder = reports_dir(name)
    written: list[Path] = []
    failed: list[ChipExportsError] = []

    def attempt(path: Path, make: Callable[[], bytes]) -> None:
        if lock := open_elsewhere(path):
            failed.append(
                ChipExportsError(
                    f"{path.relative_to(project_root())}: is open in another program ({lock.name} lies "
                    "beside it); close it there and ask for the report again, or delete that file if nothing "
                    "has it open"
                )
            )
            return
        try:
            written.append(write_bytes_atomic(path, make()))
        except ChipExportsError as error:
            failed.append(error)
        except OSError as error:
            failed.append(
                ChipExportsError(
                    f"{path.relative_to(project_root())}: cannot be written ({error.strerror}); close it in "
                    "other programs, or make the folder writable, and ask for the report again"
                )
            )

    for item in formats:
        if item == "xlsx":
            from chipexports.report.workbook import workbook

            attempt(folder / f"tables{ending}.xlsx", lambda: workbook(run, c))
        else:
            attempt(folder / f"report{ending}.{item}", partial(RENDERERS[item], document))
    for table, frame in {f"report{ending}.numbers": c.n.listed(), **c.computed}.items():
        try:
            written.append(write_table(frame, folder / f"{table}.csv"))
        except OSError as error:
            failed.append(
                ChipExportsError(f"reports/{name}/{table}.csv: cannot be written ({error.strerror})")
            )
    if figures:
        from chipexports.report.zip import write_figures_zip

        try:
            if archive := write_figures_zip(run):
                written.append(archive)
        except (ChipExportsError, OSError) as error:
            failed.append(ChipExportsError(f"reports/{name}/figures.zip: cannot be made ({error})"))
    if failed:
        raise ReportIncomplete(failed, written)
    return written
