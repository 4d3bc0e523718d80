"""kill -9 at any moment: record intact, last good outputs readable, the rerun gives the same bytes."""

from __future__ import annotations

import random
import shutil
import sys
import time
from pathlib import Path

import pytest
from shared_runs import tiny_article
from synthetic_pages import table5
from test_collect_fetch import KIND, PATHS, serve
from trust.counts import LONG, SHORT, note
from trust.projects import check_readable, command, kill_after, outputs, record
from trust.steps import KILLED, faults

from chipexports.collect.add import add_pages
from chipexports.collect.fetch import fetch_source
from chipexports.collect.http import Limits
from chipexports.record.releases import read_releases

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
HEADINGS = ("6", "1-6 Total", "1-6 Total,1998", "1-6 Total, Year-On-Year(%)")
QUICK = Limits(connect=2, read=5, deadline=20, attempts=1, pause=0, backoff=0.01)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """Return a tiny project on which `article` has been run once, and the seconds that took."""
    done = tiny_article()
    return shutil.copytree(done.root, tmp_path_factory.mktemp("kills") / "project"), done.seconds


def page(folder: Path) -> Path:
    path = folder / "june.html"
    path.write_text(table5("Jun 1999", headings=HEADINGS, date="1999/07/15"), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("mode", "kills"),
    [(SHORT, 1), pytest.param(LONG, 50, marks=pytest.mark.slow)],
    ids=[SHORT, LONG],
)
def test_a_run_killed_at_random_moments(project: tuple[Path, float], mode: str, kills: int) -> None:
    root, seconds = project
    good, raw, moments = outputs(root), record(root), random.Random(7)
    attempts = interrupted = reruns = 0
    while interrupted < kills:
        attempts += 1
        assert attempts < 4 * kills
        # other parameters than those of the last good run: what is half done is not what was there
        changed = ("run", "article", "--force", "-p", f"threshold={11000 + attempts}")
        if kill_after(moments.uniform(0.1, seconds), root, *changed):
            interrupted += 1
        else:
            seconds *= 0.8  # it was done before the kill: the machine is faster now than when measured
        assert record(root) == raw
        check_readable(root)
        assert set(good) - set(outputs(root)) == set(), "a last good output is gone"
        if mode == LONG or interrupted == kills:
            done = command(root, "run", "article")
            assert (done.returncode, done.stderr) == (0, "")
            assert outputs(root) == good
            assert command(root, "verify", "article").returncode == 0
            reruns += 1
    note("kill_run", mode, kills, reruns_same_bytes=reruns)


def raw_copy(project: tuple[Path, float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(project[0] / "data" / "raw", tmp_path / "p" / "data" / "raw")
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path / "p"))
    return tmp_path / "p"


def test_add_killed_at_each_of_its_steps(project, tmp_path, monkeypatch) -> None:
    """Sidecar and record: whatever step the kill falls on, the record is the old or the new one."""
    root = raw_copy(project, tmp_path, monkeypatch)
    source, old = page(tmp_path), record(root)
    clean = shutil.copytree(root, tmp_path / "clean")
    add_pages([source])
    new = record(root)
    kills = 0
    for _, code in faults(root, "kill", lambda: add_pages([source])):
        assert code in (KILLED, 0)
        kills += code == KILLED
        now = record(root)
        assert {now[name] for name in old if name in now} <= {*old.values(), *new.values()}
        assert len(read_releases())
        add_pages([source])
        assert {name: h for name, h in record(root).items() if not name.endswith(".tmp")} == new
        shutil.rmtree(root)
        shutil.copytree(clean, root)
    assert kills >= 5
    note("kill_add_steps", SHORT, kills, reruns_same_bytes=kills)


def test_fetch_killed_at_each_of_its_steps(project, tmp_path, monkeypatch, httpserver) -> None:
    root = raw_copy(project, tmp_path, monkeypatch)
    monkeypatch.setenv("CHIPEXPORTS_FETCH_BASE_TAIWAN", httpserver.url_for("").rstrip("/"))
    serve(httpserver, "taiwan")
    assert set(PATHS) == set(KIND)
    raw = record(root)

    def fetch() -> object:
        return fetch_source("taiwan", "2024-01", "2024-03", limits=QUICK, sleep=lambda _: None)

    kills, table = 0, b""
    for _, code in faults(root, "kill", fetch):
        assert code in (KILLED, 0)
        kills += code == KILLED
        assert {n: h for n, h in record(root).items() if "fetched" not in n} == raw
        (path,) = fetch()
        table = table or path.read_bytes()
        assert path.read_bytes() == table
        shutil.rmtree(path.parent)
    assert kills >= 3
    note("kill_fetch_steps", SHORT, kills, reruns_same_bytes=kills)


@pytest.mark.slow
def test_add_command_killed_at_random_moments(project, tmp_path) -> None:
    root = tmp_path / "p"
    shutil.copytree(project[0] / "data" / "raw", root / "data" / "raw")
    source, old = page(tmp_path), record(root)
    shutil.copytree(root, tmp_path / "clean")
    started = time.monotonic()
    assert command(root, "add", str(source)).returncode == 0
    seconds, new = time.monotonic() - started, record(root)
    moments, interrupted, attempts = random.Random(11), 0, 0
    while interrupted < 50:
        attempts += 1
        assert attempts < 200
        shutil.rmtree(root)
        shutil.copytree(tmp_path / "clean", root)
        if kill_after(moments.uniform(0.2 * seconds, seconds), root, "add", str(source)):
            interrupted += 1
        else:
            seconds *= 0.9
        now = record(root)
        assert now["data/raw/gacc/releases.csv"] in (
            old["data/raw/gacc/releases.csv"],
            new["data/raw/gacc/releases.csv"],
        )
        assert command(root, "add", str(source)).returncode == 0
        assert {name: h for name, h in record(root).items() if not name.endswith(".tmp")} == new
    note("kill_add", LONG, interrupted, reruns_same_bytes=attempts)
