"""Processes forked by the server, as seen from the one that asks for them: a kernel, or one call."""

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

SOCKET = "WARM_KERNELS_SOCKET"  # where the server answers
SERVER = "WARM_KERNELS_SERVER"  # its process id
IMPORTS = "WARM_KERNELS_IMPORTS"  # what it is to import, as JSON
FAILED = "failed"  # beside the socket: why it could not start
PATIENCE = 120.0  # seconds


class ForkedProcess:
    """The part of `subprocess.Popen` that a provisioner uses, for a child of the server.

    A request is as in `chipexports.kernels.server`; an OSError says that the server does not answer or could
    not fork.
    """

    stdin = stdout = stderr = None

    def __init__(self, request: dict[str, Any]) -> None:
        self.connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.connection.connect(os.environ[SOCKET])
            self.connection.sendall(json.dumps(request).encode() + b"\n")
            self.received = b""
            answer = json.loads(self._line() or "{}")
            if "pid" not in answer:
                raise ConnectionError("the fork server gave no process")
        except OSError:
            self.connection.close()
            raise
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
        """Return the exit status, or None while the process runs."""
        if self.returncode is None and (self.received or select.select([self.connection], [], [], 0)[0]):
            try:
                line = self._line()
            except ConnectionError:
                line = b""
            self.returncode = json.loads(line)["status"] if line else -signal.SIGKILL
            self.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Return the exit status, waiting for it; None if the process runs beyond ``timeout`` seconds."""
        if self.returncode is None and not self.received:
            select.select([self.connection], [], [], timeout)
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send a signal to the process unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask the process to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process."""
        self.send_signal(signal.SIGKILL)

    def close(self) -> None:
        """Close the connection; the server kills a process that still runs."""
        self.connection.close()


def log_file() -> Path:
    """Return the file that takes what kernels write outside of their notebooks."""
    from jupyter_core.paths import jupyter_runtime_dir

    return Path(jupyter_runtime_dir()) / "kernels.log"


def wait_for_server(timeout: float = PATIENCE) -> bool:
    """Wait until the server answers; False when it does not, and ordinary kernels must do."""
    path = os.environ.get(SOCKET)
    deadline = time.monotonic() + timeout
    while path and time.monotonic() < deadline:
        if Path(path).exists():
            return True
        if Path(path).with_name(FAILED).exists() or not _lives(int(os.environ.get(SERVER, "0"))):
            return False
        time.sleep(0.02)
    return False


def _lives(pid: int) -> bool:
    import psutil

    try:
        return pid > 0 and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def call(*calls: tuple[str, dict[str, Any]]) -> list[Any]:
    """Return what functions return, each called in a warm process of its own, side by side.

    Parameters
    ----------
    *calls
        Pairs of ``"module:function"`` and its keyword arguments. Arguments and results are what JSON
        can carry. Without a server (see `warm_kernels`) the calls are done here, one after the other.

    Returns
    -------
    list
        A result per call, in order.

    Raises
    ------
    Exception
        What a function raised, of the same kind where that can be made from its text, a RuntimeError
        otherwise; a RuntimeError also where its process died.

    Examples
    --------
    >>> call(("math:gcd", {}), ("os.path:basename", {"p": "a/b"}))[1]
    'b'
    """
    processes: list[ForkedProcess] = []
    try:
        if wait_for_server():
            place = {"cwd": str(Path.cwd()), "env": dict(os.environ), "log": str(log_file())}
            for function, arguments in calls:
                processes.append(ForkedProcess({"call": function, "arguments": arguments, **place}))
    except OSError:  # the server is gone: what has begun is dropped and done here
        for process in processes:
            process.close()
        processes = []
    if not processes:
        named = [(function.split(":"), arguments) for function, arguments in calls]
        return [getattr(import_module(module), name)(**given) for (module, name), given in named]
    try:
        return [_outcome(process) for process in processes]
    finally:
        for process in processes:
            process.close()


def _outcome(process: ForkedProcess) -> Any:
    try:
        answer = process.answer()
    except ConnectionError:
        answer = {}
    if "result" in answer:
        return answer["result"]
    if "error" not in answer:
        raise RuntimeError("the process doing it died (out of memory, or killed from outside)")
    module, _, name = answer["kind"].partition(":")
    with contextlib.suppress(ImportError, AttributeError, TypeError):
        kind = getattr(import_module(module), name)
        if module != "builtins":
            raise kind(answer["error"])
    raise RuntimeError(f"{name}: {answer['error']} ({answer['where']})")
