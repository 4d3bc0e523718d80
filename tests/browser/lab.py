"""JupyterLab driven through its own application object: menus and cells out of view are not relied on."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from browser.servers import Server

READY = "() => window.jupyterapp && window.jupyterapp.restored.then(() => true)"
OPEN = """async path => {
  const app = window.jupyterapp;
  const panel = await app.commands.execute('docmanager:open', {path, factory: 'Notebook'});
  await panel.context.ready;
  await panel.sessionContext.ready;
  app.shell.activateById(panel.id);
  return panel.sessionContext.session.kernel.id;
}"""
RUN_ALL = "() => window.jupyterapp.commands.execute('notebook:run-all-cells')"
CONTENT = "() => window.jupyterapp.shell.currentWidget.context.model.toJSON()"
CLOSE = """async () => {
  const panel = window.jupyterapp.shell.currentWidget;
  await panel.sessionContext.shutdown();
  await panel.context.revert();
  panel.dispose();
}"""


def open_lab(page: Page, server: Server) -> None:
    """Load JupyterLab and wait until its application answers."""
    page.goto(f"{server.url}/lab?token={server.token}", wait_until="domcontentloaded")
    page.wait_for_function("() => window.jupyterapp !== undefined", timeout=60_000)
    page.evaluate(READY)


def open_notebook(page: Page, server: Server, path: str) -> str:
    """Open a notebook, wait until the server says its kernel is idle, and return the kernel's id."""
    kernel = page.evaluate(OPEN, path)
    wait_until_idle(server, kernel, 60)
    return kernel


def wait_until_idle(server: Server, kernel: str, seconds: float) -> None:
    """Wait until the server's REST interface says that a kernel is idle."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        state: Any = server.get(f"api/kernels/{kernel}")
        if state.get("execution_state") == "idle":
            return
        time.sleep(0.1)
    raise AssertionError(f"kernel {kernel} is not idle after {seconds} s")


def run_all(page: Page, server: Server, kernel: str, seconds: float = 120) -> dict[str, Any]:
    """Run all cells and return the notebook as it stands then."""
    page.set_default_timeout(1000 * seconds)
    page.evaluate(RUN_ALL)
    wait_until_idle(server, kernel, seconds)
    return page.evaluate(CONTENT)


def close_notebook(page: Page) -> None:
    """Shut the kernel down and close the notebook without saving."""
    page.evaluate(CLOSE)


def outputs(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all outputs of all code cells."""
    return [out for cell in notebook["cells"] for out in cell.get("outputs", [])]


def errors(notebook: dict[str, Any]) -> list[str]:
    """Return error outputs, as name and message."""
    return [f"{o['ename']}: {o['evalue']}" for o in outputs(notebook) if o["output_type"] == "error"]


def headings(notebook: dict[str, Any]) -> str:
    """Return the titles of a notebook's sections, a line each."""
    prose = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    return "\n".join(line for text in prose for line in text.splitlines() if line.startswith("#"))


def images(notebook: dict[str, Any]) -> int:
    """Return how many pictures the outputs hold."""
    found = (o.get("data", {}) for o in outputs(notebook))
    return sum("image/png" in data or "image/svg+xml" in data for data in found)


def seconds(notebook: dict[str, Any]) -> dict[int, float]:
    """Return how long each code cell ran, by its place, as JupyterLab recorded it."""
    found = {}
    for place, cell in enumerate(notebook["cells"]):
        times = cell["metadata"].get("execution", {})
        if {"iopub.execute_input", "shell.execute_reply"} <= times.keys():
            start, end = (
                datetime.fromisoformat(times[key]) for key in ("iopub.execute_input", "shell.execute_reply")
            )
            found[place] = (end - start).total_seconds()
    return found


def shows_progress(cell: dict[str, Any]) -> bool:
    """Return whether a cell's outputs hold a progress bar, as a widget or as text."""
    for out in cell.get("outputs", []):
        if "application/vnd.jupyter.widget-view+json" in out.get("data", {}):
            return True
        if "%|" in "".join(out.get("text", "")):
            return True
    return False


def note(folder: Path, name: str, values: dict[str, float]) -> None:
    """Keep measured figures among the test's artifacts."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{label}: {value:.2f}" for label, value in values.items()]
    (folder / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def shot(page: Page, folder: Path, name: str) -> None:
    """Keep a screenshot among the test's artifacts."""
    folder.mkdir(parents=True, exist_ok=True)
    page.wait_for_timeout(1200)  # what follows a pause, and pictures still being decoded
    page.screenshot(path=folder / f"{name}.png")
