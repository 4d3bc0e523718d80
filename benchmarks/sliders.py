"""What a visitor of the sliders waits for, in ratios to a bare page with one slider and one chart.

    .venv/bin/python benchmarks/sliders.py [ROUNDS]

Serves both pages by Voilà with the options of `make app`, opens each in headless Chromium, and moves its
slider: seconds until the first view and until a change is seen (least of the rounds), and the ratios.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from browser import servers  # noqa: E402 (the tests' own way to start a server)

BARE = """import ipywidgets as widgets
import pandas as pd
import plotly.graph_objects as go
slider, told = widgets.IntSlider(), widgets.HTML('<span class="cx-median">0</span>')
chart = go.FigureWidget(go.Scatter(y=pd.Series(range(12))))
def follow(change):
    told.value = f'<span class="cx-median">{change["new"]}</span>'
    chart.data[0].y = pd.Series(range(12)) * change["new"]
slider.observe(follow, "value")
widgets.VBox([told, slider, chart])"""
SHOWN = ".cx-median"
WARMING = 8.0  # seconds in which the server runs the notebook for the next visitor
KEY = {"bare page": "ArrowRight", "sliders": "ArrowLeft"}


def measure(browser: Browser, server: servers.Server, key: str) -> tuple[float, float]:
    """Return seconds until the first view and until a change is seen."""
    time.sleep(WARMING)
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    started = time.perf_counter()
    page.goto(f"{server.url}/?token={server.token}", wait_until="domcontentloaded")
    page.wait_for_selector(SHOWN, timeout=60_000)
    first_view = time.perf_counter() - started
    page.wait_for_selector(".js-plotly-plot")
    before = page.locator(SHOWN).first.inner_text()
    handle = page.locator(".noUi-handle").first
    handle.focus()
    started = time.perf_counter()
    handle.press(key)
    page.wait_for_function(
        "([selector, old]) => document.querySelector(selector).innerText !== old", arg=[SHOWN, before]
    )
    change = time.perf_counter() - started
    page.close()
    return first_view, change


def main(rounds: int = 5) -> None:
    """Print seconds and ratios of both pages."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in KEY}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        project = Path(folder) / "project"
        for name in ("notebooks", "params", "data/raw"):
            shutil.copytree(ROOT / name, project / name)
        cell = nbformat.v4.new_code_cell(BARE)
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), project / "notebooks" / "bare.ipynb")
        browser = playwright.chromium.launch(executable_path=executable, args=servers.CHROMIUM_FLAGS)
        for name, notebook in {"bare page": "bare.ipynb", "sliders": "explore_forecast.ipynb"}.items():
            own = Path(folder) / name
            own.mkdir()
            with servers.voila(own, project, f"notebooks/{notebook}") as server:
                measure(browser, server, KEY[name])  # warms the browser's cache
                seconds[name] = [measure(browser, server, KEY[name]) for _ in range(rounds)]
        browser.close()
    least = {name: [min(column) for column in zip(*values, strict=True)] for name, values in seconds.items()}
    for place, what in enumerate(("first view", "a change")):
        bare, page = (least[name][place] for name in KEY)
        print(f"{what}: bare page {bare:.2f} s, sliders {page:.2f} s, ratio {page / bare:.2f}")
    print(f"sliders: a change takes {least['sliders'][1] / least['sliders'][0]:.3f} of the first view")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
