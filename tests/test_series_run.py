"""A run on a series of one's own: what the set says, what the notebooks leave out, what is said."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from chipexports.__main__ import main
from chipexports.base.errors import ChipExportsError, UsageError
from chipexports.clean import known
from chipexports.params import check_record, load_params
from chipexports.run.archive import keep
from chipexports.run.own_series import TAG, cells_of, own_cells, prose
from chipexports.run.release import SUMS, verify_release, write_release
from chipexports.run.runner import run_set
from chipexports.run.steps import steps_of
from chipexports.run.sweep import run_sweep
from chipexports.run.sweep_file import load_sweep
from chipexports.run.verify import status_lines, verify
from chipexports.series.own import read_series

ROOT = Path(__file__).resolve().parents[1]
OTHERS = re.compile(
    r"customs|China|Korea|Taiwan|\bchips?\b|integrated circuit|\bexports?\b|\bimports?\b|Spring Festival"
    r"|海关|中国|韩国|台湾|集成电路|芯片|出口|进口|春节",
    re.IGNORECASE,
)
ESTIMATES = {"en": "estimates where marked", "zh": "标明之处为本项目估计"}
#: names of files and of the project itself are no words about the series
NAMES = ("chipexports", "exports_level", "exports_log", "03_explore_exports", "04_model_exports")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    months = pd.period_range("2016-01", "2024-08", freq="M")
    noise = 0.03 * np.random.default_rng(3).standard_normal(len(months))
    season = 0.1 * np.sin(2 * np.pi * months.month / 12)
    values = 3000 * np.exp(0.004 * np.arange(len(months)) + season + noise)
    table = pd.DataFrame({"month": months.astype(str), "sales (million EUR)": values.round(1)})
    table.to_csv(tmp_path / "toys.csv", index=False)
    return tmp_path / "toys.csv"


def a_set(folder: Path, series: object, **more: object) -> Path:
    path = folder / "toys.yaml"
    path.write_text(json.dumps({"run": "toys", "series": series, **more}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"fil": "x"}, "there is no key 'fil'; did you mean 'file'"),
        ({"file": "none.csv"}, "none.csv is not a file"),
        ({"file": "https://example.org/a.csv"}, "is a web address; save the file first"),
        ({"file": ""}, "names no file"),
        ({"value_column": "turnover"}, "has no column 'turnover'; it has month, sales"),
        ({"lag_days": "soon"}, "is not a whole number of days"),
        ({"lag_days": 5, "published_column": "month"}, "keep one"),
        ({"holidays": "XX"}, "is not a country code with a calendar"),
        ({"name": "a|b"}, "cannot stand in a title"),
        ({"unit": {"fr": "euros"}}, "write it, or {en: …, zh: …}"),
        ({"divide_by": 0}, "is not a number above zero"),
        ({"indicators": {"files": "x.csv"}}, "there is no key 'files'"),
    ],
)
def test_what_a_set_says_wrongly_is_one_sentence(tmp_path: Path, file: Path, change: dict, says: str) -> None:
    with pytest.raises(UsageError, match=re.escape(says)) as error:
        load_params(a_set(tmp_path, {"file": str(file), **change}))
    assert "series:" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("", "is empty"),
        ("month\n2024-01\n2024-02\n", "has one column"),
        ("month,v\n2024-01,high\n2024-02,low\n", "no column but 'month' holds numbers"),
        ("month,v\n" + "".join(f"2023-{m:02d},{m}\n" for m in range(1, 12)), "11 months are known"),
        ("month,v\n" + "".join(f"2023-{m:02d},{m - 3}\n" for m in range(1, 13)), "is not above zero"),
        ("month,v\n" + "".join(f"{2022 + m // 12}-{m % 12 + 1:02d},7\n" for m in range(30)), "every month"),
        ("month,v\n2024-01,1\n2024-01,2\n2024-02,3\n", "2024-01 appears 2 times with different values"),
        ("month,v\n" + "".join(f"{2090 + m // 12}-{m % 12 + 1:02d},{m + 9}\n" for m in range(30)), "future"),
        ("month,v\n" + "".join(f"{1900 + m // 12}-{m % 12 + 1:02d},{m + 9}\n" for m in range(3000)), "keep"),
    ],
)  # fmt: skip
def test_a_bad_file_is_one_sentence_before_anything_runs(
    project_copy: Path, tmp_path: Path, rows: str, says: str
) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(rows, encoding="utf-8")
    with pytest.raises(UsageError, match=re.escape(says)):
        run_set(a_set(tmp_path, str(file)), quiet=True)
    assert not list((project_copy / "reports").iterdir())


def test_what_the_set_leaves_open_is_told_from_the_file(tmp_path: Path, file: Path) -> None:
    params = check_record(load_params(a_set(tmp_path, str(file))))
    assert (params.as_of, params.target_year, params.history_start) == ("2024-09-15", 2024, "2016-01")
    assert (params.flow, params.unit) == ("toys", "million EUR")
    values = read_series(file).values
    assert params.threshold == pytest.approx(values["2023-01":"2023-12"].sum())
    with pytest.raises(UsageError, match="is of the customs' record"):
        load_params(a_set(tmp_path, str(file), flow="export"))
    with pytest.raises(UsageError, match="out of all proportion"):
        check_record(load_params(a_set(tmp_path, str(file), threshold=1e12)))


def test_nothing_is_known_before_its_lag_is_over(tmp_path: Path, file: Path) -> None:
    series = {"file": str(file), "lag_days": 20}
    assert str(known("2024-07-19", "2016-01", series).history().last) == "2024-05"
    assert str(known("2024-07-20", "2016-01", series).history().last) == "2024-06"


def test_decimals_are_values_and_no_months(tmp_path: Path) -> None:
    months = pd.period_range("2020-01", "2023-12", freq="M").astype(str)
    file = tmp_path / "odd.csv"
    for values in ([f"2012.{i % 9 + 1}" for i in range(48)], [str(25934 + i) for i in range(48)]):
        pd.DataFrame({"value": values, "month": months}).to_csv(file, index=False)
        read = read_series(file)
        assert read.period_column == "month"
        assert read.values.iloc[0] == float(values[0])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_stretch_left_out_has_its_sentence(language: str) -> None:
    texts, used = prose(ROOT / "notebooks"), set()
    for step in steps_of({"file": "x"}):
        before = json.loads(step.path_in(language).read_text(encoding="utf-8"))["cells"]
        cells = cells_of(step.path_in(language), {"file": "x"}, language)
        assert not any(TAG in cell["metadata"].get("tags", []) for cell in cells)
        assert len(cells) <= len(before)
        used |= {cell["id"] for cell in before}
        said = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
        assert not OTHERS.search(said), OTHERS.search(said)
    assert set(texts) <= used


def test_a_stretch_without_a_sentence_is_refused() -> None:
    cell = {"id": "x", "cell_type": "code", "metadata": {"tags": [TAG]}, "source": "1"}
    with pytest.raises(UsageError, match="has no sentence for cell x"):
        own_cells([cell], {}, "en")


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_run_says_nothing_of_another_series(
    project_copy: Path, tmp_path: Path, file: Path, language: str
) -> None:
    series = {"file": str(file), "name": {"en": "toy sales", "zh": "玩具销售额"}}
    given = a_set(tmp_path, series, language=language, n_paths=100, figure_formats=["svg"])
    answer = run_set(given, quiet=True)
    assert ("Toy sales in 2024" if language == "en" else "2024年玩具销售额") in answer
    manifest = json.loads((project_copy / "reports/toys/manifest.json").read_text(encoding="utf-8"))
    assert list(manifest["series"]) == [str(file)]
    assert len(manifest["notebooks"]) == len(steps_of(series))
    words = words_of(project_copy)
    page = words["report.html"]
    assert ("Toy sales in 2024" if language == "en" else "2024年玩具销售额") in page
    assert "toy sales|玩具销售额" not in page  # both languages are a matter of tables
    for name, said in words.items():
        assert ESTIMATES[language] not in said, name  # a file is taken as it stands
        for own in NAMES:
            said = said.replace(own, "")
        assert not (found := OTHERS.search(said)), (name, said[max(0, found.start() - 60) : found.end() + 40])
    if language == "en":
        assert status_lines("toys")[0].split() == ["02_clean_series", "fresh"]
        assert verify("toys") == []
        with pytest.raises(UsageError, match="the archive keeps forecasts of the customs' record"):
            keep("toys")
        a_release_holds_the_file(file)
    before = (project_copy / "reports/toys/manifest.json").read_bytes()
    assert run_set(given, quiet=True) == answer
    assert (project_copy / "reports/toys/manifest.json").read_bytes() == before
    with file.open("a", encoding="utf-8") as more:
        more.write("2024-09,5000\n")
    with pytest.raises(ChipExportsError, match=r"toys\.csv is no longer what the run has read"):
        write_release("toys")
    assert any("the file of the series changed" in line for line in verify("toys"))
    assert run_set(given, quiet=True) != answer


def a_release_holds_the_file(file: Path) -> None:
    path = write_release("toys")
    assert verify_release(path)[0] == "toys"
    with zipfile.ZipFile(path) as archive:
        inside = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    assert inside["series/1-toys.csv"] == file.read_bytes()
    assert b"The series is in series/1-toys.csv: name it as file" in inside["README.txt"]
    inside["series/1-toys.csv"] += b"2024-09,1\n"
    sums = [f"{hashlib.sha256(data).hexdigest()}  {name}" for name, data in inside.items() if name != SUMS]
    forged = path.with_name("forged.zip")
    with zipfile.ZipFile(forged, "w") as archive:
        for name, data in (inside | {SUMS: "\n".join(sums).encode()}).items():
            archive.writestr(f"x/{name}", data)
    with pytest.raises(ChipExportsError, match=r"series/1-toys\.csv is not what the manifest records"):
        verify_release(forged)


def test_a_sweep_over_months_takes_the_days_of_the_file_and_is_drawn(
    project_copy: Path, tmp_path: Path, file: Path
) -> None:
    a_set(project_copy / "params", {"file": str(file), "name": {"en": "toy sales", "zh": "玩具销售额"}})
    sweeps = project_copy / "params/sweeps"
    span = {"extends": "toys", "fixed": {"n_paths": 60, "methods": ["growth_ytd"]}}
    (sweeps / "bad.yaml").write_text(
        json.dumps(span | {"product": {"as_of": {"months": ["2025-01", "latest"]}}})
    )
    with pytest.raises(UsageError, match="there is no month from 2025-01 to latest"):
        load_sweep("bad")
    (sweeps / "days.yaml").write_text(
        json.dumps(span | {"product": {"as_of": {"months": ["2024-05", "latest"]}}})
    )
    days = [(params.as_of, params.target_year) for params in load_sweep("days").sets]
    assert days == [(f"2024-{month:02d}-15", 2024) for month in range(6, 10)]
    run_sweep("days", workers=1, warm=False)
    caption = (project_copy / "figures/days/month_by_month.caption.md").read_text(encoding="utf-8")
    assert "Toy sales: forecast of the year's total on each day a month became known" in caption
    assert "toys.csv" in caption
    assert not OTHERS.search(caption)


def test_a_gap_in_the_target_year_is_named_before_anything_runs(
    project_copy: Path, tmp_path: Path, file: Path
) -> None:
    file.write_text(re.sub(r"^2024-05,.*$", "2024-05,", file.read_text(), flags=re.MULTILINE))
    with pytest.raises(UsageError) as error:
        run_set(a_set(tmp_path, str(file)), quiet=True)
    assert (
        str(error.value)
        == "series: 2024-05 is missing but 2024-08 is known; fill it or cut the series before it"
    )
    assert not list((project_copy / "reports").iterdir())


def words_of(project: Path) -> dict[str, str]:
    """Return what a reader of the run sees: prose and outputs of notebooks, figures, captions, the report."""
    found = {}
    for path in sorted((project / "reports/toys").glob("0*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            shown = "".join(cell["source"]) if cell["cell_type"] == "markdown" else ""
            for output in cell.get("outputs", ()):
                data = output.get("data", {})
                shown += "".join("".join(v) for k, v in data.items() if k.startswith("text"))
                shown += "".join(output.get("text", ""))
            found[f"{path.stem} {cell['id']}"] = shown
    for path in sorted((project / "figures/toys").rglob("*.*")):
        if path.suffix in (".svg", ".md", ".csv"):
            text = path.read_text(encoding="utf-8")
            found[path.name] = " ".join(re.findall(r">([^<]+)<", text)) if path.suffix == ".svg" else text
    page = (project / "reports/toys/report.html").read_text(encoding="utf-8")
    page = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", page, flags=re.DOTALL)
    found["report.html"] = re.sub(r"<[^>]+>", " ", re.sub(r'src="data:[^"]*"', "", page))
    book = pd.read_excel(
        project / "reports/toys/tables.xlsx", sheet_name=None, header=None, engine="calamine"
    )
    found |= {f"tables.xlsx {name}": sheet.to_csv() for name, sheet in book.items()}
    return found


@pytest.mark.slow
def test_eighteen_months_run_through_every_notebook(project_copy: Path, file: Path) -> None:
    head, *rows = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([head, *rows[-18:]]), encoding="utf-8")
    assert main(["init", "short", "--series", str(file)]) == 0
    assert "Toys in 2024" in run_set("short", ["n_paths=100", "figure_formats=svg"], quiet=True)
    report = (project_copy / "reports/short/report.html").read_text(encoding="utf-8")
    assert "no year of the series was known whole and could have been forecast at the time" in report
    assert "this run does not have the backtest" not in report
