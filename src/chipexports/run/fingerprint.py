"""Fingerprints: what a notebook's outputs depend on, and nothing else.

Source of the notebook, the package's code, the parameters it uses, the raw data, the locked
versions, and the tables it reads from earlier notebooks.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from chipexports.base.paths import project_root, raw_dir
from chipexports.run.steps import check_parameters_cell

PACKAGE = Path(__file__).resolve().parents[1]
# parts of the package that change no result: no notebook of a run imports them, but for the two modules
# that tests/test_run_outside.py names with its reasons
OUTSIDE = ("run", "collect", "report", "lab", "__main__.py")
CODE = (".py", ".yml", ".mplstyle", ".ttf", ".otf", ".csv", ".json")

PARTS = {
    "source": "the notebook was edited",
    "code": "the package's code changed",
    "parameters": "parameters changed",
    "data": "data/raw changed",
    "environment": "requirements.lock or Python changed",
    "inputs": "the tables it reads changed",
}


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def combined(hashes: Mapping[str, Any]) -> str:
    """Return one SHA-256 over names and values, independent of their order."""
    return hashlib.sha256(json.dumps(hashes, sort_keys=True).encode()).hexdigest()


def tree_hashes(folder: Path, suffixes: Iterable[str] = ()) -> dict[str, str]:
    """Return relative path to SHA-256 of every file below ``folder`` (hidden ones left out)."""
    wanted = tuple(suffixes)
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith(".") and "/." not in name:
            if wanted and not name.endswith(wanted):
                continue
            found[name] = file_hash(path)
    return found


@cache
def code_hash() -> str:
    """Return one hash of the package's code that notebooks can reach."""
    files = tree_hashes(PACKAGE, CODE)
    return combined({n: h for n, h in files.items() if n.split("/")[0] not in OUTSIDE})


@cache
def data_hashes(root: Path | None = None) -> dict[str, str]:
    """Return the hash of every file of ``data/raw``."""
    return tree_hashes(root or raw_dir())


@cache
def environment_hash() -> str:
    """Return one hash of the locked versions and the version of Python."""
    lock = project_root() / "requirements.lock"
    locked = file_hash(lock) if lock.is_file() else "no lock"
    return combined({"lock": locked, "python": platform.python_version()})


def source_hash(path: Path) -> str:
    """Return the hash of a notebook's cells: kind, tags and text; outputs and counts do not count.

    Raises
    ------
    UsageError
        The file is no notebook.
    """
    check_parameters_cell(path)
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    kept = [[c["cell_type"], c["metadata"].get("tags", []), "".join(c["source"])] for c in cells]
    return combined({"cells": kept})


def fingerprint(
    path: Path, uses: Iterable[str], literals: Mapping[str, Any], inputs: Mapping[str, str]
) -> dict[str, Any]:
    """Return the parts a notebook's outputs depend on.

    Parameters
    ----------
    path
        The notebook.
    uses
        Names of the parameters it uses.
    literals
        All parameters of the run.
    inputs
        Hashes of the outputs of the notebooks it reads from.
    """
    return {
        "source": source_hash(path),
        "code": code_hash(),
        "parameters": {name: literals[name] for name in sorted(uses)},
        "data": combined(data_hashes()),
        "environment": environment_hash(),
        "inputs": combined(dict(inputs)),
    }


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return in words which parts of a fingerprint differ; parameters by name and value."""
    words = []
    for part, meaning in PARTS.items():
        before, after = old.get(part), new.get(part)
        if before == after:
            continue
        if part == "parameters" and isinstance(before, dict) and isinstance(after, dict):
            names = [n for n in after if before.get(n) != after[n]]
            words += [f"{n} was {before.get(n)}, is {after[n]}" for n in names] or [meaning]
        else:
            words.append(meaning)
    return words
