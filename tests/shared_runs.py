"""Runs that many tests look at: each is made once in a session, whichever worker asks first.

Who wants to change something copies the project first.
"""

from __future__ import annotations

import fcntl
import functools
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tiny_project import compiled, environment, make_tiny_project

ROOT = Path(__file__).resolve().parents[1]
#: the session's folder; set by conftest before the workers start
FOLDER = "CHIPEXPORTS_TEST_RUNS"
CHINESE = "zh_CN.UTF-8"
KEY = "planted-4f1c/with+signs=="


class Finished(NamedTuple):
    """A project on which a set has been run once."""

    root: Path
    seconds: float
    stdout: str
    stderr: str


def _once(name: str, make: Callable[[Path], dict]) -> Finished:
    """Return the project ``name``, made by the worker that asks first; the others wait for it."""
    folder = Path(os.environ[FOLDER]) / name
    folder.mkdir(exist_ok=True)
    noted = folder / "finished.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not noted.exists():
            shutil.rmtree(folder / "project", ignore_errors=True)
            noted.write_text(json.dumps(make(folder / "project")), encoding="utf-8")
    return Finished(folder / "project", **json.loads(noted.read_text(encoding="utf-8")))


def _run(root: Path, name: str, env: dict[str, str]) -> dict:
    command = [sys.executable, "-m", "chipexports", "run", name]
    started = time.monotonic()
    done = subprocess.run(
        command, env=env, cwd=root, capture_output=True, encoding="utf-8", errors="replace", timeout=600
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return {"seconds": time.monotonic() - started, "stdout": done.stdout, "stderr": done.stderr}


def tiny_article() -> Finished:
    """Return a tiny project on which `article` has been run with keys in the environment."""

    def make(root: Path) -> dict:
        compiled(make_tiny_project(root) / "src")
        keys = dict.fromkeys(("COMTRADE_API_KEY", "KOREA_CUSTOMS_API_KEY", "JUPYTER_TOKEN"), KEY)
        return _run(root, "article", {**environment(root), **keys})

    return _once("tiny-article", make)


@functools.cache
def own_locale() -> str:
    """Return a folder with the Chinese locale compiled for these tests; empty where that cannot be done.

    glibc's sources are enough (Debian's package `locales`, no root, 3 MB), whatever was generated.
    """
    folder = Path(os.environ[FOLDER]) / f"locale-{os.getpid()}"
    folder.mkdir()
    command = ["localedef", "-i", "zh_CN", "-f", "UTF-8", f"{folder}/{CHINESE}"]
    try:
        made = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return ""
    return str(folder) if made else ""


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


def real_project(root: Path) -> Path:
    """Copy what a run needs to ``root``; the package too: it stays the same meanwhile, and is compiled."""
    for name in ("notebooks", "params", "data/raw"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    for name in ("requirements.lock", "requirements.in"):
        shutil.copy(ROOT / name, root)
    compiled(shutil.copytree(ROOT / "src", root / "src", ignore=shutil.ignore_patterns("*.egg-info")))
    return root


def real_environment(root: Path, place: dict[str, str]) -> dict[str, str]:
    """Return the environment of a command on ``root`` at a place."""
    return clean_environment(CHIPEXPORTS_ROOT=str(root), PYTHONPATH=str(root / "src"), **place)


def clean_environment(**changes: str) -> dict[str, str]:
    """Return this process's environment without what decides time zone, language and hashing."""
    left_out = ("TZ", "LC_ALL", "LANG", "LANGUAGE", "PYTHONHASHSEED", "PYTHONUTF8")
    return {name: value for name, value in os.environ.items() if name not in left_out} | changes


def run_at(root: Path, name: str, place: dict[str, str]) -> dict:
    """Run a set on a copy of the project at one of the `places`."""
    return _run(real_project(root), name, real_environment(root, place))


def real_smoke() -> Finished:
    """Return a project with the real notebooks on which `smoke` has been run, at the first of the places."""
    return _once("smoke", lambda root: run_at(root, "smoke", places()[0]))
