"""Counts of faults tried and what came of them, for tools/reliability.py and docs/reliability.md."""

from __future__ import annotations

import json
import os
from pathlib import Path

from chipexports.base.files import write_text_atomic

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "artifacts" / "trust"
LONG = "long"
SHORT = "default"


def note(fault: str, mode: str, tries: int, **what: float | str) -> None:
    """Write down that ``fault`` was tried ``tries`` times in ``mode`` and what was seen, one file each.

    Called last in a test: what is not as it must be has failed the test before. Tests that run in
    parallel write different files.
    """
    content = {"fault": fault, "mode": mode, "tries": tries, **what}
    write_text_atomic(FOLDER / f"{fault}.{mode}.json", json.dumps(content, sort_keys=True) + "\n")


def noted(folder: Path = FOLDER) -> list[dict]:
    """Return everything written down so far."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


def is_root() -> bool:
    """Say whether permissions are ignored for this user."""
    return hasattr(os, "geteuid") and os.geteuid() == 0
