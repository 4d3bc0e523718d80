"""A run at hand in a fresh notebook: tables with units, figures that render, words that help."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from sample_run import write_sample

from chipexports.base.errors import UsageError
from chipexports.results import Run, load_run
from chipexports.results.unit_table import UnitTable


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    write_sample(tmp_path)
    return load_run("sample")


@pytest.mark.parametrize("name", ["../sample", "", "a b"])
def test_what_is_no_run_name_is_refused(run, name) -> None:
    with pytest.raises(UsageError, match="is not a run name"):
        load_run(name)


def test_unknown_names_say_which_there_are(run) -> None:
    with pytest.raises(UsageError, match="there are sample"):
        load_run("zzz")
    with pytest.raises(UsageError, match="did you mean 'forecast'"):
        run.table("forcast")
    with pytest.raises(UsageError, match="holds no figures"):
        run.figure("fan")


def test_tables_show_units_and_are_plain_after_any_operation(run) -> None:
    assert run.monthly.units["value_cny_100mn"] == "100 million CNY"
    assert run.forecast.units["median"] == "100 million CNY"
    assert "100 million CNY" in run.forecast._repr_html_()
    assert "100 million CNY" in repr(run.forecast[["median"]]) or isinstance(
        run.forecast[["median"]], pd.DataFrame
    )
    assert type(run.monthly.head()) is pd.DataFrame
    assert isinstance(run.monthly, UnitTable)
    assert run.monthly["value_cny_100mn"].sum() > 0


def test_series_is_ready_for_the_engine(run) -> None:
    series = run.series()
    assert series.index.freqstr == "M"
    assert series["2024-10"] == 1085.2
    assert series.name == "export, 100 million CNY"


def test_repr_gives_the_answer_and_what_there_is(run) -> None:
    assert "Exports of integrated circuits in 2024: 1,13" in repr(run)
    assert run.answer.quoted_once == ("2024-10",)
    assert "forecast" in repr(run)
    assert "<table>" in run._repr_html_()


def test_completion_offers_only_tables_that_exist(run) -> None:
    assert "forecast" in dir(run)
    assert "backtest" not in dir(run)
    assert Run.__dict__["forecast"].__doc__.startswith("The full year by method")


def test_figures_render_with_their_alternative_text(run) -> None:
    from chipexports.charts.catalogue import draw_and_save

    tables = {"fan": run.fan, "forecast": run.forecast}
    draw_and_save("fan", tables, "sample", formats=["png"], language="en", as_of="2024-11-07")
    figure = run.figure("fan")
    data, meta = figure._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG")
    assert meta["image/png"]["alt"] == figure.alt
    assert figure.alt
    assert set(figure.data) >= {"period", "ytd_median"}
    assert run.figures == ["fan"]
    with pytest.raises(UsageError, match="did you mean 'fan'"):
        run.figure("fen")


def test_import_of_the_package_stays_light() -> None:
    code = "import sys, chipexports; assert 'pandas' not in sys.modules; from chipexports import load_run"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
