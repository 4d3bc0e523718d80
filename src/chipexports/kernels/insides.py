"""What is used of jupyter_client and ipykernel that they do not promise, in one place.

Each of these was seen to work with the versions in `SEEN`. Where one is gone or behaves otherwise, the
caller falls back: to jupyter_client's own way of waiting, or to an ordinary kernel.

===========================================  =========================================================
``AsyncKernelClient._handle_kernel_info_reply``  sets the client's protocol version from the answer
``AsyncKernelClient._async_is_alive``            asks the manager whether the kernel's process lives
``IPKernelApp`` initialised after a fork         the application is a singleton made in the child
``atexit.unregister(IPKernelApp.close)``         a kernel that closes its channels in order may hang
``atexit._run_exitfuncs``                        the other functions are to run all the same
``sys.modules["debugpy"] = None``                ipykernel does without its debugger (0.16 s a kernel)
===========================================  =========================================================
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import importlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from queue import Empty

from jupyter_client.asynchronous.client import AsyncKernelClient

SEEN = {"jupyter_client": "8.10.0", "ipykernel": "7.4.0"}
LAUNCHER = "ipykernel_launcher"
PR_SET_PDEATHSIG = 1  # Linux, <sys/prctl.h>


class ReadyClient(AsyncKernelClient):
    """A client that knows that its kernel is ready by an answer, not by a silence.

    jupyter_client's own waits for 0.2 s without a message before every notebook. Here the kernel is ready
    once it has answered a request on the shell channel and the status that belongs to this request has
    come over iopub: then both channels are connected.
    """

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers, at most a minute by default; a RuntimeError where it does not.

        The base class's own way serves where this one cannot be had.
        """
        timeout = timeout or 60.0
        deadline = time.monotonic() + timeout
        try:
            while time.monotonic() < deadline:
                if await self._answers():
                    return
        except (AttributeError, TypeError, KeyError):  # not the inside that was seen
            await super().wait_for_ready(timeout)
            return
        raise RuntimeError(f"Kernel didn't respond in {timeout:g} seconds")

    async def _answers(self) -> bool:
        request = self.kernel_info()
        try:
            reply = await self.shell_channel.get_msg(timeout=1)
            if reply["msg_type"] != "kernel_info_reply":
                return False
            self._handle_kernel_info_reply(reply)
            while True:
                message = await self.iopub_channel.get_msg(timeout=0.2)
                ended = message["parent_header"].get("msg_id") == request
                if ended and message["content"].get("execution_state") == "idle":
                    return True
        except Empty:
            if not await self._async_is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info") from None
            return False


def without_debugger() -> None:
    """Import what an ipykernel needs, but for its debugger."""
    if "debugpy" not in sys.modules:
        sys.modules["debugpy"] = None  # type: ignore[assignment]
        try:
            importlib.import_module("ipykernel.debugger")
        finally:
            del sys.modules["debugpy"]
    importlib.import_module("ipykernel.kernelapp")
    importlib.import_module("ipykernel.ipkernel")


def run_kernel(argv: list[str], ready: Callable[[], None]) -> int:
    """Be an ipykernel until it is shut down; return its exit code.

    ``ready`` is called once the kernel will answer, and not where something keeps it from being set up. The
    process ends at once: to close its channels in order, the kernel would now and then wait (up to 10 s,
    until it is killed) for a thread that waits for one of them.
    """
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = [LAUNCHER, *argv]
    code = 0
    try:
        app = IPKernelApp.instance()
        app.initialize(argv)
        atexit.unregister(app.close)
        ready()
        app.start()
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    gc.freeze()  # nothing is worth collecting at the end
    run_exit_functions = getattr(atexit, "_run_exitfuncs", None)
    if run_exit_functions is not None:
        run_exit_functions()
    return code


def die_with_parent(parent: int, alive: int) -> None:
    """See to it that this process and its group end with the process that forked it, in whatever way.

    Linux kills it at once; elsewhere, and for what it has started itself, a thread waits for the end of the
    pipe ``alive``, whose other end only the parent holds.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_end_after, args=(alive,), daemon=True).start()
    if os.getppid() != parent:  # it ended before this was arranged
        _end_group()


def _end_after(alive: int) -> None:
    with contextlib.suppress(OSError):
        os.read(alive, 1)
    _end_group()


def _end_group() -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(os.getpgid(0), signal.SIGKILL)
    os._exit(1)
