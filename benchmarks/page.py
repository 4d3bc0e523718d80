"""The page that shows computed tables, and how they get into it."""

from __future__ import annotations

from pathlib import Path

METHODS = Path(__file__).resolve().parents[1] / "docs" / "methods.md"


def fill(text: str, tables: dict[str, str]) -> str:
    """Return a text with its computed blocks replaced."""
    for mark, table in tables.items():
        start, end = f"<!-- computed: {mark} -->", "<!-- end -->"
        if start not in text:
            raise SystemExit(f"{METHODS.name}: has no mark {start!r}")
        head, rest = text.split(start, 1)
        text = f"{head}{start}\n{table}\n{end}{rest.split(end, 1)[1]}"
    return text
