"""The block inside which kernels are warm."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from chipexports.kernels.process import IMPORTS, SERVER, SOCKET, wait_for_server

PROVISIONER = "warm"  # as pyproject.toml registers it
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
# no history file: nothing a notebook executed by a program needs
KERNEL_ARGUMENTS = ["--HistoryManager.enabled=False"]


@dataclass(frozen=True)
class Kernels:
    """Where the kernels of a block talk; can be handed to other processes.

    Attributes
    ----------
    folder : str
        Of their sockets; gone when the block is left.
    """

    folder: str

    def options(self) -> dict[str, Any]:
        """Return the keywords for one call of `papermill.execute_notebook`; waits for the server.

        Returns
        -------
        dict
            ``config`` (a `traitlets.config.Config` that nbclient understands as well) and
            ``extra_arguments``.
        """
        from traitlets.config import Config

        wait_for_server()
        config = Config()
        if hasattr(socket, "AF_UNIX"):
            config.KernelManager.transport = "ipc"
        # absolute: the sockets are named after it, and the kernel works in another folder
        config.KernelManager.connection_file = str(Path(self.folder) / f"k{uuid.uuid4().hex[:12]}.json")
        with contextlib.suppress(ImportError, AttributeError):  # an inside that is no longer there
            from chipexports.kernels.insides import ReadyClient

            config.KernelManager.client_factory = ReadyClient
        return {"config": config, "extra_arguments": list(KERNEL_ARGUMENTS)}


@contextlib.contextmanager
def warm_kernels(
    *, first: Iterable[str] = (), then: Iterable[str] = (), warm: bool = True, kernel: bool = True
) -> Iterator[Kernels]:
    """Make the kernels started inside the block warm ones.

    Any client of Jupyter's that starts kernels in this process, or in one started from it, gets them:
    papermill and nbclient need no change. A block inside a block uses the outer one's server. Where
    warm kernels cannot be had, ordinary ones are started; they talk over Unix sockets as well, and
    nothing is left in the user's Jupyter folders. Leaving the block ends every kernel.

    Parameters
    ----------
    first : iterable of str
        Modules (``module:function`` is called, too) imported before the first kernel is forked.
    then : iterable of str
        Those imported while nobody asks for a kernel, in this order; a kernel forked meanwhile imports
        the rest itself.
    warm : bool
        False for ordinary kernels.
    kernel : bool
        False where the processes are for `call` alone: ipykernel is not imported beforehand.

    Yields
    ------
    Kernels
        Its `options` go to papermill.

    Examples
    --------
    >>> with warm_kernels(first=["pandas"]) as kernels:  # doctest: +SKIP
    ...     papermill.execute_notebook("in.ipynb", "out.ipynb", **kernels.options())
    """
    if os.environ.get(SOCKET) and wait_for_server():
        yield Kernels(str(Path(os.environ[SOCKET]).parent))
        return
    folder = Path(tempfile.mkdtemp(prefix="warm-kernels-", dir=_short_temporary_folder()))
    changes = {"JUPYTER_RUNTIME_DIR": str(folder), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    changes.update({name: os.environ.get(name, "1") for name in THREADS})
    changes[IMPORTS] = json.dumps({"first": list(first), "then": list(then), "kernel": kernel})
    known = _provisioner_is_known()
    server = _start(folder / "fork", changes) if warm and can_fork() and (known or not kernel) else None
    if server is not None:
        changes |= {SOCKET: str(folder / "fork"), SERVER: str(server.pid)}
    if known:  # it keeps what ordinary kernels write to their streams in a log as well
        changes["JUPYTER_DEFAULT_PROVISIONER_NAME"] = PROVISIONER
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield Kernels(str(folder))
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        if server is not None:
            _stop(server)
        shutil.rmtree(folder, ignore_errors=True)


def _provisioner_is_known() -> bool:
    """Say whether jupyter_client can find and load the provisioner of this package."""
    try:
        for entry in metadata.entry_points(group="jupyter_client.kernel_provisioners", name=PROVISIONER):
            return entry.value == f"{__package__}.provisioner:ForkProvisioner" and bool(entry.load())
    except Exception:  # an inside of jupyter_client that is no longer there
        return False
    return False


def can_fork() -> bool:
    """Say whether warm kernels can be had on this system."""
    return hasattr(os, "fork") and hasattr(socket, "AF_UNIX")


def _short_temporary_folder() -> str | None:
    """Return a folder whose Unix sockets fit in the 104 bytes an address may have."""
    return None if len(tempfile.gettempdir()) < 40 or not Path("/tmp").is_dir() else "/tmp"  # noqa: S108


def _start(path: Path, changes: dict[str, str]) -> subprocess.Popen | None:
    """Start the server, in a session of its own; it answers at ``path`` once its first imports are done."""
    command = [sys.executable, "-P", "-m", f"{__package__}.server", str(path)]
    try:
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, env={**os.environ, **changes}, start_new_session=True
        )
    except OSError:
        return None


def _stop(server: subprocess.Popen) -> None:
    """End the server; it kills the kernels that still run."""
    if server.stdin is not None:
        with contextlib.suppress(OSError):
            server.stdin.close()
    try:
        server.wait(timeout=5)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
