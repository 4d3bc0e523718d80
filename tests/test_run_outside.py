"""What a run's fingerprints leave out (``fingerprint.OUTSIDE``) is what its notebooks never import.

The imports are followed from the notebooks' cells through the package's source: those inside
functions too, and those by name where the name is spelled out up to its last part.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import chipexports
from chipexports.run.fingerprint import OUTSIDE, PACKAGE
from chipexports.run.steps import STEPS

# imported all the same, and not followed further: neither changes what a notebook computes
EXCEPTIONS = {
    "chipexports.run.steps": "the parameters a notebook uses stand in its fingerprint by name",
    "chipexports.run.cluster": "where the backtest's pieces are computed, not how",
}

# the package's first module imports nothing but these two, and those only when they are asked for
OFFERED = {f"chipexports.{name}" for name in chipexports.__all__}


@cache
def modules(package: Path) -> dict[str, Path]:
    """Return the package's modules by name."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(source: str, known: dict[str, Path]) -> set[str]:
    """Return the modules of the package that a piece of code imports, directly."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, "the package has no relative imports"
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            # import_module(f"chipexports.forecast.methods.{name}"): any module there
            start = str(node.values[0].value)
            names |= {name for name in known if start.startswith("chipexports.") and name.startswith(start)}
    if names & OFFERED:
        names.add("chipexports.lab.results")
    parents = {".".join(name.split(".")[:n]) for name in names for n in range(1, name.count(".") + 1)}
    return (names | parents) & (set(known) - {"chipexports"})


def cells(path: Path) -> str:
    """Return the code of a notebook."""
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in found if cell["cell_type"] == "code")


def is_outside(name: str, known: dict[str, Path], package: Path) -> bool:
    """Say whether the fingerprints leave a module out."""
    return known[name].relative_to(package).parts[0] in OUTSIDE


def reached(start: str, package: Path = PACKAGE) -> Iterator[tuple[str, str]]:
    """Yield every import of a module outside that some code leads to: who imports, and what."""
    known, done = modules(package), set()
    waiting = [("a notebook", name) for name in sorted(imported(start, known))]
    while waiting:
        who, name = waiting.pop()
        if is_outside(name, known, package):
            yield who, name
        elif name not in done:
            done.add(name)
            source = known[name].read_text(encoding="utf-8")
            waiting += [(name, other) for other in sorted(imported(source, known))]


def test_notebooks_import_nothing_that_their_fingerprints_leave_out() -> None:
    found = {name: who for step in STEPS for who, name in reached(cells(step.path))}
    found = {name: who for name, who in found.items() if name != "chipexports.run"}
    assert {n: w for n, w in found.items() if n not in EXCEPTIONS} == {}
    assert set(EXCEPTIONS) <= set(found), "an exception that is no longer needed"


def test_the_notebooks_lead_to_the_package() -> None:
    known, seen = modules(PACKAGE), set()
    waiting = [name for step in STEPS for name in imported(cells(step.path), known)]
    while waiting:
        name = waiting.pop()
        if name not in seen and not is_outside(name, known, PACKAGE):
            seen.add(name)
            waiting += imported(known[name].read_text(encoding="utf-8"), known)
    assert {
        "chipexports.forecast.methods.ucm",
        "chipexports.charts.fan",
        "chipexports.record.releases",
    } <= seen


@pytest.mark.parametrize(
    "line",
    [
        "from chipexports.report.build import write_report",
        "import chipexports.lab.widgets",
        "from chipexports import load_run",
        "def later():\n    from chipexports import cli",
        'from importlib import import_module\nimport_module(f"chipexports.collect.{what}")',
    ],
)
def test_an_import_of_something_left_out_is_noticed(line: str) -> None:
    assert [who for who, name in reached(line) if is_outside(name, modules(PACKAGE), PACKAGE)]


def test_an_import_two_steps_away_is_noticed(tmp_path: Path) -> None:
    package = tmp_path / "chipexports"
    for name, text in {
        "__init__": "",
        "near": "def f():\n    from chipexports import far",
        "far": "import chipexports.report.page",
        "report/__init__": "",
        "report/page": "",
    }.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / f"{name}.py").write_text(text, encoding="utf-8")
    found = set(reached("import chipexports.near", package))
    assert ("chipexports.far", "chipexports.report.page") in found
    assert set(reached("import json", package)) == set()
