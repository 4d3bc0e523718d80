"""The process that has done the imports and forks a kernel for every request.

Started as ``python -m chipexports.run.forkserver SOCKET`` before any thread exists. A request is one
line of JSON on a connection of its own, for a kernel (``argv``) or for a call of the library
(``call``: "module:function", ``arguments``), each with ``cwd`` and ``env``. The answer is
``{"pid": …}``, for a call ``{"result": …}`` or ``{"error": …}``, and at the end ``{"status": …}``.
A closed connection kills the process that belongs to it, and a closed standard input ends the
server with all of them: nothing survives the driver.
"""

from __future__ import annotations

import atexit
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

from chipexports.base.errors import ChipExportsError
from chipexports.run.preload import NEXT, preload, preload_first

PRELOAD = "CHIPEXPORTS_PRELOAD"  # modules to import before the first fork in place of these; "0": FIRST alone


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

    def serve(self) -> None:
        """Answer requests until standard input closes; import what is still to come in between."""
        coming = [] if os.environ.get(PRELOAD) else list(NEXT)
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
        try:
            with connection.makefile("r", encoding="utf-8") as lines:
                request = json.loads(lines.readline() or "{}")
            if not request:
                connection.close()
                return
            gc.collect()
            gc.freeze()
            pid = os.fork()
            if pid == 0:
                self.become_child(request, connection)
            _own_group(pid)
            self.kernels[pid] = connection
            connection.sendall(json.dumps({"pid": pid}).encode() + b"\n")
        except OSError:
            # the driver went away between its request and our answer
            connection.close()

    def reap(self) -> None:
        """Report every kernel that ended on its connection."""
        while self.kernels:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            connection = self.kernels.pop(pid, None)
            if connection is not None:
                _tell(connection, {"status": os.waitstatus_to_exitcode(status)})

    def drop(self, pid: int) -> None:
        """Kill a kernel whose driver closed the connection."""
        connection = self.kernels.pop(pid)
        for kill in (os.killpg, os.kill):
            try:
                kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        connection.close()

    def become_child(self, request: dict, connection: socket.socket) -> None:
        """In the child: leave everything of the server behind, do what was asked; never returns."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            _own_group(0)
            for used in (self.listener, *self.kernels.values()):
                used.close()
            for end in (self.wake, self.wake_write):
                os.close(end)
            _quiet_streams(request.get("log"))
            os.environ.clear()
            os.environ.update(request["env"])
            os.environ["JPY_PARENT_PID"] = str(os.getppid())
            os.chdir(request["cwd"])
            _reseed()
            if "call" in request:
                code = _call(request, connection)
            else:
                connection.close()
                code = _run_kernel(request["argv"])
        finally:
            os._exit(code)


def _own_group(pid: int) -> None:
    """Give a kernel its own process group (from both sides: whoever comes first)."""
    with contextlib.suppress(PermissionError, ProcessLookupError):
        os.setpgid(pid, pid)


def _tell(connection: socket.socket, message: dict) -> None:
    with contextlib.suppress(OSError), connection:  # the driver may be gone
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


def _run_kernel(argv: list[str]) -> int:
    """Run ipykernel in this process until it is shut down; return its exit code.

    The process ends at once then: to close its channels in order, the kernel would now and then wait
    (up to 10 s, until it is killed) for a thread that waits for one of those channels.
    """
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = ["ipykernel_launcher", *argv]
    code = 0
    try:
        app = IPKernelApp.instance()
        app.initialize(argv)
        atexit.unregister(app.close)
        app.start()
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    gc.freeze()  # nothing is worth collecting at the end
    atexit._run_exitfuncs()
    return code


def _call(request: dict, connection: socket.socket) -> int:
    """Call a function of the library and send what it returns, or the error in one line."""
    module, function = request["call"].split(":")
    try:
        result = getattr(importlib.import_module(module), function)(**request["arguments"])
        answer = json.dumps({"result": result})
    except ChipExportsError as error:
        answer = json.dumps({"error": str(error), "exit_code": error.exit_code})
    except Exception as error:  # whatever the library raises belongs to this one call, not to the server
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}, line {place.lineno}"
        answer = json.dumps({"error": f"{type(error).__name__}: {error} ({where})", "exit_code": 1})
    connection.sendall(answer.encode() + b"\n")
    return 0


def main() -> int:
    """Import everything, open the socket given on the command line, serve."""
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    if (named := os.environ.get(PRELOAD) or "0") == "0":
        preload_first()
    else:
        list(map(preload, named.split(",")))
    path = sys.argv[1]
    server = Server(f"{path}.new")
    Path(f"{path}.new").rename(path)
    server.serve()
    shutil.rmtree(Path(path).parent, ignore_errors=True)  # the driver removes it too, unless it was killed
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
