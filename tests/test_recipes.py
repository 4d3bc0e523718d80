"""The recipes of docs/recipes.md: the code is taken from the page, runs, and gives what the page says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
import yaml

from chipexports.__main__ import main
from chipexports.base.errors import UsageError
from chipexports.params import check_record, load_params
from chipexports.run.cli import COMMANDS
from chipexports.run.sweep_file import load_sweep
from chipexports.series.settings import series_settings

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "recipes.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
PYTHON = [code for kind, code in BLOCKS if kind == "python"]
INIT = [line for kind, code in BLOCKS if kind == "bash" for line in code.splitlines() if " init " in line]
SETS = {code.split()[2]: code for kind, code in BLOCKS if kind == "yaml"}


@pytest.fixture
def done(project_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict:
    """Run the page's Python in order, in a folder of its own; return its names."""
    monkeypatch.setenv("CHIPEXPORTS_OUTPUT", str(tmp_path / "output"))
    monkeypatch.chdir(tmp_path)
    names: dict = {"__name__": "recipes"}
    for number, code in enumerate(PYTHON, 1):
        exec(compile(code, f"<recipe block {number}>", "exec"), names)
    return names


def test_every_block_is_short_and_of_a_kind_that_is_tested() -> None:
    assert {kind for kind, _ in BLOCKS} == {"python", "yaml", "bash"}
    for _, code in BLOCKS:
        assert len(code.splitlines()) <= 20, code
    assert re.findall(r"^```\w+$", PAGE, re.MULTILINE) == [f"```{kind}" for kind, _ in BLOCKS]
    recipes = PAGE.split("\n## ")[1:]
    assert len(recipes) == 7
    for recipe in recipes:
        assert "\nFor " in recipe, recipe.splitlines()[0]
        assert "You see" in recipe, recipe.splitlines()[0]


def test_every_recipe_gives_what_the_page_says(
    done: dict, project_copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forecast = done["forecast"]
    low, high = forecast.interval(0.8)
    assert np.isfinite([low, forecast.median, high]).all()
    assert low < forecast.median < high
    known = done["history"].values["2024-01":].sum()
    assert low > known

    ends = done["beside"].apply(lambda column: str(column.last_valid_index()))
    assert ends.to_dict() == {"orders": "2024-08", "survey": "2024-07"}
    assert done["without"].methods.loc["indicator", "status"] != "used"
    assert done["with_them"].methods.loc["indicator", "status"] == "used"
    assert done["with_them"].median != pytest.approx(done["without"].median, rel=1e-6)

    assert done["own"].methods.loc["steady", "status"] == "used"
    assert done["own"].methods.loc["steady", "weight"] > 0
    assert done["own"].by_method()["steady"].median > known
    assert not done["model"].methods.loc["trend", "weight"] > 0
    assert done["model"].by_method()["trend"].median > known

    folder = tmp_path / "output" / "figures" / "draft"
    assert {path.name for path in folder.iterdir()} == {"sales.png", "sales.csv", "sales.caption.md"}
    assert str(done["diodes"].last) == "2024-08"
    with pytest.raises(UsageError, match=r"flowCode \(M, X\); keep one row a month"):
        done["read_history"]("download.csv", as_of="2024-12-01")
    chances = [forecast.probability_above(line) for line in done["lines"]]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > chances[-1]
    assert all(set(entry) == {"en", "zh"} for entry in done["words"].values())

    (first,) = INIT
    assert main(shlex.split(first.removeprefix("python -m chipexports "))) == 0
    assert "104 from 2016-01 to 2024-08" in capsys.readouterr().out
    for path, code in SETS.items():
        (project_copy / path).parent.mkdir(exist_ok=True)
        (project_copy / path).write_text(code, encoding="utf-8")
    sets = {Path(p).stem: check_record(load_params(project_copy / p)) for p in SETS if "sweeps" not in p}
    told = check_record(load_params("sales"))
    assert (told.as_of, told.target_year) == ("2024-09-15", 2024)
    assert (told.flow, told.unit) == ("sales|销售额", "million EUR")
    assert told.threshold == pytest.approx(forecast.median, rel=0.05)
    late = series_settings(sets["sales-orders"].series).indicators
    assert late is not None
    assert str(late.known("2024-09-15")["survey"].last_valid_index()) == "2024-07"
    last_year = done["history"].values["2023-01":"2023-12"].sum()
    assert sets["diodes"].threshold == pytest.approx(last_year / 1e3)
    swept = load_sweep("lines")
    described = yaml.safe_load(SETS["params/sweeps/lines.yaml"])
    assert [p.threshold for p in swept.sets] == described["product"]["threshold"]


def test_commands_of_the_page_exist() -> None:
    found = re.findall(r"python -m chipexports (\w+)", PAGE)
    assert {"init", "release", "run", "sweep"} == set(found) <= set(COMMANDS)
