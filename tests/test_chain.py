"""The whole chain through the command: six notebooks on the smoke set, in a copy of the project."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from shared_runs import Finished, real_smoke

from chipexports.base.files import read_table

ROOT = Path(__file__).resolve().parents[1]
FORECAST_COLUMNS = [
    "run",
    "as_of",
    "target_year",
    "flow",
    "currency",
    "unit",
    "method",
    "weight",
    "months_published",
    "published_total",
    "mean",
    "median",
    "q025",
    "q10",
    "q25",
    "q75",
    "q90",
    "q975",
    "threshold",
    "p_above",
    "outturn",
    "note",
]


def command(root: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Call the command line on the copy of the project."""
    env = os.environ | {"CHIPEXPORTS_ROOT": str(root)}
    return subprocess.run(
        [sys.executable, "-m", "chipexports", *args],
        env=env,
        cwd=root,
        text=True,
        capture_output=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def smoke() -> Finished:
    """Return the project on which the smoke set was run, and what the command said."""
    return real_smoke()


def tree(root: Path) -> set[Path]:
    """Return every file below the run folders."""
    return {p for d in ("data/processed", "figures", "reports") for p in (root / d).rglob("*") if p.is_file()}


def test_an_unknown_parameter_is_refused_with_the_nearest_and_nothing_written(project_copy: Path) -> None:
    done = command(project_copy, "run", "params/smoke.yaml", "-p", "treshold=3")
    assert done.returncode == 2
    assert "treshold" in done.stderr
    assert "threshold" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert tree(project_copy) == set()


def test_the_smoke_run_ends_with_its_answer(smoke: Finished) -> None:
    assert "Exports of integrated circuits in 2024:" in smoke.stdout
    assert "from data published by 7 Nov 2024" in smoke.stdout
    assert "has since closed at 1,133.5 bn CNY" in smoke.stdout


def test_the_tables_have_their_columns_and_identities(
    smoke: Finished,
) -> None:
    folder = smoke.root / "data" / "processed" / "smoke"
    forecast = read_table(folder / "forecast.csv")
    assert list(forecast.columns) == FORECAST_COLUMNS
    assert list(forecast["method"])[-1] == "combination"
    quantiles = forecast[["published_total", "q025", "q10", "q25", "median", "q75", "q90", "q975"]]
    assert (quantiles.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
    fan = read_table(folder / "fan.csv")
    assert list(fan["kind"]) == ["published"] * 10 + ["forecast"] * 2
    row = forecast.iloc[-1]
    assert fan["month_median"][:10].sum() == pytest.approx(row["published_total"], rel=1e-8)
    totals = read_table(folder / "totals.csv")["total"]
    assert totals.quantile(0.5) == pytest.approx(row["median"], rel=1e-8)
    assert (totals > row["threshold"]).mean() == pytest.approx(row["p_above"])
    monthly = read_table(folder / "monthly.csv").query("flow == 'export'").set_index("period")
    assert monthly.index.max() == "2024-10"
    months = [f"2024-{m:02d}" for m in range(1, 11)]
    # the year-to-date of October as first printed: 9,311.6744 (100 million CNY)
    assert monthly.loc[months, "value_cny_100mn"].sum() == pytest.approx(9311.6744, abs=1e-3)


def test_every_notebook_is_kept_without_errors(
    smoke: Finished,
) -> None:
    root = smoke.root
    executed = sorted((root / "reports" / "smoke").glob("0*.ipynb"))
    assert len(executed) == 7
    for path in executed:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        outputs = [o for c in cells if c["cell_type"] == "code" for o in c["outputs"]]
        assert outputs
        assert not [o for o in outputs if o["output_type"] == "error"]
        assert not [o for o in outputs if o.get("name") == "stderr"]


def test_every_table_is_described_in_the_data_package(
    smoke: Finished,
) -> None:
    from frictionless import Package, Resource, system

    root = smoke.root
    package = Package(str(ROOT / "data" / "processed" / "datapackage.json"))
    described = {resource.name: resource for resource in package.resources}
    for path in sorted((root / "data" / "processed" / "smoke").glob("*.csv")):
        schema = described[path.stem.replace("_", "-")].schema
        assert [field.name for field in schema.fields] == list(pd.read_csv(path, nrows=0).columns), path.name
        with system.use_context(trusted=True):  # the run lies in a temporary folder, by absolute path
            report = Resource(path=str(path), schema=schema).validate()
        assert report.valid, report.flatten(["fieldName", "rowNumber", "message"])[:5]
