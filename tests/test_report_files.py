"""The report's files: whole, self-contained, the same bytes again; and what is said when one cannot be."""

from __future__ import annotations

import builtins
import io
import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from sample_run import write_sample

from chipexports.base.errors import ChipExportsError, UsageError
from chipexports.charts import style
from chipexports.report.build import FORMATS, ReportIncomplete, build_report, write_report
from chipexports.report.command import report as report_command
from chipexports.report.formats import visible_text
from chipexports.results import load_run
from chipexports.words.text import text


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    write_sample(tmp_path)
    return tmp_path


def folder(root: Path) -> Path:
    return root / "reports" / "sample"


def text_of(language: str | None = None) -> str:
    return build_report(load_run("sample"), language)[0].text


def test_unknown_run_names_the_nearest(root) -> None:
    with pytest.raises(UsageError, match=r"no run of this name; did you mean 'sample'"):
        write_report("sampel")
    assert not (root / "reports" / "sampel").exists()


def test_failed_run_without_an_answer_says_which_notebook_and_writes_nothing(root) -> None:
    (folder(root) / "06_forecast_full_year.failed.ipynb").write_text("{}", encoding="utf-8")
    (root / "data" / "processed" / "sample" / "answer.csv").unlink()
    with pytest.raises(ChipExportsError, match=r"notebook 06_forecast_full_year failed.*goes on from there"):
        write_report("sample")
    assert not (folder(root) / "report.html").exists()


def test_a_run_that_failed_after_its_answer_is_reported_and_says_so(root) -> None:
    (folder(root) / "07_check_article.failed.ipynb").write_text("{}", encoding="utf-8")
    assert "notebook 07_check_article failed" in text_of()
    assert "07_check_article 失败" in text_of("zh")


def test_run_without_forecast_is_refused(root) -> None:
    (root / "data" / "processed" / "sample" / "forecast.csv").unlink()
    with pytest.raises(ChipExportsError, match="has not reached its forecast"):
        write_report("sample")


def test_run_without_figures_is_reported_and_says_so(root) -> None:
    said = text_of()
    assert "This run has no figures" in said
    assert "Left out: this run did not save the figure" in said


def test_a_file_in_use_is_one_sentence_and_the_others_are_written(root, monkeypatch) -> None:
    from chipexports.report import build

    real = build.write_bytes_atomic

    def locked(path: Path, data: bytes) -> Path:
        if path.suffix == ".docx":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, data)

    monkeypatch.setattr(build, "write_bytes_atomic", locked)
    with pytest.raises(ChipExportsError, match=r"report\.docx: cannot be written .*close it"):
        write_report("sample", figures=False)
    assert (folder(root) / "report.html").exists()
    assert (folder(root) / "tables.xlsx").exists()


@pytest.mark.parametrize("lock", ["~$report.docx", "~$port.docx", "~$eport.docx", ".~lock.report.docx#"])
def test_a_file_open_in_word_stays_as_it_is_and_the_others_are_written(root, lock) -> None:
    write_report("sample", ["docx"], figures=False)
    before = (folder(root) / "report.docx").stat().st_mtime_ns
    (folder(root) / lock).touch()
    with pytest.raises(ReportIncomplete, match=r"report\.docx: is open in another program") as caught:
        write_report("sample", figures=False)
    assert lock in str(caught.value)
    assert {path.name for path in caught.value.written} >= {"report.html", "report.pdf", "tables.xlsx"}
    assert (folder(root) / "report.docx").stat().st_mtime_ns == before
    (folder(root) / lock).unlink()
    assert folder(root) / "report.docx" in write_report("sample", figures=False)


def test_every_problem_is_said_and_what_could_be_made_is_listed(root, monkeypatch) -> None:
    (folder(root) / "~$tables.xlsx").touch()
    monkeypatch.setattr(style, "FONT_DIR", root)
    done = CliRunner().invoke(report_command, ["sample"])
    said = str(done.exception)
    assert "report.html: the font NotoSansSC-Regular-subset.ttf is missing" in said
    assert "report.pdf: the font NotoSansSC-Regular-subset.ttf is missing" in said
    assert "tables.xlsx: is open in another program" in said
    assert "\n" not in said
    assert "report.docx" in done.output
    assert not (folder(root) / "report.pdf").exists()


def test_a_folder_that_may_not_be_written_is_one_sentence_a_file(root, monkeypatch) -> None:
    from chipexports.report import build

    def refuse(path: Path, *_: object) -> Path:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(build, "write_bytes_atomic", refuse)
    monkeypatch.setattr(build, "write_table", refuse)
    with pytest.raises(ReportIncomplete) as caught:
        write_report("sample", figures=False)
    assert caught.value.written == []
    for name in ("report.html", "report.pdf", "report.docx", "tables.xlsx", "report.numbers.csv"):
        assert f"reports/sample/{name}: cannot be written (Permission denied)" in str(caught.value)


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


@pytest.mark.parametrize(
    ("module", "lost"), [("typst", {"pdf"}), ("pypandoc", {"html", "pdf", "docx"}), ("xlsxwriter", {"xlsx"})]
)
def test_missing_tool_is_one_sentence_and_the_others_are_written(root, monkeypatch, module, lost) -> None:
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == module:
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ChipExportsError, match="not installed; run `make setup`"):
        write_report("sample", figures=False)
    made = {path.suffix[1:] for path in folder(root).iterdir()}
    assert made & set(FORMATS) == set(FORMATS) - lost


@pytest.mark.parametrize("table", ["evolution", "scores", "diagnostics", "fan"])
def test_missing_table_is_said_in_one_sentence(root, table) -> None:
    (root / "data" / "processed" / "sample" / f"{table}.csv").unlink(missing_ok=True)
    for language in ("en", "zh"):
        said = text("report.missing_table", language, table=text(f"table.{table}", language))
        assert said in text_of(language)


def test_run_without_news_or_claims(root) -> None:
    for name in ("news", "claims"):
        (root / "data" / "processed" / "sample" / f"{name}.csv").unlink()
    said = text_of()
    assert "{#moved}" not in said
    assert "{#claims}" not in said


def test_complete_year_has_nothing_left_to_forecast(root) -> None:
    path = root / "data" / "processed" / "sample" / "answer.csv"
    table = pd.read_csv(path)
    table["months_published"] = 12
    table.to_csv(path, index=False)
    said = text_of()
    assert "the published total; nothing is left to forecast" in said
    assert "{#months}" not in said
    assert "forecast (80%" not in said


@pytest.mark.parametrize("language", ["en", "zh"])
def test_same_bytes_in_every_format(root, language) -> None:
    first = {p.name: p.read_bytes() for p in write_report("sample", language=language)}
    second = {p.name: p.read_bytes() for p in write_report("sample", language=language)}
    assert set(first) >= {f"report{'' if language == 'en' else '.zh'}.{f}" for f in ("html", "pdf", "docx")}
    assert first == second


def test_page_holds_no_script_and_loads_nothing(root) -> None:
    write_report("sample", ["html"])
    page = (folder(root) / "report.html").read_text(encoding="utf-8")
    assert len(page.encode()) < 5e6
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    for attribute in re.findall(r'src="([^"]*)"', page):
        assert attribute.startswith("data:")
    for address in re.findall(r"url\(([^)]{0,12})", page):
        assert address.startswith(("#", "data:font/wo"))
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert 'href="http://www.customs.gov.cn/a"' in page
    for anchor in re.findall(r'href="#([^"]+)"', page):
        assert anchor in ids


def test_chinese_report_is_chinese(root) -> None:
    write_report("sample", ["html"], "zh")
    page = (folder(root) / "report.zh.html").read_text(encoding="utf-8")
    assert '<html lang="zh-Hans">' in page
    assert "预计2024年集成电路出口额为" in page
    for english in ("The answer", "forecast", "How far to trust"):
        assert english not in visible_text(
            re.sub(r"<pre>.*?</pre>|<code>.*?</code>", "", page, flags=re.DOTALL)
        )


def test_a_report_in_another_language_shows_no_picture_of_the_runs_language(root) -> None:
    draw(root, "fan", "evolution")
    figures = root / "figures" / "sample"
    for path in list(figures.glob("fan.*")):  # what a notebook's cell drew, and what an earlier run left
        path.with_name(path.name.replace("fan", "exports_level")).write_bytes(path.read_bytes())
    (figures / "zh").mkdir()
    (figures / "zh" / "fan.svg").write_text("<svg>stale</svg>", encoding="utf-8")
    document, content = build_report(load_run("sample"), "zh")
    assert {"fan", "evolution"} <= set(document.pictures)
    for name, picture in document.pictures.items():
        assert re.search("[\u4e00-\u9fff]", picture.alt), name
        assert "stale" not in picture.files["svg"].read_text(encoding="utf-8")
    assert text("report.figure_language", "zh", name="{}", run="sample").split("{}")[1] in content.figure(
        "exports_level"
    )
    assert "exports_level" not in document.pictures


@pytest.mark.parametrize("locale", [pytest.param("C", marks=pytest.mark.slow), "zh_CN.GBK"])
def test_a_chinese_word_report_does_not_depend_on_the_locale(root, locale) -> None:
    import os
    import subprocess
    import sys

    write_report("sample", ["docx"], "zh", figures=False)
    first = (folder(root) / "report.zh.docx").read_bytes()
    code = (
        "from chipexports.report.build import write_report; "
        "write_report('sample', ['docx'], 'zh', figures=False)"
    )
    env = {**os.environ, "LC_ALL": locale, "LANG": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    subprocess.run([sys.executable, "-c", code], env=env, check=True, timeout=120)
    assert (folder(root) / "report.zh.docx").read_bytes() == first
    with zipfile.ZipFile(folder(root) / "report.zh.docx") as archive:
        assert "2024年中国集成电路出口" in archive.read("docProps/core.xml").decode()


def test_pdf_and_docx_open_and_say_the_answer(root) -> None:
    import pypandoc

    draw(root, "fan", "distribution", "moved", "evolution", "backtest_errors")
    write_report("sample", ["pdf", "docx"])
    pdf = (folder(root) / "report.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-")
    assert b"StructTreeRoot" in pdf
    assert b"pdfuaid" in pdf  # typst lays out nothing as PDF/UA that lacks a description or skips a heading
    assert pdf.count(b"/Alt") >= 5
    words = pypandoc.convert_file(str(folder(root) / "report.docx"), "plain", format="docx")
    assert "1,135.1 bn CNY" in " ".join(words.split())
    with zipfile.ZipFile(folder(root) / "report.docx") as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {2000}
        written = archive.read("word/document.xml").decode()
    alts = re.findall(r'descr="([^"]+)"', written)
    assert len([a for a in alts if a]) >= 5
    short = [
        t for t in re.findall(r"<w:tbl>.*?</w:tbl>", written, flags=re.DOTALL) if t.count("<w:tr>") <= 16
    ]
    assert short
    for table in short:  # a short table stays on one page
        *first, last = re.split(r"(?=<w:tr>)", table)[1:]
        assert all("<w:keepNext/>" in row for row in first)
        assert "<w:keepNext/>" not in last


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_page_is_half_empty_but_the_last(root, language) -> None:
    from PIL import Image

    from chipexports.report.formats import laid_out

    draw(root, "fan", "distribution", "moved", "needed", "evolution", "backtest_errors")
    document, _ = build_report(load_run("sample"), language)
    pages = laid_out(document, format="png", ppi=24)
    assert len(pages) > 3
    for number, page in enumerate(pages[:-1], start=1):
        grey = np.asarray(Image.open(io.BytesIO(page)).convert("L"))
        text = grey[: int(0.93 * len(grey))]  # without the page's number
        last = np.flatnonzero((text < 200).any(axis=1)).max() / len(grey)
        assert last > 0.6, f"page {number} ends at {last:.0%} of its height"


def draw(root: Path, *names: str) -> None:
    """Save figures as a run does."""
    from chipexports.charts.catalogue import FIGURES, draw_and_save

    run = load_run("sample")
    settings = {k: v for k, v in run.parameters.items() if k not in ("run", "figure_formats")}
    for name in names:
        tables = {table: run.table(table) for table in FIGURES[name].tables}
        draw_and_save(name, tables, "sample", formats=["svg", "png"], **settings)


def test_saved_figures_are_described_on_the_page(root) -> None:
    draw(root, "fan")
    write_report("sample", ["html"], figures=False)
    page = (folder(root) / "report.html").read_text(encoding="utf-8")
    assert re.search(r'<svg[^>]*role="img" aria-label="[^"]{20,}"', page)
    assert page.count("<figcaption") == 1


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


def test_the_page_has_one_title_and_every_section_in_its_contents(root) -> None:
    write_report("sample", ["html"], figures=False)
    page = (folder(root) / "report.html").read_text(encoding="utf-8")
    assert page.count("<h1") == 1
    listed = re.findall(r'href="#([a-z]+)"', page.partition("<nav")[2].partition("</nav>")[0])
    assert listed == re.findall(r'<section\s+id="([a-z]+)"\s+class="level2"', page)
    assert {"answer", "methods", "trust", "data", "again"} <= set(listed)
    assert all("<caption>" in table or "<strong>" in table for table in page.split("<table")[1:])


def test_sources_without_an_address_are_counted_and_an_owner_named_alone_gets_a_link(root) -> None:
    def nameless() -> np.ndarray:
        counts = re.search(r"Of all sources (\d+), with (\d+) figures, have no address", text_of())
        return np.array([int(count) for count in counts.groups()] if counts else [0, 0])

    before = nameless()
    path = root / "data" / "processed" / "sample" / "releases.csv"
    table = pd.read_csv(path)
    row = table[table["flow"] == load_run("sample").parameters["flow"]].iloc[[0]]
    named = ["GitHub ann/data@0123abc x.csv", "Daily 2026-07-15 (copy in ann repo)", "a note, link not kept"]
    more = [row.assign(source=source) for source in named]
    pd.concat([table, *more, more[2]]).to_csv(path, index=False)
    assert "(copy in [ann/data](<https://github.com/ann/data>) repo)" in text_of()
    assert (nameless() - before).tolist() == [1, 2]
