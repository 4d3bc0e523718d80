"""Environments of other versions than the lock's, and how far apart two sets of tables are."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from chipexports.base.files import read_table

ROOT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).with_name("uv")
#: tables of the cleaning step and before it: equal to the last stored digit
DATA = ("monthly", "checks", "releases", "missing")
#: largest difference allowed, as a share of the number, or of the column's mean size where that is larger
CENTRE, OTHER = 0.001, 0.005
#: a share of few cases: one that falls on the other side of a bound
COVERAGE = 0.05


def package(folder: Path) -> Path:
    """Return a copy of the package and of what it runs on, which no edit meanwhile changes."""
    for name in ("src", "notebooks", "params", "data/raw"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.egg-info", ".*"))
    for name in ("requirements.in", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    return folder


def _uv(*args: str | Path, **env: str) -> str:
    """Return an empty text, or why uv could not do it."""
    done = subprocess.run(
        [UV, *args, "-q"], env={**os.environ, **env}, capture_output=True, text=True, check=False
    )
    return (done.stderr or f"exit {done.returncode}") if done.returncode else ""


def environment(folder: Path, source: Path, resolution: str) -> tuple[Path, str]:
    """Make an environment of the runtime's packages only.

    Parameters
    ----------
    folder : Path
        Where it goes.
    source : Path
        The package, as `package` copied it.
    resolution : str
        uv's: ``lowest-direct`` takes the lowest version of what is declared, ``highest`` the newest.

    Returns
    -------
    tuple
        Its Python, and why it could not be made (empty where it could).
    """
    folder.mkdir()
    declared, chosen, venv = folder / "runtime.in", folder / "chosen.txt", folder / "venv"
    text = (source / "requirements.in").read_text(encoding="utf-8")
    declared.write_text(text.partition("# checks and tools")[0], encoding="utf-8")
    overrides = ROOT / "tools" / "overrides.txt"
    steps: list[tuple[str | Path, ...]] = [
        ("venv", "--python", sys.executable, venv),
        ("pip", "compile", declared, "--resolution", resolution, "--override", overrides, "-o", chosen),
        ("pip", "install", "--no-deps", "--compile-bytecode", "-r", chosen),
        ("pip", "install", "--no-deps", "--compile-bytecode", source),
    ]
    for step in steps:
        if problem := _uv(*step, VIRTUAL_ENV=str(venv)):
            return venv, problem
    return venv / "bin" / "python", ""


def results(python: Path, source: Path, folder: Path, **env: str) -> Path:
    """Run the probe and the set `smoke` with ``python``; return the folder of the tables."""
    root = folder / "project"
    shutil.copytree(source, root, ignore=shutil.ignore_patterns("src", "build"))
    own = {"CHIPEXPORTS_ROOT": str(root), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **env}
    tables = folder / "tables"
    for args in (
        (str(Path(__file__).with_name("probe.py")), str(tables)),
        ("-m", "chipexports", "run", "smoke"),
    ):
        done = subprocess.run(
            [python, *args],
            cwd=folder,
            env={**os.environ, **own},
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
    shutil.copytree(root / "data" / "processed" / "smoke", tables / "smoke")
    return tables


def names(tables: Path) -> list[str]:
    """Return the names of the tables, the list of versions left out."""
    found = (path.relative_to(tables).as_posix() for path in tables.rglob("*.csv"))
    return sorted(name for name in found if name != "versions.csv")


def farthest(one: Path, two: Path) -> dict[str, float]:
    """Return how far the numbers of a table are from those of another, by kind; texts must be equal.

    ``centre`` (medians and means) and ``other`` (quantiles, scores, weights) are shares of the
    number, or of the column's mean size where that is larger; ``coverage`` is a difference of shares.
    """
    left, right = read_table(one), read_table(two)
    assert list(left) == list(right), one.name
    assert len(left) == len(right), one.name
    found = {"centre": 0.0, "other": 0.0, "coverage": 0.0, "numbers": 0}
    for column in left:
        a, b = left[column], right[column]
        if not (_number(a) and _number(b)):
            assert a.astype(str).tolist() == b.astype(str).tolist(), f"{one.name}: {column}"
            continue
        assert a.isna().tolist() == b.isna().tolist(), f"{one.name}: {column}"
        kind, share = _apart(str(column), a.dropna().to_numpy(float), b.dropna().to_numpy(float))
        found[kind] = max(found[kind], share)
        found["numbers"] += int(a.notna().sum())
    return found


def _number(values: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def _apart(column: str, a: np.ndarray, b: np.ndarray) -> tuple[str, float]:
    apart = np.abs(a - b)
    if not apart.any():
        return "other", 0.0
    if "coverage" in column:
        return "coverage", float(apart.max())
    kind = "centre" if re.search("median|mean", column) else "other"
    return kind, float((apart / np.maximum(np.abs(a), np.abs(a).mean())).max())


def changed(one: Path, two: Path) -> int:
    """Return how many packages that both have are of different versions."""
    pair = [
        pd.read_csv(path / "versions.csv", dtype=str).set_index("package")["version"] for path in (one, two)
    ]
    left, right = (versions[~versions.index.duplicated()] for versions in pair)
    both = left.index.intersection(right.index)
    return int((left[both] != right[both]).sum())
