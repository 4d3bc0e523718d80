"""One canvas for every figure: panels, marks, words, and the layout that keeps them apart."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from chipexports.charts import style
from chipexports.charts.drawn import Drawn
from chipexports.charts.layout import Layout
from chipexports.charts.marks import COLUMNS, Marks
from chipexports.words import text as words

_PANEL_INCHES = {"column": {1: 1.95, 2: 1.6}, "page": {1: 2.75, 2: 1.95}, "slide": {}}


class Canvas(Marks):
    """A figure under construction: panels, recorded marks, header, footer.

    Parameters
    ----------
    name : str
        The figure's name in the catalogue.
    language, size : str
        ``en`` or ``zh``; ``column``, ``page`` or ``slide``.
    panels : int
        Number of panels; they stand below each other in a column, side by side elsewhere.
    columns : int
        Panels side by side on a page and a slide.
    ratios : sequence of float, optional
        Heights of the rows relative to each other.
    tall : float
        Factor on the height of the panels (column and page).
    """

    def __init__(
        self,
        name: str,
        language: str,
        size: str,
        *,
        panels: int = 1,
        columns: int = 1,
        ratios: Sequence[float] | None = None,
        tall: float = 1.0,
    ) -> None:
        self.name, self.language, self.size_name = name, words.check_language(language), size
        self.size = style.SIZES[size]
        across = 1 if size == "column" else min(columns, panels)
        rows = -(-panels // across)
        self.ratios = list(ratios) if ratios is not None and len(ratios) == rows else [1.0] * rows
        self.fig = Figure(figsize=(self.size.width, self._height(rows, tall)))
        self.layout = Layout(self.fig, self.size)
        grid = self.fig.subplots(rows, across, squeeze=False)
        self.grid: list[list[Axes]] = [list(row) for row in grid]
        flat = [ax for row in self.grid for ax in row]
        for ax in flat[panels:]:
            ax.set_visible(False)
        self.axes = flat[:panels]
        self._points: list[pd.DataFrame] = []
        self._key: list[tuple[str, str, str]] = []

    def _height(self, rows: int, tall: float) -> float:
        inches = _PANEL_INCHES[self.size_name]
        if not inches:
            return self.size.height
        each = inches.get(rows, inches[2]) * tall
        return rows * each + (1.15 if self.size_name == "column" else 1.3)

    def text(self, key: str, **values: object) -> str:
        """Return the glossary's ``figure.<name>.<key>``, or ``figure.<key>`` where the figure has none."""
        own = f"figure.{self.name}.{key}"
        return words.text(own if words.has(own) else f"figure.{key}", self.language, **values)

    def flow(self, flow: str) -> str:
        """Return the flow's name at the head of a sentence: Exports, Imports."""
        return words.text(f"flow.{flow}.title", self.language)

    def currency(self, currency: str) -> str:
        """Return the currency's name in a sentence: yuan, US dollars."""
        return words.text(f"currency.{currency}", self.language)

    def heading(self, panel: int, unit: str, title: str = "") -> None:
        """Write a panel's title and, below it, the unit of its vertical axis."""
        ax, font = self.axes[panel], self.size.font
        shift = ScaledTranslation(0, 0.45 * font / 72, self.fig.dpi_scale_trans)
        ax.set_ylabel(unit, rotation=0, ha="left", va="bottom")
        ax.yaxis.set_label_coords(0, 1, transform=ax.transAxes + shift)
        if title:
            pad = 0.45 * font + (1.45 * font if unit else 0)
            ax.set_title(title, loc="left", pad=pad, color=style.INK, fontweight=600)

    def key(self, role: str, word: str, kind: str = "line") -> None:
        """Explain a role in a row below the subtitle, where a direct label does not fit."""
        if (role, word, kind) not in self._key:
            self._key.append((role, word, kind))

    def finish(
        self, *, title: str, subtitle: str = "", source: str, caption: str = "", alt: str = ""
    ) -> Drawn:
        """Lay everything out and return the finished figure with its data and words."""
        top, bottom = self.layout.header(title, subtitle), self.layout.footer(source)
        top = self.layout.key(self._key, top)
        self.layout.place(self.grid, top, bottom, self.ratios)
        self.layout.spread_labels()
        data = pd.concat(self._points, ignore_index=True) if self._points else pd.DataFrame(columns=COLUMNS)
        return Drawn(
            name=self.name,
            fig=self.fig,
            data=data,
            title=title,
            caption="\n\n".join(part for part in (f"**{title}**", subtitle, caption, source) if part),
            alt=alt or f"{title} {subtitle}".strip(),
            language=self.language,
            size=self.size_name,
        )
