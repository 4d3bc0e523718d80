"""The finished figures of reports: tables in, a chart out; every one on `chart`, with its words."""

from chipexports.charts.backtest import coverage, errors, pit
from chipexports.charts.distribution import distribution, methods
from chipexports.charts.evolution import evolution, month_by_month
from chipexports.charts.fan import fan
from chipexports.charts.moved import moved
from chipexports.charts.needed import needed

__all__ = [
    "coverage",
    "distribution",
    "errors",
    "evolution",
    "fan",
    "methods",
    "month_by_month",
    "moved",
    "needed",
    "pit",
]
