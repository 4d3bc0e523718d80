"""One canvas for every figure: what is drawn is recorded, so the CSV beside a figure is what it shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from chipexports import text as words
from chipexports.figures import style
from chipexports.figures.drawn import Drawn
from chipexports.figures.layout import EndLabel, Layout

COLUMNS = ["panel", "series", "role", "label", "x", "y", "y_low", "y_high", "unit"]
_PANEL_INCHES = {"column": {1: 1.95, 2: 1.6}, "page": {1: 2.75, 2: 1.95}, "slide": {}}


class Canvas:
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

    def record(
        self,
        panel: int,
        series: str,
        role: str,
        x: Iterable[Any],
        y: Iterable[Any],
        *,
        label: Iterable[Any] | None = None,
        low: Iterable[Any] | None = None,
        high: Iterable[Any] | None = None,
        unit: str = "",
    ) -> pd.DataFrame:
        """Keep points for the CSV; every drawing method calls it."""
        frame = pd.DataFrame({"x": np.asarray(list(x), dtype=float), "y": np.asarray(list(y), dtype=float)})
        for column, values in (("label", label), ("y_low", low), ("y_high", high)):
            frame[column] = np.nan if values is None else np.asarray(list(values))
        frame = frame.assign(panel=panel + 1, series=series, role=role, unit=unit)[COLUMNS]
        self._points.append(frame)
        return frame

    def line(self, panel: int, series: str, role: str, x: Any, y: Any, *, gap: bool = True, **kw: Any) -> Any:
        """Draw a line; missing values leave gaps."""
        keep = {key: kw.pop(key) for key in ("label", "unit") if key in kw}
        frame = self.record(panel, series, role, x, y, **keep)
        look = style.ROLES[role]
        settings: dict[str, Any] = {"color": look.color, "linestyle": look.dash, "zorder": 3} | kw
        if not gap:
            frame = frame.dropna(subset="y")
        (artist,) = self.axes[panel].plot(frame["x"], frame["y"], gid=gid(panel, series), **settings)
        return artist

    def line_by_role(self, panel: int, series: str, x: Any, y: Any, roles: Any, **kw: Any) -> None:
        """Draw one line whose stretches look like their roles; each starts where the one before ends."""
        keep = {key: kw.pop(key) for key in ("label", "unit") if key in kw}
        frame = self.record(panel, series, "", x, y, **keep)
        frame["role"] = list(roles)
        change = frame["role"].ne(frame["role"].shift()).cumsum()
        for number, run in frame.groupby(change):
            start = max(int(run.index[0]) - 1, 0)
            piece, look = frame.loc[start : run.index[-1]], style.ROLES[str(run["role"].iloc[0])]
            settings: dict[str, Any] = {"color": look.color, "linestyle": look.dash, "zorder": 3} | kw
            self.axes[panel].plot(piece["x"], piece["y"], gid=f"{gid(panel, series)}-{number}", **settings)

    def dots(self, panel: int, series: str, role: str, x: Any, y: Any, **kw: Any) -> Any:
        """Draw markers without a line."""
        look = style.ROLES[role]
        settings: dict[str, Any] = {
            "linestyle": "none",
            "marker": look.marker,
            "zorder": 4,
            "markeredgewidth": 0,
        } | kw
        return self.line(panel, series, role, x, y, **settings)

    def bars(self, panel: int, series: str, role: str, x: Any, y: Any, **kw: Any) -> Any:
        """Draw bars (``bottom=`` stacks them; ``horizontal=True`` lays them on their side)."""
        keep = {key: kw.pop(key) for key in ("label", "unit") if key in kw}
        base = kw.pop("bottom", None)
        frame = self.record(panel, series, role, x, y, low=base, **keep)
        look, ax = style.ROLES[role], self.axes[panel]
        settings: dict[str, Any] = {"color": look.color, "zorder": 2, "linewidth": 0} | kw
        horizontal = settings.pop("horizontal", False)
        start = 0.0 if base is None else frame["y_low"].to_numpy(dtype=float)
        if horizontal:
            artist = ax.barh(frame["x"], frame["y"], left=start, **settings)
        else:
            artist = ax.bar(frame["x"], frame["y"], bottom=start, **settings)
        for index, patch in enumerate(artist):
            patch.set_gid(f"{gid(panel, series)}-{index}")
        return artist

    def band(self, panel: int, series: str, role: str, x: Any, low: Any, high: Any, **kw: Any) -> Any:
        """Fill between two lines."""
        keep = {key: kw.pop(key) for key in ("label", "unit") if key in kw}
        middle = (np.asarray(low, dtype=float) + np.asarray(high, dtype=float)) / 2
        frame = self.record(panel, series, role, x, middle, low=low, high=high, **keep)
        settings: dict[str, Any] = {"color": style.ROLES[role].color, "linewidth": 0, "zorder": 1.5} | kw
        return self.axes[panel].fill_between(
            frame["x"], frame["y_low"].astype(float), frame["y_high"].astype(float),
            gid=gid(panel, series), **settings,
        )  # fmt: skip

    def level(self, panel: int, series: str, role: str, y: float, **kw: Any) -> Any:
        """Draw a horizontal line across the panel, e.g. a threshold."""
        unit = kw.pop("unit", "")
        self.record(panel, series, role, [np.nan], [y], unit=unit)
        look = style.ROLES[role]
        settings: dict[str, Any] = {
            "color": look.color,
            "linestyle": look.dash,
            "zorder": 2.5,
            "linewidth": self.size.line * 0.8,
        }
        return self.axes[panel].axhline(y, gid=gid(panel, series), **(settings | kw))

    def say(
        self,
        panel: int,
        x: float,
        y: float,
        content: str,
        role: str = "zero",
        *,
        offset: tuple[float, float] = (0, 0),
        **kw: Any,
    ) -> Any:
        """Write a label at a point; ``offset`` is in points."""
        settings: dict[str, Any] = {
            "color": style.ROLES[role].text,
            "ha": "left",
            "va": "center",
            "zorder": 6,
        } | kw
        return self.axes[panel].annotate(
            content, (x, y), xytext=offset, textcoords="offset points", annotation_clip=False, **settings
        )

    def end_label(self, panel: int, x: float, y: float, content: str, role: str, **kw: Any) -> None:
        """Write a direct label right of a line's end; labels in each other's way are moved apart."""
        note = self.say(panel, x, y, content, role, offset=(0.5 * self.size.font, 0), **kw)
        self.layout.labels.append(EndLabel(self.axes[panel], note, y))

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


def gid(panel: int, series: str) -> str:
    """Return the id of a series' marks in the SVG."""
    return f"p{panel + 1}-{series}"
