"""The report's files: whole, self-contained, the same bytes again; and what is said when one cannot be."""

from __future__ import annotations

import builtins
import io
import json
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from sample_run import write_sample

from chipexports.base.errors import ChipExportsError, UsageError
from chipexports.lab.results import load_run
from chipexports.report.build import FORMATS, build_report, write_report
from chipexports.report.command import report as report_command
from chipexports.words.text import text


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    write_sample(tmp_path)
    return tmp_path


def folder(root: Path) -> Path:
    return root / "reports" / "sample"


def sections(run: str = "sample") -> dict[str, str]:
    report, _ = build_report(load_run(run))
    return {s.key: " ".join(getattr(b, "text", "") for b in s.blocks) for s in report.sections}


def test_unknown_run_names_the_nearest(root) -> None:
    with pytest.raises(UsageError, match=r"no run of this name; did you mean 'sample'"):
        write_report("sampel")
    assert not (root / "reports" / "sampel").exists()


def test_failed_run_says_which_notebook_and_writes_nothing(root) -> None:
    (folder(root) / "06_forecast_full_year.failed.ipynb").write_text("{}", encoding="utf-8")
    with pytest.raises(ChipExportsError, match=r"notebook 06_forecast_full_year failed.*goes on from there"):
        write_report("sample")
    assert not (folder(root) / "report.html").exists()


def test_run_without_forecast_is_refused(root) -> None:
    (root / "data" / "processed" / "sample" / "forecast.csv").unlink()
    with pytest.raises(ChipExportsError, match="has not reached its forecast"):
        write_report("sample")


def test_run_without_parameters_is_refused(root) -> None:
    (folder(root) / "manifest.json").unlink()
    with pytest.raises(ChipExportsError, match="parameters are not known"):
        write_report("sample")


def test_damaged_manifest_is_one_sentence(root) -> None:
    (folder(root) / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(ChipExportsError, match="is not JSON"):
        write_report("sample")


def test_unknown_format_and_language_are_refused(root) -> None:
    with pytest.raises(UsageError, match="--format: 'odt'"):
        write_report("sample", ["odt"])
    with pytest.raises(UsageError, match="language: 'de'"):
        write_report("sample", ["html"], "de")


@pytest.mark.parametrize(("module", "made"), [("typst", "docx"), ("pypandoc", "pdf")])
def test_missing_tool_is_one_sentence_and_the_others_are_written(root, monkeypatch, module, made) -> None:
    from chipexports.report.render import mathml

    mathml(r"x")  # the page's formula needs pandoc once; it is kept
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == module:
            raise ImportError(name)
        return real(name, *args, **kwargs)

    report, _ = build_report(load_run("sample"))
    for block in report.sections[1].blocks:
        if hasattr(block, "tex"):
            mathml(block.tex)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ChipExportsError, match="not installed; run `make setup`"):
        write_report("sample", figures=False)
    assert (folder(root) / f"report.{made}").exists()
    assert (folder(root) / "report.html").exists()


@pytest.mark.parametrize(
    ("table", "section", "key"),
    [("evolution", "evolution", "evolution"), ("scores", "trust", "scores"), ("monthly", "data", "monthly")],
)
def test_missing_table_is_said_in_its_section(root, table, section, key) -> None:
    (root / "data" / "processed" / "sample" / f"{table}.csv").unlink()
    said = text("report.missing_table", "en", table=text(f"table.{key}", "en"))
    assert said in sections()[section]


def test_run_without_news_or_claims(root) -> None:
    for name in ("news", "claims"):
        (root / "data" / "processed" / "sample" / f"{name}.csv").unlink()
    found = sections()
    assert found["news"] == text("report.news.none", "en")
    assert "claims" not in found


def test_complete_year_has_nothing_left_to_forecast(root) -> None:
    path = root / "data" / "processed" / "sample" / "forecast.csv"
    table = pd.read_csv(path)
    table["months_published"] = 12
    table.to_csv(path, index=False)
    assert "All twelve months of 2024 are published" in sections()["answer"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_same_bytes_in_every_format(root, language) -> None:
    first = {p.name: p.read_bytes() for p in write_report("sample", language=language)}
    second = {p.name: p.read_bytes() for p in write_report("sample", language=language)}
    assert set(first) >= {f"report{'' if language == 'en' else '.zh'}.{f}" for f in FORMATS}
    assert first == second


def test_page_holds_no_script_and_no_address(root) -> None:
    write_report("sample", ["html"])
    page = (folder(root) / "report.html").read_text(encoding="utf-8")
    assert len(page.encode()) < 5e6
    assert "<script" not in page
    assert "http" not in page
    assert "&lt;script&gt;alert(1)" in page
    for attribute in re.findall(r'(?:src|href)="([^"]*)"', page):
        assert attribute.startswith(("#", "data:"))
    for address in re.findall(r"url\(([^)]{0,12})", page):
        assert address.startswith(("#", "data:font/wo"))
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert "<math" in page


def test_chinese_report_has_no_english_sentence(root) -> None:
    write_report("sample", ["html"], "zh")
    page = (folder(root) / "report.zh.html").read_text(encoding="utf-8")
    assert '<html lang="zh-Hans">' in page
    assert "中国集成电路出口" in page
    for entry in ("report.answer.title", "report.trust.intro", "report.data.title"):
        assert text(entry, "zh") in page
        assert text(entry, "en") not in page


def test_pdf_and_docx_open_and_say_the_answer(root) -> None:
    import pypandoc

    write_report("sample", ["pdf", "docx"])
    assert (folder(root) / "report.pdf").read_bytes().startswith(b"%PDF-")
    words = pypandoc.convert_file(str(folder(root) / "report.docx"), "plain", format="docx")
    assert "1,135.1 bn CNY" in " ".join(words.split())
    with zipfile.ZipFile(folder(root) / "report.docx") as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {2000}
        alts = re.findall(r'descr="([^"]+)"', archive.read("word/document.xml").decode())
    assert len([a for a in alts if a]) >= 5


def test_list_of_numbers_is_written_beside(root) -> None:
    write_report("sample", ["html"])
    table = pd.read_csv(folder(root) / "report.numbers.csv")
    assert list(table.columns) == ["shown", "how", "table", "rows", "column"]
    assert "1,135.1 bn CNY" in set(table["shown"])


def test_figures_zip_holds_every_figure_with_words_data_and_licence(root) -> None:
    from chipexports.charts.catalogue import draw_and_save

    run = load_run("sample")
    tables = {"fan": run.fan, "forecast": run.forecast}
    draw_and_save("fan", tables, "sample", formats=["svg"], language="en", as_of="2024-11-07")
    first = {p.name: p.read_bytes() for p in write_report("sample", ["html"])}["figures.zip"]
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        names = set(archive.namelist())
        assert {f"figures-sample/fan.{e}" for e in ("png", "svg", "pdf", "csv", "caption.md")} <= names
        assert "MIT" in archive.read("figures-sample/README.txt").decode()
        assert archive.read("figures-sample/fan.pdf").startswith(b"%PDF-")
    assert (folder(root) / "figures.zip").read_bytes() == first
    write_report("sample", ["html"])
    assert (folder(root) / "figures.zip").read_bytes() == first


def test_command_prints_what_it_wrote(root) -> None:
    result = CliRunner().invoke(report_command, ["sample", "--format", "html"], catch_exceptions=False)
    assert result.exit_code == 0
    assert "reports/sample/report.html" in result.output


def test_language_of_the_run_decides(root, tmp_path) -> None:
    path = folder(root) / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["parameters"]["language"] = "zh"
    path.write_text(json.dumps(manifest), encoding="utf-8")
    write_report("sample", ["html"])
    assert 'lang="zh-Hans"' in (folder(root) / "report.html").read_text(encoding="utf-8")
