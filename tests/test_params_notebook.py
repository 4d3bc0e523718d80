"""The third cell of a notebook is as strict as the command line."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from chipexports.base.errors import UsageError
from chipexports.params import RunParams, check_notebook, load_params
from chipexports.params.notebook import STEP, UndeclaredParameter
from chipexports.run.steps import find_step

ROOT = Path(__file__).resolve().parents[1]


def names(injected: str = "", **changed: object) -> dict[str, object]:
    """Return the globals of a notebook after its parameters cell and the cell papermill injects."""
    found: dict[str, object] = {**RunParams().literals(), **changed}
    cell = f"# Parameters\n{injected}"
    exec(injected, {}, found)
    return {**found, "In": ["", "first = 1", cell]}


def test_defaults_pass() -> None:
    assert check_notebook(names()) == RunParams()


def test_what_papermill_injects_is_checked() -> None:
    with pytest.raises(UsageError, match="did you mean 'threshold'"):
        check_notebook(names("treshold = 1"))
    with pytest.raises(UsageError, match="n_paths: 'x' is not a whole number"):
        check_notebook(names("n_paths = 'x'"))
    # YAML's 1.2e4 reaches a notebook as text
    assert check_notebook(names("threshold = '1.2e4'")).threshold == 12000.0


def test_other_names_of_the_notebook_are_its_own_business() -> None:
    assert check_notebook({**names(), "table": [1], "tresholds": 3}) == RunParams()


def test_a_parameter_taken_out_of_the_cell_is_missed() -> None:
    without = names()
    del without["seed"]
    with pytest.raises(UsageError, match="seed: is missing"):
        check_notebook(without)


def test_papermill_with_a_set_that_extends_another() -> None:
    injected = "extends = 'article'\nrun = 'mine'\nseed = 3"
    expected = {**load_params("article").literals(), "run": "draft", "seed": 3}
    assert check_notebook(names(injected)).literals() == expected
    with pytest.raises(UsageError, match="`run` of its own"):
        check_notebook(names("extends = 'article'\nseed = 3"))


def test_by_hand_a_notebook_works_in_the_draft(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # set in the cell, injected by papermill, or left over in an executed copy that is opened again
    assert check_notebook(names(run="latest")).run == "draft"
    assert check_notebook(names("run = 'latest'")).run == "draft"
    assert "works in the run 'draft', not in 'latest'" in capsys.readouterr().out
    check_notebook(names())
    assert capsys.readouterr().out == ""
    monkeypatch.setenv(STEP, find_step("01").declared)
    assert check_notebook(names("run = 'latest'")).run == "latest"


def test_what_the_draft_writes_is_ignored_by_git() -> None:
    places = ("figures/draft/fan.png", "data/processed/draft/monthly.csv", "reports/draft/manifest.json")
    found = subprocess.run(["git", "check-ignore", *places], cwd=ROOT, capture_output=True, text=True)
    if found.returncode == 128:
        pytest.skip("no git here")
    assert found.stdout.split() == list(places)


def test_an_undeclared_parameter_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(STEP, find_step("01").declared)
    params = check_notebook(names())
    assert params.as_of == RunParams().as_of
    with pytest.raises(UndeclaredParameter, match="01_collect_releases reads the parameter 'threshold'"):
        _ = params.threshold
