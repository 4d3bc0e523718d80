"""Every example in a docstring of the package runs and gives what it shows."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import chipexports

NAMES = [
    found.name
    for found in pkgutil.walk_packages(chipexports.__path__, "chipexports.")
    if not found.name.endswith("__main__")
]


@pytest.mark.parametrize("name", NAMES)
def test_examples(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name), verbose=False)
    assert result.failed == 0


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder()
    tests = [test for name in NAMES for test in finder.find(importlib.import_module(name))]
    assert sum(bool(test.examples) for test in tests) > 15
