"""Other time zones, languages and hash seeds: the same tables, figures, notebooks and report."""

from __future__ import annotations

import atexit
import functools
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from trust.counts import LONG, SHORT, note
from trust.projects import clean_environment, compiled, outputs

ROOT = Path(__file__).resolve().parents[1]
CHINESE = "zh_CN.UTF-8"


@functools.cache
def own_locale() -> str:
    """Return a folder with the Chinese locale compiled for these tests; empty where that cannot be done.

    glibc's sources are enough (Debian's package `locales`, no root, 3 MB), whatever was generated.
    """
    folder = tempfile.mkdtemp(prefix="locale-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    command = ["localedef", "-i", "zh_CN", "-f", "UTF-8", f"{folder}/{CHINESE}"]
    try:
        made = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return ""
    return folder if made else ""


def languages() -> list[str]:
    """Return the locales asked for that this machine has or can make, C first."""
    if own_locale():
        return ["C", CHINESE]
    try:
        listed = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ["C"]
    there = {name.lower().replace("-", "") for name in listed.split()}
    return ["C", *[name for name in ("C.UTF-8", CHINESE) if name.lower().replace("-", "") in there]]


def places() -> list[dict[str, str]]:
    """Return two environments that differ in all that may differ."""
    own = {"LOCPATH": own_locale()} if own_locale() else {}
    return [
        {"TZ": "UTC", "LC_ALL": languages()[-1], "PYTHONHASHSEED": "0", **own},
        {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "4242", "PYTHONUTF8": "0"},
    ]


def copy(root: Path) -> Path:
    for name in ("notebooks", "params", "data/raw"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    for name in ("requirements.lock", "requirements.in"):
        shutil.copy(ROOT / name, root)
    return root


def bytes_of(root: Path, run: str, place: dict[str, str]) -> dict[str, bytes]:
    """Run and report ``run`` in its own copy of the project, in one environment."""
    # the package too: it stays the same meanwhile, and is compiled
    source = compiled(shutil.copytree(ROOT / "src", root / "src"))
    env = clean_environment(CHIPEXPORTS_ROOT=str(copy(root)), PYTHONPATH=str(source), **place)
    commands = [("run", run)] if run == "smoke" else [("run", run), ("report", run)]
    for args in commands:  # a run writes its report; a second one must be the same
        done = subprocess.run(
            [sys.executable, "-m", "chipexports", *args],
            env=env,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=900,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
    return outputs(root)


@pytest.mark.parametrize(
    ("mode", "run"),
    [(SHORT, "smoke"), pytest.param(LONG, "article", marks=pytest.mark.slow)],
    ids=["smoke", "article"],
)
def test_two_places_the_same_bytes(tmp_path: Path, mode: str, run: str) -> None:
    roots = [tmp_path / str(number) for number in range(2)]
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(bytes_of, roots, [run, run], places())
    assert set(first) == set(second)
    assert [name for name in first if first[name] != second[name]] == []
    kinds = {name.rsplit(".", 1)[-1] for name in first}
    assert {"csv", "ipynb", "png", "html", "pdf", "docx"} <= kinds
    note(
        f"same_bytes_{run}",
        mode,
        2,
        files_the_same=len(first),
        languages=", ".join(p["LC_ALL"] for p in places()),
    )


@pytest.mark.slow
def test_two_fresh_clones_with_environments_of_their_own(tmp_path: Path) -> None:
    """Clone, set up from the lock, run: twice, in different places; the same bytes."""
    if not (ROOT / ".git").exists():
        pytest.skip("this copy has no history to clone")
    found, source = [], ROOT
    for number, place in enumerate(places()):
        clone = tmp_path / f"clone{number}"
        subprocess.run(["git", "clone", "-q", str(source), str(clone)], check=True)
        source = clone  # the report names the commit: both must stand at the same one
        env = clean_environment(**place)
        env.pop("CHIPEXPORTS_ROOT", None)
        env.pop("PYTHONPATH", None)
        made = subprocess.run(
            ["bash", "tools/setup.sh"], cwd=clone, env=env, capture_output=True, check=False
        )
        if made.returncode:
            pytest.skip("an environment cannot be made here: no package registry in reach")
        command = [clone / ".venv" / "bin" / "python", "-m", "chipexports", "run", "smoke"]
        subprocess.run(command, cwd=clone, env=env, check=True, capture_output=True, timeout=900)
        found.append(outputs(clone))
    first, second = found
    assert set(first) == set(second)
    assert [name for name in first if first[name] != second[name]] == []
    note("two_clones", LONG, 2, files_the_same=len(first))
