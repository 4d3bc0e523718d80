"""What goes wrong in a run never touches the last good outputs, and leaves nothing behind."""

from __future__ import annotations

import inspect
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from shared_runs import tiny_article
from tiny_project import BODIES, command, environment, files_of, make_tiny_project, set_body, start

from chipexports.base.errors import UsageError
from chipexports.run.runner import run_params, run_set
from chipexports.run.steps import TIMEOUT

FOLDERS = ("reports", "data/processed", "figures")
LAST = "07_check_article"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a tiny project on which `article` has been run once."""
    return shutil.copytree(tiny_article().root, tmp_path_factory.mktemp("safety") / "project")


def children(process_id: int) -> list[psutil.Process]:
    return psutil.Process(process_id).children(recursive=True)


def wait_until(seen: Path, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not seen.exists():
        assert time.monotonic() < deadline, f"{seen} did not appear"
        time.sleep(0.05)


def test_a_failing_notebook_is_kept_beside_the_last_good_one(project: Path) -> None:
    before = files_of(project, *FOLDERS)
    half = 'path = write_table(pd.DataFrame({"a": [1]}), here / "claims.csv")\nrows = []\nrows[1]'
    set_body(project, LAST, half)
    done = command(project, "run", "article")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    # cell 6 of the executed notebook: papermill's own cell with the parameters is the third
    assert "notebooks/07_check_article.ipynb, cell 6, line 3: IndexError" in done.stderr
    after = files_of(project, *FOLDERS)
    assert "IndexError" in after.pop("reports/article/07_check_article.failed.ipynb").decode()
    assert "rows[1]" in after.pop("reports/article/07_check_article.failed.log").decode()
    assert after == before
    assert "07_check_article        failed" in command(project, "status", "article").stdout
    set_body(project, LAST, BODIES[LAST])
    assert command(project, "run", "article").returncode == 0
    assert files_of(project, *FOLDERS) == before


@pytest.mark.slow
def test_a_notebook_that_takes_too_long_is_stopped(project: Path) -> None:
    before = files_of(project, *FOLDERS)
    set_body(project, LAST, "import time\ntime.sleep(60)")
    done = command(project, "run", "article", "--timeout", "3")
    assert done.returncode == 1
    assert "07_check_article.ipynb: a cell took longer" in done.stderr
    set_body(project, LAST, BODIES[LAST])
    command(project, "run", "article")
    assert files_of(project, *FOLDERS) == before


@pytest.mark.slow
def test_a_kernel_that_hears_nothing_is_ended(project: Path) -> None:
    before = files_of(project, *FOLDERS)
    seen = project / "deaf-kernel"
    deaf = (
        "import os, signal, threading, time\n"
        "for number in (signal.SIGINT, signal.SIGTERM):\n    signal.signal(number, signal.SIG_IGN)\n"
        f"open({str(seen)!r}, 'w').write(str(os.getpid()))\n"
        "while True:\n    time.sleep(1)"
    )
    set_body(project, LAST, deaf)
    done = command(project, "run", "article", "--timeout", "3")
    assert done.returncode == 1
    assert "07_check_article.ipynb: a cell took longer" in done.stderr
    assert not psutil.pid_exists(int(seen.read_text()))
    set_body(project, LAST, BODIES[LAST])
    command(project, "run", "article")
    assert files_of(project, *FOLDERS) == before


def test_a_notebook_has_half_an_hour_unless_another_time_is_given(project: Path) -> None:
    assert TIMEOUT == 1800
    assert inspect.signature(run_params).parameters["timeout"].default == TIMEOUT
    said = " ".join(command(project, "run", "--help").stdout.split())
    assert "--timeout SECONDS Stop a notebook that takes longer; 0: never. [default: 1800.0" in said


def test_the_variable_that_is_set_for_notebooks_is_refused(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(project))
    monkeypatch.setenv("CHIPEXPORTS_OUTPUT", str(project / "elsewhere"))
    with pytest.raises(UsageError, match=r"CHIPEXPORTS_OUTPUT: .* unset it"):
        run_set("article")
    assert not (project / "elsewhere").exists()


@pytest.mark.parametrize("how", ["interrupt", "kill"])
def test_stopping_a_run_leaves_no_process_and_no_half_written_file(project: Path, how: str) -> None:
    before = files_of(project, *FOLDERS)
    started = project / f"started-{how}"
    half = 'path = write_table(pd.DataFrame({"a": [1]}), here / "claims.csv")'
    set_body(project, LAST, f"{half}\nopen({str(started)!r}, 'w').close()\nimport time\ntime.sleep(60)")
    process = start(project, "run", "article")
    wait_until(started)
    below = children(process.pid)
    assert len(below) >= 3  # the fork server, the notebook's process, its kernel
    second = command(project, "run", "article")
    assert second.returncode == 1
    assert "is being executed by another process" in second.stderr
    if how == "interrupt":
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=20)
        assert process.returncode == 130
        assert err.strip() == "stopped; the last good outputs are unchanged, the same command goes on"
    else:
        process.kill()
        process.communicate(timeout=20)
    _, alive = psutil.wait_procs(below, timeout=10)
    assert alive == []
    assert files_of(project, *FOLDERS) == before
    set_body(project, LAST, BODIES[LAST])
    done = command(project, "run", "article")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_notebook_without_its_parameters_cell_is_refused(project: Path) -> None:
    before = files_of(project, *FOLDERS)
    set_body(project, LAST, "1", tagged=False)
    done = command(project, "run", "article")
    assert done.returncode == 2
    assert "notebooks/07_check_article.ipynb: has 0 cells tagged 'parameters'" in done.stderr
    (project / "notebooks" / f"{LAST}.ipynb").write_text("no notebook")
    done = command(project, "run", "article")
    assert done.returncode == 2
    assert "notebooks/07_check_article.ipynb: is not a notebook" in done.stderr
    set_body(project, LAST, BODIES[LAST])
    command(project, "run", "article")
    assert files_of(project, *FOLDERS) == before


WRONG = [
    (["run", "article", "-p", "treshold=1"], 2, "did you mean 'threshold'"),
    (["run", "nothing"], 2, "there is no such parameter set"),
    (["run", "article", "--from", "9"], 2, "there is no such notebook"),
    (["run", "article", "-p", "as_of=1990-01-01", "-p", "target_year=1990"], 2, "before the first release"),
    (["status", "nothing"], 2, "there is no run 'nothing'"),
    (["verify", "../etc"], 2, "is not a run name"),
    (["rum"], 2, "did you mean 'run'"),
]


@pytest.mark.parametrize(("args", "code", "says"), WRONG, ids=[" ".join(w[0]) for w in WRONG])
def test_wrong_input_is_one_line_and_writes_nothing(
    project: Path, args: list[str], code: int, says: str
) -> None:
    before = files_of(project, *FOLDERS)
    done = command(project, *args)
    assert done.returncode == code
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert files_of(project, *FOLDERS) == before


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    root = make_tiny_project(tmp_path / "project")
    (root / ".cache").write_text("a file where a folder is needed")
    done = command(root, "run", "article")
    assert done.returncode == 1
    assert done.stderr.startswith("error: .cache/locks: cannot be written")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(
    sys.platform == "win32", reason="no forked kernels there: the cold ones are the only ones"
)
def test_cold_kernels_give_the_same_bytes(project: Path) -> None:
    before = files_of(project, *FOLDERS)
    done = command(project, "run", "article", "--force", "--cold")
    assert (done.returncode, done.stderr) == (0, "")
    assert files_of(project, *FOLDERS) == before


def test_help_answers_at_once(project: Path) -> None:
    asked = [sys.executable, "-X", "importtime", "-m", "chipexports", "--help"]
    done = subprocess.run(
        asked, env=environment(project), cwd=project, capture_output=True, text=True, check=True
    )
    assert "sweep" in done.stdout
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "chipexports" in loaded
    # what takes its time to load is left until it is needed
    assert not loaded & {"pandas", "numpy", "scipy", "matplotlib", "papermill", "nbformat", "statsmodels"}
