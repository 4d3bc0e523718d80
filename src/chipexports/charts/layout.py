"""Place title, panels, labels and source line so that nothing is cut and nothing overlaps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from chipexports.charts import style
from chipexports.charts.endlabels import EndLabel, spread
from chipexports.charts.wrap import wrap

TITLE, SUBTITLE, SOURCE = 1.3, 1.0, 0.8  # font sizes as multiples of the base


@dataclass
class Layout:
    """The measuring side of one figure: widths of strings, margins, the places of the panels."""

    fig: Figure
    size: style.Size
    labels: list[EndLabel] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not isinstance(self.fig.canvas, FigureCanvasAgg):
            FigureCanvasAgg(self.fig)
        self.renderer = self.fig.canvas.get_renderer()  # type: ignore[attr-defined]
        self.point = self.fig.dpi / 72.0
        self.width, self.height = self.fig.bbox.width, self.fig.bbox.height
        self.margin = 0.9 * self.size.font * self.point

    def _measure(self, content: str, factor: float = 1.0, weight: str | int = "normal") -> float:
        """Return the width of one line in pixels."""
        prop = FontProperties(family=style.FONT_FAMILY, size=self.size.font * factor, weight=weight)
        return float(self.renderer.get_text_width_height_descent(content, prop, False)[0])

    def wrapped(self, content: str, width: float, factor: float = 1.0, weight: str | int = "normal") -> str:
        """Return the text broken into lines.

        Parameters
        ----------
        content : str
            One paragraph.
        width : float
            Width of the longest line, in pixels.
        factor : float
            Font size as a multiple of the figure's.
        weight : str or int
            Of the font, as matplotlib takes it.

        Returns
        -------
        str
            Lines with breaks between them.
        """
        return wrap(content, width, lambda line: self._measure(line, factor, weight))

    def header(self, title: str, subtitle: str) -> float:
        """Write title and subtitle at the top left.

        Parameters
        ----------
        title, subtitle : str
            Broken into lines here; an empty one takes no room.

        Returns
        -------
        float
            Height used, in pixels.
        """
        inner = self.width - 2 * self.margin
        top = self.margin
        for content, factor, weight, color in (
            (title, TITLE, 600, style.INK),
            (subtitle, SUBTITLE, "normal", style.MUTED),
        ):
            if not content:
                continue
            lines = self.wrapped(content, inner, factor, weight)
            self._write(lines, top, factor, weight, color, "top")
            top += self._height(lines, factor)
        return top + 0.35 * self.size.font * self.point

    def key(self, items: list[tuple[str, str, str]], top: float) -> float:
        """Write a row of swatches with words below the header.

        Parameters
        ----------
        items : list of (str, str, str)
            Role, word, and ``line``, ``dot`` or ``box``.
        top : float
            Height used above, in pixels.

        Returns
        -------
        float
            Height used with the key, in pixels.
        """
        if not items:
            return top
        font, x = self.size.font * self.point, self.margin
        row = top + 0.55 * font
        for role, word, kind in items:
            swatch, space = (2.2 if kind == "line" else 1.1) * font, 0.45 * font
            wide = swatch + space + self._measure(word)
            if x > self.margin and x + wide > self.width - self.margin:
                x, row = self.margin, row + 1.45 * font
            self._swatch(role, kind, x, row, swatch)
            self.fig.text(
                (x + swatch + space) / self.width,
                1 - row / self.height,
                word,
                color=style.ROLES[role].text,
                ha="left",
                va="center_baseline",
            )
            x += wide + 1.3 * font
        return row + 1.35 * font

    def _swatch(self, role: str, kind: str, x: float, row: float, wide: float) -> None:
        look, y = style.ROLES[role], 1 - row / self.height
        if kind == "box":
            tall = 0.8 * self.size.font * self.point
            box = Rectangle(
                (x / self.width, y - tall / 2 / self.height),
                wide / self.width,
                tall / self.height,
                facecolor=look.color,
                edgecolor="#B5B5B5" if role == "unknown" else "white",
                hatch=look.hatch,
                linewidth=0.5 if role == "unknown" else 0,
                transform=self.fig.transFigure,
            )
            self.fig.add_artist(box)
            return
        points = (
            [x / self.width, (x + wide) / self.width] if kind == "line" else [(x + wide / 2) / self.width]
        )
        mark: Any = (
            {"linestyle": look.dash} if kind == "line" else {"linestyle": "none", "marker": look.marker}
        )
        self.fig.add_artist(Line2D(points, [y] * len(points), color=look.color, markeredgewidth=0, **mark))

    def footer(self, source: str) -> float:
        """Write the source line at the bottom left.

        Parameters
        ----------
        source : str
            One paragraph, broken into lines here.

        Returns
        -------
        float
            Height used, in pixels.
        """
        lines = self.wrapped(source, self.width - 2 * self.margin, SOURCE)
        self._write(lines, 0.7 * self.margin, SOURCE, "normal", style.MUTED, "bottom")
        return 0.7 * self.margin + self._height(lines, SOURCE) + 0.75 * self.size.font * self.point

    def _height(self, lines: str, factor: float) -> float:
        return (lines.count("\n") + 1) * 1.36 * factor * self.size.font * self.point

    def _write(
        self, lines: str, offset: float, factor: float, weight: str | int, color: str, va: str
    ) -> None:
        y = offset / self.height
        self.fig.text(
            self.margin / self.width,
            1 - y if va == "top" else y,
            lines,
            fontsize=self.size.font * factor,
            fontweight=weight,
            color=color,
            ha="left",
            va=va,
            linespacing=1.22,
        )

    def place(self, grid: list[list[Axes]], top: float, bottom: float, ratios: list[float]) -> None:
        """Give the panels the room between header and footer; two passes, as labels follow ticks.

        Parameters
        ----------
        grid : list of lists of Axes
            The panels by row.
        top, bottom : float
            Height of header and footer, in pixels.
        ratios : list of float
            Heights of the rows relative to each other.
        """
        gap = 1.3 * self.size.font * self.point
        for _ in range(2):
            over = np.array([[self._overhang(ax) for ax in row] for row in grid])
            left, right = over[..., 0].max(axis=0), over[..., 1].max(axis=0)
            up, down = over[..., 2].max(axis=1), over[..., 3].max(axis=1)
            rows, columns = over.shape[:2]
            free_w = self.width - 2 * self.margin - left.sum() - right.sum() - gap * (columns - 1)
            free_h = self.height - top - bottom - up.sum() - down.sum() - 0.8 * gap * (rows - 1)
            widths = np.full(columns, max(free_w, 20.0) / columns)
            heights = max(free_h, 20.0) * np.array(ratios) / sum(ratios)
            y = self.height - top
            for i, row in enumerate(grid):
                y -= up[i] + heights[i]
                x = self.margin
                for j, ax in enumerate(row):
                    x += left[j]
                    w, h = self.width, self.height
                    ax.set_position((x / w, y / h, widths[j] / w, heights[i] / h))
                    x += widths[j] + right[j] + gap
                y -= down[i] + 0.8 * gap

    def _overhang(self, ax: Axes) -> tuple[float, float, float, float]:
        inner = ax.get_window_extent(self.renderer)
        outer = ax.get_tightbbox(self.renderer)
        if outer is None or not ax.get_visible():
            return (0.0, 0.0, 0.0, 0.0)
        pairs = (
            inner.x0 - outer.x0,
            outer.x1 - inner.x1,
            outer.y1 - inner.y1,
            inner.y0 - outer.y0,
        )
        return tuple(max(0.0, value) for value in pairs)  # type: ignore[return-value]

    def spread_labels(self) -> None:
        """Move direct labels of one panel apart, as little as needed, inside the panel's height."""
        for ax in {label.axes: None for label in self.labels}:
            mine = [label for label in self.labels if label.axes is ax]
            heights = [1.25 * self._lines(label) * self.size.font * self.point for label in mine]
            wanted = [float(ax.transData.transform((0, label.y))[1]) for label in mine]
            box = ax.get_window_extent(self.renderer)
            placed = spread(wanted, heights, box.y0, box.y1)
            for label, old, new in zip(mine, wanted, placed, strict=True):
                x = label.note.xyann[0]
                label.note.xyann = (x, (new - old) / self.point)

    @staticmethod
    def _lines(label: EndLabel) -> int:
        return label.note.get_text().count("\n") + 1
