"""Fresh means fresh: whatever an output was made from, a change of it is seen, whenever it was made."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from shared_runs import tiny_article
from tiny_project import BODIES, ROOT, command, environment, set_body, start

from chipexports.run import progress
from chipexports.run.steps import STEPS

LAST = "07_check_article"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a tiny project on which `article` has been run once; the last notebook reads a file."""
    root = shutil.copytree(tiny_article().root, tmp_path_factory.mktemp("fresh") / "project")
    body = (
        "from chipexports.base.paths import project_root\n"
        'text = (project_root() / "params" / "smoke.yaml").read_text()\n' + BODIES[LAST]
    )
    set_body(root, LAST, body)
    assert command(root, "run", "article").returncode == 0
    return root


def stale(root: Path) -> dict[str, str]:
    """Return what `status` says of what is not fresh: the reason by notebook number, or `report`."""
    lines = command(root, "status", "article").stdout.splitlines()
    words = [re.split(r"\s{1,}", line, maxsplit=2) for line in lines]
    return {
        name[:2] if name[0] == "0" else name: " ".join(rest) for name, word, *rest in words if word != "fresh"
    }


def test_a_file_a_notebook_reads_by_itself_counts(project: Path) -> None:
    assert stale(project) == {}
    with (project / "params" / "smoke.yaml").open("a", encoding="utf-8") as file:
        file.write("# looked at again\n")
    assert stale(project) == {"07": "a file it reads changed: params/smoke.yaml"}
    done = command(project, "run", "article")
    assert [line[:2] for line in done.stdout.splitlines() if " done " in line] == ["07"]
    assert stale(project) == {}


@pytest.mark.parametrize(
    "what", ["code", *(pytest.param(what, marks=pytest.mark.slow) for what in ("notebook", "data", "read"))]
)
def test_what_is_saved_while_a_notebook_runs_does_not_pass_for_executed(project: Path, what: str) -> None:
    seen, go = project / f"seen-{what}", project / f"go-{what}"
    waiting = (
        "import time, pathlib\nfrom chipexports.base.paths import project_root\n"
        'text = (project_root() / "params" / "smoke.yaml").read_text()\n'
        f"pathlib.Path({str(seen)!r}).touch()\n"
        f"while not pathlib.Path({str(go)!r}).exists():\n    time.sleep(0.05)\n" + BODIES[LAST]
    )
    set_body(project, LAST, waiting)
    process = start(project, "run", "article")
    while not seen.exists():
        assert process.poll() is None, process.communicate()
    edited = {
        "notebook": project / "notebooks" / f"{LAST}.ipynb",
        "data": project / "data" / "raw" / "corrections.yml",
        "code": project / "src" / "chipexports" / "base" / "files.py",
        "read": project / "params" / "smoke.yaml",
    }[what]
    if what == "notebook":
        set_body(project, LAST, waiting + "\n1 + 1")
    else:
        edited.write_text(edited.read_text(encoding="utf-8") + "# edited\n", encoding="utf-8")
    go.touch()
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert "07" in stale(project)
    assert command(project, "run", "article").returncode == 0
    assert stale(project) == {}


TWICE = """
import sys
from chipexports.run.verify import status_lines
from pathlib import Path
new = Path(sys.argv[1])
for state in ("there", "gone"):
    new.touch() if state == "there" else new.unlink()
    print(*[line.split()[1] for line in status_lines("article")])
"""


def test_a_second_look_in_one_session_sees_new_data(project: Path) -> None:
    new = project / "data" / "raw" / "new.csv"
    looked = [sys.executable, "-c", TWICE, str(new)]
    out = subprocess.run(looked, env=environment(project), capture_output=True, text=True, check=True).stdout
    assert out.splitlines() == ["stale " * len(STEPS) + "fresh", "fresh " * len(STEPS) + "fresh"]


def test_changed_code_makes_again_what_it_makes_and_no_more(project: Path) -> None:
    report = project / "src" / "chipexports" / "report" / "build.py"
    report.write_text(report.read_text(encoding="utf-8") + "\n# another line\n", encoding="utf-8")
    assert stale(project) == {"report": "the code it reaches changed: report/build.py"}
    path = project / "reports" / "article" / "report.html"
    path.write_bytes(b"as the old code wrote it")
    manifest = project / "reports" / "article" / "manifest.json"
    told = json.loads(manifest.read_text(encoding="utf-8"))
    told["conclusion"].pop("reports/article/report.html")  # nothing but the code says that it is old
    manifest.write_text(json.dumps(told), encoding="utf-8")
    done = command(project, "run", "article")
    assert not [line for line in done.stdout.splitlines() if " done " in line]
    assert path.read_bytes() != b"as the old code wrote it"
    assert stale(project) == {}
    outside = project / "src" / "chipexports" / "collect" / "korea.py"
    outside.write_text(outside.read_text(encoding="utf-8") + "\n# another line\n", encoding="utf-8")
    assert stale(project) == {}


def test_a_bar_on_a_terminal_starts_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: True, raising=False)
    before = threading.active_count()
    shown = progress.Progress(6)
    assert shown.bar is not None
    assert threading.active_count() == before
    shown.close()


@pytest.mark.skipif(shutil.which("git") is None, reason="no git here")
@pytest.mark.parametrize("name", ["article", pytest.param("smoke", marks=pytest.mark.slow)])
def test_a_run_in_a_git_checkout_comes_out_again(project: Path, name: str) -> None:
    me = ["-c", "user.name=t", "-c", "user.email=t@t"]
    for args in (["init", "-q"], ["add", "params"], [*me, "commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run(["git", *args], cwd=project, check=True)
    if name == "smoke":
        shutil.copytree(ROOT / "notebooks", project / "notebooks", dirs_exist_ok=True)
    about = "data/processed/datapackage.json"  # the workbook reads it
    shutil.copy(ROOT / about, project / about)
    assert command(project, "run", name, "--force").returncode == 0
    manifest = json.loads((project / "reports" / name / "manifest.json").read_text(encoding="utf-8"))
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=project, capture_output=True, text=True, check=True
    )
    assert manifest["code"]["commit"].rstrip("+") == head.stdout.strip()
    same = command(project, "verify", name, "--execute")
    assert (same.returncode, same.stderr) == (0, ""), same.stdout
