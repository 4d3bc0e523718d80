"""Committed notebooks are clean: no outputs, one parameters cell of literals, kernel python3."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import nbformat
import pytest

from chipexports.params import RunParams

ROOT = Path(__file__).resolve().parents[1]
NUMBERED = sorted((ROOT / "notebooks").glob("0*.ipynb"))
ALL = sorted((ROOT / "notebooks").glob("*.ipynb"))
NAMES = [
    "01_collect_releases",
    "02_clean_series",
    "03_explore_exports",
    "04_model_exports",
    "05_backtest_methods",
    "06_forecast_full_year",
    "07_check_article",
]


def code_cells(path: Path) -> list[dict]:
    return [c for c in json.loads(path.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]


def parameters_cells(path: Path) -> list[str]:
    cells = [c for c in code_cells(path) if "parameters" in c["metadata"].get("tags", [])]
    return ["".join(c["source"]) for c in cells]


def test_the_notebooks_are_there() -> None:
    assert [p.stem for p in NUMBERED] == NAMES


@pytest.mark.parametrize("path", ALL, ids=lambda p: p.stem)
def test_no_outputs_and_a_portable_kernel(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    nbformat.validate(nbformat.from_dict(notebook))
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert "papermill" not in notebook["metadata"]
    for cell in code_cells(path):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
        assert not {"execution", "papermill"} & set(cell["metadata"])


@pytest.mark.parametrize("path", NUMBERED, ids=lambda p: p.stem)
def test_one_parameters_cell_of_literals_with_the_defaults(path: Path) -> None:
    (source,) = parameters_cells(path)
    assigned = {}
    for statement in ast.parse(source).body:
        assert isinstance(statement, ast.Assign)
        assert isinstance(statement.targets[0], ast.Name)
        assigned[statement.targets[0].id] = ast.literal_eval(statement.value)
    assert assigned == {name: field.default for name, field in RunParams.model_fields.items()}


@pytest.mark.parametrize("path", ALL, ids=lambda p: p.stem)
def test_no_warning_is_silenced_wholesale(path: Path) -> None:
    for cell in code_cells(path):
        source = "".join(cell["source"])
        assert not re.search(r"(filterwarnings|simplefilter)\(\s*[\"']ignore[\"']\s*\)", source)


@pytest.mark.parametrize("path", NUMBERED, ids=lambda p: p.stem)
def test_opens_with_its_question_and_ends_with_what_it_does_not_say(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    first, last = ("".join(cells[i]["source"]) for i in (0, -1))
    assert first.startswith("# ")
    assert "?" in first
    assert last.startswith("## What this does not say")
