"""requirements.in, requirements.lock and environment.yml say the same; no index address anywhere."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
import tomllib
from collections import Counter
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from trust.projects import python_files

ROOT = Path(__file__).resolve().parents[1]
spec = importlib.util.spec_from_file_location("lock", ROOT / "tools" / "lock.py")
assert spec
assert spec.loader
lock = importlib.util.module_from_spec(spec)
spec.loader.exec_module(lock)

FROM_CONDA = {conda: pypi for pypi, conda in lock.CONDA_NAME.items()}


def environment_pins(text: str) -> dict[str, str]:
    """Return PyPI name to version of every pin in environment.yml (conda and pip part)."""
    dependencies = yaml.safe_load(text)["dependencies"]
    conda = [d.split("=") for d in dependencies if isinstance(d, str) and "=" in d and "python>" not in d]
    pip = next(d["pip"] for d in dependencies if isinstance(d, dict))
    pins = [*conda, *(p.split("==") for p in pip)]
    return {str(canonicalize_name(FROM_CONDA.get(n, n))): v for n, v in pins}


def contradictions(declared: list[str], locked: dict[str, str], environment: dict[str, str]) -> list[str]:
    """Return one line per package that the three files do not agree on."""
    lines = [f"{n}: declared, not locked" for n in declared if n not in locked]
    lines += [f"{n}: declared, not in environment.yml" for n in declared if n not in environment]
    lines += [f"{n}: in environment.yml, not declared" for n in environment if n not in declared]
    return lines + [
        f"{n}: environment.yml {v}, lock {locked[n]}"
        for n, v in environment.items()
        if n in locked and locked[n] != v
    ]


def read() -> tuple[list[str], dict[str, str], dict[str, str]]:
    """Return declared names, locked versions and environment pins of the project."""
    return (
        lock.declared_names((ROOT / "requirements.in").read_text()),
        lock.locked_versions((ROOT / "requirements.lock").read_text()),
        environment_pins((ROOT / "environment.yml").read_text()),
    )


def test_a_drifted_or_missing_package_is_named() -> None:
    declared, locked, environment = read()
    drifted = {**environment, "pandas": "0.1"}
    assert contradictions(declared, locked, drifted) == [
        f"pandas: environment.yml 0.1, lock {locked['pandas']}"
    ]
    without = {n: v for n, v in environment.items() if n != "scipy"}
    assert contradictions(declared, locked, without) == ["scipy: declared, not in environment.yml"]
    assert contradictions([*declared, "made-up"], locked, environment)[0] == "made-up: declared, not locked"


def test_environment_and_lock_are_in_step() -> None:
    assert contradictions(*read()) == []


def test_lock_satisfies_the_declared_ranges() -> None:
    locked = read()[1]
    lines = [line.split("#")[0].strip() for line in (ROOT / "requirements.in").read_text().splitlines()]
    for requirement in (Requirement(line) for line in lines if line):
        assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)])


def runtime() -> list[Requirement]:
    """Return what the package itself needs, as declared: the part before the checks and tools."""
    text = (ROOT / "requirements.in").read_text().partition("# checks and tools")[0]
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    return [Requirement(line) for line in lines if line]


def test_every_package_of_the_runtime_has_a_lowest_and_a_highest_version() -> None:
    for requirement in runtime():
        assert sorted(s.operator for s in requirement.specifier) == ["<", ">="], str(requirement)


# there with a declared package, which cannot be without it
WITH_ANOTHER = {"pydantic_core": "pydantic", "IPython": "ipykernel", "cycler": "matplotlib"}


def test_what_the_package_imports_is_declared() -> None:
    """Each import of another distribution is one of the runtime part, not there by way of another."""
    declared = {canonicalize_name(requirement.name) for requirement in runtime()}
    owners = metadata.packages_distributions()
    found: set[str] = set()
    for _, tree in python_files("src"):
        for node in ast.walk(tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            found |= {name.split(".")[0] for name in names}
    others = found - set(sys.stdlib_module_names) - {"chipexports", *WITH_ANOTHER}
    missing = {name for name in others if not declared & {canonicalize_name(d) for d in owners[name]}}
    assert missing == set()


def test_what_is_declared_is_imported_or_named() -> None:
    """Each package of the runtime part is used: imported, or called by its name (``-m voila``, an engine)."""
    places = [
        ROOT / "Makefile",
        *(p for d in ("src", "notebooks", "tools", "tests") for p in (ROOT / d).rglob("*")),
    ]
    texts = [
        p.read_text("utf-8") for p in places if p.suffix in (".py", ".ipynb", ".sh") or p.name == "Makefile"
    ]
    words = set(re.findall(r"\w+", "\n".join(text for text in texts)))
    owners = metadata.packages_distributions()
    known: dict[str, set[str]] = {}
    for module, distributions in owners.items():
        for distribution in distributions:
            known.setdefault(canonicalize_name(distribution), set()).add(module)
    unused = set()
    for requirement in runtime():
        name = canonicalize_name(requirement.name)
        called = {name.replace("-", "_"), name.removeprefix("python-"), *known.get(name, ())}
        if not called & words:
            unused.add(name)
    assert "papermill" not in unused
    assert unused <= {"packaging"}  # the tests of versions read the ranges with it


# what only tests call, and why it stays
FOR_TESTS = {
    "layout_faults": "looks for overlapping marks in any figure; drawing does without",
    "draw_all": "every figure of the catalogue at once, to look at all of them",
}


def only_in_tests() -> set[str]:
    """Return the functions and classes of the package that nothing but a test names."""
    where = {
        p: p.read_text("utf-8") for d in ("src", "tools", "benchmarks") for p in (ROOT / d).rglob("*.py")
    }
    seen = [
        p
        for pattern in ("*.md", "docs/*.md", "notebooks/**/*.ipynb", "pyproject.toml")
        for p in ROOT.glob(pattern)
    ]
    shown = "\n".join([*where.values(), *(p.read_text("utf-8") for p in seen)])
    counts = Counter(re.findall(r"\w+", shown))
    return {
        node.name
        for path, text in where.items()
        if path.is_relative_to(ROOT / "src")
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and counts[node.name] == 1
    }


def test_no_function_is_called_by_tests_alone() -> None:
    assert only_in_tests() - set(FOR_TESTS) == set()


def test_the_package_takes_its_dependencies_from_the_declared_list() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    assert project["project"]["dynamic"] == ["dependencies"]
    assert "dependencies" not in project["project"]
    assert project["tool"]["setuptools"]["dynamic"]["dependencies"] == {"file": ["requirements.in"]}


@pytest.mark.parametrize(
    "name", ["requirements.lock", "environment.yml", "requirements.in", "pyproject.toml"]
)
def test_no_index_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.search(r"https?://|file://|index-url|find-links", text)


def test_every_locked_package_has_a_hash() -> None:
    blocks = re.split(r"\n(?=[a-z0-9])", (ROOT / "requirements.lock").read_text())
    pinned = [b for b in blocks if "==" in b.split("\n")[0]]
    assert len(pinned) > 100
    assert all("--hash=sha256:" in b for b in pinned)
