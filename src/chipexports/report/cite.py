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
    """Return pairs of style and citation, in APA, BibTeX and GB/T 7714; their year is that of ``as_of``."""
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
