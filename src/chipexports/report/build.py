"""Build the report of a run and write it in all formats, each file whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from chipexports.base.errors import ChipExportsError, UsageError
from chipexports.base.files import write_bytes_atomic, write_table
from chipexports.base.paths import reports_dir
from chipexports.lab.results import Run, load_run
from chipexports.report.document import Report, Section
from chipexports.report.materials import Materials
from chipexports.report.sections import answer, claims, data, evolution, fan, news, provenance, trust
from chipexports.words.text import check_language

FORMATS = ("html", "pdf", "docx")
SECTIONS: tuple[Callable[[Materials], Section | None], ...] = (
    answer.section,
    fan.section,
    evolution.section,
    news.section,
    trust.section,
    data.section,
    claims.section,
    provenance.sources,
    provenance.reproduce,
)


def check_run(run: Run) -> None:
    """Refuse a run that cannot be reported: failed half-way, without parameters, without a forecast.

    Raises
    ------
    ChipExportsError
        One sentence that says which notebook or table, and what to do.
    """
    again = f"`python -m chipexports run {run.name}`"
    if run.failed:
        raise ChipExportsError(
            f"run {run.name!r}: notebook {run.failed[0]} failed, see "
            f"reports/{run.name}/{run.failed[0]}.failed.ipynb; mend it, then {again} goes on from there"
        )
    if not run.parameters:
        raise ChipExportsError(
            f"run {run.name!r}: its parameters are not known (no manifest, no params/{run.name}.yaml); "
            f"run it again with {again}"
        )
    if "forecast" not in run.tables:
        raise ChipExportsError(
            f"run {run.name!r}: has not reached its forecast (data/processed/{run.name}/forecast.csv is "
            f"missing); {again} goes on from there"
        )


def build_report(run: Run, language: str | None = None) -> tuple[Report, Materials]:
    """Return the report of a run as a document, and the materials with the list of its numbers.

    Parameters
    ----------
    run : Run
        As returned by ``load_run``.
    language : {"en", "zh"}, optional
        Default: the run's own.

    Returns
    -------
    (Report, Materials)
        The document in parts, and what it was made from.
    """
    check_run(run)
    lang = check_language(language or str(run.parameters.get("language", "en")))
    m = Materials(run, lang)
    sections = [made for make in SECTIONS if (made := make(m)) is not None]
    row = answer.combination(m)
    year, flow = row.year("target_year"), m.word("flow", m.flow)
    title = m.say("title", year=year, flow=flow)
    words = {key: m.say(f"word.{key}") for key in ("contents", "figure", "table", "colon")}
    words["footer"] = m.say("footer", run=run.name)
    words["short"] = m.say("short", as_of=row.day("as_of"))
    m.numbers.fixed(run.name, "name of the run")
    subtitle = m.say("subtitle", as_of=row.day("as_of"), run=run.name)
    return Report(title, subtitle, lang, answer.facts(m), tuple(sections), words), m


def write_report(
    name: str, formats: Sequence[str] = FORMATS, language: str | None = None, *, figures: bool = True
) -> list[Path]:
    """Write ``reports/<run>/report.html``, ``.pdf``, ``.docx``, the list of numbers and ``figures.zip``.

    Parameters
    ----------
    name : str
        Name of the run.
    formats : sequence of str
        Any of ``html``, ``pdf``, ``docx``.
    language : {"en", "zh"}, optional
        A language other than the run's own gives ``report.<language>.html`` and so on.
    figures : bool
        Whether to write ``figures.zip`` too.

    Raises
    ------
    UsageError
        A format, language or run that does not exist.
    ChipExportsError
        The run failed half-way, or a tool could not make its file; the other files are written.
    """
    unknown = [item for item in formats if item not in FORMATS]
    if unknown:
        raise UsageError(f"--format: {unknown[0]!r} is not known; use any of {', '.join(FORMATS)}")
    run = load_run(name)
    report, m = build_report(run, language)
    own = report.language == run.parameters.get("language", "en")
    stem = "report" if own else f"report.{report.language}"
    folder = reports_dir(name)
    written, failed = [], []
    for item in formats:
        try:
            written.append(write_bytes_atomic(folder / f"{stem}.{item}", _render(item, report)))
        except ChipExportsError as error:
            failed.append(error)
    written.append(write_table(m.numbers.listed(), folder / f"{stem}.numbers.csv"))
    if figures:
        from chipexports.report.zip import write_figures_zip

        if made := write_figures_zip(run):
            written.append(made)
    if failed:
        raise failed[0]
    return written


def _render(item: str, report: Report) -> bytes:
    if item == "html":
        from chipexports.report.html import render_html

        return render_html(report).encode("utf-8")
    if item == "pdf":
        from chipexports.report.pdf import render_pdf

        return render_pdf(report)
    from chipexports.report.docx import render_docx

    return render_docx(report)
