"""Ratios of sweeps, paired in one go: one worker against two, the local pool against Dask.

    .venv/bin/python benchmarks/run_sweeps.py [SETS] [--notebooks]

24 sets by default, one as_of month each, by the library or the notebooks; works on a copy,
prints seconds, ratios and targets.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from run_notebooks import environment, make_copy

from chipexports.run.sweep_file import load_sweep

WORKERS = 2
NOTEBOOKS = "--notebooks" in sys.argv


def sweep(root: Path, *args: str) -> float:
    """Return the wall seconds of a sweep computed from the start."""
    started = time.perf_counter()
    args = (*args, *(["--notebooks"] if NOTEBOOKS else []))
    command = [sys.executable, "-m", "chipexports", "sweep", "bench", "--force", *args]
    subprocess.run(command, env=environment(root), check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def start_cluster(root: Path) -> tuple[str, list[subprocess.Popen]]:
    """Start a scheduler and two workers on loopback; return the address and the processes."""
    quiet = {"env": environment(root), "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    file = root / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    place = ["--host", "127.0.0.1", "--no-dashboard"]
    scheduler = [*dask, "scheduler", "--port", "0", *place, "--scheduler-file", str(file)]
    started = [subprocess.Popen(scheduler, **quiet)]
    while not file.exists() or "tcp://" not in file.read_text():
        time.sleep(0.1)
    address = re.search(r"tcp://[\d.:]+", file.read_text())[0]
    worker = [*dask, "worker", address, "--nthreads", "1", "--no-nanny", *place]
    worker += ["--preload", "chipexports.stages.forecast", "--local-directory", str(root)]
    started += [subprocess.Popen(worker, **quiet) for _ in range(WORKERS)]
    return address, started


def main() -> None:
    """Measure and print."""
    count = next((int(arg) for arg in sys.argv[1:] if arg.isdigit()), 24)
    with tempfile.TemporaryDirectory(prefix="chipexports-bench-") as folder:
        root = make_copy(Path(folder) / "project")
        days = sorted({params.as_of for params in load_sweep("every-month").sets})[-count:]
        sets = "".join(f'- {{as_of: "{day}", target_year: {day[:4]}}}\n' for day in days)
        (root / "params/sweeps/bench.yaml").write_text(
            f"extends: {'smoke' if NOTEBOOKS else 'latest'}\nlist:\n{sets}"
        )
        two = sweep(root, "--workers", "2")
        one = sweep(root, "--workers", "1")
        two = min(two, sweep(root, "--workers", "2"))
        local = (root / "reports/bench/forecasts.csv").read_bytes()
        address, processes = start_cluster(root)
        try:
            time.sleep(8)  # the workers' own start is not part of a sweep
            dask = min(sweep(root, "--scheduler", address) for _ in range(2))
        finally:
            for process in processes:
                process.terminate()
                process.wait()
        same = (root / "reports/bench/forecasts.csv").read_bytes() == local
    print(f"{count} sets, one worker              {one:7.1f} s")
    print(f"{count} sets, two workers             {two:7.1f} s   {one / two:.2f} times faster (at least 1.8)")
    print(f"{count} sets, Dask with two workers   {dask:7.1f} s   ratio {dask / two:.2f} (at most 1.25)")
    print(f"the same bytes from both: {same}")


if __name__ == "__main__":
    main()
