"""What a run has left on disk, at hand: its tables with their units, its figures, its answer."""

from chipexports.results.run import Run, load_run

__all__ = ["Run", "load_run"]
