"""What warm kernels have ready: modules, and what is read once and kept."""

from __future__ import annotations

import os

NONE = "CHIPEXPORTS_PRELOAD"  # "0": nothing of the library, for notebooks that need none of it
# imported before the first fork: what every kernel needs
FIRST = ("IPython.display", "chipexports.run.preload:pandas_as_in_a_kernel", "chipexports.params")
# imported (``module:function`` is called, too) between requests, in the order the notebooks need it, in
# short pieces, as a request waits for them; a kernel forked meanwhile does the rest itself
NEXT = (
    *("chipexports.words.text", "chipexports.words.glossary:glossary", "chipexports.clean"),
    "chipexports.record.releases:read_releases",
    *("scipy.linalg", "chipexports.clean.day", "chipexports.clean.evaluate", "scipy.optimize"),
    *("matplotlib.figure", "matplotlib.backends.backend_agg", "matplotlib.pyplot"),
    *("matplotlib_inline.backend_inline", "matplotlib.backends.backend_svg"),
    *("seaborn", "chipexports.words.say", "chipexports.charts.figures", "chipexports.article"),
    *("statsmodels.graphics.tsaplots", "statsmodels.tsa.exponential_smoothing.ets"),
    *("statsmodels.tsa.statespace.sarimax", "statsmodels.tsa.statespace.structural"),
    *("chipexports.backtest.run", "chipexports.forecast.tables", "chipexports.forecast.questions"),
    *(
        f"chipexports.forecast.methods.{name}"
        for name in ("ucm", "indicator", "level_regression", "ets", "sarima", "pooled_growth")
    ),
    *("chipexports.forecast.calibration:panel_cases", "chipexports.run.preload:figures"),
    *("chipexports.charts.gallery", "chipexports.report.build"),
    *("typst", "pypandoc", "fontTools.subset"),
    *(f"chipexports.report.{name}" for name in ("formats", "workbook", "zip")),
)


COLUMNS_IN_A_KERNEL = 20  # pandas' own number: warm and cold kernels must print the same


def first() -> tuple[str, ...]:
    """Return what is imported before the first kernel is forked."""
    return FIRST


def then() -> tuple[str, ...]:
    """Return what is imported while nobody asks for a kernel."""
    return () if os.environ.get(NONE) == "0" else NEXT


def pandas_as_in_a_kernel() -> None:
    """Import pandas, which outside of a kernel would print as many columns as a terminal has."""
    import pandas

    pandas.set_option("display.max_columns", COLUMNS_IN_A_KERNEL)


def figures() -> None:
    """Import what draws the figures, and the fonts."""
    from chipexports.charts import catalogue, style

    style.register_fonts()
    for entry in catalogue.FIGURES.values():
        entry.load()
