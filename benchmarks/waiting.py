"""What processes waited for a processor that others kept busy (Linux: ``schedstat``)."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

import psutil

EVERY = 0.2  # seconds between two looks; what a process waits after the last one is missed


class Waiting:
    """Adds up how long a command's processes and threads were ready to run and did not."""

    def __init__(self, process: subprocess.Popen) -> None:
        self.process = process
        self.seen: dict[tuple[int, str], float] = {}
        self.ended = threading.Event()
        self.watcher = threading.Thread(target=self._watch, daemon=True)
        self.watcher.start()

    def seconds(self) -> float:
        """Return the sum; call it when the command has ended."""
        self.ended.set()
        self.watcher.join()
        return sum(self.seen.values())

    def _watch(self) -> None:
        while not self.ended.wait(EVERY):
            try:
                top = psutil.Process(self.process.pid)
                family = [top, *top.children(recursive=True)]
            except psutil.Error:
                continue
            for one in family:
                self._look(one.pid)

    def _look(self, pid: int) -> None:
        try:
            for task in Path(f"/proc/{pid}/task").iterdir():
                _, waited, _ = (task / "schedstat").read_text().split()
                self.seen[pid, task.name] = int(waited) / 1e9
        except OSError:
            return  # it ended meanwhile, or the system keeps no such account
