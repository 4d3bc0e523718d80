"""The description of a run's tables: complete, in step with who writes them, refusing what does not fit."""

from __future__ import annotations

import json
from pathlib import Path

import frictionless
import pytest

from chipexports.run.tables import MADE_BY

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "data" / "processed" / "datapackage.json"


@pytest.fixture(scope="module")
def resources() -> dict[str, dict]:
    """Return the resources by the name of their table."""
    package = json.loads(PACKAGE.read_text(encoding="utf-8"))
    return {resource["name"].replace("-", "_"): resource for resource in package["resources"]}


def problems(tmp_path: Path, resource: dict, text: str) -> list:
    """Return what frictionless says of a table with this text."""
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    schema = frictionless.Schema.from_descriptor(resource["schema"])
    with frictionless.system.use_context(trusted=True):
        report = frictionless.Resource(path=str(path), schema=schema).validate()
    return report.flatten(["type"])


def test_a_table_that_does_not_fit_is_refused(tmp_path: Path, resources: dict[str, dict]) -> None:
    head = "period,flow,currency,due,last_known\n"
    assert problems(tmp_path, resources["missing"], head + "2026-09,export,USD,2026-10-14,2026-08\n") == []
    for row in (
        "2026-13,export,USD,2026-10-14,2026-08",
        "2026-09,transit,USD,2026-10-14,2026-08",
        "2026-09,export,,x,",
        "2026-09,export,USD,2026-10-14,late",
    ):
        assert problems(tmp_path, resources["missing"], head + row + "\n")
    assert problems(tmp_path, resources["missing"], "month,flow,currency,due,last_known\n")


def test_the_description_is_a_valid_data_package() -> None:
    assert not list(frictionless.Package.metadata_validate(json.loads(PACKAGE.read_text(encoding="utf-8"))))


def test_every_table_a_notebook_writes_is_described(resources: dict[str, dict]) -> None:
    assert set(resources) == set(MADE_BY)
    for name, resource in resources.items():
        assert resource["path"] == f"latest/{name}.csv"
        assert MADE_BY[name] in resource["description"]


def test_every_field_has_type_meaning_and_unit(resources: dict[str, dict]) -> None:
    for name, resource in resources.items():
        fields = {field["name"]: field for field in resource["schema"]["fields"]}
        assert len(fields) == len(resource["schema"]["fields"]), name
        assert set(resource["schema"]["primaryKey"]) <= set(fields), name
        for field in fields.values():
            assert field["type"], (name, field)
            assert field["description"], (name, field)
            assert field.get("unit") or field["type"] not in ("number", "integer"), (name, field["name"])


def test_basis_words_are_those_of_the_code(resources: dict[str, dict]) -> None:
    from chipexports.clean.arithmetic import BASES

    fields = {field["name"]: field for field in resources["monthly"]["schema"]["fields"]}
    assert tuple(fields["basis"]["constraints"]["enum"]) == BASES
