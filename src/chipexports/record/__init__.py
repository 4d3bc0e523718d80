"""The record: figures as published, read and cut at a day."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chipexports.record.memory import memory_exports_as_of
    from chipexports.record.neighbours import hong_kong_as_of, korea_days_as_of

_MODULES = {
    "hong_kong_as_of": "neighbours",
    "korea_days_as_of": "neighbours",
    "memory_exports_as_of": "memory",
}
__all__ = ["hong_kong_as_of", "korea_days_as_of", "memory_exports_as_of"]


def __getattr__(name: str) -> object:
    """Import the readers of neighbours' trade when they are asked for."""
    if name in _MODULES:
        return getattr(import_module(f"chipexports.record.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
