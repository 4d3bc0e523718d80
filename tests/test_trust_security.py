"""What comes from outside stays text: loaders, paths, hostile names, keys, downloads, dependencies."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml
from notebook_cells import run_cells
from record_copy import copy_record, rows
from sample_run import write_sample
from shared_runs import KEY, tiny_article
from synthetic_pages import table5
from trust.counts import SHORT, note
from trust.projects import python_files
from werkzeug import Response

from chipexports.__main__ import main
from chipexports.base.errors import ChipExportsError, UsageError
from chipexports.base.paths import processed_dir
from chipexports.base.yaml_text import load_yaml_text
from chipexports.collect.pages import parse_page
from chipexports.params import load_params
from chipexports.record.releases import append_rows, releases_path
from chipexports.report.build import build_report
from chipexports.report.formats import render_html
from chipexports.results import load_run

ROOT = Path(__file__).resolve().parents[1]
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> ![p](http://x.invalid/p.png) $\\alert$ | `"
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}
FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal"}
# joblib only runs tasks in processes of this machine; its files would be pickles
FORBIDDEN_NAMES = {"read_pickle", "to_pickle", "unsafe_load", "system"}
FORBIDDEN_FUNCTIONS = {"joblib.load", "joblib.dump", "joblib.Memory", "np.load", "numpy.load"}


def suspicious(node: ast.AST) -> str:
    """Return what in a piece of code would execute or unpickle something read; "" for nothing."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) in FORBIDDEN_CALLS | FORBIDDEN_FUNCTIONS:
        return f"{ast.unparse(node.func)}()"
    if isinstance(node, ast.Attribute) and node.attr in FORBIDDEN_NAMES:
        return f".{node.attr}"
    if isinstance(node, ast.keyword) and node.arg in ("shell", "allow_pickle", "verify"):
        harmless = isinstance(node.value, ast.Constant) and node.value.value == (node.arg == "verify")
        return "" if harmless else f"{node.arg}="
    if isinstance(node, ast.Import | ast.ImportFrom):
        modules = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        return ", ".join(m for m in modules if m.split(".")[0] in FORBIDDEN_MODULES)
    return ""


def test_nothing_that_is_read_is_executed_or_unpickled() -> None:
    files = python_files("src", "tools", "benchmarks")
    assert len(files) > 100
    found = [
        (path.name, word) for path, tree in files for node in ast.walk(tree) if (word := suspicious(node))
    ]
    # the contact sheet draws the charts of the project's own notebooks, which every run executes
    assert set(found) == {("contact_sheet.py", "compile()"), ("contact_sheet.py", "exec()")}


def test_yaml_is_read_by_safe_loaders_only() -> None:
    loads = {
        (path.name, ast.unparse(node.args[1] if len(node.args) > 1 else node.keywords[0].value))
        for path, tree in python_files("src")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and re.fullmatch(r"yaml\.(full_)?load(_all)?", ast.unparse(node.func))
    }
    assert loads == {("yaml_text.py", "_Loader"), ("glossary.py", "UniqueKeyLoader")}
    from chipexports.base import yaml_text
    from chipexports.words import glossary

    assert issubclass(yaml_text._Loader, yaml.BaseLoader)
    assert issubclass(glossary.UniqueKeyLoader, yaml.CSafeLoader)
    tagged = load_yaml_text('a: !!python/object/apply:os.system ["touch x"]\nb: !!python/name:os.system x')
    assert tagged == {"a": ["touch x"], "b": "x"}


OUT = ["/etc/passwd", "../outside", "../../outside", "sub/../../outside", "linked", "a\0b", "x" * 300]


@pytest.mark.parametrize("name", OUT)
def test_paths_in_parameters_stay_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    params = tmp_path / "project" / "params"
    params.mkdir(parents=True)
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path / "project"))
    shutil.copytree(ROOT / "data" / "raw", tmp_path / "project" / "data" / "raw")
    (tmp_path / "outside.yaml").write_text("seed: 1\n")
    (params / "linked.yaml").symlink_to(tmp_path / "outside.yaml")
    (params / "mine.yaml").write_text(json.dumps({"extends": name}))
    with pytest.raises(UsageError, match=r"outside the project|does not exist"):
        load_params("mine")
    with pytest.raises(UsageError, match="not a run name"):
        load_params(_set(params, "plain"), [f"run={name if name != 'linked' else 'a/b'}"])
    if name == "linked":
        with pytest.raises(UsageError, match="outside the project"):
            load_params("linked")


def _set(folder: Path, name: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text("seed: 1\n")
    return path


def test_a_run_folder_that_is_a_link_out_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path / "project"))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "project" / "data" / "processed").mkdir(parents=True)
    (tmp_path / "project" / "data" / "processed" / "mine").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="link that leads outside"):
        processed_dir("mine")


def test_hostile_names_of_a_page_are_text_in_notebooks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    copy_record(monkeypatch, tmp_path)
    page = table5().replace("Ships", HOSTILE.replace("<", "&lt;"))
    found = parse_page(page.encode(), "x.html").figures
    assert any("<script>" in label for label in found["label"])
    append_rows(rows({"source": HOSTILE}, {"commodity": HOSTILE, "source": HOSTILE}))
    monkeypatch.setenv("CHIPEXPORTS_OUTPUT", str(tmp_path / "out"))
    state = run_cells("01_collect_releases", as_of="2026-11-22", run="mine")
    assert HOSTILE in set(state.names["record"]["commodity"])
    with pd.option_context("display.max_rows", None, "display.max_colwidth", None):
        pages = [
            one._repr_html_() for cell in state.shown.values() for one in cell if hasattr(one, "_repr_html_")
        ]
    assert any("alert(1)" in page for page in pages), "the hostile source is not shown at all"
    for page in pages:
        assert "<script" not in page
        assert "<img" not in page


def test_hostile_names_are_text_in_the_report(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "data" / "raw", tmp_path / "data" / "raw")
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    write_sample(tmp_path)
    folder = tmp_path / "data" / "processed" / "sample"
    hits = 0
    for path in folder.glob("*.csv"):
        table = pd.read_csv(path)
        for column in (
            "source",
            "note",
            "reason",
            "reason_en",
            "text_en",
            "record_says_en",
            "commodity",
            "label",
        ):
            if column in table.columns and len(table):
                table[column] = HOSTILE
                hits += 1
        table.to_csv(path, index=False)
    assert hits >= 3
    document, _ = build_report(load_run("sample"))
    page = render_html(document).decode()
    assert "alert(1)" in page, "the hostile words are not shown at all"
    for sign in ("<script", "<img src=x", "onerror=alert(2)>", 'src="http://x.invalid'):
        assert sign not in page


def test_a_planted_key_appears_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, httpserver, capsys
) -> None:
    """Refusals, refusals that echo the key, breaks, redirects; logs, errors, files, tracebacks."""
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    for name in ("KOREA_CUSTOMS_API_KEY", "COMTRADE_API_KEY"):
        monkeypatch.setenv(name, KEY)
    answers = [
        Response(f"the key {KEY} is wrong", status=403),
        Response(f"<html>{KEY}</html>", content_type="text/html"),
        Response(f'{{"data": "{KEY}"}}', content_type="application/json"),
        Response(f"<a>{KEY}</a>", content_type="application/xml"),
        Response("", status=302, headers={"Location": f"http://x.invalid/?serviceKey={KEY}"}),
    ]
    said = []
    for answer in answers:
        for source, path in (
            ("korea", "/1220000/Itemtrade/getItemtradeList"),
            ("comtrade", "/data/v1/get/C/M/HS"),
        ):
            monkeypatch.setenv(f"CHIPEXPORTS_FETCH_BASE_{source.upper()}", httpserver.url_for("").rstrip("/"))
            httpserver.clear()
            httpserver.expect_request(path).respond_with_handler(lambda _, answer=answer: answer)
            assert main(["fetch", source, "--start", "2024-01", "--end", "2024-01"]) in (1, 2)
            said.append(capsys.readouterr())
    texts = [one.out + one.err for one in said]
    assert all(texts)
    texts += [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file()]
    secret = KEY.split("/")[0]
    assert not [text for text in texts if secret in text]
    note("planted_key_answers", SHORT, len(said))


def test_a_planted_key_is_in_no_log_of_what_was_not_foreseen(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    monkeypatch.setenv("COMTRADE_API_KEY", KEY)

    def broken(*_: object) -> None:
        raise KeyError(f"https://x.invalid/?key={KEY}")

    monkeypatch.setattr("chipexports.params.show.parameter_table", lambda markdown: broken())
    assert main(["params"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("error: KeyError, not foreseen")
    assert "planted-" not in err
    log = (tmp_path / "reports" / "unforeseen.log").read_text()
    assert "Traceback" in log
    assert "planted-" not in log


def test_a_run_with_keys_in_its_environment_writes_them_nowhere() -> None:
    project = tiny_article()  # run with the keys
    assert "planted" not in project.stdout + project.stderr
    files = [path for path in project.root.rglob("*") if path.is_file()]
    assert len(files) > 30
    assert not [path for path in files if b"planted-4f1c" in path.read_bytes()]
    assert releases_path().exists()
    assert issubclass(UsageError, ChipExportsError)
    assert "COMTRADE_API_KEY" not in os.environ or os.environ["COMTRADE_API_KEY"] != KEY
