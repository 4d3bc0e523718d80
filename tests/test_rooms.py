"""Arrows point downward only: a room imports what stands above it in the table of docs/architecture.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chipexports.run.reach import PACKAGE, imports

TABLE = Path(__file__).resolve().parents[1] / "docs" / "architecture.md"


def rooms() -> list[str]:
    """Return the rooms in the order of the table."""
    return re.findall(r"^\| `(\w+)/` \|", TABLE.read_text(encoding="utf-8"), flags=re.M)


def upward(order: list[str], package: Path) -> list[str]:
    """Return the imports, those inside functions included, that lead to a room further down the table."""
    wrong = []
    for path in sorted(package.rglob("*.py")):
        home = path.relative_to(package).parts
        if len(home) == 1:
            continue
        for name in imports(path.read_text(encoding="utf-8"), "chipexports." + ".".join(home)):
            room = name.split(".")[1] if name.count(".") else ""
            if room in order and order.index(room) > order.index(home[0]):
                wrong.append(f"{'/'.join(home)} imports {name.lstrip('?')}")
    return wrong


def test_an_import_inside_a_function_counts_as_an_arrow(tmp_path: Path) -> None:
    (tmp_path / "low").mkdir()
    source = "def late():\n    from chipexports.high.top import it\n    return it\n"
    (tmp_path / "low" / "a.py").write_text(source, encoding="utf-8")
    assert upward(["low", "high"], tmp_path) == ["low/a.py imports chipexports.high.top.it"]
    assert upward(["high", "low"], tmp_path) == []


def test_no_room_imports_from_a_higher_one() -> None:
    assert upward(rooms(), PACKAGE) == []


def test_the_table_names_every_room_once() -> None:
    there = sorted(p.name for p in PACKAGE.iterdir() if (p / "__init__.py").is_file())
    assert sorted(rooms()) == there


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.name)
def test_no_module_lies_beside_the_rooms(path: Path) -> None:
    assert path.name in ("__init__.py", "__main__.py")
