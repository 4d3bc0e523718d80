"""How a run is seen: a bar on a terminal, one line per notebook elsewhere."""

from __future__ import annotations

import sys
from typing import Any


class Progress:
    """Reports finished pieces of work; ``unit`` is what is counted."""

    def __init__(self, total: int, unit: str = "notebook", *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.bar: Any = None
        if not quiet and sys.stderr.isatty():
            from tqdm import tqdm

            tqdm.monitor_interval = 0  # its thread must not exist when processes are forked
            self.bar = tqdm(total=total, unit=unit, bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt} {elapsed}")

    def doing(self, names: list[str]) -> None:
        """Show what is being worked on (on a terminal only)."""
        if self.bar is not None:
            self.bar.set_description_str(", ".join(names), refresh=True)

    def done(self, line: str) -> None:
        """Count one piece as finished; elsewhere than on a terminal print ``line``."""
        if self.bar is not None:
            self.bar.update()
        elif not self.quiet:
            print(line, flush=True)

    def close(self) -> None:
        """Leave the terminal as it was, the finished bar in place."""
        if self.bar is not None:
            self.bar.set_description_str("")
            self.bar.close()
            self.bar = None
