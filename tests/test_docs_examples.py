"""The worked examples of docs/architecture.md: each at most 20 lines, and each does what the page says."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "architecture.md"
BLOCK = re.compile(
    r"^```(?P<kind>python|yaml)\n# file: (?P<path>\S+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL
)
EXAMPLES = {match["path"]: match["code"] for match in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))}


def install(path: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """Lay an example's file beside the modules of its package and import it from there."""
    package, name = path.removeprefix("src/").removesuffix(".py").replace("/", ".").rsplit(".", 1)
    assert not (ROOT / path).exists(), f"{path} exists: the example needs another name"
    (folder / f"{name}.py").write_text(EXAMPLES[path], encoding="utf-8")
    parent = importlib.import_module(package)
    monkeypatch.setattr(parent, "__path__", [*parent.__path__, str(folder)])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    module = importlib.import_module(f"{package}.{name}")
    monkeypatch.delitem(sys.modules, f"{package}.{name}")
    monkeypatch.setitem(sys.modules, f"{package}.{name}", module)
    return module


def test_each_example_is_short_and_names_a_file_of_the_package() -> None:
    assert len(EXAMPLES) == 7
    for path, code in EXAMPLES.items():
        assert len(code.splitlines()) <= 20, path
        assert (ROOT / path).parent.is_dir(), path


def test_every_python_or_yaml_block_is_tested() -> None:
    fences = re.findall(r"^```(?:python|yaml)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(fences) == len(EXAMPLES)


def test_a_new_source_is_cut_at_its_lag(
    tmp_path: Path, project_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = project_copy / "data" / "raw" / "harbour" / "boxes_monthly.csv"
    table.parent.mkdir()
    table.write_text("period,boxes_1000\n2024-08,1\n2024-09,2\n2024-10,3\n", encoding="utf-8")
    module = install("src/chipexports/record/harbour.py", tmp_path, monkeypatch)
    assert list(module.harbour_as_of("2024-10-19").index.astype(str)) == ["2024-08"]
    assert list(module.harbour_as_of("2024-10-20").index.astype(str)) == ["2024-08", "2024-09"]
    indicators = module.with_harbour("2024-11-20")
    assert (
        indicators["harbour_boxes"].dropna().tolist()
        == [1.0, 2.0, 3.0][: indicators["harbour_boxes"].count()]
    )
    assert "korea_hs8542_usd_mn" in indicators


def test_a_new_method_forecasts_beside_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from chipexports.forecast import forecast_full_year, members, methods

    monkeypatch.setattr(methods, "METHODS", dict(methods.METHODS))
    monkeypatch.setattr(members, "METHODS", methods.METHODS)
    install("src/chipexports/forecast/methods/last_year.py", tmp_path, monkeypatch)
    exec(EXAMPLES["src/chipexports/forecast/methods/__init__.py"], {"METHODS": methods.METHODS})
    months = pd.period_range("2018-01", "2024-10", freq="M")
    series = pd.Series(100 + 10 * np.sin(np.arange(len(months)) * 2 * np.pi / 12), index=months)
    forecast = forecast_full_year(series, 2024, methods=["last_year", "growth_ytd"], n_paths=200)
    assert forecast.methods.loc["last_year", "status"] == "used"
    expected = series["2024-01":"2024-10"].sum() + series["2023-11":"2023-12"].sum()
    assert forecast.by_method()["last_year"].median == pytest.approx(expected, rel=0.01)


def test_a_new_figure_is_drawn_from_the_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from chipexports.charts import catalogue
    from chipexports.clean.monthly import monthly_series
    from chipexports.words import text

    install("src/chipexports/charts/to_date.py", tmp_path, monkeypatch)
    entry = eval(EXAMPLES["src/chipexports/charts/catalogue.py"], {"Entry": catalogue.Entry})
    monkeypatch.setitem(catalogue.FIGURES, entry.name, entry)
    for key, words in yaml.safe_load(EXAMPLES["src/chipexports/words/glossary.yml"]).items():
        assert set(words) == {"en", "zh"}
        monkeypatch.setitem(text.glossary(), key, words)
    monthly = monthly_series("2026-11-22")
    drawn = catalogue.draw("to_date", {"monthly": monthly}, language="en", currency="CNY", as_of="2026-11-22")
    plotted = drawn.data["2024-12"]
    year = monthly[(monthly["flow"] == "export") & monthly["period"].str.startswith("2024")]
    assert plotted == pytest.approx(year["value_cny_100mn"].sum() / 10)
    assert drawn.title == "Every year starts again at zero"


def test_a_new_parameter_is_typed_limited_and_described() -> None:
    from pydantic import ValidationError

    from chipexports.params import model

    line = EXAMPLES["src/chipexports/params/model.py"]
    scope = {"RunParams": model.RunParams, "_field": model._field}
    exec(f"class Longer(RunParams):\n    {line}", scope)
    assert scope["Longer"]().slump == 0.0
    assert scope["Longer"].model_fields["slump"].json_schema_extra["unit"] == "share"
    with pytest.raises(ValidationError):
        scope["Longer"](slump=-2.0)
