"""The marks of a figure: each is drawn and recorded in one call, so the CSV is what the figure shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from chipexports.charts import style
from chipexports.charts.endlabels import EndLabel
from chipexports.charts.frames import Monthly, last_known, x_of
from chipexports.charts.layout import Layout

COLUMNS = ["panel", "series", "role", "label", "x", "y", "y_low", "y_high", "unit"]


class Marks:
    """Draw on the panels of a figure and keep every point; panels count from 0 here, from 1 in the CSV."""

    fig: Figure
    axes: list[Axes]
    layout: Layout
    size: style.Size
    _points: list[pd.DataFrame]

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
        """Keep points for the CSV; every drawing method calls it.

        Parameters
        ----------
        panel : int
            Panel, from 0.
        series, role : str
            As in the CSV's columns.
        x, y : iterable of float
            Positions as plotted.
        label : iterable, optional
            What each point is called, e.g. its month.
        low, high : iterable, optional
            Edges of a band, or the foot of each bar.
        unit : str
            Unit of the values.

        Returns
        -------
        DataFrame
            The points in the CSV's columns; what a caller changes in it is written.
        """
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
        """Draw bars: ``bottom`` stacks them, ``horizontal`` lays them down, ``faint`` marks estimates."""
        keep = {key: kw.pop(key) for key in ("label", "unit") if key in kw}
        base, faint = kw.pop("bottom", None), kw.pop("faint", None)
        frame = self.record(panel, series, role, x, y, low=base, **keep)
        if faint is not None:
            frame["role"] = np.where(list(faint), "estimated", role)
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
            if frame["role"].iloc[index] == "estimated" and faint is not None:
                patch.set_alpha(0.4)
        return artist

    def band(self, panel: int, series: str, role: str, x: Any, low: Any, high: Any, **kw: Any) -> Any:
        """Fill between two lines."""
        keep = {key: kw.pop(key) for key in ("label", "unit") if key in kw}
        middle = (np.asarray(low, dtype=float) + np.asarray(high, dtype=float)) / 2
        frame = self.record(panel, series, role, x, middle, low=low, high=high, **keep)
        settings: dict[str, Any] = {"color": style.ROLES[role].color, "linewidth": 0, "zorder": 1.5} | kw
        return self.axes[panel].fill_between(
            frame["x"],
            frame["y_low"].astype(float),
            frame["y_high"].astype(float),
            gid=gid(panel, series),
            **settings,
        )

    def level(self, panel: int, series: str, role: str, y: float, **kw: Any) -> Any:
        """Draw a horizontal line across the panel, e.g. a threshold.

        Parameters
        ----------
        panel : int
            Panel, from 0.
        series, role : str
            Name in the CSV; key of ``style.ROLES``.
        y : float
            Height on the panel's axis.
        **kw : object
            ``unit`` for the CSV; the rest goes to ``Axes.axhline``.

        Returns
        -------
        Line2D
            The line.
        """
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
        """Write a label at a point; it is not recorded.

        Parameters
        ----------
        panel : int
            Panel, from 0.
        x, y : float
            The point, on the panel's axes.
        content : str
            The words.
        role : str
            Key of ``style.ROLES``; gives the colour.
        offset : tuple of float
            Right and up from the point, in points.
        **kw : object
            Goes to ``Axes.annotate``.

        Returns
        -------
        Annotation
            The label.
        """
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
        """Write a direct label right of a line's end; labels in each other's way are moved apart.

        Parameters
        ----------
        panel : int
            Panel, from 0.
        x, y : float
            The line's end, on the panel's axes.
        content, role : str
            The words; key of ``style.ROLES``.
        **kw : object
            As for ``say``.
        """
        note = self.say(panel, x, y, content, role, offset=(0.5 * self.size.font, 0), **kw)
        self.layout.labels.append(EndLabel(self.axes[panel], note, y))

    def end_of(self, panel: int, series: Monthly, word: str, role: str, **kw: Any) -> None:
        """Write a direct label at the last known month of a monthly series in the plotted unit."""
        last = last_known(series)
        if last is not None:
            place = float(x_of(pd.PeriodIndex([last]))[0])
            self.end_label(panel, place, float(series[last]), word, role, **kw)


def gid(panel: int, series: str) -> str:
    """Return the id of a series' marks in the SVG."""
    return f"p{panel + 1}-{series}"
