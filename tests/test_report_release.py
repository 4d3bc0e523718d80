"""A release holds what a run was made from and made, and tells a second person when a byte differs."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from sample_run import write_sample

from chipexports.base.errors import ChipExportsError, UsageError
from chipexports.report.build import write_report
from chipexports.run.command import release
from chipexports.run.release import SUMS, verify_release, write_release


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project with a whole run: a record of one file, tables, a notebook, a report."""
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    write_sample(tmp_path)
    raw = tmp_path / "data" / "raw" / "gacc" / "calendar.csv"
    raw.parent.mkdir(parents=True)
    raw.write_text("period,day\n2024-10,2024-11-07\n", encoding="utf-8")
    folder = tmp_path / "reports" / "sample"
    (folder / "06_forecast_full_year.ipynb").write_text("{}", encoding="utf-8")
    (folder / "05_forecast_full_year.ipynb").write_text("{}", encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    table = tmp_path / "data" / "processed" / "sample" / "fan.csv"
    manifest["data"]["files"] = {"gacc/calendar.csv": hashlib.sha256(raw.read_bytes()).hexdigest()}
    outputs = {"data/processed/sample/fan.csv": hashlib.sha256(table.read_bytes()).hexdigest()}
    manifest["notebooks"] = {"06_forecast_full_year": {"outputs": outputs}}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    write_report("sample", ["html"], figures=False)
    return tmp_path


def rewritten(path: Path, change: dict[str, bytes | None]) -> Path:
    """Return a copy of an archive with members changed, added or, where None, left out."""
    target = path.with_name("changed.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        inside = {name: old.read(name) for name in old.namelist()} | change
        for name, data in inside.items():
            if data is not None:
                new.writestr(name, data)
    return target


def test_a_release_is_whole_and_the_same_again(root) -> None:
    path = write_release("sample")
    first = path.read_bytes()
    name, n = verify_release(path)
    assert name == "sample"
    with zipfile.ZipFile(path) as archive:
        members = {member.partition("/")[2] for member in archive.namelist()}
    assert {
        "data/raw/gacc/calendar.csv",
        "reports/sample/manifest.json",
        "reports/sample/report.html",
    } <= members
    assert "reports/sample/06_forecast_full_year.ipynb" in members
    assert "reports/sample/05_forecast_full_year.ipynb" not in members, "of no notebook of this run"
    assert n == len(members) - 1
    assert write_release("sample").read_bytes() == first


@pytest.mark.parametrize(
    ("member", "data", "said"),
    [
        ("data/raw/gacc/calendar.csv", b"other", "has other bytes"),
        ("data/raw/gacc/calendar.csv", None, "is missing"),
        ("data/raw/more.csv", b"x", "was added"),
    ],
)
def test_a_changed_archive_is_refused_by_name(root, member, data, said) -> None:
    path = write_release("sample")
    with zipfile.ZipFile(path) as archive:
        top = archive.namelist()[0].partition("/")[0]
    with pytest.raises(ChipExportsError, match=f"{member} {said}"):
        verify_release(rewritten(path, {f"{top}/{member}": data}))


def test_a_record_other_than_the_manifest_s_is_refused(root) -> None:
    (root / "data" / "raw" / "gacc" / "calendar.csv").write_text("changed\n", encoding="utf-8")
    with pytest.raises(ChipExportsError, match=r"gacc/calendar.csv is not what the manifest records"):
        verify_release(write_release("sample"))


def test_what_is_no_release_is_one_sentence(root, tmp_path) -> None:
    file = tmp_path / "notes.zip"
    file.write_text("no archive", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be read as an archive"):
        verify_release(file)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a/b.txt", "x")
    with pytest.raises(UsageError, match=f"holds no {SUMS}"):
        verify_release(file)


def test_a_run_that_changed_since_or_failed_is_not_packed(root) -> None:
    table = root / "data" / "processed" / "sample" / "fan.csv"
    kept = table.read_text(encoding="utf-8")
    table.write_text(kept + "\n", encoding="utf-8")
    with pytest.raises(ChipExportsError, match=r"fan.csv was changed since"):
        write_release("sample")
    table.write_text(kept, encoding="utf-8")
    (root / "reports" / "sample" / "07_check_article.failed.ipynb").write_text("{}", encoding="utf-8")
    with pytest.raises(ChipExportsError, match="is not whole"):
        write_release("sample")


def test_the_command_packs_and_verifies(root) -> None:
    packed = CliRunner().invoke(release, ["sample"], catch_exceptions=False)
    assert packed.exit_code == 0
    path = next((root / "reports" / "sample").glob("release-*.zip"))
    checked = CliRunner().invoke(release, ["--verify", str(path)], catch_exceptions=False)
    assert "all as recorded" in checked.output
