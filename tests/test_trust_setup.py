"""An environment set-up that is killed at any step and repeated ends as one that was never killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from trust.counts import SHORT, note

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or not shutil.which("bash"), reason="the set-up is a bash script"
)
# plays python, `python -m venv`, pip and uv: writes files one by one, counts its steps and is killed
# at step DIE_AT with the whole set-up; what is real in it is that files are there or not
FAKE = """#!/usr/bin/env bash
count() {
  n=$(( $(cat "$STEPS" 2>/dev/null || echo 0) + 1 )); echo "$n" > "$STEPS"
  [ "$n" = "${DIE_AT:-none}" ] && kill -9 "$PPID" "$$"
  return 0
}
install() { for p in a b c; do count; echo done > ".venv/$1-$p"; done; }
case "$*" in
  --version) echo "Python ${FAKE_VERSION:-3.11.7}" ;;
  -c*) exit 0 ;;
  "-m venv .venv")
    count; mkdir -p .venv/bin; count; cp "$0" .venv/bin/python
    count; cp "$0" .venv/bin/uv; echo venv > .venv/cfg ;;
  *"pip install"*" -e ."*) install package ;;
  *"pip install"*uv.lock) install uv ;;
  *"pip install"*) install lock ;;
  *) echo "unexpected: $*" >&2; exit 9 ;;
esac
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a copy of what the set-up reads, with a python that only pretends."""
    root = tmp_path / "p"
    (root / "tools").mkdir(parents=True)
    for name in ("tools/setup.sh", "requirements.lock", "requirements.in", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    fake = tmp_path / "bin" / "python3"
    fake.parent.mkdir()
    fake.write_text(FAKE)
    fake.chmod(0o755)
    return root


def set_up(root: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the set-up with the pretending python; steps are counted from 1 each time."""
    steps = root.parent / "steps"
    steps.unlink(missing_ok=True)
    fake = str(root.parent / "bin" / "python3")
    return subprocess.run(
        ["bash", "tools/setup.sh"],
        cwd=root,
        env={**os.environ, "PYTHON": fake, "STEPS": str(steps), **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def made(root: Path) -> dict[str, bytes]:
    """Return what the environment consists of."""
    venv = root / ".venv"
    return {p.relative_to(venv).as_posix(): p.read_bytes() for p in sorted(venv.rglob("*")) if p.is_file()}


def test_a_set_up_that_is_killed_and_repeated(place: Path) -> None:
    done = set_up(place)
    assert done.returncode == 0, done.stderr
    whole, steps = made(place), int((place.parent / "steps").read_text())
    assert "lock-c" in whole
    assert set_up(place).stdout == "", "it is done once"
    for step in range(1, steps + 1):
        shutil.rmtree(place / ".venv")
        killed = set_up(place, DIE_AT=str(step))
        assert killed.returncode in (-signal.SIGKILL, 137), step
        assert not (place / ".venv" / ".stamp-package").exists()
        again = set_up(place)
        assert (again.returncode, made(place)) == (0, whole), step
    note("set_up_killed", SHORT, steps, repeated_whole=steps)


def test_a_set_up_that_fails_leaves_no_stamp(place: Path) -> None:
    broken = FAKE.replace("install lock ;;", "exit 1 ;;")
    (place.parent / "bin" / "python3").write_text(broken)
    assert set_up(place).returncode == 1
    assert not list((place / ".venv").glob(".stamp*"))
    (place.parent / "bin" / "python3").write_text(FAKE)
    assert set_up(place).returncode == 0
    assert "lock-c" in made(place)


def test_another_lock_makes_it_anew(place: Path) -> None:
    assert set_up(place).returncode == 0
    (place / ".venv" / "left-over").write_text("x")
    with (place / "requirements.lock").open("a") as lock:
        lock.write("\n# changed\n")
    assert "making .venv" in set_up(place).stdout
    assert "left-over" not in made(place)
