"""Small projects to break, commands on them, and what must hold of them whatever happened."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import psutil
from tiny_project import environment, files_of

OUTPUTS = ("data/processed", "figures", "reports")
LEFTOVER = (".tmp", ".new", ".part")


def record(root: Path) -> dict[str, str]:
    """Return the hash of every file of the record, lock files left out."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((root / "data" / "raw").rglob("*"))
        if path.is_file() and path.suffix != ".lock"
    }


def outputs(root: Path) -> dict[str, bytes]:
    """Return every output of every run with its bytes; the manifest holds times and is left out."""
    return files_of(root, *OUTPUTS)


def last_good(found: dict[str, bytes]) -> dict[str, bytes]:
    """Return outputs without what is kept of a failed notebook."""
    return {name: content for name, content in found.items() if ".failed." not in name}


def check_readable(root: Path) -> int:
    """Check that every output and every manifest is whole; return how many files were read."""
    count = 0
    for name, content in outputs(root).items():
        assert not name.endswith(LEFTOVER), f"{name} was left behind"
        if name.endswith(".ipynb"):
            assert json.loads(content)["cells"]
        elif name.endswith(".csv"):
            assert len(pd.read_csv(root / name).columns)
        count += 1
    for path in (root / "reports").rglob("manifest.json"):
        assert json.loads(path.read_text(encoding="utf-8"))["format"] == 2
        count += 1
    return count


def command(root: Path, *args: str, timeout: float = 120, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the package on ``root`` to its end, with additional environment variables."""
    return subprocess.run(
        [sys.executable, "-m", "chipexports", *args],
        env={**environment(root), **env},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def kill_after(seconds: float, root: Path, *args: str, **env: str) -> bool:
    """Start a command and kill -9 its process (not its group) after ``seconds``; True when it still ran."""
    process = subprocess.Popen(
        [sys.executable, "-m", "chipexports", *args],
        env={**environment(root), **env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        below = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
        process.wait()
        gone(below)
        return True
    return False


def gone(processes: list[psutil.Process], within: float = 10.0) -> None:
    """Check that what a killed command had started ends by itself, and soon."""
    _, alive = psutil.wait_procs(processes, timeout=within)
    stay = [p for p in alive if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    for process in stay:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    assert not stay, f"{len(stay)} processes outlived the command that was killed"


def one_sentence(stderr: str) -> str:
    """Return the error a user meets; it must be one line without a traceback."""
    lines = [line for line in stderr.splitlines() if line.strip()]
    assert len(lines) == 1, stderr
    assert lines[0].startswith("error: "), stderr
    return lines[0]


def python_files(*folders: str) -> list[tuple[Path, ast.Module]]:
    """Return the parsed modules below the given folders of the repository."""
    root = Path(__file__).resolve().parents[2]
    paths = [path for folder in folders for path in sorted((root / folder).rglob("*.py"))]
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


def pause_until(moment: float) -> None:
    """Sleep until ``time.monotonic()`` says ``moment``."""
    time.sleep(max(0.0, moment - time.monotonic()))
