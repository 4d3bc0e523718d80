"""Ratios of sweeps, paired in one go: one worker against two, the local pool against Dask.

    .venv/bin/python benchmarks/run_sweeps.py [SETS] [--notebooks]

24 sets by default, one as_of month each, by the library; with --notebooks every set executes its six
notebooks, and what a notebook costs beyond its own cells is printed, without Dask. Works on a copy;
prints seconds, ratios and targets. Other work on the machine hides the gain: the load is printed, too,
and for notebooks what is left when the time spent waiting for a core is taken off.
"""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from run_notebooks import environment, make_copy
from waiting import Waiting

from chipexports.run.steps import STEPS
from chipexports.run.sweep_file import load_sweep

WORKERS = 2
NOTEBOOKS = "--notebooks" in sys.argv
# every kernel adds the seconds its cells took to a file of its own
CLOCK = """
import os, time
_started = []
def _before(*_): _started.append(time.perf_counter())
def _after(*_):
    with open(os.path.join(os.environ["BENCH_CELLS"], str(os.getpid())), "a") as file:
        file.write(f"{time.perf_counter() - _started.pop()}\\n") if _started else None
get_ipython().events.register("pre_run_cell", _before)
get_ipython().events.register("post_run_cell", _after)
"""


def sweep(root: Path, *args: str) -> tuple[float, float, float]:
    """Return seconds of a sweep computed from the start: wall, in notebooks' cells, waiting for a core."""
    args = (*args, *(["--notebooks"] if NOTEBOOKS else []))
    command = [sys.executable, "-m", "chipexports", "sweep", "bench", "--force", *args]
    with tempfile.TemporaryDirectory() as cells:
        env = environment(root) | {"BENCH_CELLS": cells, "IPYTHONDIR": str(root / "ipython")}
        started = time.perf_counter()
        process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
        waiting = Waiting(process)
        if process.wait():
            raise SystemExit(f"failed: {' '.join(command)}")
        seconds = time.perf_counter() - started
        own = sum(float(line) for file in Path(cells).iterdir() for line in file.open())
        return seconds, own, waiting.seconds()


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
    worker += ["--preload", "chipexports.run.sweep_task", "--local-directory", str(root)]
    started += [subprocess.Popen(worker, **quiet) for _ in range(WORKERS)]
    return address, started


def make_project(folder: Path, count: int) -> Path:
    """Copy the project and write the sweep: one set a month, again with another seed beyond those."""
    root = make_copy(folder / "project")
    days = sorted({params.as_of for params in load_sweep("every-month").sets})[-24:]
    chosen = [(day, seed) for seed, day in itertools.product(range(1, count + 1), days)][:count]
    sets = "".join(
        f'- {{as_of: "{day}", target_year: {day[:4]}, seed: {seed}}}\n' for day, seed in sorted(chosen)
    )
    parent = "smoke" if NOTEBOOKS else "latest"
    (root / "params/sweeps/bench.yaml").write_text(f"extends: {parent}\nlist:\n{sets}")
    startup = root / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00-clock.py").write_text(CLOCK)
    return root


def best(root: Path, *args: str, times: int = 2) -> tuple[float, float, float]:
    """Return the fastest of several goes."""
    return min(sweep(root, *args) for _ in range(times))


def by_dask(root: Path, count: int, two: float) -> None:
    """Measure the same sweep on a cluster of two workers; print the ratio and whether the bytes agree."""
    local = (root / "reports/bench/forecasts.csv").read_bytes()
    address, processes = start_cluster(root)
    try:
        time.sleep(8)  # the workers' own start is not part of a sweep
        dask = best(root, "--scheduler", address)[0]
    finally:
        for process in processes:
            process.terminate()
            process.wait()
    same = (root / "reports/bench/forecasts.csv").read_bytes() == local
    print(f"{count} sets, Dask with two workers   {dask:7.1f} s   ratio {dask / two:.2f} (at most 1.25)")
    print(f"the same bytes from both: {same}")


def start_up(one: float, two: float) -> str:
    """Say how the seconds split into a start that no worker shortens and work that two share.

    With the start s and the work w: one = s + w, two = s + w / 2.
    """
    work = max(2 * (one - two), 0.0)
    start = one - work
    return f"start {start:.1f} s, work {work:.1f} s: 1.8 needs {8 * start:.0f} s of work"


def beyond_cells(workers: int, count: int, wall: float, cells: float) -> str:
    """Say what a notebook took in its own cells, and what starting, saving and waiting added."""
    books = count * len(STEPS)
    over = (wall * workers - cells) / books
    return f"{workers} workers: {cells / books:.2f} s a notebook in its cells, {over:.2f} s beyond (under 1)"


def had_it_been_quiet(one: tuple[float, ...], two: tuple[float, ...]) -> str:
    """Say what both take without the seconds in which processes waited for a core others kept busy."""
    alone, both = one[0] - one[2], two[0] - two[2] / WORKERS
    return f"without waiting for a core: about {alone:.1f} and {both:.1f} s, {alone / both:.2f} times faster"


def main() -> None:
    """Measure and print."""
    count = next((int(arg) for arg in sys.argv[1:] if arg.isdigit()), 24)
    print(f"load before: {os.getloadavg()[0]:.1f} (0 is a quiet machine)", flush=True)
    with tempfile.TemporaryDirectory(prefix="chipexports-bench-") as folder:
        root = make_project(Path(folder), count)
        times = 1 if NOTEBOOKS else 3  # a sweep of notebooks is long enough to be measured once
        two = best(root, "--workers", "2", times=times)
        one = best(root, "--workers", "1", times=times)
        faster = f"{one[0] / two[0]:.2f} times faster (at least 1.8)"
        print(f"{count} sets, one worker              {one[0]:7.1f} s")
        print(f"{count} sets, two workers             {two[0]:7.1f} s   {faster}")
        if NOTEBOOKS:
            print(beyond_cells(1, count, *one[:2]), beyond_cells(WORKERS, count, *two[:2]), sep="\n")
            print(had_it_been_quiet(one, two))
        else:
            print(start_up(one[0], two[0]))
            by_dask(root, count, two[0])
    print(f"load after: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
