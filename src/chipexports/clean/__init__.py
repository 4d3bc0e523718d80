"""From the record to one monthly series a flow and currency."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chipexports.clean.day import Known, known

__all__ = ["Known", "known"]


def __getattr__(name: str) -> object:
    """Import ``known`` and ``Known`` when they are asked for: ``import chipexports.clean`` stays light."""
    if name in __all__:
        return getattr(import_module("chipexports.clean.day"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
