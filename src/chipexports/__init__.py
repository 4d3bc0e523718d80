"""China's integrated-circuit exports: the full year from the months published so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chipexports.results import Run, load_run

__all__ = ["Run", "load_run"]


def __getattr__(name: str) -> object:
    """Import ``load_run`` and ``Run`` when they are asked for: ``import chipexports`` stays light."""
    if name in __all__:
        from chipexports import results

        return getattr(results, name)
    raise AttributeError(f"module 'chipexports' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Offer the public names to completion."""
    return sorted([*globals(), *__all__])
