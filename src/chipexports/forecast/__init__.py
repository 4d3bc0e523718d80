"""The engine: from a monthly series to the distribution of a year's total.

``forecast_full_year`` is all most users need; the steps behind it (`run_methods`, `Members.pool`,
`calibration_table`, …) can be called one by one. The names below are imported when they are asked for,
so that ``import chipexports.forecast`` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chipexports.forecast.calibration import calibration_table, own_past_errors
    from chipexports.forecast.combination import COMBINATIONS
    from chipexports.forecast.distribution import FullYearForecast, YearPaths
    from chipexports.forecast.fullyear import forecast_full_year
    from chipexports.forecast.inputs import calendar_regressors, log_series
    from chipexports.forecast.members import DEFAULT_METHODS, Members, run_methods
    from chipexports.forecast.methods import METHODS
    from chipexports.forecast.models import from_statsmodels, full_year, joint_covariance

_MODULES = {
    "calibration": ("calibration_table", "own_past_errors"),
    "combination": ("COMBINATIONS",),
    "distribution": ("FullYearForecast", "YearPaths"),
    "fullyear": ("forecast_full_year",),
    "inputs": ("calendar_regressors", "log_series"),
    "members": ("DEFAULT_METHODS", "Members", "run_methods"),
    "methods": ("METHODS",),
    "models": ("from_statsmodels", "full_year", "joint_covariance"),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "COMBINATIONS",
    "DEFAULT_METHODS",
    "METHODS",
    "FullYearForecast",
    "Members",
    "YearPaths",
    "calendar_regressors",
    "calibration_table",
    "forecast_full_year",
    "from_statsmodels",
    "full_year",
    "joint_covariance",
    "log_series",
    "own_past_errors",
    "run_methods",
]


def __getattr__(name: str) -> object:
    """Import a public name from its module when it is asked for."""
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Offer the public names to completion."""
    return sorted([*globals(), *__all__])
