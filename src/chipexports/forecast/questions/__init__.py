"""Questions asked of a forecast: what is needed, why it moved, what if, and in which currency."""

from chipexports.forecast.questions.currencies import both_currencies
from chipexports.forecast.questions.needed import needed
from chipexports.forecast.questions.news import day_before_last_release, why_moved
from chipexports.forecast.questions.running_month import running_month
from chipexports.forecast.questions.scenario import scenario

__all__ = [
    "both_currencies",
    "day_before_last_release",
    "needed",
    "running_month",
    "scenario",
    "why_moved",
]
