"""A jupyter_client provisioner that asks the server for a kernel.

Registered under ``jupyter_client.kernel_provisioners`` as ``warm``; papermill and nbclient use it unchanged
when ``JUPYTER_DEFAULT_PROVISIONER_NAME`` names it, which `chipexports.kernels.warm_kernels` sees to.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from chipexports.kernels.insides import LAUNCHER
from chipexports.kernels.process import SOCKET, ForkedProcess, log_file

AT_START = 30.0  # seconds
AT_SHUTDOWN = 2.0  # seconds


class ForkProvisioner(LocalProvisioner):
    """Starts a kernel by forking from the process that has done the imports."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any):
        """Fork a kernel for ``cmd``; start it the ordinary way when that cannot be done."""
        kernel = None
        if LAUNCHER in cmd and os.environ.get(SOCKET):
            request = {
                "argv": cmd[cmd.index(LAUNCHER) + 1 :],
                "cwd": os.fspath(kwargs.get("cwd") or Path.cwd()),
                "env": dict(kwargs.get("env") or os.environ),
                "log": str(log_file()),
            }
            kernel = await asyncio.to_thread(_forked, request)
        if kernel is None:
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


def _forked(request: dict[str, Any]) -> ForkedProcess | None:
    """Return a forked kernel that will answer; None where there is none to be had."""
    try:
        kernel = ForkedProcess(request)
    except OSError:
        return None
    try:
        kernel.connection.settimeout(AT_START)
        if kernel.answer().get("ready"):
            kernel.connection.settimeout(None)
            return kernel
    except (OSError, ValueError):
        pass
    kernel.close()
    return None
