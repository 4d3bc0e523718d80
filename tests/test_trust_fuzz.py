"""Thousands of bad inputs: only documented errors, no hang, little memory, the record never changed."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import strategies as st
from record_copy import copy_record
from trust.campaign import campaign
from trust.counts import LONG, SHORT, note
from trust.inputs import html, parameter_sets, record_lines, rows, tables, yaml_text
from trust.projects import record

from chipexports.base.errors import UsageError
from chipexports.collect.add import release_rows
from chipexports.collect.pages import parse_page
from chipexports.params import RunParams, load_params
from chipexports.record import releases
from chipexports.record.schema import COLUMNS

ROOT = Path(__file__).resolve().parents[1]
# inputs to each of the five readers: 2,500 in the default run, 100,000 and more in the long one
MODES = [
    pytest.param((SHORT, 100), id="default"),
    pytest.param((LONG, 20_500), id="long", marks=[pytest.mark.slow]),
]
SETS = [
    "extends: article\nthreshold: 12000\n",
    "run: a\nas_of: 2024-11-07\ntarget_year: 2024\nmethods: [growth_ytd, ets]\nlevels: [0.5, 0.8]\n",
    json.dumps(RunParams().literals()),
]
WORDS = [*RunParams.model_fields, "extends", "latest", "../x", "/etc/passwd", "article", "2024-11-07", "1e3"]


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return a copy of the record that CHIPEXPORTS_ROOT points to."""
    copy_record(monkeypatch, tmp_path)
    return tmp_path


def fresh(path: Path, content: bytes) -> None:
    """Replace a file; what was read of it before is forgotten (same size, same moment)."""
    path.write_bytes(content)
    releases._read.cache_clear()


def finish(name: str, mode: str, seen: dict, before: dict, root: Path) -> None:
    assert record(root) == before, "the record changed"
    note(name, mode, seen.pop("inputs"), **seen)


@pytest.mark.parametrize("size", MODES)
def test_page_parser(project: Path, size: tuple[str, int]) -> None:
    before = record(project)

    def read(data: bytes) -> None:
        page = parse_page(data, "fuzz.html")
        assert len(page.figures)
        assert page.figures["value"].notna().all()
        release_rows(page)

    finish("fuzz_page_parser", size[0], campaign(read, html(), size[1]), before, project)


@pytest.mark.parametrize("size", MODES)
def test_release_table_reader(project: Path, size: tuple[str, int]) -> None:
    path = releases.releases_path()
    good = path.read_bytes()
    before = record(project)

    def read(data: bytes) -> None:
        fresh(path, data)
        table = releases.read_releases()
        assert table["value"].map(abs).lt(float("inf")).all()
        assert path.read_bytes() == data, "reading changed the record"

    seen = campaign(read, tables(), size[1])
    fresh(path, good)
    finish("fuzz_release_table", size[0], seen, before, project)


@pytest.mark.parametrize("size", MODES)
def test_rows_offered_to_the_record(project: Path, size: tuple[str, int]) -> None:
    path = releases.releases_path()
    lines = record_lines()
    short = ("\n".join([",".join(COLUMNS)]) + "\n").encode()
    good, before = path.read_bytes(), record(project)

    def read(row: dict[str, object]) -> None:
        fresh(path, short)
        try:
            releases.append_rows(pd.DataFrame([row]))
        except UsageError:
            assert path.read_bytes() == short, "a refused row changed the record"
            raise
        releases._read.cache_clear()
        assert path.read_bytes().startswith(short)
        assert len(releases.read_releases()) == 1, "the record took what it cannot read"

    assert len(lines) > 10
    seen = campaign(read, rows(), size[1])
    fresh(path, good)
    finish("fuzz_rows_offered", size[0], seen, before, project)


@pytest.mark.parametrize("size", MODES)
def test_parameter_reader(project: Path, size: tuple[str, int]) -> None:
    folder = project / "params"
    folder.mkdir()
    for name in ("article", "latest"):
        (folder / f"{name}.yaml").write_bytes((ROOT / "params" / f"{name}.yaml").read_bytes())
    before = record(project)
    path = folder / "fuzz.yaml"

    def read(data: bytes) -> None:
        path.write_bytes(data)
        params = load_params(path)
        assert RunParams(**params.literals()) == params

    inputs = st.one_of(parameter_sets(RunParams().literals()), yaml_text(SETS, WORDS))
    seen = campaign(read, inputs, size[1])
    finish("fuzz_parameters", size[0], seen, before, project)


@pytest.mark.parametrize("size", MODES)
def test_corrections_file(project: Path, size: tuple[str, int]) -> None:
    table = pd.read_csv(releases.releases_path(), dtype=str, keep_default_na=False).iloc[::40]
    table.to_csv(releases.releases_path(), index=False, lineterminator="\n")
    name, value = table.iloc[0][["row_id", "value"]]
    entry = {
        "row_id": name,
        "expect": {"value": value},
        "set": {"value": "5.5"},
        "reason": "r",
        "source": "s",
    }
    dropped = {**entry, "set": {"drop": "true"}}
    block = (
        f"- row_id: {name}\n  expect: {{value: {value}}}\n  set: {{value: 5.5}}\n  reason: r\n  source: s\n"
    )
    words = [*COLUMNS, "expect", "set", "reason", "drop", name, value]
    path = project / "data" / "raw" / "corrections.yml"
    empty = path.read_bytes()
    before = record(project)

    def read(data: bytes) -> None:
        fresh(path, data)
        assert len(releases.read_releases()) >= len(table) - 1

    inputs = yaml_text([json.dumps([entry]), json.dumps([dropped]), block], words)
    seen = campaign(read, inputs, size[1])
    fresh(path, empty)
    finish("fuzz_corrections", size[0], seen, before, project)
