"""requirements.in, requirements.lock and environment.yml say the same; no index address anywhere."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

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


def test_statsmodels_is_pinned_to_one_version() -> None:
    assert re.search(r"^statsmodels==\d", (ROOT / "requirements.in").read_text(), flags=re.M)


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
