"""A monthly series as known on a day: the one thing every model takes."""

from chipexports.series.history import History

__all__ = ["History"]
