"""Ratios of running the notebooks, paired in one go: the project's runner against the papermill command.

    .venv/bin/python benchmarks/run_notebooks.py [SET] [ROUNDS]

Works on a copy; prints wall and processor seconds (of each the least of the rounds), ratios, the targets
and the peak memory of the runner's processes. The papermill command writes no report; the runner is
measured with its report, as it is used, and without.
"""

from __future__ import annotations

import math
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import yaml

from chipexports.params import load_params

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS_ALONE = """import sys
from chipexports.params import load_params
from chipexports.run.runner import run_params
run_params(load_params(sys.argv[1]), force=True, report=False)"""
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def make_copy(folder: Path) -> Path:
    """Copy what a run reads to ``folder``."""
    for name in ("notebooks", "params", "data/raw", "src"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("requirements.in", "requirements.lock"):
        shutil.copy(ROOT / name, folder)
    return folder


def environment(root: Path) -> dict[str, str]:
    """Return the environment in which the copy is used."""
    return {**os.environ, **ONE_THREAD, "CHIPEXPORTS_ROOT": str(root), "PYTHONPATH": str(root / "src")}


@dataclass(frozen=True, order=True)
class Cost:
    """What something took: seconds on the wall, and of the processors."""

    wall: float
    work: float


def processor() -> float:
    """Return the processor seconds of all finished child processes."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(root: Path, *commands: tuple[str, ...]) -> Cost:
    """Return what commands take, one after the other."""
    started, before = time.perf_counter(), processor()
    for command in commands:
        done = subprocess.run(
            command,
            env=environment(root),
            cwd=root / "notebooks",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"failed: {' '.join(command)}\n{done.stderr}")
    return Cost(time.perf_counter() - started, processor() - before)


def peak_memory(root: Path, *command: str) -> float:
    """Return the peak memory (MB, proportional share of all its processes) of a command.

    Looking at the memory slows a run with many processes: its time is taken elsewhere.
    """
    process = subprocess.Popen(
        command, env=environment(root), cwd=root / "notebooks", stdout=subprocess.DEVNULL
    )
    peak = [0.0]
    watcher = threading.Thread(target=_watch, args=(process.pid, peak), daemon=True)
    watcher.start()
    if process.wait():
        raise SystemExit(f"failed: {' '.join(command)}")
    watcher.join()
    return peak[0]


def _watch(pid: int, peak: list[float]) -> None:
    try:
        top = psutil.Process(pid)
        while top.is_running() and top.status() != psutil.STATUS_ZOMBIE:
            total = 0
            for process in [top, *top.children(recursive=True)]:
                try:
                    total += getattr(process.memory_full_info(), "pss", 0)
                except psutil.Error:
                    continue
            peak[0] = max(peak[0], total / 2**20)
            time.sleep(0.25)
    except psutil.Error:
        return


def papermill_commands(root: Path, name: str) -> list[tuple[str, ...]]:
    """Return the commands that execute the notebooks by papermill, one after the other."""
    values, out = root / "values.yaml", root / "plain"
    values.write_text(yaml.safe_dump(load_params(name, ["run=plain"]).literals()), encoding="utf-8")
    out.mkdir()
    quiet = ("--no-progress-bar", "--log-level", "ERROR")
    return [
        (sys.executable, "-m", "papermill", str(book), str(out / book.name), "-f", str(values), *quiet)
        for book in sorted((root / "notebooks").glob("0*.ipynb"))
    ]


def measure(root: Path, name: str, rounds: int) -> None:
    """Measure on the copy at ``root`` and print."""
    run = (sys.executable, "-m", "chipexports", "run", name)
    memory = peak_memory(root, *run)  # and the disk's cache is warm
    ways = {
        "papermill command, six times": papermill_commands(root, name),
        f"run {name}, nothing cached": [(*run, "--force")],
        "the same without the report": [(sys.executable, "-c", NOTEBOOKS_ALONE, name)],
    }
    costs = {way: Cost(math.inf, math.inf) for way in ways}
    for _ in range(rounds):  # the ways in turn, so that all meet the same machine
        costs = {way: min(costs[way], timed(root, *commands)) for way, commands in ways.items()}
    plain, full, _ = costs.values()
    for way, cost in costs.items():
        said = "" if cost is plain else f"   ratio {cost.wall / plain.wall:.2f} (at most 0.30)"
        print(f"{way:<34}{cost.wall:7.1f} s   processor {cost.work:5.1f} s{said}")
    again = timed(root, run).wall
    late = timed(root, (*run, "-p", f"threshold={load_params(name).threshold * 1.1}")).wall
    print(f"{'the same run again':<34}{again:7.2f} s   (under 1.5 s)")
    print(f"{'one late parameter changed':<34}{late:7.1f} s   ratio {late / full.wall:.2f} (at most 0.5)")
    print(f"{'peak memory of the run':<34}{memory:7.0f} MB  (under 1024 MB)")


def main() -> None:
    """Make the copy and measure on it."""
    name = sys.argv[1] if len(sys.argv) > 1 else "latest"
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    with tempfile.TemporaryDirectory(prefix="chipexports-bench-") as folder:
        measure(make_copy(Path(folder) / "project"), name, rounds)


if __name__ == "__main__":
    main()
