"""Which files a process reads: noted as it opens them, with the hash of their content at that moment."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

#: endings of files outside of the project that hold somebody's data
DATA = (".csv", ".tsv", ".xlsx", ".xls", ".parquet", ".json", ".yaml", ".yml", ".txt", ".feather", ".pkl")
MISSING = "missing"


class Watch:
    """Notes every file a process opens for reading from now on, a line of JSON a file, but for some."""

    def __init__(self, root: Path, leave_out: list[Path], into: Path) -> None:
        self.root = f"{root}{os.sep}"
        self.leave_out = tuple(str(path) for path in leave_out)
        self.into = str(into)
        system = {sys.prefix, sys.base_prefix, "/usr", "/etc", "/proc", "/sys", "/dev", "/lib", "/run"}
        self.installed = tuple(f"{name}{os.sep}" for name in system)
        self.seen: set[str] = set()
        self.busy = False

    def start(self) -> None:
        """Begin; a process cannot stop watching."""
        Path(self.into).parent.mkdir(parents=True, exist_ok=True)
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" or self.busy or not isinstance(arguments[0], str | os.PathLike):
            return
        mode, flags = arguments[1], arguments[2]
        if (isinstance(mode, str) and set(mode) & set("wax+")) or flags & (os.O_WRONLY | os.O_RDWR):
            return
        self.busy = True  # what is opened here is our own
        try:
            self._note(os.path.abspath(os.fspath(arguments[0])))  # noqa: PTH100 (resolves no link, costs little)
        except OSError:
            return
        finally:
            self.busy = False

    def _note(self, path: str) -> None:
        if path in self.seen:
            return
        self.seen.add(path)
        inside = path.startswith(self.root)
        if path.startswith(self.leave_out) or (not inside and path.startswith(self.installed)):
            return
        name = path.removeprefix(self.root)
        if f"{os.sep}." in f"{os.sep}{name}" or not (inside or name.endswith(DATA)):
            return
        digest = MISSING
        if os.path.isfile(path):  # noqa: PTH113
            with open(path, "rb") as file:  # noqa: PTH123
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        line = json.dumps({"file": name, "hash": digest}) + "\n"
        with open(self.into, "a", encoding="utf-8") as notes:  # noqa: PTH123
            notes.write(line)


def noted(path: Path) -> dict[str, str]:
    """Return file to hash as a watch noted them; {} when nothing was."""
    if not path.is_file():
        return {}
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {line["file"]: line["hash"] for line in reversed(lines)}
