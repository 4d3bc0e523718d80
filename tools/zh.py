"""Build the Chinese edition of the notebooks: the English cells with the prose of ``notebooks/zh.yml``.

Run by ``make zh`` after a change of a notebook or of its translation. A markdown cell without a translation,
and a translation without its cell, are named and nothing is written.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"


def editions() -> dict[Path, str]:
    """Return the text of every Chinese notebook, by its file.

    Raises
    ------
    SystemExit
        A cell has no translation, or a translation no cell.
    """
    prose: dict[str, str] = yaml.safe_load((NOTEBOOKS / "zh.yml").read_text(encoding="utf-8"))
    out, used = {}, set()
    for path in sorted(NOTEBOOKS.glob("0*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown":
                if cell["id"] not in prose:
                    sys.exit(f"notebooks/zh.yml: has no text for cell {cell['id']} of {path.name}; add it")
                used.add(cell["id"])
                cell["source"] = prose[cell["id"]].splitlines(keepends=True)
            elif "parameters" in cell["metadata"].get("tags", []):
                cell["source"] = [
                    line.replace('language = "en"', 'language = "zh"') for line in cell["source"]
                ]
        text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
        out[NOTEBOOKS / "zh" / path.name] = text
    if left := sorted(set(prose) - used):
        sys.exit(f"notebooks/zh.yml: no notebook has a cell {left[0]}; remove its text")
    return out


def main() -> None:
    """Write the edition."""
    for path, text in editions().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
