"""One archive of a run that a second person can verify: record, notebooks, tables, reports, checksums."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePath

from chipexports.base.errors import ChipExportsError, UsageError
from chipexports.base.files import write_bytes_atomic
from chipexports.base.paths import processed_dir, project_root, raw_dir, reports_dir
from chipexports.report.build import build_report
from chipexports.report.cite import citations, run_id
from chipexports.results import load_run
from chipexports.run.fingerprint import file_hash
from chipexports.run.plan import damaged, outputs_of
from chipexports.series.own import own_path
from chipexports.words.answer import answer_line

#: the list of checksums, in the form of ``sha256sum``
SUMS = "SHA256SUMS"
_FIXED = (2000, 1, 1, 0, 0, 0)
_STORED = {".png", ".zip", ".xlsx", ".docx", ".pdf"}
MANY = 5
#: where files from outside the project are in an archive
OWN = "series/"


def release_files(run: str, notebooks: Iterable[str]) -> list[Path]:
    """Return what belongs to a release: the record and what the run made; its figures as figures.zip."""
    root = project_root()
    folders = (raw_dir(), processed_dir(run), reports_dir(run))
    paths = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    paths += [root / "params" / f"{run}.yaml", root / "requirements.lock", root / "LICENSE"]
    files = {path for path in paths if path.is_file() and (path.suffix != ".ipynb" or path.stem in notebooks)}
    return sorted(path for path in files if not path.name.startswith((".", "release-")))


def series_files(manifest: dict) -> dict[str, tuple[str, str]]:
    """Return the files of a series of one's own by their place in a release: name in the set, and hash.

    One that the set names from the project's folder keeps its place; one from elsewhere goes to ``series/``.
    """
    places = {}
    for i, (name, digest) in enumerate((manifest.get("series") or {}).items(), 1):
        path = PurePath(name)
        outside = path.is_absolute() or ".." in path.parts or name.startswith("~")
        places[f"{OWN}{i}-{path.name}" if outside else path.as_posix()] = (name, str(digest))
    return places


def write_release(run: str) -> Path:
    """Write ``reports/<run>/release-<run id>.zip`` and return its path; the same bytes every time.

    Parameters
    ----------
    run : str
        Name of the run.

    Returns
    -------
    Path
        The archive: the record, tables, figures, executed notebooks, reports, manifest, and `SUMS`; of a run
        on a series of one's own its files, too.

    Raises
    ------
    ChipExportsError
        The run failed, has no report, or a file of it no longer agrees with its manifest.
    """
    opened = load_run(run)
    document, content = build_report(opened)
    again = f"`python -m chipexports run {run}`"
    if opened.failed or not opened.manifest:
        raise ChipExportsError(
            f"run {run!r}: is not whole (a notebook failed or there is no manifest); {again}"
        )
    if not (reports_dir(run) / "report.html").is_file():
        raise ChipExportsError(
            f"reports/{run}/report.html does not exist; `python -m chipexports report {run}`"
        )
    if changed := _changed(opened.manifest):
        raise ChipExportsError(f"run {run!r}: changed since it was made: {_listed(changed)}; {again}")
    own = _own_bytes(opened.manifest, f"run {run!r}", again)
    root, name = project_root(), run_id(opened)
    inside = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in release_files(run, opened.manifest["notebooks"])
    }
    inside |= own
    cited = "\n\n".join(
        f"{style}\n{text}" for style, text in citations(opened, document.words["title"], content.language)
    )
    inside["README.txt"] = (
        f"{document.words['title']}\n{answer_line(content.answer, content.language)}\n\n"
        f"Run {name}. Check every file: python -m chipexports release --verify FILE, or sha256sum -c {SUMS}\n"
        f"Make it again in a checkout of the project: python -m chipexports run {run}\n"
        f"{_moved(own, run)}\n{cited}\n"
    ).encode()
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {path}\n" for path, data in sorted(inside.items()))
    inside[SUMS] = sums.encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in sorted(inside.items()):
            entry = zipfile.ZipInfo(f"chipexports-{name}/{path}", _FIXED)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_STORED if Path(path).suffix in _STORED else zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return write_bytes_atomic(reports_dir(run) / f"release-{name}.zip", buffer.getvalue())


def _own_bytes(manifest: dict, where: str, again: str) -> dict[str, bytes]:
    """Return the files of a series of one's own, each the one that the run has read."""
    contents = {}
    for place, (name, digest) in series_files(manifest).items():
        path = own_path(name)
        if file_hash(path) != digest:
            raise ChipExportsError(f"{where}: {path.name} is no longer what the run has read; {again}")
        contents[place] = path.read_bytes()
    return contents


def _moved(places: Iterable[str], run: str) -> str:
    """Say where in an archive a series from elsewhere is, and what to do with it."""
    moved = ", ".join(place for place in places if place.startswith(OWN))
    return f"The series is in {moved}: name it as file in params/{run}.yaml first.\n" if moved else ""


def _changed(manifest: dict) -> list[str]:
    """Return the outputs of the manifest that are gone or have other bytes."""
    recorded = outputs_of(manifest, tuple(manifest.get("notebooks", ())))
    return damaged({**recorded, **manifest.get("conclusion", {})})


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MANY} more" if len(names) > MANY else ""
    return ", ".join(names[:MANY]) + more


def verify_release(path: Path) -> tuple[str, int]:
    """Check every file of an archive against its checksum, and the record against the manifest.

    Parameters
    ----------
    path : Path
        A file that `write_release` wrote.

    Returns
    -------
    (str, int)
        The run's name and the number of files that agree.

    Raises
    ------
    UsageError
        The file is not a release.
    ChipExportsError
        A file is missing, added or has other bytes.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            inside = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    except (OSError, zipfile.BadZipFile) as error:
        raise UsageError(f"{path.name}: cannot be read as an archive ({error})") from error
    if SUMS not in inside:
        raise UsageError(f"{path.name}: holds no {SUMS}; it was not made by `python -m chipexports release`")
    lines = (line.partition("  ") for line in inside.pop(SUMS).decode().splitlines())
    sums = {name: digest for digest, _, name in lines}
    wrong = [f"{name} is missing" for name in sums if name not in inside]
    wrong += [f"{name} was added" for name in inside if name not in sums]
    wrong += [
        f"{name} has other bytes"
        for name, data in inside.items()
        if name in sums and hashlib.sha256(data).hexdigest() != sums[name]
    ]
    manifests = [name for name in inside if name.endswith("/manifest.json")]
    if not wrong and manifests:
        manifest = json.loads(inside[manifests[0]])
        recorded = {
            name if name.startswith("data/") else f"data/raw/{name}": digest
            for name, digest in manifest["data"].get("files", {}).items()
        }
        recorded |= {place: digest for place, (_, digest) in series_files(manifest).items()}
        for name, digest in recorded.items():
            data = inside.get(name)
            if data is None or not hashlib.sha256(data).hexdigest().startswith(str(digest)[:64]):
                wrong.append(f"{name} is not what the manifest records")
    if wrong:
        raise ChipExportsError(f"{path.name}: {_listed(wrong)}")
    return manifests[0].split("/")[1] if manifests else "", len(sums)
