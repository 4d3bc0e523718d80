"""The notebooks, the exploring page and the report in a real browser: headless Chromium by Playwright."""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sample_run import write_sample

from chipexports.report.build import write_report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; Debian: apt-get install chromium"),
]
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed; run `make setup`")

from browser import lab, servers  # noqa: E402 (only where a browser can be had)

ROOT = Path(__file__).resolve().parents[1]
ARTIFACTS = ROOT / "artifacts"
# figures each notebook must show at least
FIGURES = {
    "01_collect_releases": 2,
    "02_clean_series": 2,
    "03_explore_exports": 16,
    "04_model_exports": 6,
    "05_backtest_methods": 4,
    "06_forecast_full_year": 6,
    "07_check_article": 0,
}
LONGEST_CELL = 5.0
# how long a change of the sliders takes at most, of the first view (benchmarks/sliders.py: a twentieth)
A_CHANGE = 0.3
AXE = "axe-core@4.10.3"
MEDIAN = ".cx-median"
CHART = ".js-plotly-plot"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project that notebooks may write to."""
    copy = tmp_path_factory.mktemp("desk") / "project"
    skip = shutil.ignore_patterns(".ipynb_checkpoints")
    for name in ("notebooks", "params", "data/raw"):
        shutil.copytree(ROOT / name, copy / name, ignore=skip)
    shutil.copy(ROOT / "README.md", copy / "README.md")
    for name in ("data/processed", "data/forecasts", "figures", "reports"):
        (copy / name).mkdir(parents=True, exist_ok=True)
    return copy


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    """Return one Chromium for all tests of this file; its event loop must not outlive them."""
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=servers.CHROMIUM_FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def lab_server(desk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """Return one JupyterLab for all tests."""
    with servers.jupyterlab(tmp_path_factory.mktemp("lab"), desk) as server:
        yield server


@pytest.fixture(scope="module")
def lab_page(browser: sync_api.Browser, lab_server: servers.Server) -> Iterator[sync_api.Page]:
    """Return JupyterLab in one page."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    lab.open_lab(page, lab_server)
    yield page
    page.close()


OFTEN = {("", "01_collect_releases"), ("zh/", "06_forecast_full_year")}


@pytest.mark.parametrize(
    ("edition", "name"),
    [
        pytest.param(edition, name, marks=() if (edition, name) in OFTEN else pytest.mark.slow)
        for edition in ("", "zh/")
        for name in FIGURES
    ],
)
def test_notebook_runs_by_hand_in_jupyterlab(edition, name, lab_page, lab_server) -> None:
    kernel = lab.open_notebook(lab_page, lab_server, f"notebooks/{edition}{name}.ipynb")
    notebook = lab.run_all(lab_page, lab_server, kernel)
    lab.shot(lab_page, ARTIFACTS, edition.replace("/", "-") + name)
    lab.close_notebook(lab_page)
    assert lab.errors(notebook) == []
    assert lab.images(notebook) >= FIGURES[name]
    assert bool(re.search(r"[\u3400-\u9fff]", lab.headings(notebook))) == bool(edition)
    taken = lab.seconds(notebook)
    longest = max(LONGEST_CELL, sum(taken.values()) / 2)
    silent = [i for i, s in taken.items() if s > longest and not lab.shows_progress(notebook["cells"][i])]
    assert not silent, (
        f"cells longer than {longest:.0f} s, half of the notebook, without a progress bar: {silent}"
    )


def test_workspace_shows_readme_and_notebook_05(browser, lab_server, desk) -> None:
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    address = f"{lab_server.url}/lab/workspaces/chipexports?token={lab_server.token}"
    page.goto(address, wait_until="domcontentloaded")
    page.wait_for_selector(".jp-MarkdownViewer h1", timeout=60_000)
    page.wait_for_selector(".jp-Notebook h1")
    lab.shot(page, ARTIFACTS, "workspace")
    page.close()


def median(page: sync_api.Page) -> str:
    return page.locator(MEDIAN).first.inner_text()


def move_slider(page: sync_api.Page, keys: int = 1) -> tuple[str, float]:
    """Move the date slider to an earlier month; return the new forecast and how long it took."""
    before = median(page)
    handle = page.locator(".noUi-handle").first
    handle.focus()
    started = time.perf_counter()
    for _ in range(keys):
        handle.press("ArrowLeft")
    page.wait_for_function(
        "([selector, old]) => document.querySelector(selector).innerText !== old", arg=[MEDIAN, before]
    )
    return median(page), time.perf_counter() - started


def test_explore_follows_the_slider_and_saves_a_set(lab_page, lab_server, desk) -> None:
    kernel = lab.open_notebook(lab_page, lab_server, "notebooks/explore_forecast.ipynb")
    started = time.perf_counter()
    lab_page.evaluate(lab.RUN_ALL)
    lab_page.wait_for_selector(MEDIAN, timeout=60_000)
    first_view = time.perf_counter() - started
    lab.wait_until_idle(lab_server, kernel, 60)
    assert re.search(r"\d bn USD", median(lab_page))
    lab_page.wait_for_selector(CHART)
    _, taken = move_slider(lab_page)
    lab.wait_until_idle(lab_server, kernel, 60)
    assert "published" in hover(lab_page)
    lab_page.get_by_role("button", name="Save these settings").click()
    lab_page.wait_for_selector(".cx[role=status]")
    assert "python -m chipexports run params/my-forecast.yaml" in lab_page.inner_text(".cx[role=status]")
    lab.shot(lab_page, ARTIFACTS, "explore_forecast")
    notebook = lab_page.evaluate(lab.CONTENT)
    lab.close_notebook(lab_page)
    assert lab.errors(notebook) == []
    assert (desk / "params" / "my-forecast.yaml").is_file()
    lab.note(ARTIFACTS, "explore", {"first view, s": first_view, "a change, s": taken})
    assert taken < A_CHANGE * first_view


def hover(page: sync_api.Page) -> str:
    """Point at the first panel, over a published month; return what is said there."""
    panel = page.locator(f"{CHART} .nsewdrag").first
    panel.scroll_into_view_if_needed()
    box = panel.bounding_box()
    page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.move(box["x"] + 0.12 * box["width"], box["y"] + 0.5 * box["height"])
    page.wait_for_selector(f"{CHART} .hoverlayer .legend text")
    return page.locator(f"{CHART} .hoverlayer").first.text_content() or ""


@pytest.fixture(scope="module")
def app(desk, tmp_path_factory) -> Iterator[servers.Server]:
    """Return Voilà as `make app` starts it, on a copy of the project."""
    with servers.voila(tmp_path_factory.mktemp("voila"), desk, "notebooks/explore_forecast.ipynb") as server:
        yield server


@pytest.mark.parametrize(("width", "height"), [(1280, 1000), (390, 844)])
def test_explore_serves_as_a_page_through_voila(browser, app, width, height) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    started = time.perf_counter()
    page.goto(f"{app.url}/?token={app.token}", wait_until="domcontentloaded")
    page.wait_for_selector(MEDIAN, timeout=60_000)
    first_view = time.perf_counter() - started
    page.wait_for_selector(CHART)
    assert [url for url in asked if not url.startswith((app.url, "data:", "blob:"))] == []
    # the answer first, in the first screen, and nothing to scroll sideways for
    assert page.locator(".cx-chance").first.bounding_box()["y"] < 0.6 * height
    assert page.locator(".cx-head").first.bounding_box()["y"] < page.locator(CHART).first.bounding_box()["y"]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    _, taken = move_slider(page)
    assert "published" in hover(page)
    lab.shot(page, ARTIFACTS, f"voila-{width}")
    page.get_by_role("button", name="中文").click()
    page.wait_for_function("document.querySelector('.cx-answer').innerText.includes('预计')")
    page.wait_for_function("chart => document.querySelector(chart).textContent.includes('累计')", arg=CHART)
    lab.shot(page, ARTIFACTS, f"voila-{width}-zh")
    assert page.locator("text=Traceback").count() == 0
    page.close()
    lab.note(ARTIFACTS, f"voila-{width}", {"first view, s": first_view, "a change, s": taken})
    assert taken < A_CHANGE * first_view


@pytest.fixture(scope="module")
def axe() -> str:
    """Return the source of axe-core, fetched once through npm into ``.cache``."""
    folder = ROOT / ".cache" / "axe"
    script = folder / "package" / "axe.min.js"
    if not script.is_file():
        if shutil.which("npm") is None:
            pytest.skip("axe-core is not in .cache/axe and there is no npm to fetch it")
        folder.mkdir(parents=True, exist_ok=True)
        fetched = subprocess.run(
            ["npm", "pack", "--silent", AXE], cwd=folder, capture_output=True, timeout=120, check=False
        )
        if fetched.returncode:
            pytest.skip("axe-core is not in .cache/axe and npm cannot reach its registry")
        with tarfile.open(next(folder.glob("axe-core-*.tgz"))) as archive:
            archive.extractall(folder, filter="data")
    return script.read_text(encoding="utf-8")


def violations(page: sync_api.Page, axe: str, within: str = "document") -> list[str]:
    """Return what axe finds wrong with a page, or with a part of it."""
    page.evaluate(axe)
    options = "{resultTypes: ['violations']}"
    report = page.evaluate(f"() => axe.run({within}, {options})")
    return [f"{v['impact']} {v['id']}: {v['nodes'][0]['html'][:200]}" for v in report["violations"]]


def test_every_control_of_the_sliders_has_a_name(browser, app, axe) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.goto(f"{app.url}/?token={app.token}", wait_until="domcontentloaded")
    date = page.get_by_role("slider", name="Data up to")
    date.wait_for(timeout=60_000)
    page.wait_for_selector(CHART)
    assert re.search(r"\d{4}", date.get_attribute("aria-valuetext"))  # a date, not its place in the list
    before = date.get_attribute("aria-valuetext")
    move_slider(page)
    page.wait_for_function(
        "old => document.querySelector('.cx-as-of .noUi-handle').ariaValueText !== old", arg=before
    )
    assert page.get_by_role("slider", name="Growth ahead, %").count() == 1
    assert violations(page, axe, "document.querySelector('.cx-page')") == []
    page.get_by_role("button", name="中文").click()
    page.wait_for_function("document.querySelector('.cx-as-of .noUi-handle').ariaLabel.match(/[一-龥]/)")
    page.close()


@pytest.fixture
def sample_report(tmp_path, monkeypatch) -> Path:
    """Return the folder with the report of the small run in both languages."""
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    write_sample(tmp_path)
    for language in ("en", "zh"):
        write_report("sample", ["html"], language, figures=False)
    return tmp_path / "reports" / "sample"


@pytest.mark.parametrize("name", ["report", "report.zh"])
@pytest.mark.parametrize("width", [390, 1280])
def test_report_is_accessible_and_fits_the_screen(browser, axe, sample_report, name, width) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto((sample_report / f"{name}.html").as_uri())
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found = violations(page, axe)
    lab.shot(page, ARTIFACTS, f"{name}-{width}")
    page.close()
    assert found == []
