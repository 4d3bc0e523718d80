"""Sweeps executed: in processes, resumed, with failures, and on a Dask cluster with the same bytes."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_project import command, environment, files_of, make_tiny_project, start

from chipexports.base.errors import UsageError
from chipexports.run.cluster import check_scheduler

# the library's forecast, made small: what is tested is the sweep round it
FORECAST_ROW = """

def forecast_row(params):
    import os
    import time

    time.sleep(float(os.environ.get("TEST_SECONDS", "0.05")))
    if params.seed == 13:
        raise ValueError("no forecast\\nfor thirteen")
    if params.seed == 14:
        os.kill(os.getpid(), 9)
    names = "median mean q025 q10 q25 q75 q90 q975".split()
    values = {name: params.seed + 0.1 * i for i, name in enumerate(names)}
    known = {name: getattr(params, name) for name in ("as_of", "target_year", "flow", "currency")}
    return {"run": params.run, "seed": params.seed, **known, "months_published": 8, **values,
            "threshold": params.threshold, "p_above": 0.25, "outturn": float("nan")}
"""
SEEDS = list(range(1, 9))
DAYS = ("2024-09-10", "2024-10-14", "2024-11-07")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a tiny project whose forecast takes milliseconds."""
    root = make_tiny_project(tmp_path_factory.mktemp("sweep") / "project")
    with (root / "src/chipexports/forecast/tables.py").open("a") as file:
        file.write(FORECAST_ROW)
    for name in ("local", "cluster", "killed", "failing"):
        seeds = [*SEEDS, 13] if name == "failing" else SEEDS
        text = f"extends: article\nproduct: {{seed: {seeds}}}\n"
        (root / "params" / "sweeps" / f"{name}.yaml").write_text(text)
    return root


def summary(root: Path, name: str) -> list[dict[str, str]]:
    with (root / "reports" / name / "summary.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def results(root: Path, name: str) -> list[str]:
    """Return the rows of a sweep's forecasts without its name."""
    text = (root / "reports" / name / "forecasts.csv").read_text()
    return text.replace(f"{name}-", "").splitlines()


def test_a_sweep_gives_one_row_per_set_and_is_not_computed_twice(project: Path) -> None:
    done = command(project, "sweep", "local", "--workers", "2")
    assert (done.returncode, done.stderr) == (0, "")
    assert "8 sets, 8 computed" in done.stdout
    rows = summary(project, "local")
    assert [(r["run"], r["seed"], r["status"]) for r in rows] == [
        (f"local-{s}", str(s), "done") for s in SEEDS
    ]
    assert rows[0].keys() >= {"seconds", "median", "q10", "q90", "p_above", "outturn", "error"}
    assert rows[2]["median"] == "3"
    before = files_of(project, "reports/local")
    again = command(project, "sweep", "local")
    assert "8 sets, 0 computed" in again.stdout
    assert files_of(project, "reports/local") == before


def test_a_sweep_over_days_gets_its_figure(project: Path) -> None:
    days = [{"as_of": day, "target_year": 2024, "figure_formats": ["png"]} for day in DAYS]
    (project / "params/sweeps/days.yaml").write_text(json.dumps({"extends": "article", "list": days}))
    done = command(project, "sweep", "days", "--workers", "2")
    assert (done.returncode, done.stderr) == (0, "")
    assert "days, figure → figures/days/month_by_month.png" in done.stdout
    assert sorted(files_of(project, "figures/days")) == [
        f"figures/days/month_by_month.{ending}" for ending in ("caption.md", "csv", "png")
    ]
    assert "figure" not in command(project, "sweep", "days").stdout  # nothing was computed
    seeds = command(project, "sweep", "local", "--force").stdout
    assert "local, figure: Not drawn: no year has forecasts of two days or more." in seeds


def test_failures_are_collected_and_tried_again(project: Path) -> None:
    done = command(project, "sweep", "failing", "--workers", "2")
    assert done.returncode == 1
    assert "1 of 9 sets failed, e.g. failing-13: ValueError: no forecast for thirteen" in done.stderr
    assert done.stderr.count("\n") == 1
    assert [r["status"] for r in summary(project, "failing")] == ["done"] * 8 + ["failed"]
    assert "1 computed" in command(project, "sweep", "failing", "--workers", "1").stdout


def wait_for_sets(root: Path, name: str, count: int) -> None:
    deadline = time.monotonic() + 60
    while len(list((root / "reports" / name / "sets").glob("*.json"))) < count:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_set_that_kills_its_worker_loses_nothing_of_the_others(project: Path) -> None:
    (project / "params" / "sweeps" / "deadly.yaml").write_text(
        "extends: article\nproduct: {seed: [1, 2, 14, 3, 4]}\n"
    )
    done = command(project, "sweep", "deadly", "--workers", "2")
    assert done.returncode == 1
    assert "1 of 5 sets failed, e.g. deadly-14: the process computing it died" in done.stderr
    assert done.stderr.count("\n") == 1
    assert [r["status"] for r in summary(project, "deadly")] == ["done", "done", "failed", "done", "done"]


def test_a_killed_sweep_goes_on_where_it_stopped(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SECONDS", "0.7")
    process = start(project, "sweep", "killed", "--workers", "1")
    wait_for_sets(project, "killed", 2)
    process.kill()
    process.communicate()
    monkeypatch.setenv("TEST_SECONDS", "0.01")
    done = command(project, "sweep", "killed")
    assert done.returncode == 0, done.stderr
    computed = int(re.search(r"(\d+) computed", done.stdout)[1])
    assert 4 <= computed <= 6
    assert len(summary(project, "killed")) == 8


@pytest.fixture
def cluster(project: Path) -> Iterator[tuple[str, list[subprocess.Popen]]]:
    """Start a Dask scheduler and two workers as processes on loopback; yield its address and them."""
    file = project / "scheduler.json"
    file.unlink(missing_ok=True)
    env = {**environment(project), "TEST_SECONDS": "0.4"}
    quiet = {"env": env, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    python = [sys.executable, "-m", "dask"]
    common = ["--scheduler-file", str(file), "--no-dashboard"]
    started = [
        subprocess.Popen([*python, "scheduler", "--host", "127.0.0.1", "--port", "0", *common], **quiet)
    ]
    deadline = time.monotonic() + 60
    while not file.exists() or "tcp://" not in file.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    address = re.search(r"tcp://[\d.:]+", file.read_text())[0]
    worker = [
        *python,
        "worker",
        address,
        "--nthreads",
        "1",
        "--no-nanny",
        "--no-dashboard",
        "--host",
        "127.0.0.1",
    ]
    started += [subprocess.Popen([*worker, "--local-directory", str(project)], **quiet) for _ in range(2)]
    try:
        yield address, started
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def test_a_cluster_gives_the_same_bytes_though_a_worker_dies(
    project: Path, cluster: tuple[str, list[subprocess.Popen]]
) -> None:
    address, processes = cluster
    sweeping = start(project, "sweep", "cluster", "--scheduler", address)
    try:
        wait_for_sets(project, "cluster", 2)
        processes[2].kill()
        out, err = sweeping.communicate(timeout=90)
    finally:
        sweeping.kill()
        sweeping.communicate()
    assert (sweeping.returncode, err) == (0, ""), out
    assert [r["run"] for r in summary(project, "cluster")] == [f"cluster-{seed}" for seed in SEEDS]
    if not (project / "reports/local/forecasts.csv").exists():
        command(project, "sweep", "local")
    assert results(project, "cluster") == results(project, "local")


@pytest.mark.slow
def test_a_scheduler_that_does_not_answer_is_named(project: Path) -> None:
    (project / "params" / "sweeps" / "lonely.yaml").write_text("extends: article\nlist:\n- {seed: 1}\n")
    done = command(project, "sweep", "lonely", "--scheduler", "tcp://127.0.0.1:9")
    assert done.returncode == 2
    assert "--scheduler tcp://127.0.0.1:9: no Dask scheduler answers" in done.stderr
    assert done.stderr.count("\n") == 1
    for address in ("nonsense", "127.0.0.1", "127.0.0.1:8786"):
        with pytest.raises(UsageError, match=f"--scheduler {re.escape(address)}: is not an address"):
            check_scheduler(address)
    # with nothing left to compute as well
    assert command(project, "sweep", "lonely").returncode == 0
    assert command(project, "sweep", "lonely", "--scheduler", "tcp://127.0.0.1:9").returncode == 2


def test_notebooks_of_every_set(project: Path) -> None:
    (project / "params" / "sweeps" / "books.yaml").write_text("extends: article\nproduct: {seed: [1]}\n")
    done = command(project, "sweep", "books", "--notebooks", "--workers", "2")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert [r["median"] for r in summary(project, "books")] == ["10000"]
    assert (project / "reports/books-1/06_forecast_full_year.ipynb").is_file()
    assert command(project, "verify", "books-1").returncode == 0
