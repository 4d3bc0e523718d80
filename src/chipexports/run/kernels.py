"""Warm kernels: a jupyter_client provisioner that asks the fork server for a kernel.

Registered under ``jupyter_client.kernel_provisioners`` as ``chipexports-fork``; papermill and
nbclient use it unchanged when ``JUPYTER_DEFAULT_PROVISIONER_NAME`` names it, which
`warm_kernels` does for the time of a run. Linux and macOS only; elsewhere, or when the server
cannot be reached, the ordinary kernel is started.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_core.paths import jupyter_runtime_dir

from chipexports.errors import ChipExportsError, UsageError

SOCKET = "CHIPEXPORTS_KERNEL_SOCKET"
PROVISIONER = "chipexports-fork"
LAUNCHER = "ipykernel_launcher"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
# no history file, no completer: nothing a run needs
KERNEL_ARGUMENTS = ["--HistoryManager.enabled=False"]


class ForkedProcess:
    """The part of `subprocess.Popen` that a provisioner uses, for a child of the fork server."""

    stdin = stdout = stderr = None

    def __init__(self, request: dict[str, Any]) -> None:
        self.connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.connection.connect(os.environ[SOCKET])
        self.connection.sendall(json.dumps(request).encode() + b"\n")
        self.received = b""
        answer = json.loads(self._line() or "{}")
        if "pid" not in answer:
            raise ConnectionError("the fork server gave no kernel")
        self.pid: int = answer["pid"]
        self.returncode: int | None = None

    def _line(self) -> bytes:
        """Return the next line from the server; empty when the server is gone."""
        while b"\n" not in self.received:
            part = self.connection.recv(4096)
            if not part:
                return b""
            self.received += part
        line, _, self.received = self.received.partition(b"\n")
        return line

    def answer(self) -> dict[str, Any]:
        """Return the next message of the process; {} when it ended without one."""
        line = self._line()
        return json.loads(line) if line else {}

    def poll(self) -> int | None:
        """Return the exit status, or None while the kernel runs."""
        if self.returncode is None and (self.received or select.select([self.connection], [], [], 0)[0]):
            line = self._line()
            self.returncode = json.loads(line)["status"] if line else -signal.SIGKILL
            self.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Return the exit status, waiting for it at most ``timeout`` seconds."""
        if self.returncode is None and not self.received:
            select.select([self.connection], [], [], timeout)
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the kernel."""
        self.send_signal(signal.SIGKILL)

    def close(self) -> None:
        """Close the connection; the server kills a kernel that still runs."""
        self.connection.close()


class ForkProvisioner(LocalProvisioner):
    """Starts a kernel by forking from the process that has done the imports."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any):
        """Fork a kernel for ``cmd``; start it the ordinary way when that cannot be done."""
        if LAUNCHER not in cmd or not os.environ.get(SOCKET):
            return await self._launch_cold(cmd, **kwargs)
        request = {
            "argv": cmd[cmd.index(LAUNCHER) + 1 :],
            "cwd": os.fspath(kwargs.get("cwd") or Path.cwd()),
            "env": dict(kwargs.get("env") or os.environ),
            "log": str(_log()),
        }
        try:
            kernel = ForkedProcess(request)
        except OSError:
            return await self._launch_cold(cmd, **kwargs)
        self.process = kernel  # type: ignore[assignment]
        self.pid = self.pgid = kernel.pid  # type: ignore[assignment]
        self.cwd = request["cwd"]  # type: ignore[assignment]
        return self.connection_info

    async def _launch_cold(self, cmd: list[str], **kwargs: Any):
        """Start an ordinary kernel; what it writes to its streams goes to a log, not to the user."""
        with _log().open("ab") as log:
            return await super().launch_kernel(cmd, **{**kwargs, "stdout": log, "stderr": log})


def _log() -> Path:
    """Return the file that takes what kernels write outside of their notebooks."""
    return Path(jupyter_runtime_dir()) / "kernels.log"


def call(*calls: tuple[str, dict[str, Any]]) -> list[Any]:
    """Return what functions return, each done in a warm process of its own, side by side.

    Parameters
    ----------
    *calls
        Pairs of ``"module:function"`` and its keyword arguments. Arguments and results are what JSON
        can carry. Without a fork server the calls are done here, one after the other.

    Raises
    ------
    ChipExportsError
        With the message of whatever a function raised, or that its process died.
    """
    if not wait_for_server():
        named = [(function.split(":"), arguments) for function, arguments in calls]
        return [getattr(import_module(module), name)(**given) for (module, name), given in named]
    processes = [ForkedProcess(request_for(function, arguments)) for function, arguments in calls]
    try:
        return [outcome(process) for process in processes]
    finally:
        for process in processes:
            process.close()


def request_for(function: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the request for a call of ``function`` ("module:name") with JSON arguments."""
    env = dict(os.environ)
    return {"call": function, "arguments": arguments, "cwd": str(Path.cwd()), "env": env, "log": str(_log())}


def outcome(process: ForkedProcess) -> Any:
    """Return what a call in a forked process returned, or raise what it raised; waits for it."""
    try:
        answer = process.answer()
    finally:
        process.close()
    if "result" in answer:
        return answer["result"]
    message = answer.get("error", "the process doing it died (out of memory, or killed from outside)")
    raise (UsageError if answer.get("exit_code") == UsageError.exit_code else ChipExportsError)(message)


def can_fork() -> bool:
    """Say whether warm kernels can be had on this system."""
    return hasattr(os, "fork") and hasattr(socket, "AF_UNIX")


@contextlib.contextmanager
def warm_kernels(*, warm: bool = True) -> Iterator[Path]:
    """Make the kernels started inside this block warm ones; yield the folder of their sockets.

    Cold kernels (``warm=False``) get the same folder, so that both kinds talk over Unix sockets and
    nothing is left in the user's Jupyter folders. Leaving the block ends every kernel.
    """
    folder = Path(tempfile.mkdtemp(prefix="chipexports-", dir=_short_temporary_folder()))
    changes = {"JUPYTER_RUNTIME_DIR": str(folder), "JUPYTER_DEFAULT_PROVISIONER_NAME": PROVISIONER}
    changes["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    changes.update({name: os.environ.get(name, "1") for name in THREADS})
    server = start_server(folder / "fork", changes) if warm and can_fork() else None
    if server is not None:
        changes[SOCKET] = str(folder / "fork")
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield folder
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        if server is not None:
            stop_server(server)
        shutil.rmtree(folder, ignore_errors=True)


def _short_temporary_folder() -> str | None:
    """Return a folder whose Unix sockets fit in the 104 bytes an address may have."""
    return None if len(tempfile.gettempdir()) < 40 or not Path("/tmp").is_dir() else "/tmp"  # noqa: S108


def start_server(path: Path, changes: dict[str, str]) -> subprocess.Popen:
    """Start the fork server; it answers at ``path`` once its imports are done."""
    command = [sys.executable, "-P", "-m", "chipexports.run.forkserver", str(path)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, env={**os.environ, **changes}, start_new_session=True
    )


def wait_for_server(timeout: float = 120.0) -> bool:
    """Wait until the server answers; False when it does not and ordinary kernels must do."""
    path = os.environ.get(SOCKET)
    deadline = time.monotonic() + timeout
    while path and time.monotonic() < deadline:
        if Path(path).exists():
            return True
        time.sleep(0.02)
    return False


def stop_server(server: subprocess.Popen) -> None:
    """End the fork server; it kills the kernels that still run."""
    if server.stdin is not None:
        server.stdin.close()
    try:
        server.wait(timeout=5)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
