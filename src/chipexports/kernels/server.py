"""The process that has done the imports and forks a kernel for every request.

Started as ``python -m chipexports.kernels.server SOCKET`` before any thread exists. A request is one line
of JSON on a connection of its own, for a kernel (``argv``) or for a call (``call``: "module:function",
``arguments``), each with ``cwd`` and ``env``. The answer is ``{"pid": …}``, for a kernel ``{"ready": true}``
once it will answer, for a call ``{"result": …}`` or ``{"error": …}``, and at the end ``{"status": …}``. A
closed connection kills the process that belongs to it; a closed standard input ends the server, and with
the server everything it has forked ends, however it ends.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import Any

from chipexports.kernels import insides
from chipexports.kernels.process import FAILED, IMPORTS


class Server:
    """Forks kernels for the connections of one Unix socket; one thread, no locks."""

    def __init__(self, path: str) -> None:
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen(64)
        self.kernels: dict[int, socket.socket] = {}
        self.wake, self.wake_write = os.pipe()
        for end in (self.wake, self.wake_write):
            os.set_blocking(end, False)
        # nobody writes here: children read until the server, which alone keeps the other end, is gone
        self.alive, self.alive_write = os.pipe()

    def serve(self, coming: list[str]) -> None:
        """Answer requests until standard input closes; import what is still ``coming`` in between."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.wake_write, warn_on_full_buffer=False)
        while True:
            watched: list[Any] = [self.listener, self.wake, 0, *self.kernels.values()]
            ready, _, _ = select.select(watched, [], [], 0 if coming else None)
            if not ready and coming:
                preload(coming.pop(0))
                continue
            if 0 in ready:
                break
            if self.wake in ready:
                os.read(self.wake, 4096)
                self.reap()
            for pid, connection in list(self.kernels.items()):
                if connection in ready:
                    self.drop(pid)
            if self.listener in ready:
                self.accept()
        for pid in list(self.kernels):
            self.drop(pid)

    def accept(self) -> None:
        """Take one request, fork its kernel and answer with the process id."""
        connection, _ = self.listener.accept()
        pid = 0
        try:
            with connection.makefile("r", encoding="utf-8") as lines:
                request = json.loads(lines.readline() or "{}")
            if not request:
                connection.close()
                return
            gc.collect()
            gc.freeze()
            server = os.getpid()
            pid = os.fork()
            if pid == 0:
                self.become_child(request, connection, server)
            _own_group(pid)
            self.kernels[pid] = connection
            connection.sendall(json.dumps({"pid": pid}).encode() + b"\n")
        except (OSError, ValueError):
            # the driver went away between its request and our answer, or no process could be had
            if pid:
                self.drop(pid)
            else:
                connection.close()

    def reap(self) -> None:
        """Report every kernel that ended on its connection, and let go of those that were dropped."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            connection = self.kernels.pop(pid, None)
            if connection is not None:
                _tell(connection, {"status": os.waitstatus_to_exitcode(status)})
                connection.close()

    def drop(self, pid: int) -> None:
        """Kill a kernel whose driver closed the connection."""
        connection = self.kernels.pop(pid)
        for kill in (os.killpg, os.kill):
            try:
                kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        connection.close()

    def become_child(self, request: dict, connection: socket.socket, server: int) -> None:
        """In the child: leave everything of the server behind, do what was asked; never returns."""
        code = 1
        try:
            os.close(self.alive_write)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            _own_group(0)
            insides.die_with_parent(server, self.alive)
            for used in (self.listener, *self.kernels.values()):
                used.close()
            for end in (self.wake, self.wake_write):
                os.close(end)
            _quiet_streams(request.get("log"))
            os.environ.clear()
            os.environ.update(request["env"])
            os.environ["JPY_PARENT_PID"] = str(server)
            os.chdir(request["cwd"])
            _reseed()
            code = _call(request, connection) if "call" in request else _kernel(request, connection)
        finally:
            os._exit(code)


def preload(name: str) -> None:
    """Import ``name`` if it can be had, and call the function it names (``module:function``).

    What cannot be had is left to the notebook that misses it, which says so.
    """
    module, _, function = name.partition(":")
    with contextlib.suppress(Exception):
        imported = importlib.import_module(module)
        if function:
            getattr(imported, function)()


def _own_group(pid: int) -> None:
    """Give a kernel its own process group (from both sides: whoever comes first)."""
    with contextlib.suppress(PermissionError, ProcessLookupError):
        os.setpgid(pid, pid)


def _tell(connection: socket.socket, message: dict) -> None:
    with contextlib.suppress(OSError):  # the driver may be gone
        connection.sendall(json.dumps(message).encode() + b"\n")


def _quiet_streams(log: str | None) -> None:
    """Point the standard streams of a kernel away from the user's terminal."""
    null = os.open(os.devnull, os.O_RDWR)
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if log else null
    for stream, source in ((0, null), (1, null), (2, target)):
        os.dup2(source, stream)


def _reseed() -> None:
    """Give the fork random states of its own: it must not repeat its siblings' numbers."""
    import random

    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()


def _kernel(request: dict, connection: socket.socket) -> int:
    """Be a kernel; say when it will answer. One that cannot be set up ends before it has said so."""

    def ready() -> None:
        _tell(connection, {"ready": True})
        connection.close()

    return insides.run_kernel(request["argv"], ready)


def _call(request: dict, connection: socket.socket) -> int:
    """Call a function and send what it returns, or the error: its kind, its text and where it came from."""
    module, function = request["call"].split(":")
    try:
        result = getattr(importlib.import_module(module), function)(**request["arguments"])
        answer = json.dumps({"result": result})
    except Exception as error:  # whatever is raised belongs to this one call, not to the server
        place = traceback.extract_tb(error.__traceback__)[-1]
        kind = f"{type(error).__module__}:{type(error).__qualname__}"
        where = f"{Path(place.filename).name}, line {place.lineno}"
        answer = json.dumps({"error": str(error), "kind": kind, "where": where})
    _tell(connection, json.loads(answer))
    return 0


def main() -> int:
    """Import what is wanted first, open the socket given on the command line, serve."""
    path = Path(sys.argv[1])
    try:
        os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
        wanted = json.loads(os.environ.get(IMPORTS, "{}"))
        if wanted.get("kernel", True):
            insides.without_debugger()
        list(map(preload, wanted.get("first", ())))
        server = Server(f"{path}.new")
    except Exception:
        path.with_name(FAILED).write_text(traceback.format_exc(), encoding="utf-8")
        return 1
    Path(f"{path}.new").rename(path)
    server.serve(list(wanted.get("then", ())))
    shutil.rmtree(path.parent, ignore_errors=True)  # the driver removes it too, unless it was killed
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
