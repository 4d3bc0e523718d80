"""A report takes a figure from where the run saved it, and has the same bytes as when it draws it anew."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sample_run import write_sample

from chipexports.charts import catalogue
from chipexports.lab.results import load_run
from chipexports.report.build import FORMATS, write_report
from chipexports.report.materials import Materials
from chipexports.run.fingerprint import file_hash

# `evolution` shows the threshold, which its notebook does not use: a report draws its own
SAVED = ("fan", "distribution", "moved", "backtest_errors", "claims")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project with a run whose figures are saved and stand in its manifest, as after a run."""
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    write_sample(tmp_path)
    path = tmp_path / "reports" / "sample" / "manifest.json"
    run = load_run("sample")
    tables = {name: run.table(name) for name in run.tables}
    settings = {k: v for k, v in run.parameters.items() if k not in ("run", "figure_formats")}
    for name in (*SAVED, "evolution"):
        catalogue.draw_and_save(name, tables, "sample", formats=("png", "svg"), **settings)
    outputs = {
        file.relative_to(tmp_path).as_posix(): file_hash(file)
        for folder in ("figures/sample", "data/processed/sample")
        for file in (tmp_path / folder).iterdir()
    }
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["notebooks"] = {"all": {"outputs": outputs}}
    path.write_text(json.dumps(manifest), encoding="utf-8")
    return tmp_path


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Return the list of what reports draw: name and size."""
    found: list[tuple[str, str]] = []
    draw = Materials._draw

    def noted(self: Materials, name: str, size: str):  # type: ignore[no-untyped-def]
        found.append((name, size))
        return draw(self, name, size)

    monkeypatch.setattr(Materials, "_draw", noted)
    return found


def pages(drawn: list[tuple[str, str]]) -> set[str]:
    """Return the figures drawn in the size of the page, and forget them."""
    found = {name for name, size in drawn if size == "page"}
    drawn.clear()
    return found


def report_bytes(root: Path) -> dict[str, bytes]:
    write_report("sample", FORMATS, figures=False)
    return {file.name: file.read_bytes() for file in (root / "reports" / "sample").glob("report.*")}


def test_saved_figures_give_the_bytes_of_drawn_ones(root: Path, drawn: list[tuple[str, str]]) -> None:
    reused = report_bytes(root)
    assert not pages(drawn) & set(SAVED)
    manifest = root / "reports" / "sample" / "manifest.json"
    without = json.loads(manifest.read_text(encoding="utf-8")) | {"notebooks": {}}
    manifest.write_text(json.dumps(without), encoding="utf-8")
    again = report_bytes(root)
    assert pages(drawn) >= {*SAVED, "evolution"}
    assert {name for name in reused if reused[name] != again[name]} == set()


def test_a_figure_that_was_changed_or_has_other_settings_is_drawn(
    root: Path, drawn: list[tuple[str, str]]
) -> None:
    (root / "figures" / "sample" / "fan.svg").write_text("<svg/>", encoding="utf-8")
    (root / "figures" / "sample" / "moved.caption.md").unlink()
    with (root / "data" / "processed" / "sample" / "claims.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    write_report("sample", ["html"], figures=False)
    assert pages(drawn) & {*SAVED, "evolution"} == {"fan", "moved", "claims", "evolution"}
    write_report("sample", ["html"], "zh", figures=False)
    assert pages(drawn) >= set(SAVED)
