"""The charts of the exploring page: one interactive figure whose marks are moved, never redrawn from scratch.

Plotly's widget is built on anywidget: the browser gets plotly.js from the kernel, once, and nothing from
another machine. One widget for all panels, since each would bring its own copy (5 MB).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from chipexports.base.palette import INK, MUTED, ROLES, band_colours
from chipexports.forecast.distribution import edges
from chipexports.lab.explore import YEAR, View
from chipexports.lab.panels import view_number
from chipexports.words import text as words

FONT = 'system-ui, -apple-system, "Segoe UI", Helvetica, Arial, "chipexports CJK", sans-serif'
# a threshold this many times the upper end of the fan is left to the words: it would flatten the bands
FAR = 2.5
PANELS = {"ytd": ("x", "y"), "month": ("x2", "y2"), "total": ("x3", "y3")}
# the share of the height each panel has: while months are to come, and of a year that is over
OPEN = {"ytd": (0.69, 0.955), "month": (0.36, 0.605), "total": (0.03, 0.255)}
OVER = {"ytd": (0.55, 0.94), "month": (0.04, 0.43), "total": (0.0, 0.01)}
HEIGHT, HEIGHT_OVER = 860, 560


class Charts:
    """The fan of the year-to-date and of the months, and the distribution of the total, in one ``widget``."""

    def __init__(self, view: View, language: str) -> None:
        # the browser receives the first view with the widget itself: what is moved before it has it is lost
        self.levels = sorted(view.params.levels, reverse=True)
        traces = _traces(self.levels)
        marks = _Marks(view, language, self.levels)
        first = [trace.update(marks.values[name]) for name, trace in traces.items()]
        self.widget = go.FigureWidget(first, go.Layout(_LAYOUT).update(marks.layout()))
        self.widget._config = {"displayModeBar": False, "responsive": True, "scrollZoom": False}
        self._marks = dict(zip(traces, self.widget.data, strict=True))

    def show(self, view: View, language: str) -> None:
        """Move every mark to what a view says, words in one language."""
        marks = _Marks(view, language, self.levels)
        with self.widget.batch_update():
            for name, values in marks.values.items():
                self._marks[name].update(values)
            self.widget.layout.update(marks.layout())


def _traces(levels: Sequence[float]) -> dict[str, go.Scatter | go.Bar]:
    """Return every trace of the three panels by name, without values."""
    traces: dict[str, go.Scatter | go.Bar] = {}
    for panel, (x, y) in PANELS.items():
        at: dict[str, Any] = {"xaxis": x, "yaxis": y, "showlegend": panel == "ytd"}
        if panel == "total":
            traces["total-bars"] = go.Bar(hovertemplate="%{hovertext}<extra></extra>", **at)
            for role, dash in (("median", "solid"), ("threshold", "dash"), ("scenario", "dash")):
                traces[f"total-{role}"] = _marked(_COLOUR[role], dash, mode="lines", **at)
            continue
        for level, color in zip(levels, band_colours(len(levels)), strict=True):
            traces[f"{panel}-{level}"] = go.Scatter(
                fill="toself", fillcolor=color, line={"width": 0}, mode="lines", hoverinfo="skip", **at
            )
        for role, dash in (("published", "solid"), ("forecast", "solid"), ("scenario", "dash")):
            traces[f"{panel}-{role}"] = _marked(_COLOUR[role], dash, **at)
        if panel == "ytd":
            traces["ytd-threshold"] = _marked(_COLOUR["threshold"], "dash", mode="lines", **at)
    return traces


_COLOUR = {
    "published": ROLES["published"].color,
    "forecast": ROLES["forecast"].color,
    "threshold": ROLES["threshold"].color,
    "scenario": ROLES["import"].color,
    "median": INK,  # on bars of the forecast's own colour
}


def _marked(color: str, dash: str, mode: str = "lines+markers+text", **at: Any) -> go.Scatter:
    return go.Scatter(
        mode=mode,
        line={"color": color, "dash": dash, "width": 2},
        marker={"color": color, "size": 6},
        cliponaxis=False,
        textfont={"color": color},
        hovertemplate="%{hovertext}<extra></extra>",
        **at,
    )


_AXIS = {"gridcolor": "#e4e4e4", "zeroline": False, "fixedrange": True, "automargin": True}
_AXIS |= {"exponentformat": "none", "separatethousands": True, "tickangle": 0}
_LAYOUT: dict[str, Any] = {
    "template": "none",
    "autosize": True,
    "margin": {"l": 8, "r": 12, "t": 8, "b": 8},
    "font": {"family": FONT, "size": 13, "color": INK},
    "hovermode": "x unified",
    "hoverlabel": {"bgcolor": "white", "font": {"color": INK}},
    "bargap": 0.06,
    "dragmode": False,
    "legend": {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "xanchor": "left"},
}


class _Marks:
    """What each trace and the layout hold for one view, in the reader's unit and language."""

    def __init__(self, view: View, language: str, levels: Sequence[float]) -> None:
        self.view, self.language = view, language
        self.scale = words.scale(view.settings.currency, language)
        self.known = view.forecast.months_published
        self.ahead = slice(max(self.known - 1, 0), None) if view.remaining else slice(0, 0)
        self.values: dict[str, dict[str, Any]] = {}
        for panel in ("ytd", "month"):
            for level in levels:
                self.band(panel, level)
            self.lines(panel)
        self.threshold()
        self.totals()

    def say(self, key: str, **values: object) -> str:
        return words.text(f"desk.{key}", self.language, **values)

    def money(self, value: float) -> str:
        return words.money(value, self.view.settings.currency, self.language)

    def number(self, value: float) -> str:
        """Return an amount without its unit, as the tables of the page write it."""
        return view_number(value, self.view, self.language)

    def band(self, panel: str, level: float) -> None:
        """Fill between the bounds of a level, from the last published month on."""
        low, high = (
            self.scale * self.view.fan[f"{panel}_{name}"].to_numpy(dtype=float)[self.ahead]
            for name in edges(level)
        )
        months = np.arange(1, YEAR + 1)[self.ahead]
        self.values[f"{panel}-{level}"] = {
            "x": [*months, *months[::-1]],
            "y": [*low, *high[::-1]],
            "name": self.say("mark.band", level=words.percent(100 * level, 0)),
        }

    def lines(self, panel: str) -> None:
        """Draw the published months, the medians of the others and the scenario."""
        fan = self.view.fan
        median = fan[f"{panel}_median"].to_numpy(dtype=float)
        names = [words.month(period, self.language) for period in fan["period"]]
        low, high = (fan[f"{panel}_{name}"].to_numpy(dtype=float) for name in edges(0.8))
        months = np.arange(1, YEAR + 1)
        scenario = self.view.scenario_total
        lower = "forecast" if (scenario or 0.0) > self.view.forecast.median else "scenario"

        def trace(role: str, values: np.ndarray, at: slice, hover: list[str]) -> None:
            text = [""] * len(values[at])
            if len(text) and at.stop is None and panel == "ytd":
                text[-1] = self.number(values[at][-1])
            self.values[f"{panel}-{role}"] = {
                "x": list(months[at]),
                "y": list(self.scale * values[at]),
                "hovertext": hover[at],
                "text": text,
                "textposition": "bottom center" if role == lower else "top left",
                "name": self.say(f"mark.{role}"),
            }

        texts = [
            self.say("hover.published", month=m, amount=self.money(v))
            for m, v in zip(names, median, strict=True)
        ]
        whole = slice(0, None) if self.known == YEAR else slice(0, self.known)
        trace("published", median, whole, texts)
        texts = [
            ""
            if n < self.known
            else self.say(
                "hover.forecast", month=m, amount=self.money(v), low=self.number(a), high=self.number(b)
            )
            for n, (m, v, a, b) in enumerate(zip(names, median, low, high, strict=True))
        ]
        trace("forecast", median, self.ahead, texts)
        # the fan begins at the last published month, which has its own words
        path = self.view.scenario
        values = np.full(YEAR, np.nan) if path is None else path.paths[0]
        values = values.cumsum() if panel == "ytd" else values
        texts = [
            "" if n < self.known else self.say("hover.scenario", month=m, amount=self.money(v))
            for n, (m, v) in enumerate(zip(names, values, strict=True))
        ]
        trace("scenario", values, self.ahead if path is not None else slice(0, 0), texts)

    def threshold(self) -> None:
        """Draw the threshold across the year-to-date, unless it is far above."""
        value = self.view.settings.threshold
        near = value <= FAR * float(self.view.fan["ytd_median"].max())
        name = self.say("hover.line.threshold", amount=self.money(value))
        self.values["ytd-threshold"] = {
            "x": [0.5, YEAR + 0.5] if near else [],
            "y": [self.scale * value] * 2 if near else [],
            "hovertext": [name, name] if near else [],
            "name": self.say("mark.threshold"),
        }

    def totals(self) -> None:
        """Draw the histogram of the total with median, threshold and scenario."""
        bars = self.view.bars if self.view.remaining else self.view.bars.iloc[:0]
        tones = {True: ROLES["forecast"].color, False: ROLES["quantity"].color}
        middle = self.scale * (bars["low"] + bars["high"]) / 2
        width = self.scale * (bars["high"] - bars["low"])
        texts = [
            self.say("hover.share", low=self.number(a), high=self.money(b), share=words.percent(share))
            for a, b, share in zip(bars["low"], bars["high"], bars["share_pct"], strict=True)
        ]
        self.values["total-bars"] = {
            "x": list(middle),
            "y": list(bars["share_pct"]),
            "width": list(width),
            "hovertext": texts,
            "marker": {"color": [tones[bool(above)] for above in bars["above"]], "line": {"width": 0}},
        }
        scenario = self.view.scenario_total
        top = 1.08 * float(bars["share_pct"].max()) if len(bars) else 0.0
        spread = self._span(bars) if len(bars) else (0.0, 0.0)
        for role, value in (
            ("median", self.view.forecast.median),
            ("threshold", self.view.settings.threshold),
            ("scenario", scenario),
        ):
            at = 0.0 if value is None else value
            drawn = len(bars) and value is not None and spread[0] <= at <= spread[1]
            name = self.say(f"hover.line.{role}", amount=self.money(at))
            self.values[f"total-{role}"] = {
                "x": [self.scale * at] * 2 if drawn else [],
                "y": [0, top] if drawn else [],
                "hovertext": [name, name] if drawn else [],
            }

    def _span(self, bars: pd.DataFrame) -> tuple[float, float]:
        """Return the totals within which a line is drawn: a width of the distribution to each side."""
        low, high = float(bars["low"].min()), float(bars["high"].max())
        return low - (high - low), high + (high - low)

    def layout(self) -> dict[str, Any]:
        """Return titles, ticks and the place of each panel."""
        open_year = bool(self.view.remaining)
        places = OPEN if open_year else OVER
        unit = words.unit(self.view.settings.currency, self.language)
        titles = [
            self.say("panel.ytd", unit=unit),
            self.say("panel.month", unit=unit),
            self.say("panel.total", unit=unit) if open_year else "",
        ]
        ticks = {
            "tickvals": list(range(2, YEAR + 1, 2)),  # twelve names overlap on a phone
            "ticktext": [words.month_name(m, self.language) for m in range(2, YEAR + 1, 2)],
            "range": [0.5, YEAR + 0.5],
        }
        heading = {"xref": "paper", "yref": "paper", "x": 0, "xanchor": "left", "yanchor": "bottom"}
        heading |= {"showarrow": False, "font": {"color": MUTED}}
        layout: dict[str, Any] = {"height": HEIGHT if open_year else HEIGHT_OVER, "annotations": []}
        for (panel, (x, y)), title in zip(PANELS.items(), titles, strict=True):
            layout["annotations"].append(heading | {"text": title, "y": places[panel][1] + 0.006})
            axis = _AXIS | {"visible": open_year or panel != "total"}
            across = {} if panel == "total" else ticks
            layout[f"xaxis{x[1:]}"] = axis | {"anchor": y, "showgrid": False} | across
            layout[f"yaxis{y[1:]}"] = axis | {"anchor": x, "rangemode": "tozero", "domain": places[panel]}
        layout["yaxis3"]["ticksuffix"] = "%"
        return layout
