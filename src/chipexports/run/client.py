"""A kernel client that knows that its kernel is ready by an answer, not by a silence."""

from __future__ import annotations

import time
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient


class ReadyClient(AsyncKernelClient):
    """As jupyter_client's, which waits for 0.2 s without a message before every notebook.

    Here the kernel is ready once it has answered a request on the shell channel and the status that
    belongs to this request has come over iopub: then both channels are connected.
    """

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers.

        Parameters
        ----------
        timeout : float, optional
            Seconds to wait at most; by default a minute.

        Raises
        ------
        RuntimeError
            The kernel died, or the time has passed.
        """
        timeout = timeout or 60.0
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            request = self.kernel_info()
            try:
                reply = await self.shell_channel.get_msg(timeout=1)
                if reply["msg_type"] == "kernel_info_reply":
                    self._handle_kernel_info_reply(reply)
                    await self._idle_after(request)
                    return
            except Empty:
                if not await self._async_is_alive():
                    raise RuntimeError("Kernel died before replying to kernel_info") from None
        raise RuntimeError(f"Kernel didn't respond in {timeout:g} seconds")

    async def _idle_after(self, request: Any) -> None:
        """Read iopub up to the status that ends ``request``; Empty when it does not come."""
        while True:
            message = await self.iopub_channel.get_msg(timeout=0.2)
            ended = message["parent_header"].get("msg_id") == request
            if ended and message["content"].get("execution_state") == "idle":
                return
