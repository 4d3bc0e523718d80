"""The code a notebook reaches, followed without running it: nothing is missed, and little is added."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from chipexports.run.fingerprint import PACKAGE, Snapshot, tree_hashes
from chipexports.run.reach import ASKED_BEFORE, Reach, imports
from chipexports.run.steps import STEPS

LOADED = "import json, sys\nprint(json.dumps([n for n in sys.modules if n.startswith('chipexports')]))"


def cells(path: Path) -> str:
    """Return the code of a notebook."""
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in found if cell["cell_type"] == "code")


def reached(source: str) -> set[str]:
    """Return the package's files that some code reaches."""
    return set(Reach(tree_hashes(PACKAGE)).files(source))


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_what_a_notebook_imports_when_it_runs_is_among_what_it_reaches(step) -> None:
    code = cells(step.path)
    lines = [ast.unparse(n) for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Import | ast.ImportFrom)]
    out = subprocess.run(
        [sys.executable, "-c", "\n".join([*lines, LOADED])], capture_output=True, text=True, check=True
    ).stdout
    paths = reached(code)
    assert paths
    loaded = {name for name in json.loads(out) if name not in ASKED_BEFORE}
    files = {name.partition(".")[2].replace(".", "/") for name in loaded}
    missed = {n for n in files if f"{n}.py" not in paths and f"{n}/__init__.py".lstrip("/") not in paths}
    assert missed == set()


def test_a_chart_is_reached_by_the_notebooks_that_draw_and_by_no_other() -> None:
    now = Snapshot()
    draws = {step.name for step in STEPS if any(n.startswith("charts/") for n in now.notebook(step.path)[1])}
    assert draws
    assert draws < {step.name for step in STEPS}
    for step in STEPS:
        code = now.notebook(step.path)[1]
        assert not any(name.startswith(("lab/", "report/", "run/runner", "collect/http")) for name in code)


def package(folder: Path, **files: str) -> Reach:
    """Return the reach in a package made of ``files`` (``__`` for a folder)."""
    for name, text in {"__init__": "", **files}.items():
        path = folder / (f"{name.replace('__', '/')}.py" if name != "__init__" else "__init__.py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Reach(tree_hashes(folder), folder)


KINDS = {
    "plain": "import chipexports.far.page",
    "from": "from chipexports.far import page",
    "attribute": "from chipexports.far.page import thing",
    "inside a function": "def f():\n    from chipexports.far import page",
    "by name": "from importlib import import_module\nimport_module('chipexports.far.page')",
    "by part of a name": "from importlib import import_module\nimport_module(f'chipexports.far.{what}')",
    "in a table": "WHERE = {'x': 'chipexports.far.page:thing'}",
}


@pytest.mark.parametrize("line", KINDS.values(), ids=KINDS)
def test_every_way_to_import_is_followed(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    reach = package(tmp_path / "chipexports", near__door=line, far__page="thing = 1", far__other="")
    assert "far/page.py" in reach.files("import chipexports.near.door")
    assert "far/page.py" not in reach.files("import json")


def test_a_package_that_imports_when_asked_is_followed_only_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    lazy = "def __getattr__(n):\n    return import_module(f'{__name__}.{n}')"
    reach = package(tmp_path / "chipexports", room__a="", room__b="")
    (tmp_path / "chipexports" / "room" / "__init__.py").write_text(lazy, encoding="utf-8")
    (tmp_path / "chipexports" / "room" / "words.yml").write_text("a: b", encoding="utf-8")
    reach = Reach(tree_hashes(tmp_path / "chipexports"), tmp_path / "chipexports")
    assert set(reach.files("from chipexports.room.a import x")) == {
        "__init__.py",
        "room/__init__.py",
        "room/a.py",
        "room/words.yml",
    }
    assert {"room/a.py", "room/b.py"} <= set(reach.files("from chipexports.room import thing"))


def test_what_only_a_type_checker_imports_is_left_out() -> None:
    source = "if TYPE_CHECKING:\n    import chipexports.lab.widgets\nelse:\n    import chipexports.base.files"
    assert imports(source) == ["chipexports.base.files"]
