"""Fingerprints: what a notebook's outputs depend on, and nothing else.

Source of the notebook, the code it reaches, the parameters it uses, the raw data, the locked versions,
the tables it reads from earlier notebooks, and whatever other files it was seen to read. All of it is
taken from one `Snapshot`, made before anything is executed: what is saved while a notebook runs makes it
stale, and never passes for executed.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chipexports.base.paths import project_root, raw_dir
from chipexports.run.own_series import cells_of
from chipexports.run.reach import PACKAGE, Reach
from chipexports.run.steps import Step, check_parameters_cell

if TYPE_CHECKING:
    from chipexports.params import RunParams

CODE = (".py", ".yml", ".mplstyle", ".ttf", ".otf", ".csv", ".json", ".j2", ".typ", ".css", ".html", ".woff")
SHORT = 16  # hex digits of a file's hash that a fingerprint keeps of each module

PARTS = {
    "source": "the notebook was edited",
    "code": "the code it reaches changed",
    "parameters": "parameters changed",
    "data": "data/raw changed",
    "series": "the file of the series changed",
    "environment": "requirements.lock or Python changed",
    "inputs": "the tables it reads changed",
    "reads": "a file it reads changed",
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
    hashes = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith(".") and "/." not in name:
            if wanted and not name.endswith(wanted):
                continue
            hashes[name] = file_hash(path)
    return hashes


class Snapshot:
    """Code, data, locked versions and notebooks as they are now; taken again for every run."""

    def __init__(self) -> None:
        self.root = project_root()
        self.code = tree_hashes(PACKAGE, CODE)
        self.data = tree_hashes(raw_dir())
        lock = self.root / "requirements.lock"
        locked = file_hash(lock) if lock.is_file() else "no lock"
        self.environment = combined({"lock": locked, "python": platform.python_version()})
        self.reach = Reach(self.code)
        self._own: dict[str, str] | None = None
        self._sources: dict[str, tuple[str, dict[str, str]]] = {}

    @cached_property
    def data_hash(self) -> str:
        """One hash of every file of ``data/raw``."""
        return combined(self.data)

    @cached_property
    def code_hash(self) -> str:
        """One hash of every file of the package."""
        return combined(self.code)

    def code_reached(self, source: str) -> dict[str, str]:
        """Return the package's files that a piece of code reaches, with the first digits of their hash."""
        return {name: digest[:SHORT] for name, digest in self.reach.files(source).items()}

    def notebook(self, path: Path, series: object = None, language: str = "en") -> tuple[str, dict[str, str]]:
        """Return the hash of a notebook's cells (outputs do not count) and the code they reach.

        With a ``series`` of one's own the cells are those that are executed for it.
        """
        if path.name not in self._sources:
            check_parameters_cell(path)
            cells = cells_of(path, series, language)
            parts = [[c["cell_type"], c["metadata"].get("tags", []), "".join(c["source"])] for c in cells]
            lines = [line for kind, _, text in parts if kind == "code" for line in text.splitlines()]
            code = "\n".join(line for line in lines if line[:1] not in ("%", "!"))
            self._sources[path.name] = combined({"cells": parts}), self.code_reached(code)
        return self._sources[path.name]

    def own_files(self, params: RunParams) -> dict[str, str]:
        """Return the hash of the files of a series of one's own, by the name that the set gives them."""
        if self._own is None:
            from chipexports.series.settings import series_settings

            settings = series_settings(params.series)
            names = [settings.file, *([settings.indicators.file] if settings.indicators else [])]
            self._own = {n: file_hash(p) for n, p in zip(names, settings.files, strict=True)}
        return self._own

    def read(self, names: Iterable[str]) -> dict[str, str]:
        """Return the hash of files as they are now; "missing" where there is none."""
        paths = {name: self.root / name for name in names}
        return {name: file_hash(path) if path.is_file() else "missing" for name, path in paths.items()}

    def of_step(self, step: Step, params: RunParams, inputs: Mapping[str, str]) -> dict[str, Any]:
        """Return the fingerprint a notebook has when it is executed now."""
        source, code = self.notebook(step.path_in(params.language), params.series, params.language)
        literals = params.literals()
        return {
            "source": source,
            "code": code,
            "parameters": {name: literals[name] for name in sorted(step.uses)},
            "data": self.data_hash,
            **({"series": self.own_files(params)} if params.series else {}),
            "environment": self.environment,
            "inputs": combined(dict(inputs)),
        }


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return in words which parts of a fingerprint differ; parameters and files by name."""
    words = []
    for part, meaning in PARTS.items():
        before, after = old.get(part) or {}, new.get(part) or {}
        if before == after:
            continue
        if part == "parameters":
            names = [n for n in after if before.get(n) != after[n]]
            words += [f"{n} was {before.get(n)}, is {after[n]}" for n in names] or [meaning]
        elif part in ("code", "reads", "series"):
            names = sorted(n for n in {*before, *after} if before.get(n) != after.get(n))
            more = f" and {len(names) - 2} more" if len(names) > 2 else ""
            words.append(f"{meaning}: {', '.join(names[:2])}{more}")
        else:
            words.append(meaning)
    return words
