"""The figures that come with the repository: those the pages show, and no run can change them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import ship_figures  # noqa: E402


def tracked(*paths: str) -> list[str]:
    """Return what git tracks below ``paths``."""
    found = subprocess.run(["git", "ls-files", "-z", *paths], cwd=ROOT, capture_output=True, text=True)
    if found.returncode:
        pytest.skip("no git here")
    return [name for name in found.stdout.split("\0") if name]


def test_what_pages_show_is_shipped_and_nothing_else() -> None:
    wanted = ship_figures.linked()
    expected = {
        (ship_figures.place(run, language) / f"{name}{suffix}").relative_to(ROOT).as_posix()
        for run, language, name, ending in wanted
        for suffix in (f".{ending}", *ship_figures.BESIDE)
    }
    assert set(tracked("docs/figures")) == expected
    assert {language for _, language, _, _ in wanted} == {"en", "zh"}
    assert sum((ROOT / name).stat().st_size for name in expected) < ship_figures.MOST


def test_no_folder_a_run_writes_to_is_tracked() -> None:
    assert tracked("figures", "reports", "data/processed") == [
        "data/processed/.gitkeep",
        "data/processed/datapackage.json",
        "figures/.gitkeep",
        "reports/.gitkeep",
    ]


def test_the_shipped_fan_is_that_of_the_forecast_now() -> None:
    from chipexports.clean import known
    from chipexports.forecast.answer import forecast_of
    from chipexports.forecast.tables import fan_table
    from chipexports.params import load_params

    shipped = pd.read_csv(ship_figures.place("latest", "en") / "fan.csv")
    params = load_params("latest")
    now = fan_table(forecast_of(known(params.as_of, params.history_start), params))["ytd_median"].iloc[-1]
    assert np.isclose(shipped.select_dtypes("number"), now / 1000, rtol=0.02).any(), "run `make figures`"
