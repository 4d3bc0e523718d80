"""The parameters' model: types, limits, contradictions; each refusal one sentence that names the field."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
import yaml

from chipexports.base.errors import UsageError
from chipexports.params import COMBINATIONS, METHODS, RunParams, describe, load_params
from chipexports.params.show import parameter_table

ROOT = Path(__file__).resolve().parents[1]

BAD = [
    ("treshold=1", "did you mean 'threshold'"),
    ("zzz=1", "python -m chipexports params"),
    ("threshold", "write name=value"),
    ("threshold=nan", "not a finite number"),
    ("threshold=inf", "not a finite number"),
    ("threshold=-1", "threshold"),
    ("threshold=much", "not a number"),
    ("n_paths=1.5", "not a whole number"),
    ("n_paths=true", "not a whole number"),
    ("n_paths=7", "n_paths"),
    ("seed=-1", "seed"),
    ("as_of=newst", "write YYYY-MM-DD, e.g. 2024-11-07, or newest"),
    ("as_of=2024-13-01", "not a date"),
    ("as_of=7 November 2024", "not a date"),
    ("as_of=2023-02-29", "not a date"),
    ("target_year=2025", "nothing of 2025 is published; take 2024 or earlier"),
    ("target_year=24", "target_year"),
    ("history_start=2024", "not a month"),
    ("history_start=2023-06", "less than two years"),
    ("flow=exports", "did you mean 'export'"),
    ("currency=usd", "did you mean 'USD'"),
    ("currency=EUR", "CNY, USD"),
    ("language=de", "en, zh"),
    ("truth=final", "first_print, latest"),
    ("methods=", "methods"),
    ("methods=ets,etz", "'etz' does not exist"),
    ("methods=ets,ets", "twice"),
    ("levels=0.8,0.5", "do not ascend"),
    ("levels=0.8,1.5", "levels: 1.5 must be less than 1; 0.8 means 80%"),
    ("levels=80", "must be less than 1; 0.8 means 80%"),
    ("levels=0,0.8", "must be more than 0"),
    ("levels=0.1,0.2,0.3,0.4,0.5,0.6", "6 values are too many; name 5 at most"),
    ("levels=", "is empty; name at least one"),
    ("figure_formats=", "is empty; name at least one"),
    ("threshold=0", "must be more than 0"),
    ("n_paths=1000000", "must be 100000 or less"),
    ("as_of=1999-05-05", "as_of: 1999-05-05 lies before the first release in the record, 2006-01-18"),
    ("as_of=2131-01-01", "as_of: 2131-01-01 lies in the future"),
    ("target_year=2000", "target_year: the record begins with 2004"),
    ("figure_formats=[jpg]", "did you mean 'png'"),
    ("run=../elsewhere", "not a run name"),
    ("run=", "not a run name"),
]


@pytest.mark.parametrize(("override", "says"), BAD, ids=[b[0] for b in BAD])
def test_a_wrong_value_is_refused_in_one_sentence(override: str, says: str) -> None:
    with pytest.raises(UsageError, match=re.escape(says)) as caught:
        load_params("article", [override])
    assert "-p " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_values_are_read_by_the_type_of_their_field() -> None:
    params = load_params(
        "article", ["threshold=1.2e4", "seed=007", "methods=[ets, sarima]", "levels=0.9", "run=007"]
    )
    assert (params.threshold, params.seed, params.run) == (12000.0, 7, "007")
    assert (params.methods, params.levels) == (["ets", "sarima"], [0.9])


def test_defaults_are_those_of_latest_but_for_the_run() -> None:
    assert load_params("latest") == RunParams(run="latest")
    assert RunParams().run == "draft"


def test_newest_becomes_the_day_of_the_newest_release(project_copy: Path) -> None:
    record = project_copy / "data" / "raw" / "gacc" / "releases.csv"
    rows = list(csv.DictReader(record.read_text(encoding="utf-8").splitlines()))
    day = max(row["published"] for row in rows)
    assert load_params("latest").as_of == load_params("latest", ["as_of=newest"]).as_of == day
    assert RunParams().literals()["as_of"] == day
    # a release that is added moves it, in the same Python session; a date that was asked for stays
    newer = {**max(rows, key=lambda row: row["published"]), "row_id": "r0123456789"}
    newer |= {"period_start": "2026-10", "period_end": "2026-10", "published": "2026-11-24"}
    with record.open("a", encoding="utf-8") as file:
        csv.DictWriter(file, rows[0]).writerow(newer)
    assert load_params("latest").as_of == "2026-11-24"
    assert load_params("latest", ["as_of=2026-09-20"]).as_of == "2026-09-20"


def test_newest_knows_corrections_and_does_without_a_place_to_note_it(project_copy: Path) -> None:
    record = project_copy / "data" / "raw" / "gacc" / "releases.csv"
    rows = list(csv.DictReader(record.read_text(encoding="utf-8").splitlines()))
    days = sorted({row["published"] for row in rows})
    (project_copy / ".cache").write_text("a file where the folder should be", encoding="utf-8")
    assert load_params("latest").as_of == days[-1]
    drop = [
        {"row_id": row["row_id"], "expect": {"published": row["published"]}, "set": {"drop": "true"}}
        | {"reason": "test", "source": "test"}
        for row in rows
        if row["published"] == days[-1]
    ]
    (project_copy / "data" / "raw" / "corrections.yml").write_text(yaml.safe_dump(drop), encoding="utf-8")
    assert load_params("latest").as_of == days[-2]


def test_method_names_are_those_of_the_engine() -> None:
    from chipexports.forecast import fullyear

    assert set(METHODS) == set(fullyear.METHODS)
    assert set(COMBINATIONS) == set(fullyear.COMBINATIONS)


def test_the_list_of_parameters_names_each_with_type_default_and_meaning() -> None:
    rows = describe()
    assert [row["name"] for row in rows] == list(RunParams.model_fields)
    assert all(row["type"] and row["default"] and row["meaning"] for row in rows)
    table = parameter_table(markdown=True).splitlines()
    assert len(table) == len(rows) + 2
    assert {line.count("|") for line in table} == {6}
    for row in rows:
        assert row["name"] in parameter_table()


def test_parameters_cannot_be_changed_and_are_plain_values() -> None:
    params = load_params("article")
    with pytest.raises(ValueError, match="frozen"):
        params.threshold = 1.0
    literals = params.literals()
    assert yaml.safe_load(yaml.safe_dump(literals)) == literals
    assert params.unit == "100 million CNY"
