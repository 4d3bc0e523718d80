"""The notebooks of a run on a series of one's own: without what applies to the customs' record alone.

Cells tagged ``customs`` are left out; in the place of each stretch of them stands one sentence of
``notebooks/own.yml``, which also holds the prose that replaces that of other markdown cells, by cell id.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from chipexports.base.errors import UsageError

#: tag of cells that apply to the customs' record alone
TAG = "customs"
#: the prose, beside the notebooks
PROSE = "own.yml"
_HEADING = re.compile(r"^## \d+\. ", re.M)


def prose(folder: Path) -> dict[str, dict[str, str]]:
    """Return the prose of ``own.yml`` by cell id and language.

    Raises
    ------
    UsageError
        The file is missing or is no list of texts.
    """
    path = folder / PROSE
    try:
        texts = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise UsageError(f"notebooks/{PROSE}: cannot be read; restore it from the repository") from error
    if not isinstance(texts, dict):
        raise UsageError(f"notebooks/{PROSE}: holds no texts; restore it from the repository")
    return texts


def own_cells(
    cells: list[dict[str, Any]], texts: Mapping[str, Mapping[str, str]], language: str
) -> list[dict[str, Any]]:
    """Return the cells of a notebook as a series of one's own needs them, sections numbered anew.

    Parameters
    ----------
    cells : list of dict
        As the notebook's file holds them.
    texts : mapping
        As `prose` returns it.
    language : {"en", "zh"}
        Of the run.

    Raises
    ------
    UsageError
        A stretch of cells is left out without a sentence that says so.
    """
    remaining: list[dict[str, Any]] = []
    inside = False
    for cell in cells:
        name = str(cell.get("id"))
        left_out = TAG in cell["metadata"].get("tags", [])
        text = texts.get(name, {}).get(language)
        if left_out and not inside:
            if text is None:
                raise UsageError(
                    f"notebooks/{PROSE}: has no sentence for cell {name}, the first of those tagged {TAG!r}; "
                    "say there what is left out and why"
                )
            remaining.append({"cell_type": "markdown", "id": name, "metadata": {}, "source": text})
        elif not left_out and text is not None:
            remaining.append({**cell, "source": text})
        elif not left_out:
            remaining.append(cell)
        inside = left_out
    number = 0
    for i, cell in enumerate(remaining):
        if cell["cell_type"] == "markdown" and _HEADING.search("".join(cell["source"])):
            number += 1
            remaining[i] = {**cell, "source": _HEADING.sub(f"## {number}. ", "".join(cell["source"]))}
    return [cell for cell in remaining if "".join(cell["source"]).strip() or cell["cell_type"] == "code"]


def cells_of(path: Path, series: object, language: str) -> list[dict[str, Any]]:
    """Return the cells of a notebook's file as a run executes them.

    Parameters
    ----------
    path : Path
        ``notebooks/NN_name.ipynb`` or its edition in another language.
    series : mapping or None
        The run's ``series``.
    language : {"en", "zh"}
        Of the run.
    """
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    if not series:
        return cells
    folder = path.parent if (path.parent / PROSE).is_file() else path.parent.parent
    return own_cells(cells, prose(folder), language)
