"""Warm kernels: a jupyter_client provisioner that asks the fork server for a kernel.

Registered under ``jupyter_client.kernel_provisioners`` as ``chipexports-fork``; papermill and
nbclient use it unchanged when ``JUPYTER_DEFAULT_PROVISIONER_NAME`` names it, which
`warm_kernels` does for the time of a run. Linux and macOS only; elsewhere, or when the server
cannot be reached, the ordinary kernel is started.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from chipexports.run.forked import SOCKET, ForkedProcess, log_file
from chipexports.run.forkserver import PRELOAD

PROVISIONER = "chipexports-fork"
LAUNCHER = "ipykernel_launcher"
AT_SHUTDOWN = 2.0  # seconds
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
# no history file, no completer: nothing a run needs
KERNEL_ARGUMENTS = ["--HistoryManager.enabled=False"]


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
            "log": str(log_file()),
        }
        try:
            kernel = ForkedProcess(request)
        except OSError:
            return await self._launch_cold(cmd, **kwargs)
        self.process = kernel  # type: ignore[assignment]
        self.pid = self.pgid = kernel.pid  # type: ignore[assignment]
        self.cwd = request["cwd"]  # type: ignore[assignment]
        return self.connection_info

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Wait for the end of the kernel, which comes in a moment; the manager looks every 0.1 s only."""
        if isinstance(self.process, ForkedProcess):
            ended, loop = asyncio.Event(), asyncio.get_running_loop()
            loop.add_reader(self.process.connection, ended.set)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(ended.wait(), AT_SHUTDOWN)
            loop.remove_reader(self.process.connection)

    async def _launch_cold(self, cmd: list[str], **kwargs: Any):
        """Start an ordinary kernel; what it writes to its streams goes to a log, not to the user."""
        with log_file().open("ab") as log:
            return await super().launch_kernel(cmd, **{**kwargs, "stdout": log, "stderr": log})


def can_fork() -> bool:
    """Say whether warm kernels can be had on this system."""
    return hasattr(os, "fork") and hasattr(socket, "AF_UNIX")


@contextlib.contextmanager
def warm_kernels(*, warm: bool = True, ready: str = "") -> Iterator[Path]:
    """Make the kernels started inside this block warm ones; yield the folder of their sockets.

    Cold kernels (``warm=False``) get the same folder, so that both kinds talk over Unix sockets and
    nothing is left in the user's Jupyter folders. Leaving the block ends every kernel. ``ready`` names
    modules the server imports in place of what kernels need, unless the user's environment names some.
    """
    folder = Path(tempfile.mkdtemp(prefix="chipexports-", dir=_short_temporary_folder()))
    changes = {"JUPYTER_RUNTIME_DIR": str(folder), "JUPYTER_DEFAULT_PROVISIONER_NAME": PROVISIONER}
    changes["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    changes.update({name: os.environ.get(name, "1") for name in THREADS})
    if ready:
        changes[PRELOAD] = os.environ.get(PRELOAD, ready)
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


def stop_server(server: subprocess.Popen) -> None:
    """End the fork server; it kills the kernels that still run."""
    if server.stdin is not None:
        server.stdin.close()
    try:
        server.wait(timeout=5)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
