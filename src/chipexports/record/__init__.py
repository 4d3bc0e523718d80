"""The record: figures as published, read and cut at a day."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chipexports.record.neighbours import hong_kong_as_of, korea_days_as_of, korea_memory_as_of

__all__ = ["hong_kong_as_of", "korea_days_as_of", "korea_memory_as_of"]


def __getattr__(name: str) -> object:
    """Import the readers of neighbours' trade when they are asked for."""
    if name in __all__:
        return getattr(import_module("chipexports.record.neighbours"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
