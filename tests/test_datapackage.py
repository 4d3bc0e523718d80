"""The description of the raw tables: it validates, it is complete, and it leaves out what is not ours."""

from __future__ import annotations

import csv
import json
import shutil

import frictionless
import pytest

from chipexports.base.paths import project_root, raw_dir
from chipexports.record import schema


@pytest.fixture(scope="module")
def package():
    return json.loads((raw_dir() / "datapackage.json").read_text(encoding="utf-8"))


def test_a_broken_row_does_not_validate(tmp_path):
    copy = tmp_path / "raw"
    shutil.copytree(raw_dir(), copy)
    path = copy / "gacc" / "releases.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + text.splitlines()[-1] + "\n", encoding="utf-8")  # the same row twice
    report = frictionless.validate(str(copy / "datapackage.json"))
    assert not report.valid
    assert any("primary" in e for e in report.flatten(["message"])[0])


def test_the_package_validates():
    report = frictionless.validate(str(raw_dir() / "datapackage.json"))
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "message"])[:5]


def test_every_table_and_field_is_described(package):
    described = {r["path"] for r in package["resources"]}
    assert described == {p.relative_to(raw_dir()).as_posix() for p in raw_dir().rglob("*.csv")}
    for resource in package["resources"]:
        with (raw_dir() / resource["path"]).open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        fields = resource["schema"]["fields"]
        assert [f["name"] for f in fields] == header
        assert all(f["description"] and f["type"] for f in fields)
        assert resource["schema"]["primaryKey"]
        assert resource["sources"][0]["path"].startswith("http")
        assert resource["licenses"][0]["title"]
        numbers = [f for f in fields if f["type"] == "number" and not f["name"].endswith("id")]
        assert all(f.get("unit") for f in numbers)


def test_every_row_names_its_source(package):
    for resource in package["resources"]:
        with (raw_dir() / resource["path"]).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert rows
        assert all(row["source"].strip() for row in rows), resource["path"]


def test_columns_of_the_record_are_those_of_the_code(package):
    record = next(r for r in package["resources"] if r["path"] == "gacc/releases.csv")
    assert tuple(f["name"] for f in record["schema"]["fields"]) == schema.COLUMNS


def test_no_proprietary_billings():
    for path in raw_dir().rglob("*"):
        if path.is_file():
            assert "wsts" not in path.read_text(encoding="utf-8").lower(), path


def test_readme_is_one_table_of_paths_that_exist():
    text = (project_root() / "data" / "README.md").read_text(encoding="utf-8")
    paths = [line.split("`")[1] for line in text.splitlines() if line.startswith("| `")]
    made = ("processed/", "forecasts/")
    assert len(paths) > 8
    for path in paths:
        assert path.startswith(made) or (project_root() / "data" / path).exists(), path
