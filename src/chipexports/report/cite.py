"""Ready citations of a run: APA, BibTeX and GB/T 7714, with the data's vintage and the run's fingerprint."""

from __future__ import annotations

from chipexports.results import Run
from chipexports.words import text as words

AUTHOR = {"en": "chipexports contributors", "zh": "chipexports 项目组"}


def run_id(run: Run) -> str:
    """Return what names a run for good: its name and the first letters of data and code fingerprints."""
    data, code = (run.manifest.get(part) or {} for part in ("data", "code"))
    marks = [str(x)[:8] for x in (data.get("hash"), code.get("package")) if x]
    return "-".join([run.name, *marks])


def citations(run: Run, title: str, language: str) -> list[tuple[str, str]]:
    """Return the citations of a report by style.

    Parameters
    ----------
    run : Run
        As ``load_run`` returns it.
    title : str
        Of the report.
    language : {"en", "zh"}
        Language of the report.

    Returns
    -------
    list of (style, text)
        APA, BibTeX, GB/T 7714. The year is that of the data: ``as_of``.
    """
    as_of = str(run.parameters["as_of"])
    name, author = run_id(run), AUTHOR[language]
    vintage = words.text("report.cite.vintage", language, as_of=as_of, run=name)
    key = f"chipexports-{run.name}-{as_of}".lower()
    return [
        ("APA", f"{author}. ({as_of[:4]}). {title} [{vintage}]."),
        (
            "BibTeX",
            "\n".join(
                [
                    f"@techreport{{{key},",
                    f"  author = {{{{{author}}}}},",
                    f"  title  = {{{{{title}}}}},",
                    f"  year   = {{{as_of[:4]}}},",
                    f"  number = {{{name}}},",
                    f"  note   = {{{vintage}}}",
                    "}",
                ]
            ),
        ),
        ("GB/T 7714", f"{author}. {title}[R/OL]. ({as_of})[{as_of}]. {vintage}."),
    ]
