"""The documents: links resolve, what they name exists, what is computed is fresh, both languages agree."""

from __future__ import annotations

import calendar
import contextlib
import importlib
import importlib.util
import io
import json
import re
import subprocess
from collections import Counter
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from chipexports.run.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
READMES = [ROOT / "README.md", ROOT / "README.zh.md"]
PAGES = [*READMES, ROOT / "data" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LISTED = [f"{name}.md" for name in ("methods", "data", "architecture", "scaling", "reliability", "security")]
LISTED += ["CHANGELOG.md", "CONTRIBUTING.md", "glossary.md"]
TOP = "notebooks data figures params reports src tests benchmarks docs tools"
MONTHS = [m for m in calendar.month_name if m]
TEXT = (".md", ".py", ".yml", ".yaml", ".toml", ".ipynb", ".sh", ".lock", ".json", ".txt", ".in")
COMPUTED = re.compile(r"<!-- computed: [a-z:-]+ -->\n.*?<!-- end -->", re.DOTALL)
HAN = re.compile(r"[\u4e00-\u9fff]")
NUMBER = re.compile(r"(?<![A-Za-z0-9_.])\d[\d,]*(?:\.\d+)?")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose(text: str) -> str:
    """Return a page without fenced blocks, formulas and inline code."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"\$\$.*?\$\$|\$[^$\n]+\$", "", text, flags=re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", text)


def slug(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    kept = re.sub(r"[^\w\- ]", "", re.sub(r"[`*]", "", heading).strip().lower())
    return kept.replace(" ", "-")


def headings(text: str) -> list[str]:
    bare = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^#+ .*$", bare, re.MULTILINE)


def load(path: Path) -> ModuleType:
    """Import a script of tools/ as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def names(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("name", LISTED)
def test_every_document_is_there(name: str) -> None:
    text = read(ROOT / "docs" / name)
    assert text.startswith("# ")
    assert len(text) > 500


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_links_resolve(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(read(page))):
        if target.startswith(("http://", "https://")):
            continue
        file, _, anchor = target.partition("#")
        path = (page.parent / file).resolve() if file else page
        assert path.exists(), target
        if anchor:
            assert anchor in {slug(line.lstrip("# ")) for line in headings(read(path))}, target


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_paths_named_exist(page: Path) -> None:
    made = re.compile(
        r"<|…|\*|import-2025|^data/raw/gacc/pages/|^(data/processed|data/forecasts|reports|figures|artifacts)/\w"
    )
    found = re.findall(rf"`((?:{TOP.replace(' ', '|')}|\.ci)/[^`\s]*)`", read(page))
    for path in found:
        places = (ROOT / path, ROOT / "src" / "chipexports" / path)
        assert made.search(path) or any(place.exists() for place in places), path


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_modules_named_exist(page: Path) -> None:
    for name in set(re.findall(r"`(chipexports(?:\.\w+)+)(?:\(\))?`", read(page))):
        parts = name.split(".")
        found = None
        for cut in range(len(parts), 0, -1):
            with contextlib.suppress(ModuleNotFoundError):
                found = importlib.import_module(".".join(parts[:cut]))
                break
        for attribute in parts[cut:]:
            found = getattr(found, attribute)  # raises where the document names what is not there


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_commands_named_exist(page: Path) -> None:
    text = read(page)
    targets = set(re.findall(r"^([a-z-]+):", read(ROOT / "Makefile"), re.MULTILINE))
    for target in re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE):
        assert target in targets, target
    for command in re.findall(r"python -m chipexports ([a-z]\w*)", text):
        assert command in COMMANDS, command
    for module in re.findall(r"python -m (chipexports\.[\w.]+)", text):
        assert importlib.util.find_spec(module), module
    for path in re.findall(r"-m chipexports (?:run|sweep) (params/\S+\.yaml)", text):
        assert (ROOT / path).exists() or path in text.split("# ")[1:][0] or f"# {path}" in text, path


def test_no_path_of_a_machine_and_no_package_registry() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    machine = re.compile(r"""(?:^|[\s"'(=:])(?:/(?:home|Users)/\w+/|/(?:work|root)/\w)""", re.MULTILINE)
    registry = re.compile("|".join(("pypi[.]org", "pythonhosted[.]org", "anaconda[.]org/", "npmjs[.]com")))
    for path in (ROOT / name for name in listed.stdout.split("\0") if name.endswith(TEXT)):
        if path.is_file():
            text = read(path)
            assert not machine.search(text), names(path)
            assert not registry.search(text), names(path)


def test_both_readmes_have_the_same_sections_marks_and_blocks() -> None:
    english, chinese = (read(path) for path in READMES)
    chinese = chinese.replace("/zh/", "/")  # the same figures, drawn in Chinese
    pages = (english, chinese)
    assert [len(h.split()[0]) for h in headings(english)] == [len(h.split()[0]) for h in headings(chinese)]
    for pattern in (
        r"<!-- computed: [a-z:-]+ -->",
        r"^```.*?^```$",
        r"\]\(((?!README)[^)]+)\)",
        r"^\| `[^`]+`",
    ):
        flags = re.MULTILINE | re.DOTALL
        # a comment in a block of commands is in the page's language
        same = [[re.sub(r" +# .*", "", x) for x in re.findall(pattern, page, flags)] for page in pages]
        assert same[0] == same[1], pattern


def numbers(text: str) -> list[Counter[str]]:
    """Return the numbers of each section, months as numbers, computed parts and code left out."""
    text = prose(COMPUTED.sub("", text))
    for number, month in enumerate(MONTHS, start=1):
        text = re.sub(rf"\b{month}\b(?! be)", f" {number} ", text)
    text = re.sub(r"(\d)([年月日])", r"\1 ", text)
    parts = re.split(r"^#+ .*$", text, flags=re.MULTILINE)
    return [Counter(found for found in NUMBER.findall(part)) for part in parts]


def test_both_readmes_have_the_same_numbers() -> None:
    for english, chinese in zip(*(numbers(read(path)) for path in READMES), strict=True):
        assert english == chinese


def test_the_chinese_readme_is_chinese() -> None:
    sentences = [line for line in prose(COMPUTED.sub("", read(READMES[1]))).splitlines() if len(line) > 25]
    assert all(HAN.search(line) for line in sentences if not line.startswith("|--"))


def test_computed_parts_of_the_readmes_are_fresh() -> None:
    readme = load(ROOT / "tools" / "readme.py")
    for path, language in zip(READMES, ("en", "zh"), strict=True):
        assert readme.fill(read(path), language) == read(path), f"{path.name} is stale: run `make readme`"


def test_the_chinese_parameter_words_are_complete() -> None:
    import yaml

    from chipexports.params.model import describe

    words = yaml.safe_load(read(ROOT / "tools" / "parameters.zh.yml"))
    assert list(words["meaning"]) == [row["name"] for row in describe()]
    units = {row["unit"] for row in describe()} - {""}
    assert set(words["unit"]) == {unit for unit in units if " | " not in unit}


def test_the_page_on_data_is_fresh() -> None:
    page = load(ROOT / "tools" / "data_doc.py")
    assert page.fill(read(page.PAGE)) == read(page.PAGE), "docs/data.md is stale: run tools/data_doc.py"


def test_constants_named_in_methods_are_those_of_the_code() -> None:
    text = read(ROOT / "docs" / "methods.md")
    found = re.findall(r"`([a-z_.0-9]+)\.([A-Z_]+)` = (\d+(?:\.\d+)?)", text)
    assert len(found) > 12
    for module, name, value in found:
        actual = getattr(importlib.import_module(f"chipexports.{module}"), name)
        assert float(value) == actual, f"{module}.{name}"


def test_every_method_and_combination_is_explained() -> None:
    from chipexports.clean.arithmetic import BASES
    from chipexports.forecast.fullyear import COMBINATIONS, METHODS

    text = read(ROOT / "docs" / "methods.md")
    for name in (*METHODS, *COMBINATIONS, *BASES):
        assert f"`{name}`" in text, name


def test_the_plan_for_ten_thousand_sets_is_computed() -> None:
    text = read(ROOT / "docs" / "scaling.md")
    code = re.search(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    shown = re.search(r"^```text\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert code
    assert shown
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code[1], {})
    assert out.getvalue() == shown[1]


def test_the_glossary_speaks_both_languages() -> None:
    from chipexports.clean.arithmetic import BASES

    rows = re.findall(r"^\| (?!term |---)(.*) \|$", read(ROOT / "docs" / "glossary.md"), re.MULTILINE)
    terms = []
    for row in rows:
        term, chinese, meaning, chinese_meaning = row.split(" | ")
        assert not HAN.search(term + meaning), row
        assert HAN.search(chinese), row
        assert HAN.search(chinese_meaning), row
        terms.append(term)
    assert len(terms) == len(set(terms)) > 50
    assert {f"`{basis}`" for basis in BASES} <= set(terms)


def test_every_table_named_in_the_picture_is_written_by_a_run() -> None:
    from chipexports.run.tables import MADE_BY

    picture = read(ROOT / "docs" / "architecture.md").split("```mermaid")[1].split("```")[0]
    assert {Path(name).stem for name in re.findall(r"\w+\.csv", picture)} <= set(MADE_BY)


def test_every_folder_of_the_package_is_in_the_architecture() -> None:
    text = read(ROOT / "docs" / "architecture.md")
    for path in sorted((ROOT / "src" / "chipexports").iterdir()):
        if (path / "__init__.py").is_file():
            assert f"`{path.name}/`" in text, path.name


def test_notebooks_named_in_the_readme_are_all_there_are() -> None:
    named = set(re.findall(r"`notebooks/(\w+)\.ipynb`", read(READMES[0])))
    assert named == {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert json.loads(read(path))["cells"], path.name


def test_tables_of_coverage_are_those_last_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    bench = load(ROOT / "benchmarks" / "coverage.py")
    text = read(ROOT / "docs" / "methods.md")
    table = pd.read_csv(bench.RESULTS)
    assert bench.fill(text, bench.blocks(table)) == text, "run python benchmarks/coverage.py"
    # what the page promises: intervals hold what they say, of single methods and of pools
    assert table["inside_80"].between(74, 88).all()
    assert table["inside_95"].between(90, 98.5).all()
    assert set(bench.POOLS) == set(table["pool"])


def test_tables_beside_peers_are_those_last_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    beside, page = (load(ROOT / "benchmarks" / f"{name}.py") for name in ("beside", "page"))
    text = read(ROOT / "docs" / "methods.md")
    table = pd.read_csv(beside.RESULTS)
    assert page.fill(text, beside.blocks(table)) == text, "run make bench PANEL=file.csv"
    # the engine and every peer on every set, as many forecasts each
    sizes = table[table["method"] != beside.BASELINE].groupby("set")["n_cases"]
    assert (sizes.max() == sizes.min()).all()
    assert (table.groupby("set")["method"].nunique() >= 6).all()
