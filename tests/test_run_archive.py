"""Forecasts are kept by the command `archive` alone; a run, whatever becomes of it, keeps none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from shared_runs import real_smoke
from tiny_project import command


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project with the real notebooks on which `smoke` has been run."""
    return shutil.copytree(real_smoke().root, tmp_path_factory.mktemp("archive") / "project")


def test_a_run_keeps_no_forecast_and_the_command_does(project: Path) -> None:
    kept = project / "data" / "forecasts"
    assert not kept.exists()  # a run was made here, to its end
    broken = next(project.glob("notebooks/0*_check_article.ipynb"))
    good = broken.read_text(encoding="utf-8")
    broken.write_text(good.replace("check_notebook(globals())", "check_notebook(globals()) / 0"), "utf-8")
    failed = command(project, "run", "smoke")
    assert failed.returncode == 1, failed.stderr
    assert not kept.exists()
    refused = command(project, "archive", "smoke")
    assert refused.returncode == 2
    assert "run it first" in refused.stderr
    assert not kept.exists()

    broken.write_text(good, encoding="utf-8")
    done = command(project, "run", "smoke")
    assert done.returncode == 0, done.stderr
    assert not kept.exists()

    first = command(project, "archive", "smoke")
    assert first.stdout == "smoke: 48 rows added to data/forecasts/forecasts.csv\n", first.stderr
    before = (kept / "forecasts.csv").read_bytes()
    again = command(project, "archive", "smoke")
    assert again.stdout == "smoke: is in data/forecasts/forecasts.csv already\n"
    assert (kept / "forecasts.csv").read_bytes() == before

    # 2024 is over: what was said of it in November is scored against what it came to
    scored = command(project, "archive", "score")
    assert "export_CNY_2024" in scored.stdout
    table = pd.read_csv(kept / "scores.csv").set_index("method")
    row = table.loc["combination"]
    assert row["outturn"] == pytest.approx(11335, rel=1e-3)
    assert row["outturn_ape_pct"] == pytest.approx(100 * abs(row["median"] / row["outturn"] - 1))
    assert (kept / "forecasts.csv").read_bytes() == before


def test_what_does_not_exist_is_not_archived(project: Path) -> None:
    found = command(project, "archive", "nothing")
    assert found.returncode == 2
    assert "there is no run 'nothing'" in found.stderr
