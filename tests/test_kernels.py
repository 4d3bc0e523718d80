"""Warm kernels: clean, for any repository, ordinary where something breaks, gone with their run."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from shared_runs import tiny_article
from tiny_project import command, environment, files_of

from chipexports.base.errors import UsageError
from chipexports.kernels import call, warm_kernels
from chipexports.kernels.process import SOCKET, wait_for_server
from chipexports.kernels.warm import can_fork
from chipexports.run.preload import FIRST, NEXT

pytestmark = pytest.mark.skipif(not can_fork(), reason="no forked kernels on this system")
FOLDERS = ("reports", "data/processed", "figures")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a tiny project on which `article` has been run once."""
    return shutil.copytree(tiny_article().root, tmp_path_factory.mktemp("kernels") / "project")


def notebook(path: Path, source: str) -> Path:
    """Write a notebook of one cell."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [new_code_cell(source, id="only", metadata={"tags": ["parameters"]})]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return path


@pytest.mark.parametrize("name", [*FIRST, *NEXT])
def test_what_is_to_be_ready_exists(name: str) -> None:
    module, _, function = name.partition(":")
    found = importlib.import_module(module)
    assert not function or callable(getattr(found, function))


ELSEWHERE = """
import json, os, sys, time
from papermill import execute_notebook
from chipexports.kernels import warm_kernels

times = []
with warm_kernels(first=["decimal"], then=["fractions"]) as kernels:
    for n in range(4):
        started = time.perf_counter()
        execute_notebook("in.ipynb", f"out{n}.ipynb", {"n": n}, progress_bar=False, **kernels.options())
        times.append(time.perf_counter() - started)
others = [n for n in sys.modules if n.startswith("chipexports.") and not n.startswith("chipexports.kernels")]
print(json.dumps({"times": times, "others": others}))
"""


def test_any_repository_can_have_them(tmp_path: Path) -> None:
    told = "import json, os, sys\ntold = [n, os.getppid(), 'decimal' in sys.modules, os.getpid()]"
    told += "\nprint(json.dumps(told))"
    notebook(tmp_path / "in.ipynb", f"n = 0\n{told}")
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert said["others"] == []
    seen = []
    for n in range(4):
        cells = nbformat.read(tmp_path / f"out{n}.ipynb", 4).cells
        seen.append(json.loads(cells[-1].outputs[0].text if cells[-1].outputs else cells[0].outputs[0].text))
    assert len({parent for _, parent, _, _ in seen}) == 1  # all forked from one server
    assert len({pid for *_, pid in seen}) == 4  # each a process of its own
    assert all(ready for _, _, ready, _ in seen)
    # two in six waited 3.5 s more when the kernel closed its channels in order
    assert sorted(said["times"])[-2] < 2 * sorted(said["times"])[0] + 1.0


def test_calls_are_answered_side_by_side_and_their_errors_keep_their_kind() -> None:
    parse = "chipexports.params.parse:known_name"
    for warm in (True, False):
        with warm_kernels(warm=warm, kernel=False):
            assert bool(os.environ.get(SOCKET)) == warm
            given = [("os.path:basename", {"p": f"a/{n}"}) for n in range(3)]
            assert call(*given) == ["0", "1", "2"]
            with pytest.raises(UsageError, match="there is no parameter 'treshold'"):
                call((parse, {"name": "treshold", "where": "here"}))
    with warm_kernels(kernel=False), pytest.raises(RuntimeError, match="died"):
        call(("os:_exit", {"status": 3}))
    assert SOCKET not in os.environ


SITE = """
import sys
WHERE = "server" if any("kernels.server" in word for word in sys.orig_argv) else "driver"
"""
BREAKS = {
    "the server does not start": "if WHERE == 'server': raise SystemExit(3)",
    "the server is killed": "if WHERE == 'server':\n    import os\n    os.kill(os.getpid(), 9)",
    "no process can be forked": "if WHERE == 'server':\n    import os\n"
    "    def fork(): raise OSError(11, 'no')\n    os.fork = fork",
    "a kernel cannot be set up": "if WHERE == 'server':\n    import ipykernel.kernelapp as k\n"
    "    def broken(*a, **k): raise AttributeError('another ipykernel')\n"
    "    k.IPKernelApp.initialize = broken",
    "no debugger to do without": "if WHERE == 'server':\n    import builtins, sys\n    real = __import__\n"
    "    sys.modules['ipykernel.debugger'] = None",
    "no way to run exit functions": "import atexit\ndel atexit._run_exitfuncs",
    "another client": "if WHERE == 'driver':\n    import chipexports.kernels.insides as insides\n"
    "    def gone(self): raise AttributeError('another jupyter_client')\n"
    "    insides.ReadyClient._answers = gone",
    "no provisioner": "import sys\nsys.modules['chipexports.kernels.provisioner'] = None",
}


ONE = """
from papermill import execute_notebook
from chipexports.kernels import warm_kernels

with warm_kernels() as kernels:
    execute_notebook("in.ipynb", "out.ipynb", progress_bar=False, **kernels.options())
"""


@pytest.mark.parametrize(
    "how",
    [
        name if name == "no process can be forked" else pytest.param(name, marks=pytest.mark.slow)
        for name in BREAKS
    ],
)
def test_ordinary_kernels_do_the_work_when_something_breaks(tmp_path: Path, how: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(SITE + BREAKS[how], encoding="utf-8")
    notebook(tmp_path / "in.ipynb", "x = 6 * 7\nprint(x)")
    done = subprocess.run(
        [sys.executable, "-c", ONE],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert nbformat.read(tmp_path / "out.ipynb", 4).cells[0].outputs[0].text == "42\n"


@pytest.mark.slow
def test_a_run_with_ordinary_kernels_gives_the_same_bytes(project: Path, tmp_path: Path) -> None:
    before = files_of(project, *FOLDERS)
    (tmp_path / "sitecustomize.py").write_text(SITE + BREAKS["the server is killed"], encoding="utf-8")
    env = environment(project)
    env["PYTHONPATH"] = f"{tmp_path}{os.pathsep}{env['PYTHONPATH']}"
    done = subprocess.run(
        [sys.executable, "-m", "chipexports", "run", "article", "--force"],
        env=env,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert files_of(project, *FOLDERS) == before


def marked(mark: str) -> list[psutil.Process]:
    """Return the processes that were started, directly or not, with a mark in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("TEST_MARK") == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.mark.parametrize("kills", [1, pytest.param(40, marks=pytest.mark.slow)])
@pytest.mark.parametrize("whom", ["the whole group", "the server"])
def test_no_kernel_outlives_its_run(project: Path, kills: int, whom: str) -> None:
    moments = random.Random(19)
    killed = 0
    for _ in range(kills):
        mark = uuid.uuid4().hex
        process = subprocess.Popen(
            [sys.executable, "-m", "chipexports", "run", "article", "--force"],
            env={**environment(project), "TEST_MARK": mark},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(moments.uniform(0.3, 3.0))
        if whom == "the server":
            for one in marked(mark):
                with contextlib.suppress(psutil.NoSuchProcess):  # it may end between two looks
                    if any("kernels.server" in word for word in one.cmdline()) and one.ppid() == process.pid:
                        one.kill()
                        killed += 1
            process.wait(60)
        else:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(60)
            killed += process.returncode == -signal.SIGKILL
        deadline = time.monotonic() + 8
        while (alive := marked(mark)) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert alive == []
    assert killed
    assert command(project, "run", "article").returncode == 0


def test_the_request_of_a_driver_that_is_gone_leaves_server_and_kernels_in_order(tmp_path: Path) -> None:
    import socket

    with warm_kernels(kernel=False):
        assert wait_for_server()
        for _ in range(20):  # the answer to the last of them cannot be sent
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as gone:
                gone.connect(os.environ[SOCKET])
                slow = {"call": "time:sleep", "arguments": {"secs": 60}, "cwd": str(tmp_path), "env": {}}
                gone.sendall(json.dumps(slow).encode() + b"\n")
        assert call(("os.path:basename", {"p": "a/b"})) == ["b"]
        server = psutil.Process(int(os.environ["WARM_KERNELS_SERVER"]))
        deadline = time.monotonic() + 8
        while server.children() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert server.children() == []
