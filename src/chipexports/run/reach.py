"""Which of the package's files a piece of code reaches: followed through its imports, without running it.

Imports inside functions count, and so do those by name (``import_module``, entry tables) as far as the
name is spelled out down to a room: a text ``"chipexports.charts.fan"`` counts as that module, an f-string
``f"chipexports.forecast.methods.{name}"`` as every module there. What the source of a module imports is
noted by the hash of the source, so that only changed modules are read again.
"""

from __future__ import annotations

import ast
import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from chipexports.base.errors import ChipExportsError
from chipexports.base.files import write_text_atomic
from chipexports.base.paths import project_root

PACKAGE = Path(__file__).resolve().parents[1]
# asked before anything is executed; the outcome is in the parameters, or nothing is executed
ASKED_BEFORE = ("chipexports.params.record", "chipexports.params.newest")
NAMED = re.compile(r"(chipexports(?:\.\w+){2,})(?::\w+)?")


def imports(source: str, module: str = "") -> list[str]:
    """Return the names that code imports from the package; those that end in a dot mean all below.

    An import of a package's attribute (``from chipexports.forecast import run_methods``) is given as
    ``chipexports.forecast.run_methods``, though there may be no such module. What only a type checker
    imports is left out. A name is preceded by ``?`` where the import waits inside a function.
    """
    names: dict[str, None] = {}
    for node, waits in _nodes(ast.parse(source), waits=False):
        for name in _named(node, module):
            if name.split(".")[0] == "chipexports":
                names["?" * waits + name] = None
    return list(names)


def _nodes(node: ast.AST, *, waits: bool) -> Iterator[tuple[ast.AST, bool]]:
    """Yield every node below ``node``, and whether it waits inside a function."""
    inside = waits or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    children: list[ast.AST] = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        children = list(node.orelse)
    for child in children:
        yield child, inside
        yield from _nodes(child, waits=inside)


def _named(node: ast.AST, module: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        start = node.module or ""
        if node.level:
            start = ".".join([*module.split(".")[: -node.level], *([node.module] if node.module else [])])
        yield from (f"{start}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.JoinedStr) and node.values:
        head = node.values[0]
        if isinstance(head, ast.Constant) and re.match(r"chipexports\.\w+\.", str(head.value)):
            yield str(head.value).rpartition(".")[0] + "."
        elif isinstance(head, ast.FormattedValue) and ast.unparse(head.value) == "__name__":
            yield f"{module}."
    elif (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and (named := NAMED.fullmatch(node.value))
    ):
        yield named[1]


class Reach:
    """The package's files as they were at one moment, and what reaches which."""

    def __init__(self, hashes: Mapping[str, str], package: Path = PACKAGE) -> None:
        self.hashes = hashes
        self.package = package
        self.modules = {_module(name): name for name in hashes if name.endswith(".py")}
        self.noted = project_root() / ".cache" / "imports.json"
        self.by_hash: dict[str, list[str]] = {}
        self.fresh = False
        with contextlib.suppress(OSError, ValueError, KeyError):
            noted = json.loads(self.noted.read_text(encoding="utf-8"))
            self.by_hash = noted["imports"] if noted["read by"] == self._reader() else {}

    def files(self, source: str) -> dict[str, str]:
        """Return path to hash of every file of the package that ``source`` reaches.

        With a room's module count its files other than Python: glossary, fonts, tables, templates.
        """
        reached: set[str] = set()
        waiting = list(self._modules(imports(source)))
        while waiting:
            name = waiting.pop()
            if name in reached or name in ASKED_BEFORE:
                continue
            reached.add(name)
            waiting += self._modules(self._imports(name), lazily=not self._is_package(name))
            # the packages a module lies in are imported before it, but not what waits in their functions
            parts = name.split(".")
            for n in range(1, len(parts)):
                parent = ".".join(parts[:n])
                if parent in self.modules and f"{parent}/" not in reached:
                    reached.add(f"{parent}/")
                    waiting += self._modules(self._imports(parent), lazily=False)
        modules = {name.rstrip("/") for name in reached} & set(self.modules)
        rooms = {name.split(".")[1] for name in modules if name.count(".")}
        beside = {n for n in self.hashes if not n.endswith(".py") and PurePosixPath(n).parts[0] in rooms}
        return {n: self.hashes[n] for n in sorted({self.modules[m] for m in modules} | beside)}

    def save(self) -> None:
        """Note what modules import for the next time."""
        if self.fresh:
            current = {d: self.by_hash[d] for d in self.hashes.values() if d in self.by_hash}
            with contextlib.suppress(ChipExportsError):  # it only saves time
                write_text_atomic(self.noted, json.dumps({"read by": self._reader(), "imports": current}))
            self.fresh = False

    def _reader(self) -> str | None:
        """Return the hash of this module: another version may read imports differently."""
        return self.hashes.get("run/reach.py")

    def _is_package(self, name: str) -> bool:
        return self.modules[name].endswith("__init__.py")

    def _imports(self, name: str) -> list[str]:
        path = self.modules[name]
        digest = self.hashes[path]
        if digest not in self.by_hash:
            source = (self.package / path).read_text(encoding="utf-8")
            # a module's own name decides what its relative and computed names mean
            inside = name if not path.endswith("__init__.py") else f"{name}.__init__"
            self.by_hash[digest] = imports(source, inside)
            self.fresh = True
        return self.by_hash[digest]

    def _modules(self, names: list[str], *, lazily: bool = True) -> Iterator[str]:
        for given in names:
            name = given.lstrip("?")
            if given.startswith("?") and not lazily:
                continue
            if name.endswith("."):
                start = name.replace(".__init__.", ".")
                yield from (other for other in self.modules if other.startswith(start))
            elif name in self.modules:
                yield name
            else:
                # an attribute: of a module, or one that a package imports when it is asked for
                home = name
                while home not in self.modules and "." in home:
                    home = home.rpartition(".")[0]
                if home in self.modules:
                    yield home
                    if self._is_package(home):
                        yield from self._modules(self._imports(home))


def _module(path: str) -> str:
    parts = ["chipexports", *path.removesuffix(".py").split("/")]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
