"""What a figure function returns, and how it says that there is nothing to draw."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd
from matplotlib.figure import Figure

from chipexports.charts.figure import FigureNotDrawn
from chipexports.charts.png import draw_png, shown
from chipexports.charts.style import applied


@dataclass(frozen=True)
class Drawn:
    """A finished figure with all that belongs to it.

    Attributes
    ----------
    name : str
        File name without ending; the catalogue's name.
    fig : matplotlib.figure.Figure
        The figure, laid out for its size.
    data : pandas.DataFrame
        Every plotted point: ``panel, series, role, label, x, y, y_low, y_high, unit``.
    title, caption, alt : str
        The finding, the caption (Markdown) and the alternative text, in the figure's language.
    language, size : str
        ``en`` or ``zh``; ``column``, ``page`` or ``slide``.
    """

    name: str
    fig: Figure
    data: pd.DataFrame
    title: str
    caption: str
    alt: str
    language: str = "en"
    size: str = "page"

    def renamed(self, name: str) -> Drawn:
        """Return the same figure under another file name."""
        return replace(self, name=name)

    def png(self, dpi: int = 110) -> bytes:
        """Return the figure as PNG bytes, e.g. to show it in a notebook."""
        with applied():
            return draw_png(self.fig, dpi)

    def _repr_mimebundle_(self, include=None, exclude=None):  # type: ignore[no-untyped-def]
        # what was saved in this moment need not be drawn a second time
        data = {"image/png": shown(self.fig) or self.png(), "text/plain": self.alt}
        width = round(110 * float(self.fig.get_size_inches()[0]))
        return data, {"image/png": {"alt": self.alt, "width": width}}


__all__ = ["Drawn", "FigureNotDrawn"]
