"""``figures.zip``: every figure of a run with caption and data, and a licence line, to attach to a mail."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path
from typing import Literal

from chipexports.base.files import write_bytes_atomic
from chipexports.base.paths import figures_dir, reports_dir
from chipexports.charts import style
from chipexports.results import Run
from chipexports.words import text as words

ENDINGS = ("png", "svg", "pdf", "csv", "caption.md")
# the zip format begins in 1980; one fixed time makes the same bytes every time
_FIXED = (2000, 1, 1, 0, 0, 0)
# compressed already
_STORED = (".png", ".woff")


def figure_files(run: Run) -> list[Path]:
    """Return the files of every figure of a run, sorted by name."""
    folder = figures_dir(run.name)
    return sorted(path for ending in ENDINGS for path in folder.rglob(f"*.{ending}"))


def converted(svg: Path, ending: Literal["png", "pdf"]) -> bytes:
    """Return a figure's PDF or PNG (300 dpi) made from its SVG, for a run that did not write one."""
    import typst

    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "figure.svg").write_bytes(svg.read_bytes())
        source = Path(name) / "figure.typ"
        source.write_text(
            "#set document(date: none)\n#set page(width: auto, height: auto, margin: 0pt)\n"
            '#image("figure.svg")\n',
            encoding="utf-8",
        )
        return typst.compile(
            str(source),
            root=name,
            font_paths=[str(style.FONT_DIR)],
            ignore_system_fonts=True,
            format=ending,
            ppi=style.PNG_DPI,
            timestamp=0,
        )


def missing_formats(files: list[Path]) -> dict[Path, Literal["png", "pdf"]]:
    """Return the figure files to be made: path by the format it is to have."""
    existing = set(files)
    wanted: tuple[Literal["png", "pdf"], ...] = ("png", "pdf")
    svgs = [path for path in files if path.suffix == ".svg"]
    return {
        svg.with_suffix(f".{ending}"): ending
        for svg in svgs
        for ending in wanted
        if svg.with_suffix(f".{ending}") not in existing
    }


def readme(run: Run, names: list[str]) -> str:
    """Return the text file of the archive: what it holds, as of when, and under which licence."""
    language = str(run.parameters.get("language", "en"))
    as_of = words.day(run.parameters["as_of"], language) if "as_of" in run.parameters else "–"
    head = words.text("report.zip.readme", language, run=run.name, as_of=as_of, n=len(names))
    licence = words.text("report.zip.licence", language)
    return "\n\n".join([head, licence, "\n".join(names)]) + "\n"


def write_figures_zip(run: Run) -> Path | None:
    """Write ``reports/<run>/figures.zip`` and return its path; None for a run without figures."""
    files = figure_files(run)
    if not files:
        return None
    folder = figures_dir(run.name)
    inside = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    for path, ending in missing_formats(files).items():
        inside[path.relative_to(folder).as_posix()] = converted(path.with_suffix(".svg"), ending)
    figures = sorted({name.rsplit("/", 1)[-1].split(".", 1)[0] for name in inside})
    inside["README.txt"] = readme(run, figures).encode()
    inside["OFL.txt"] = (style.FONT_DIR / "OFL.txt").read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(inside):
            entry = zipfile.ZipInfo(f"figures-{run.name}/{name}", _FIXED)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(_STORED) else zipfile.ZIP_DEFLATED
            archive.writestr(entry, inside[name])
    return write_bytes_atomic(reports_dir(run.name) / "figures.zip", buffer.getvalue())
