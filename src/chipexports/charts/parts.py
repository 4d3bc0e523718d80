"""What the figures of a forecast share: bands by level, the threshold's line, months, names of methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from chipexports.base.palette import band_colours
from chipexports.charts import style
from chipexports.charts.figure import Chart, FigureNotDrawn
from chipexports.forecast.distribution import edges
from chipexports.words import text as words

COMBINATION = "combination"
#: methods by what they carry forward: the level of the last months, or last year's months times a growth
CAMPS = {
    "level": ("ets", "sarima", "ucm", "theta", "level_regression"),
    "growth": ("indicator", "pooled_growth", "growth_ytd", "growth_3m", "seasonal_naive"),
}


def given(options: Mapping[str, Any], **usual: Any) -> dict[str, Any]:
    """Return the options of a chart: what is usual for it, replaced by what was asked for."""
    return {**usual, **options}


def levels_in(table: pd.DataFrame, levels: Sequence[float], prefix: str = "") -> list[float]:
    """Return the levels whose bounds are columns of a table, widest first; none is a `FigureNotDrawn`."""
    present = [level for level in levels if {f"{prefix}{name}" for name in edges(level)} <= set(table)]
    if not present:
        asked = ", ".join(f"{100 * level:g}%" for level in levels)
        wanted = ", ".join(f"{prefix}{name}" for level in levels for name in edges(level))
        raise FigureNotDrawn(
            f"levels: {asked} asked for, but the table has no columns {wanted}; run it again"
        )
    return sorted(present, reverse=True)


def draw_bands(
    ax: Axes, x: Any, table: pd.DataFrame, levels: Sequence[float], factor: float, prefix: str = ""
) -> None:
    """Fill between the bounds of each level, widest first; ``table`` holds them in its own unit."""
    for level, color in zip(levels, band_colours(len(levels)), strict=True):
        low, high = (table[f"{prefix}{name}"].astype(float) * factor for name in edges(level))
        ax.fill_between(x, low, high, color=color, lw=0, zorder=1.5, gid=f"band-{100 * level:g}")


def explain(c: Chart, levels: Sequence[float], lines: Sequence[tuple[str, str]] = ()) -> None:
    """Write the key: a line for each (role, word), a box for each level."""
    handles: list[Any] = []
    labels = []
    for role, word in lines:
        look = style.ROLES[role]
        handles.append(Line2D([], [], color=look.color, linestyle=look.dash))  # type: ignore[arg-type]
        labels.append(word)
    for level, color in zip(levels, band_colours(len(levels)), strict=True):
        handles.append(Patch(facecolor=color))
        labels.append(c.t("band", level=percent_of(level)))
    c.key(handles, labels)


def percent_of(level: float) -> str:
    """Write a level as a percentage: 80%, 97.5%."""
    share = round(100 * level, 4)
    return words.percent(share, 0 if share == round(share) else 1)


def middle_level(levels: Sequence[float]) -> float:
    """Return the level that titles name: 80% where it is among them, else the middle one."""
    return 0.8 if 0.8 in levels else sorted(levels)[len(levels) // 2]


def amount(value: float, c: Chart, currency: str | None = None, *, unit: bool = True) -> str:
    """Write a table's amount in the plotted unit, with the digits of `digits_of`."""
    currency = currency or c.params.currency
    scaled = value * words.scale(currency, c.language)
    digits = digits_of(scaled, c, 1 if c.language == "en" else 0)
    return words.money(value, currency, c.language, digits) if unit else words.number(scaled, digits)


def digits_of(scaled: float, c: Chart, of_money: int) -> int:
    """Return the decimals of a plotted amount: those of billions or 亿, or by its size in one's own unit."""
    return words.decimals(scaled, c.language) if c.params.series else of_money


def question(value: float, c: Chart, currency: str | None = None, *, unit: bool = True) -> str:
    """Write a threshold with as few decimals as it needs, at most two."""
    currency = currency or c.params.currency
    scaled = value * words.scale(currency, c.language)
    digits = next((n for n in (0, 1) if abs(scaled - round(scaled, n)) < 1e-9 * max(1, abs(scaled))), 2)
    return words.money(value, currency, c.language, digits) if unit else words.number(scaled, digits)


def threshold_line(ax: Axes, value: float, *, upright: bool = False, **more: Any) -> None:
    """Draw a threshold across a panel, below everything that carries words."""
    look = style.ROLES["threshold"]
    settings: dict[str, Any] = {"color": look.color, "ls": look.dash, "lw": 0.75 * style.line_width()}
    settings |= {"zorder": 2.3, "gid": "threshold"}
    (ax.axvline if upright else ax.axhline)(value, **(settings | more))


def month_ticks(c: Chart, ax: Axes) -> None:
    """Mark the twelve months of a year at 1 to 12."""
    ax.set_xlim(0.5, 12.5)
    ax.set_xticks(range(1, 13), [words.month_name(month, c.language) for month in range(1, 13)])


def method_name(method: str, language: str, series: object = None) -> str:
    """Return a method's name in words; one of a user's own keeps its name."""
    key = words.own(f"method.{method}", series)
    return words.text(key, language) if words.has(key) else method.replace("_", " ")


def camp_of(method: str) -> str:
    """Return ``level``, ``growth``, or ``own`` for a method that is not of the package."""
    return next((camp for camp, members in CAMPS.items() if method in members), "own")


def combination_row(forecast: pd.DataFrame) -> Any:
    """Return the pool's row of the forecast table (its last row where there is none so called)."""
    rows = forecast[forecast["method"] == COMBINATION]
    return (rows if len(rows) else forecast).iloc[-1]


def target_year(c: Chart, other: object) -> int:
    """Return the run's target year, else the table's."""
    return int(c.params.target_year or str(other))


def in_last_row(c: Chart, ax: Axes) -> bool:
    """Return whether a panel stands in the last row, where the horizontal axis is named."""
    return c.axes.index(ax) // c.across == (len(c.axes) - 1) // c.across
