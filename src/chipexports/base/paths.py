"""Where everything lies: one place that knows the folders of the project and of a run."""

from __future__ import annotations

import os
import re
from pathlib import Path

from chipexports.base.errors import UsageError

# set while a notebook is executed: what it writes goes to a scratch place until it has succeeded
OUTPUT = "CHIPEXPORTS_OUTPUT"
RUN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def project_root() -> Path:
    """Return the folder that holds ``data/``, ``notebooks/`` and ``params/``.

    ``CHIPEXPORTS_ROOT`` overrides it (tests work on a copy); otherwise it is the checkout this
    package was installed from.
    """
    root = os.environ.get("CHIPEXPORTS_ROOT")
    return Path(root).resolve() if root else Path(__file__).resolve().parents[3]


def raw_dir() -> Path:
    """Return ``data/raw``: releases as published, never edited."""
    return project_root() / "data" / "raw"


def _run_dir(kind: str, run: str) -> Path:
    if not RUN_NAME.fullmatch(run):
        raise UsageError(
            f"run: {run!r} is not a run name; use up to 64 letters, digits, '-' and '_', e.g. 'latest'"
        )
    base = Path(os.environ.get(OUTPUT) or project_root())
    folder = base / kind / run
    if not folder.resolve().is_relative_to(base.resolve()):
        raise UsageError(f"{kind}/{run}: is a link that leads outside the project; remove the link")
    return folder


def processed_dir(run: str) -> Path:
    """Return ``data/processed/<run>``: the tables of a run."""
    return _run_dir("data/processed", run)


def figures_dir(run: str) -> Path:
    """Return ``figures/<run>``."""
    return _run_dir("figures", run)


def reports_dir(run: str) -> Path:
    """Return ``reports/<run>``: executed notebooks, manifest, report."""
    return _run_dir("reports", run)
