"""A run by its command: what is executed, what is not, and that the same comes out again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from shared_runs import tiny_article
from tiny_project import command, files_of, set_body

from chipexports.run.execute import MOST_PRINTED, shorten
from chipexports.run.steps import STEPS

SIZES = (("x", MOST_PRINTED + 5), ("y", MOST_PRINTED))
NUMBERS = [step.number for step in STEPS]
ANSWER = "Newest figure: exports in yuan for Oct 2024"  # what the record says, after the answer
FOLDERS = ("reports", "data/processed", "figures")


def executed(out: str) -> list[str]:
    """Return the numbers of the notebooks a command says it executed."""
    return sorted(line[:2] for line in out.splitlines() if line[:1] == "0" and " done " in line)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a tiny project on which `article` has been run once."""
    done = tiny_article()
    assert done.stderr == ""
    assert executed(done.stdout) == NUMBERS
    assert ANSWER in done.stdout
    return shutil.copytree(done.root, tmp_path_factory.mktemp("chain") / "project")


def test_a_run_leaves_tables_notebooks_and_a_manifest(project: Path) -> None:
    manifest = json.loads((project / "reports/article/manifest.json").read_text())
    assert manifest["run"] == "article"
    assert manifest["parameters"]["threshold"] == 10000.0
    assert manifest["seed"] == 0
    assert manifest["environment"]["packages"]["papermill"]
    assert set(manifest["data"]["files"]) >= {"gacc/releases.csv"}
    assert [name[:2] for name in manifest["notebooks"]] == NUMBERS
    assert all(entry["seconds"] > 0 for entry in manifest["notebooks"].values())
    listed = {name for entry in manifest["notebooks"].values() for name in entry["outputs"]}
    assert listed | set(manifest["conclusion"]) == set(files_of(project, *FOLDERS))
    assert not (project / ".cache/work/article").exists() or not any(
        (project / ".cache/work/article").iterdir()
    )


def test_executed_notebooks_hold_no_clock_and_the_values_they_were_given(project: Path) -> None:
    text = (project / "reports/article/06_forecast_full_year.ipynb").read_text(encoding="utf-8")
    assert '"papermill"' not in text
    assert "execution" not in json.loads(text)["cells"][3]["metadata"]
    assert "start_time" not in text
    assert 'as_of = \\"2024-11-07\\"' in text


def test_what_a_cell_prints_without_end_is_cut() -> None:
    outputs = [nbformat.v4.new_output("stream", name="stdout", text=letter * n) for letter, n in SIZES]
    cell = nbformat.v4.new_code_cell(outputs=outputs)
    long, short = shorten(nbformat.v4.new_notebook(cells=[cell])).cells[0].outputs
    assert long.text.startswith("x" * MOST_PRINTED)
    assert long.text.removeprefix("x" * MOST_PRINTED) == "\n… 5 more characters were printed and are left out"
    assert short.text == "y" * MOST_PRINTED


def test_nothing_changed_nothing_executed(project: Path) -> None:
    before = files_of(project, *FOLDERS)
    again = command(project, "run", "article")
    assert again.returncode == 0
    assert "nothing executed" in again.stdout
    assert ANSWER in again.stdout
    assert files_of(project, *FOLDERS) == before
    status = command(project, "status", "article").stdout.splitlines()
    assert [line.split()[1] for line in status] == ["fresh"] * (len(NUMBERS) + 1)  # the report as well
    assert command(project, "verify", "article").returncode == 0


def test_a_changed_threshold_executes_only_what_uses_it_and_equals_a_full_run(project: Path) -> None:
    partial = command(project, "run", "article", "-p", "threshold=12000")
    assert executed(partial.stdout) == [step.number for step in STEPS if "threshold" in step.uses]
    first = files_of(project, *FOLDERS)
    full = command(project, "run", "article", "-p", "threshold=12000", "--force")
    assert executed(full.stdout) == NUMBERS
    assert files_of(project, *FOLDERS) == first
    assert b"threshold = 12000.0" in first["reports/article/01_collect_releases.ipynb"]
    status = command(project, "status", "article").stdout
    assert "threshold was 12000.0, is 10000.0" in status
    assert executed(command(project, "run", "article", "--from", "6").stdout) == ["04", "05", "06", "07"]


def test_an_edited_notebook_and_what_reads_from_it_are_executed(project: Path) -> None:
    set_body(project, "07_check_article", "1 + 1")
    assert (
        "07_check_article        stale    the notebook was edited"
        in command(project, "status", "article").stdout
    )
    assert executed(command(project, "run", "article").stdout) == ["07"]
    assert not (project / "data/processed/article/claims.csv").exists()
    (project / "data/processed/article/monthly.csv").write_text("changed by hand\n")
    verify = command(project, "verify", "article")
    assert verify.returncode == 1
    assert "data/processed/article/monthly.csv was changed since" in verify.stdout
    # 02 makes the same table as before, so nothing that reads it is executed
    assert executed(command(project, "run", "article").stdout) == ["02"]


@pytest.mark.slow
def test_verify_by_executing(project: Path) -> None:
    same = command(project, "verify", "article", "--execute")
    assert (same.returncode, same.stderr) == (0, ""), same.stdout
