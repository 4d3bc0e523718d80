"""Start and stop JupyterLab and Voilà for a test: throw-away settings, loopback, own token."""

from __future__ import annotations

import json
import os
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from chipexports.lab.lab import prepare

PROJECT = Path(__file__).resolve().parents[2]
WORKSPACE = PROJECT / "tools" / "lab-workspace.json"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


@dataclass(frozen=True)
class Server:
    """A running server."""

    url: str
    token: str

    def get(self, path: str) -> object:
        """Ask the server's REST interface."""
        headers = {"Authorization": f"token {self.token}"}
        return httpx.get(f"{self.url}/{path}", headers=headers, timeout=20).json()


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(folder: Path, root: Path) -> dict[str, str]:
    """Return an environment whose Jupyter knows nothing of the user's own settings."""
    places = {
        "JUPYTER_CONFIG_DIR": folder / "config",
        "JUPYTER_DATA_DIR": folder / "data",
        "JUPYTER_RUNTIME_DIR": folder / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": folder / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": folder / "workspaces",
        "IPYTHONDIR": folder / "ipython",
        "CHIPEXPORTS_ROOT": root,
        "JUPYTER_PATH": PROJECT / "tools" / "jupyter",
    }
    for place in places.values():
        place.mkdir(parents=True, exist_ok=True)
    quiet = folder / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    quiet.parent.mkdir(parents=True, exist_ok=True)
    quiet.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}), encoding="utf-8")
    timed = folder / "settings" / "@jupyterlab" / "notebook-extension" / "tracker.jupyterlab-settings"
    timed.parent.mkdir(parents=True, exist_ok=True)
    timed.write_text(json.dumps({"recordTiming": True}), encoding="utf-8")
    workspace = {"JUPYTERLAB_WORKSPACES_DIR": str(places["JUPYTERLAB_WORKSPACES_DIR"])}
    importing = [sys.executable, "-m", "jupyterlab", "workspaces", "import", str(WORKSPACE)]
    subprocess.run(importing, env=os.environ | workspace, check=True, capture_output=True, timeout=60)
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return os.environ | threads | {name: str(place) for name, place in places.items()}


@contextmanager
def running(command: list[str], folder: Path, root: Path, url: str, token: str) -> Iterator[Server]:
    """Run a server until the block ends; its output goes to ``server.log`` in ``folder``."""
    log = (folder / "server.log").open("wb")
    process = subprocess.Popen(
        command,
        cwd=root,
        env=_environment(folder, root),
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        wait_until_answers(url, token, process, folder / "server.log")
        yield Server(url, token)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=15)
        log.close()


def wait_until_answers(url: str, token: str, process: subprocess.Popen, log: Path, limit: float = 60) -> None:
    """Wait until the server answers."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if process.poll() is not None:
            raise AssertionError(f"the server ended: {log.read_text(encoding='utf-8')[-2000:]}")
        try:
            if httpx.get(f"{url}/static/favicon.ico", params={"token": token}, timeout=5).status_code < 500:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"no answer after {limit} s: {log.read_text(encoding='utf-8')[-2000:]}")


@contextmanager
def jupyterlab(folder: Path, root: Path) -> Iterator[Server]:
    """Run JupyterLab on loopback with a token of its own."""
    port, token = free_port(), secrets.token_hex(16)
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--allow-root",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={token}",
        f"--ServerApp.root_dir={root}",
        "--LabApp.expose_app_in_browser=True",
        *prepare(folder / "config"),
    ]
    with running(command, folder, root, f"http://127.0.0.1:{port}", token) as server:
        yield server


def app_options() -> list[str]:
    """Return the options `make app` gives Voilà."""
    lines = (PROJECT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    (line,) = [line for line in lines if line.startswith("VOILA :=")]
    return shlex.split(line.partition(":=")[2])


@contextmanager
def voila(folder: Path, root: Path, notebook: str) -> Iterator[Server]:
    """Serve one notebook as a page through Voilà on loopback."""
    port, token = free_port(), secrets.token_hex(16)
    command = [
        sys.executable,
        "-m",
        "voila",
        notebook,
        "--no-browser",
        f"--port={port}",
        "--Voila.port_retries=0",
        *(f"--token={token}" if option == "--token" else option for option in app_options()),
    ]
    with running(command, folder, root, f"http://127.0.0.1:{port}", token) as server:
        yield server
