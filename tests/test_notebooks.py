"""Committed notebooks are clean: no outputs, one parameters cell of literals, kernel python3."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import shutil
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


def tool(name: str):
    """Return a module of ``tools``."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_chinese_edition_is_in_step() -> None:
    editions = tool("zh").editions()
    assert len(editions) == len(NUMBERED)
    for path, text in editions.items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run `make zh`"


def test_a_missing_translation_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    module = tool("zh")
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    prose = tmp_path / "notebooks" / "zh.yml"
    text = prose.read_text(encoding="utf-8")
    monkeypatch.setattr(module, "NOTEBOOKS", tmp_path / "notebooks")
    prose.write_text(text.replace("06-title:", "06-another:"), encoding="utf-8")
    with pytest.raises(SystemExit, match="has no text for cell 06-title of 06_forecast_full_year"):
        module.editions()
    prose.write_text(text + "06-another: x\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="no notebook has a cell 06-another"):
        module.editions()


@pytest.mark.parametrize("path", NUMBERED, ids=lambda p: p.stem)
def test_one_language_at_a_time(path: Path) -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            assert not chinese.search("".join(cell["source"])), cell["id"]
    for cell in json.loads((path.parent / "zh" / path.name).read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            assert chinese.search("".join(cell["source"])), cell["id"]


@pytest.mark.parametrize("path", NUMBERED, ids=lambda p: p.stem)
def test_the_executed_notebooks_in_the_docs_have_the_cells_of_today(path: Path) -> None:
    shipped = json.loads((ROOT / "docs" / "notebooks" / path.name).read_text(encoding="utf-8"))
    *cells, parameters = shipped["cells"]
    assert "injected-parameters" in parameters["metadata"]["tags"]
    assert parameters["metadata"]["jupyter"]["source_hidden"]
    now = json.loads(path.read_text(encoding="utf-8"))["cells"]
    now = [c for c in now if "parameters" not in c["metadata"].get("tags", [])]
    assert [c["source"] for c in cells] == [c["source"] for c in now], "run `make notebooks`"
    assert not [o for c in cells for o in c.get("outputs", []) if o["output_type"] == "error"]


def test_the_executed_notebooks_are_light() -> None:
    assert sum(path.stat().st_size for path in (ROOT / "docs" / "notebooks").glob("*.ipynb")) <= 3_000_000


def test_the_values_of_a_run_stand_once_folded_and_last() -> None:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# What?"]},
        {
            "cell_type": "code",
            "metadata": {"tags": ["parameters"]},
            "source": ['run = "draft"'],
            "outputs": [],
        },
        {"cell_type": "code", "metadata": {"tags": ["injected-parameters"]}, "source": ["x"], "outputs": []},
        {"cell_type": "code", "metadata": {}, "source": ["1"], "outputs": []},
    ]
    done = json.loads(tool("ship_notebooks").shipped(json.dumps({"cells": cells, "metadata": {}})))
    assert [cell["source"] for cell in done["cells"]] == [["# What?"], ["1"], ["x"]]
    assert done["cells"][-1]["metadata"]["jupyter"] == {"source_hidden": True}
