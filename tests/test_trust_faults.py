"""Full disks, read-only folders, kernels that die, hang or print without end, clocks that jump, two runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from shared_runs import tiny_article
from synthetic_pages import table5
from test_collect_fetch import serve
from test_trust_kills import HEADINGS, QUICK
from tiny_project import BODIES, set_body
from trust.counts import LONG, SHORT, is_root, note
from trust.projects import check_readable, command, last_good, one_sentence, outputs, record
from trust.steps import faults

from chipexports.collect.add import add_pages
from chipexports.collect.fetch import fetch_source
from chipexports.collect.kept import today

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and file flags of Unix are needed")
SITE = os.pathsep.join([str(Path(__file__).parent / "trust" / "site"), os.environ.get("PYTHONPATH", "")])
LAST = "07_check_article"
FOLDERS = ("reports/article", "data/processed/article", ".cache/locks")
# every place a run writes to, by a part of the path
PLACES = {
    "lock": r"\.cache/locks",
    "scratch": r"\.cache/work",
    "table": r"claims\.csv",
    "notebook": rf"{LAST}\.ipynb",
    "manifest": r"manifest\.json",
    "failure log": r"\.failed\.",
}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """Return a tiny project on which `article` has been run once, and its outputs."""
    root = shutil.copytree(tiny_article().root, tmp_path_factory.mktemp("faults") / "project")
    return root, outputs(root)


@pytest.fixture
def project(good: tuple[Path, dict[str, bytes]], tmp_path: Path) -> Path:
    """Return a copy of the good project to break."""
    return shutil.copytree(good[0], tmp_path / "project")


def check_refused_then_same(root: Path, before: dict[str, bytes], *, env: dict[str, str]) -> None:
    """Check that a run with a fault is refused in one sentence, and a run without it as good as ever."""
    raw = record(root)
    done = command(root, "run", "article", "--from", "07", **env)
    assert done.returncode == 1, done.stdout + done.stderr
    one_sentence(done.stderr)
    assert last_good(outputs(root)) == before
    assert record(root) == raw
    done = command(root, "run", "article")
    assert (done.returncode, done.stderr) == (0, "")
    assert outputs(root) == before


@pytest.mark.parametrize(
    ("mode", "names", "errors"),
    [
        (SHORT, ("manifest",), ("ENOSPC",)),
        pytest.param(LONG, tuple(PLACES), ("ENOSPC", "EROFS", "EDQUOT"), marks=pytest.mark.slow),
    ],
    ids=[SHORT, LONG],
)
def test_a_disk_that_is_full_or_read_only_at_one_place(good, tmp_path, mode, names, errors) -> None:
    def one(name: str, error: str) -> None:
        root = shutil.copytree(good[0], tmp_path / f"{name}-{error}")
        env = {"PYTHONPATH": SITE, "TRUST_FULL": PLACES[name], "TRUST_ERROR": error}
        if name != "failure log":
            check_refused_then_same(root, good[1], env=env)
            return
        set_body(root, LAST, "1 / 0")
        done = command(root, "run", "article", **env)
        assert done.returncode == 1
        one_sentence(done.stderr)
        assert last_good(outputs(root)) == good[1]

    tries = [(name, error) for name in names for error in errors]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, *zip(*tries, strict=True)))
    note("full_at_one_place_of_a_run", mode, len(tries))


@pytest.mark.slow
def test_a_run_on_a_small_disk_that_fills_up(good, tmp_path) -> None:
    """A real file system of so many kB more than the project needs."""
    place = tmp_path / "disk"
    place.mkdir()
    tries = refused = 0
    for left in (0, 8, 24, 48, 96, 256, 512, 1024):
        size = 20_000
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", place], check=False)
        if mounted.returncode:
            pytest.skip("a file system cannot be mounted here: root on Linux can")
        try:
            root = shutil.copytree(good[0], place / "p", ignore=shutil.ignore_patterns(".cache"))
            state = os.statvfs(place)
            filler = state.f_bavail * state.f_frsize - left * 1024
            (place / "filler").write_bytes(b"x" * max(filler, 0))
            done = command(root, "run", "article", "--force", "-p", "threshold=12345")
            if done.returncode:
                one_sentence(done.stderr)
                refused += 1
            check_readable(root)
            (place / "filler").unlink()
            assert command(root, "run", "article").returncode == 0
            assert outputs(root) == good[1]
            tries += 1
        finally:
            subprocess.run(["umount", place], check=False)
    assert refused >= 3
    note("full_disk_run", LONG, tries, refused=refused, reruns_same_bytes=tries)


def test_add_and_fetch_on_a_disk_full_at_each_writing_step(good, tmp_path, monkeypatch, httpserver) -> None:
    root, first = (shutil.copytree(good[0] / "data", tmp_path / p / "data").parent for p in ("a", "b"))
    monkeypatch.setenv("CHIPEXPORTS_FETCH_BASE_TAIWAN", httpserver.url_for("").rstrip("/"))
    serve(httpserver, "taiwan")
    page = tmp_path / "june.html"
    page.write_text(table5("Jun 1999", headings=HEADINGS, date="1999/07/15"), encoding="utf-8")
    calls = {
        "add": lambda: add_pages([page]),
        "fetch": lambda: fetch_source("taiwan", "2024-01", "2024-03", limits=QUICK, sleep=lambda _: None),
    }
    tries = 0
    for name, call in calls.items():
        monkeypatch.setenv("CHIPEXPORTS_ROOT", str(first))
        call()  # elsewhere: what it imports late is there before the forks, not once in each
        monkeypatch.setenv("CHIPEXPORTS_ROOT", str(root))
        raw = record(root)
        for _, code in faults(root, "full", call):
            assert code in (0, 1), f"{name}: no clear refusal on a full disk"
            if code == 1:
                assert {n: h for n, h in record(root).items() if n in raw} == raw
                tries += 1
    assert tries >= 6
    note("full_at_each_step_of_add_and_fetch", SHORT, tries)


@pytest.mark.parametrize(
    ("mode", "folders"),
    [
        (SHORT, ("data/processed/article",)),
        pytest.param(
            LONG, ("reports/article", "data/processed/article", ".cache/locks"), marks=pytest.mark.slow
        ),
    ],
    ids=[SHORT, LONG],
)
def test_folders_that_may_not_be_written(project: Path, good, mode: str, folders: tuple[str, ...]) -> None:
    """A read-only folder by its flag: permissions alone do not hold root back."""
    for name in folders:
        folder = project / name
        if is_root():
            set_flag = subprocess.run(["chattr", "+i", folder], capture_output=True, check=False)
            if set_flag.returncode:
                pytest.skip("permissions do not hold root back, and this file system has no such flag")
        else:
            folder.chmod(0o500)
        try:
            done = command(project, "run", "article", "--from", "07")
            assert done.returncode == 1
            one_sentence(done.stderr)
        finally:
            if is_root():
                subprocess.run(["chattr", "-i", folder], check=True)
            else:
                folder.chmod(0o700)
        assert last_good(outputs(project)) == good[1]
    assert command(project, "run", "article").returncode == 0
    assert outputs(project) == good[1]
    note("read_only_folders", mode, len(folders))


KERNELS = {
    "dies": ("import os\nos._exit(3)", "its kernel died"),
    "is killed": ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "its kernel died"),
    "hangs": (
        "import signal, time\nsignal.signal(2, signal.SIG_IGN)\nwhile True: time.sleep(1)",
        "took longer",
    ),
    "prints": (BODIES[LAST] + "\nfor _ in range(50): print('x' * 1_000_000)", "more characters were printed"),
}


@pytest.mark.parametrize(
    ("mode", "kinds"),
    [(SHORT, ("dies",)), pytest.param(LONG, tuple(KERNELS), marks=pytest.mark.slow)],
    ids=[SHORT, LONG],
)
def test_kernels_that_die_hang_or_print_50_mb(project: Path, good, mode: str, kinds: tuple[str, ...]) -> None:
    for kind in kinds:
        body, says = KERNELS[kind]
        set_body(project, LAST, body)
        cold = ["--cold"] if kind == "is killed" else []
        done = command(project, "run", "article", *cold, "--timeout", "3" if kind == "hangs" else "60")
        if kind == "prints":
            executed = outputs(project)[f"reports/article/{LAST}.ipynb"]
            assert len(executed) < 1_100_000, "what was printed is not cut"
            assert says.encode() in executed
            assert check_readable(project) > 10
        else:
            assert done.returncode == 1
            assert says in one_sentence(done.stderr)
            assert last_good(outputs(project)) == good[1]
    note("kernels", mode, len(kinds))


def test_a_clock_that_jumps(project: Path, good, monkeypatch) -> None:
    """The clock goes back and forth by years while a run is made; file times lie in the future."""
    for path in (project / "notebooks").iterdir():
        os.utime(path, (4_000_000_000, 4_000_000_000))
    os.utime(project / "data" / "raw" / "gacc" / "releases.csv", (1, 1))
    assert "nothing executed" in command(project, "run", "article").stdout
    jumping = {"PYTHONPATH": f"{SITE}{os.pathsep}{project / 'src'}", "TRUST_CLOCK": "1"}
    done = command(project, "run", "article", "--from", "07", "--timeout", "60", **jumping)
    assert (done.returncode, done.stderr) == (0, "")
    assert outputs(project) == good[1]
    note("clock", SHORT, 2)


@pytest.mark.slow
def test_two_runs_at_once(project: Path, good) -> None:
    """One works, the other says so or waits for its end; what is left is that of one run."""
    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(command, project, "run", "article", "--from", "06") for _ in range(2)]
        done = [call.result() for call in calls]
    assert sorted(d.returncode for d in done) in ([0, 0], [0, 1])
    for one in done:
        if one.returncode:
            assert "is being executed by another process" in one_sentence(one.stderr)
    assert outputs(project) == good[1]
    note("two_runs", LONG, len(done), said_so=sum(d.returncode == 1 for d in done))


def test_a_day_that_comes_again_destroys_no_table(good, tmp_path, monkeypatch, httpserver) -> None:
    """The name of a fetched table holds the day: a second fetch of the day, or a clock set back."""
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    monkeypatch.setenv("CHIPEXPORTS_FETCH_BASE_TAIWAN", httpserver.url_for("").rstrip("/"))
    serve(httpserver, "taiwan")
    (first,) = fetch_source("taiwan", "2024-01", "2024-03", limits=QUICK, sleep=lambda _: None)
    assert today() in first.name
    first.write_text("period,value_usd_mn\n1999-01,1\n")
    before = first.read_bytes()
    (second,) = fetch_source("taiwan", "2024-01", "2024-03", limits=QUICK, sleep=lambda _: None)
    assert first.read_bytes() == before, "an earlier table was replaced"
    assert second != first
    note("day_again", SHORT, 1)
