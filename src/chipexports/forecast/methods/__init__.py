"""Forecasting methods: one file and one function each; a name here is all that is needed to use one.

A new method is a module ``chipexports/forecast/methods/<name>.py`` with a function ``<name>(task) -> Paths``
(see :mod:`chipexports.forecast.methods.task`) and its name in ``METHODS``.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from chipexports.forecast.methods.task import Paths, Task

#: every method, in the order of tables, with what it says in one line
METHODS: dict[str, str] = {
    "growth_ytd": "growth of the year to date carried forward",
    "growth_3m": "growth of the last three months carried forward",
    "seasonal_naive": "last year's months with drift",
    "ets": "exponential smoothing on logs, damped trend",
    "sarima": "airline SARIMA on logs with calendar regressors",
    "ucm": "level, seasonal and calendar components on logs",
    "theta": "Theta method on logs",
    "level_regression": "months ahead regressed on the present level, learnt on hundreds of series",
    "indicator": "pooled growth regression with the turn of earlier indicators",
    "pooled_growth": "growth of the rest regressed on recent growth over a panel",
}


def load_method(name: str) -> Callable[[Task], Paths]:
    """Return the function of a method in ``METHODS``; its module is imported only now."""
    return getattr(import_module(f"chipexports.forecast.methods.{name}"), name)
