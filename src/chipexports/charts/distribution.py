"""The year's total as a distribution: the pool's simulated totals, and each method beside the others."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from chipexports.charts import parts, style
from chipexports.charts.figure import Chart, FigureNotDrawn, chart
from chipexports.forecast.tables import histogram_table
from chipexports.words import text as words

#: a threshold further away than this many widths of the distribution is named, not drawn
_FAR = 1.0


def distribution(
    totals: pd.DataFrame, forecast: pd.DataFrame, params: object = None, **options: Any
) -> Chart:
    """Draw the totals of all simulated paths, the threshold, the interval and the outturn.

    Parameters
    ----------
    totals : DataFrame
        ``total`` of each path, table's unit.
    forecast : DataFrame
        The forecast table; the row of the pool gives ``outturn``, where known.
    params : RunParams or mapping, optional
        The run: ``levels``, ``threshold``, ``currency``, ``language`` and so on.
    **options : object
        As for `chart`.

    Returns
    -------
    Chart
        Its ``data``: ``low, high`` of each bar in the plotted unit, ``share_pct`` of the paths, ``above``.

    Raises
    ------
    FigureNotDrawn
        There are no finite totals.
    """
    values = totals["total"].to_numpy(dtype=float)
    values = values[np.isfinite(values)]
    wide = bool(len(values)) and float(np.ptp(values)) > 1e-9 * abs(float(values[0]))
    with chart("distribution", params, **parts.given(options, forecast=wide)) as c:
        if not len(values):
            raise FigureNotDrawn(words.text("figure.left_out.no_totals", c.language))
        row, threshold = parts.combination_row(forecast), c.params.threshold
        level = parts.middle_level(c.params.levels)
        low, high = np.quantile(values, list(parts.edges(level).values()))
        bars = histogram_table(values * c.scale, threshold * c.scale if threshold else None)
        _draw_bars(c.ax, bars, bool(threshold))
        near = bool(threshold) and _near(threshold * c.scale, bars)
        if near:
            _mark_threshold(c, float(threshold), values)
        elif threshold:
            c.source = c.source_line(note=c.t("off_scale", amount=parts.question(threshold, c)))
        _key(c, level, (low, float(np.median(values)), high), row.get("outturn", np.nan), wide)
        c.ax.set(
            xlabel=c.unit, ylabel=c.t("unit"), ylim=(0, (1.16 if near else 1.06) * bars["share_pct"].max())
        )
        facts = {
            "year": parts.target_year(c, row.get("target_year", 0)),
            "flow": c.flow,
            "flow_lower": words.flow_name(c.params.flow, c.language),
            "n": words.number(len(values), 0),
            "level": parts.percent_of(level),
            "chance": words.chance(share_above(values, threshold), c.language),
            "threshold": parts.question(threshold, c) if threshold else "",
            "median": parts.amount(float(np.median(values)), c),
            "low": parts.amount(low, c, unit=False),
            "high": parts.amount(high, c),
            "least": parts.amount(float(values.min()), c, unit=False),
            "most": parts.amount(float(values.max()), c),
        }
        c.title = c.t("title_complete" if not wide else "title" if threshold else "title_interval", **facts)
        c.subtitle, c.caption = (
            c.t("subtitle", **facts),
            c.t("caption" if wide else "caption_complete", **facts),
        )
        c.alt = c.t("alt_complete" if not wide else "alt" if threshold else "alt_interval", **facts)
        c.data = bars
    return c


def share_above(values: np.ndarray, threshold: float | None) -> float:
    """Return the share of paths above the threshold; what is only simulated is never certain."""
    if not threshold:
        return np.nan
    share = float(np.mean(values > threshold))
    certain = float(np.ptp(values)) <= 1e-9 * abs(float(values[0]))
    return share if certain else min(max(share, 0.5 / len(values)), 1 - 0.5 / len(values))


def _draw_bars(ax: Axes, bars: pd.DataFrame, asked: bool) -> None:
    tones = {True: style.ROLES["forecast"].color, False: style.ROLES["quantity"].color}
    ax.bar(
        bars["low"],
        bars["share_pct"],
        width=0.94 * (bars["high"] - bars["low"]),
        align="edge",
        color=[tones[bool(above) or not asked] for above in bars["above"]],
    )
    span = float(bars["high"].max() - bars["low"].min())
    edge = 0.02 * span if len(bars) > 1 else 0.1 * abs(float(bars["low"].iloc[0]))
    ax.set_xlim(bars["low"].min() - edge, bars["high"].max() + edge)


def _near(line: float, bars: pd.DataFrame) -> bool:
    low, high = float(bars["low"].min()), float(bars["high"].max())
    if len(bars) == 1:
        return 0.5 * low < line < 2 * high
    return low - _FAR * (high - low) < line < high + _FAR * (high - low)


def _mark_threshold(c: Chart, threshold: float, values: np.ndarray) -> None:
    """Draw the line between two words that say how much lies on either side of it."""
    line, ax = threshold * c.scale, c.ax
    low, high = ax.get_xlim()
    ax.set_xlim(min(low, line - 0.04 * (high - low)), max(high, line + 0.04 * (high - low)))
    parts.threshold_line(ax, line, upright=True)
    above = share_above(values, threshold)
    sides = {"below": (1 - above, "right", -4), "above": (above, "left", 4)}
    look = {"below": style.ROLES["quantity"].text, "above": style.ROLES["forecast"].text}
    low, high = ax.get_xlim()
    for side, (share, align, dx) in sides.items():
        text = c.t(side, chance=words.chance(share, c.language), threshold=parts.question(threshold, c))
        place = (line - low) / (high - low)
        # a word with less than a quarter of the panel on its side would stick out; the title has the number
        if (place if side == "below" else 1 - place) < 0.24 and share < 0.5:
            continue
        ax.annotate(
            text,
            (line, 0.975),
            xycoords=("data", "axes fraction"),
            xytext=(dx, 0),
            textcoords="offset points",
            ha=align,
            va="top",
            color=look[side],
            annotation_clip=False,
        )


def _key(c: Chart, level: float, quantiles: tuple[float, float, float], outturn: float, wide: bool) -> None:
    """Draw interval and median below the bars' feet, name them in the key."""
    ax, handles, labels = c.ax, [], []
    if wide:
        low, middle, high = (value * c.scale for value in quantiles)
        across = ax.get_xaxis_transform()
        (bracket,) = ax.plot(
            [low, high],
            [0.0, 0.0],
            transform=across,
            color=style.INK,
            lw=2.2 * style.line_width(),
            clip_on=False,
            solid_capstyle="butt",
            zorder=5,
            gid="interval",
        )
        (dot,) = ax.plot(
            [middle],
            [0.0],
            transform=across,
            color="white",
            marker="o",
            ls="none",
            markeredgecolor=style.INK,
            markersize=1.3 * float(c.size.line) + 3,
            clip_on=False,
            zorder=6,
            gid="median",
        )
        low_text, high_text = (parts.amount(value, c, unit=False) for value in (quantiles[0], quantiles[2]))
        handles += [dot, bracket]
        labels += [
            c.t("key_median", median=parts.amount(quantiles[1], c, unit=False)),
            c.t("key_interval", level=parts.percent_of(level), low=low_text, high=high_text),
        ]
    if c.params.threshold and any(line.get_gid() == "threshold" for line in ax.lines):
        look = style.ROLES["threshold"]
        handles.append(Line2D([], [], color=look.color, ls=look.dash))
        labels.append(c.t("threshold", amount=parts.question(c.params.threshold, c)))
    if pd.notna(outturn):
        place = float(outturn) * c.scale
        (mark,) = ax.plot(
            [place],
            [0.0],
            transform=ax.get_xaxis_transform(),
            color="black",
            marker="^",
            ls="none",
            markersize=8,
            clip_on=False,
            zorder=7,
            gid="outturn",
        )
        low, high = ax.get_xlim()
        ax.set_xlim(min(low, place - 0.02 * (high - low)), max(high, place + 0.02 * (high - low)))
        handles.append(mark)
        labels.append(c.t("outturn", amount=parts.amount(float(outturn), c)))
    c.key(handles, labels)


def methods(forecast: pd.DataFrame, params: object = None, **options: Any) -> Chart:
    """Draw each method's median and intervals, the pool on top, methods in camps, and the threshold.

    Parameters
    ----------
    forecast : DataFrame
        The forecast table: a row a ``method`` and one for ``combination``; ``median``, bounds of the levels,
        ``p_above``, table's unit.
    params : RunParams or mapping, optional
        The run: ``levels``, ``threshold``, ``currency``, ``language`` and so on.
    **options : object
        As for `chart`.

    Returns
    -------
    Chart
        Its ``data``: a row a method with ``camp``, amounts in the plotted unit, ``p_above``.

    Raises
    ------
    FigureNotDrawn
        There are fewer than two methods, or nothing is left to forecast.

    Notes
    -----
    The camps are those of ``parts.CAMPS``: methods that carry on the level of the last months, and methods
    that multiply last year's months by a growth. A method of one's own stands below them.
    """
    with chart("methods", params, **parts.given(options, forecast=True)) as c:
        rows = forecast.dropna(subset=["median"])
        own = rows[rows["method"] != parts.COMBINATION]
        levels = parts.levels_in(rows, c.params.levels)
        if len(own) < 2 or float(own[list(parts.edges(levels[0]))].diff(axis=1).iloc[:, -1].max()) <= 0:
            raise FigureNotDrawn(words.text("figure.left_out.few_methods", c.language))
        camps = own["method"].map(parts.camp_of)
        groups = [("pool", rows[rows["method"] == parts.COMBINATION])]
        groups += [
            (camp, own[camps == camp].sort_values("median", ascending=False))
            for camp in (*parts.CAMPS, "own")
        ]
        groups = [(camp, part) for camp, part in groups if len(part)]
        _draw_methods(c, groups, levels)
        parts.explain(c, levels)
        _words_of_methods(c, dict(groups), rows)
        table = pd.concat([part.assign(camp=camp) for camp, part in groups])
        bounds = [name for level in reversed(levels) for name in parts.edges(level)]
        amounts = table[["median", *dict.fromkeys(bounds)]].astype(float) * c.scale
        c.data = pd.concat([table[["camp", "method"]], amounts, table[["p_above"]]], axis=1).reset_index(
            drop=True
        )
    return c


def _draw_methods(c: Chart, groups: list[tuple[str, pd.DataFrame]], levels: list[float]) -> None:
    ax, place = c.ax, 0.0
    threshold, ticks, names = c.params.threshold, [], []
    answered = _answered(pd.concat([part for _, part in groups]), threshold)
    tones = parts.band_colours(len(levels))
    narrow = c.width < 110  # only the probability fits beside the bars
    heads = {c.t(f"camp.{camp}") for camp, _ in groups if camp != "pool"}
    for camp, part in groups:
        if camp != "pool":
            place += 0.25
            ticks.append(place)
            names.append(c.t(f"camp.{camp}"))
            place += 0.8
        for row in part.to_dict("records"):
            for level, tone, thick in zip(levels, tones, np.linspace(0.34, 0.62, len(levels)), strict=True):
                low, high = (float(row[name]) * c.scale for name in parts.edges(level))
                ax.barh(place, high - low, left=low, height=thick, color=tone, lw=0, zorder=2)
            dark = style.INK if camp == "pool" else style.ROLES["forecast"].color
            ax.plot(
                float(row["median"]) * c.scale,
                place,
                "o",
                color=dark,
                zorder=4,
                gid=f"median-{row['method']}",
            )
            label = parts.amount(float(row["median"]), c, unit=False)
            if answered:
                chance = words.chance(float(row["p_above"]), c.language)
                label = chance if narrow else c.t("row", median=label, chance=chance)
            ax.annotate(
                label,
                (1, place),
                xycoords=("axes fraction", "data"),
                xytext=(5, 0),
                textcoords="offset points",
                va="center",
                annotation_clip=False,
                fontweight=600 if camp == "pool" else 400,
                family=style.FONT_FAMILY,
            )
            ticks.append(place)
            full = parts.method_name(str(row["method"]), c.language, c.params.series)
            # beside the bars there is no room for what a name explains after its comma or bracket
            names.append(re.split(r", |（", full)[0])
            place += 1.0
    c.panel_inches = (place + 0.5) * (2.35 if narrow else 2.0) * c.size.font / 72
    ax.set(ylim=(place - 0.4, -0.6), yticks=ticks, yticklabels=names, xlabel=c.unit)
    for tick in ax.get_yticklabels():
        tick.set_color(style.MUTED if tick.get_text() in heads else style.INK)
    ax.grid(visible=True, axis="x")
    ax.grid(visible=False, axis="y")
    low, high = ax.dataLim.x0, ax.dataLim.x1
    if threshold and low - (high - low) < threshold * c.scale < high + (high - low):
        line = threshold * c.scale
        parts.threshold_line(ax, line, upright=True)
        low, high = min(low, line), max(high, line)
    ax.set_xlim(low - 0.03 * (high - low), high + 0.03 * (high - low))
    if answered:
        ax.annotate(
            c.t("head_chance" if narrow else "row_head", threshold=parts.question(threshold, c, unit=False)),
            (1, 1),
            xycoords="axes fraction",
            xytext=(5, 0),
            textcoords="offset points",
            va="bottom",
            color=style.MUTED,
            annotation_clip=False,
        )


def _answered(rows: pd.DataFrame, threshold: float | None) -> bool:
    """Return whether the table's probabilities are of this threshold."""
    if not threshold or not {"p_above", "threshold"} <= set(rows):
        return False
    return bool(rows["p_above"].notna().all() and np.allclose(rows["threshold"].astype(float), threshold))


def _words_of_methods(c: Chart, groups: dict[str, pd.DataFrame], rows: pd.DataFrame) -> None:
    def span(part: pd.DataFrame) -> str:
        low, high = (
            parts.amount(float(value), c, unit=False)
            for value in (part["median"].min(), part["median"].max())
        )
        return low if low == high else c.t("span", low=low, high=high)

    pool = parts.combination_row(rows)
    own = rows[rows["method"] != parts.COMBINATION]
    facts: dict[str, object] = {
        "pool": parts.amount(float(pool["median"]), c),
        "year": parts.target_year(c, pool.get("target_year", 0)),
        "flow": c.flow,
        "n": len(own),
        "all": span(own),
    }
    both = {"level", "growth"} <= set(groups)
    if both:
        facts |= {camp: span(groups[camp]) for camp in ("level", "growth")}
        level, growth = groups["level"]["median"], groups["growth"]["median"]
        apart = float(level.min()) >= float(pool["median"]) >= float(growth.max())
        apart |= float(growth.min()) >= float(pool["median"]) >= float(level.max())
        c.title = c.t("title" if apart else "title_mixed", **facts)
    else:
        c.title = c.t("title_one", **facts)
    c.subtitle, c.caption, c.alt = c.t("subtitle", **facts), c.t("caption"), c.t("alt", **facts)
    if _answered(own, c.params.threshold):
        chances = [
            words.chance(float(value), c.language) for value in (own["p_above"].min(), own["p_above"].max())
        ]
        c.alt += ("" if c.language == "zh" else " ") + c.t(
            "alt_chance", low=chances[0], high=chances[1], threshold=parts.question(c.params.threshold, c)
        )
