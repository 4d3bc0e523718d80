"""Ratios of running the notebooks, paired in one go: the project's runner against the papermill command.

    .venv/bin/python benchmarks/run_notebooks.py [SET]

Works on a copy; prints seconds, ratios, the targets and the peak memory of the runner's processes.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
import yaml

from chipexports.params import load_params

ROOT = Path(__file__).resolve().parents[1]
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


def processor() -> float:
    """Return the processor seconds of all finished child processes."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(root: Path, *command: str) -> tuple[float, float]:
    """Return wall seconds and peak memory (MB, proportional share of all its processes) of a command."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment(root), cwd=root / "notebooks", stdout=subprocess.DEVNULL
    )
    peak = [0.0]
    watcher = threading.Thread(target=_watch, args=(process.pid, peak), daemon=True)
    watcher.start()
    if process.wait():
        raise SystemExit(f"failed: {' '.join(command)}")
    seconds = time.perf_counter() - started
    watcher.join()
    return seconds, peak[0]


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


def papermill_commands(root: Path, name: str) -> float:
    """Return the wall seconds of calling papermill once per notebook."""
    values = root / "values.yaml"
    values.write_text(yaml.safe_dump(load_params(name, ["run=plain"]).literals()), encoding="utf-8")
    out = root / "plain"
    out.mkdir()
    started = time.perf_counter()
    for notebook in sorted((root / "notebooks").glob("0*.ipynb")):
        command = [
            sys.executable,
            "-m",
            "papermill",
            str(notebook),
            str(out / notebook.name),
            "-f",
            str(values),
        ]
        timed(root, *command, "--no-progress-bar", "--log-level", "ERROR")
    return time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    name = sys.argv[1] if len(sys.argv) > 1 else "latest"
    with tempfile.TemporaryDirectory(prefix="chipexports-bench-") as folder:
        root = make_copy(Path(folder) / "project")
        run = (sys.executable, "-m", "chipexports", "run", name)
        # each once for the disk's cache, then the pair
        full, memory = timed(root, *run)
        at_start = processor()
        plain = papermill_commands(root, name)
        plain_work = processor() - at_start
        full = min(full, timed(root, *run, "--force")[0])
        full_work = processor() - at_start - plain_work
        again, _ = timed(root, *run)
        threshold = load_params(name).threshold * 1.1
        late, _ = timed(root, *run, "-p", f"threshold={threshold}")
    print(f"papermill command, six times      {plain:7.1f} s")
    print(f"run {name}, nothing cached        {full:7.1f} s   ratio {full / plain:.2f} (at most 0.30)")
    print(
        f"processor seconds of both: {plain_work:.1f} and {full_work:.1f} (the runner also writes the report)"
    )
    print(f"the same run again                {again:7.2f} s   (under 1.5 s)")
    print(f"one late parameter changed        {late:7.1f} s   ratio {late / full:.2f} (at most 0.5)")
    print(f"peak memory of the run            {memory:7.0f} MB  (under 1024 MB)")


if __name__ == "__main__":
    main()
