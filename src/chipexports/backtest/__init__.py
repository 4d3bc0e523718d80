"""Past origins, forecasts made at them, and their scores."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chipexports.backtest.origins import Origin, panel_origins, record_origins
    from chipexports.backtest.panel_errors import on_panel
    from chipexports.backtest.run import backtest, backtest_origins
    from chipexports.backtest.scores import score_table

_HOMES = {
    "Origin": "origins",
    "on_panel": "panel_errors",
    "panel_origins": "origins",
    "record_origins": "origins",
    "backtest": "run",
    "backtest_origins": "run",
    "score_table": "scores",
}

__all__ = [
    "Origin",
    "backtest",
    "backtest_origins",
    "on_panel",
    "panel_origins",
    "record_origins",
    "score_table",
]


def __getattr__(name: str) -> object:
    """Import a public name from its module when it is asked for."""
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Offer the public names to completion."""
    return sorted([*globals(), *__all__])
