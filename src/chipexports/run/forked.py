"""Processes forked by the fork server: a kernel, or one call of the library."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_runtime_dir

from chipexports.base.errors import ChipExportsError, UsageError

SOCKET = "CHIPEXPORTS_KERNEL_SOCKET"


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
        """Return the exit status, waiting for it.

        Parameters
        ----------
        timeout : float, optional
            Seconds to wait at most; by default without end.

        Returns
        -------
        int or None
            None while the kernel runs.
        """
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


def log_file() -> Path:
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
    place = {"cwd": str(Path.cwd()), "env": dict(os.environ), "log": str(log_file())}
    return {"call": function, "arguments": arguments, **place}


def outcome(process: ForkedProcess) -> Any:
    """Return what a call in a forked process returned; waits for it.

    Raises
    ------
    UsageError
        The call raised one.
    ChipExportsError
        The call raised anything else, or its process died.
    """
    try:
        answer = process.answer()
    finally:
        process.close()
    if "result" in answer:
        return answer["result"]
    message = answer.get("error", "the process doing it died (out of memory, or killed from outside)")
    raise (UsageError if answer.get("exit_code") == UsageError.exit_code else ChipExportsError)(message)


def wait_for_server(timeout: float = 120.0) -> bool:
    """Wait until the server answers.

    Parameters
    ----------
    timeout : float
        Seconds to wait at most.

    Returns
    -------
    bool
        False when it does not, and ordinary kernels must do.
    """
    path = os.environ.get(SOCKET)
    deadline = time.monotonic() + timeout
    while path and time.monotonic() < deadline:
        if Path(path).exists():
            return True
        time.sleep(0.02)
    return False
