"""What the fork server has ready for every process it forks: modules, and what is read once and kept."""

from __future__ import annotations

import contextlib
import importlib
import sys

from chipexports.base.errors import ChipExportsError

# imported before the first fork: what every kernel needs
FIRST = ("ipykernel.kernelapp", "ipykernel.ipkernel", "IPython.display", "pandas", "chipexports.params")
# imported (``module:function`` is called, too) between requests, in the order the notebooks need it, in
# short pieces, as a request waits for them; a kernel forked meanwhile does the rest itself
NEXT = (
    *("chipexports.words.text", "chipexports.words.glossary:glossary", "chipexports.stages.collect"),
    "chipexports.record.releases:read_releases",
    *("scipy.linalg", "chipexports.stages.clean", "chipexports.clean.evaluate", "scipy.optimize"),
    *("matplotlib.figure", "matplotlib.backends.backend_agg", "matplotlib.pyplot"),
    *("matplotlib_inline.backend_inline", "matplotlib.backends.backend_svg"),
    *(f"chipexports.stages.{name}" for name in ("explore", "show", "article")),
    *(f"chipexports.stages.{name}" for name in ("backtest", "forecast", "readout")),
    *(
        f"chipexports.forecast.methods.{name}"
        for name in ("ets", "sarima", "ucm", "indicator", "pooled_growth")
    ),
    *("chipexports.forecast.calibration:_by_method", "chipexports.run.preload:figures"),
    *("chipexports.charts.gallery", "chipexports.report.build"),
    *("typst", "pypandoc", "fontTools.subset"),
    *(f"chipexports.report.{name}" for name in ("formats", "workbook", "zip")),
)


COLUMNS_IN_A_KERNEL = 20  # pandas' own number: warm and cold kernels must print the same


def preload(name: str) -> None:
    """Import ``name`` if it can be had, and call the function it names.

    What cannot be had is left to the notebook that misses it, which says so.
    """
    module, _, function = name.partition(":")
    with contextlib.suppress(ImportError, ChipExportsError):
        found = importlib.import_module(module)
        if function:
            getattr(found, function)()


def preload_first() -> None:
    """Import what every kernel needs.

    The debugger would cost every kernel 0.16 s, and nobody steps through a run: ipykernel does without.
    """
    sys.modules.setdefault("debugpy", None)  # type: ignore[arg-type]
    importlib.import_module("ipykernel.debugger")
    if sys.modules["debugpy"] is None:
        del sys.modules["debugpy"]
    for name in FIRST:
        preload(name)
    import pandas

    # imported outside of a kernel, it takes itself to be in a terminal and would print fewer columns
    pandas.set_option("display.max_columns", COLUMNS_IN_A_KERNEL)


def figures() -> None:
    """Import what draws the figures, and the fonts."""
    from chipexports.charts import catalogue, style

    style.register_fonts()
    for entry in catalogue.FIGURES.values():
        entry.load()
