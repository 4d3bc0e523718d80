"""``reports/<run>/manifest.json``: what a run was made from, what it made and how long it took."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

from chipexports.base.errors import ChipExportsError, UsageError
from chipexports.base.files import write_text_atomic
from chipexports.base.paths import project_root, reports_dir
from chipexports.params import RunParams
from chipexports.run.fingerprint import Snapshot

VERSION = 2
COMMIT = "CHIPEXPORTS_COMMIT"  # set where a run is executed again in a copy without history


def manifest_path(run: str) -> Path:
    """Return where the manifest of ``run`` lies."""
    return reports_dir(run) / "manifest.json"


def read_manifest(run: str) -> dict[str, Any]:
    """Return the manifest of ``run``; an empty one when it has not run, or in another format."""
    path = manifest_path(run)
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {"notebooks": {}}
    except (OSError, ValueError) as error:
        raise ChipExportsError(
            f"reports/{run}/manifest.json: cannot be read; remove it and run again"
        ) from error
    if not isinstance(manifest, dict) or manifest.get("format") != VERSION:
        return {"notebooks": {}}
    return manifest


def existing_manifest(run: str) -> dict[str, Any]:
    """Return the manifest of ``run``, which must have run."""
    manifest = read_manifest(run)
    if not manifest["notebooks"]:
        known = ", ".join(sorted(p.parent.name for p in (project_root() / "reports").glob("*/manifest.json")))
        raise UsageError(f"reports/{run}: there is no run {run!r}; there are {known or 'none yet'}")
    return manifest


def head(params: RunParams, now: Snapshot) -> dict[str, Any]:
    """Return the part of the manifest that says what the run is made from, as it was when it began."""
    return {
        "format": VERSION,
        "run": params.run,
        "parameters": params.literals(),
        "seed": params.seed,
        "code": {"package": now.code_hash, "commit": commit()},
        "environment": {
            "hash": now.environment,
            "python": platform.python_version(),
            "packages": package_versions(),
        },
        "data": {"hash": now.data_hash, "files": now.data},
        **({"series": now.own_files(params)} if params.series else {}),
    }


def write_manifest(run: str, manifest: dict[str, Any]) -> Path:
    """Write the manifest of ``run`` atomically."""
    text = json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False)
    return write_text_atomic(manifest_path(run), text + "\n")


def commit() -> str | None:
    """Return the commit the project is at, with ``+`` where the package was edited since."""
    if COMMIT in os.environ:
        return os.environ[COMMIT] or None
    try:
        command = ["git", "-C", str(project_root()), "rev-parse", "HEAD"]
        head_commit = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
        changed = ["git", "-C", str(project_root()), "status", "--porcelain", "src", "notebooks", "data/raw"]
        edited = subprocess.run(changed, capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return None  # no git, or a copy without its history
    return head_commit.stdout.strip() + ("+" if edited.stdout.strip() else "")


def package_versions() -> dict[str, str]:
    """Return the installed version of every package that requirements.in declares."""
    declared = project_root() / "requirements.in"
    if not declared.is_file():
        return {}
    names = re.findall(r"^[A-Za-z0-9][A-Za-z0-9._-]*", declared.read_text(encoding="utf-8"), flags=re.M)
    versions = {}
    for name in names:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return versions
