"""What is needed: the monthly average the rest of the year must bring, beside the months before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.patches import Patch

from chipexports.base.units import BASIS, value_column
from chipexports.charts import parts, style
from chipexports.charts.figure import Chart, FigureNotDrawn, chart
from chipexports.clean.day import KIND_OF
from chipexports.words import text as words

#: role of a month by its kind
_ROLES = {"customs": "published", "derived": "derived", "estimate": "estimated"}


def requirement(series: pd.Series, year: int, threshold: float) -> dict[str, float]:
    """Return what the unpublished months must bring for the year to reach a threshold in the series' unit.

    ``gap`` is 0 once the threshold is passed; ``before``, the same months' average a year earlier, is NaN
    where one of them is unknown; ``highest`` is the highest month up to the end of the year.
    """
    index = pd.period_range(f"{year}-01", f"{year}-12", freq="M")
    months = series.reindex(index)
    left = index[months.isna().to_numpy()]
    published = float(months.sum())
    gap = max(0.0, threshold - published)
    average = gap / len(left) if len(left) else np.nan
    before = float(series.reindex(left - 12).mean(skipna=False)) if len(left) else np.nan
    growth = 100 * (average / before - 1) if before and np.isfinite(before) else np.nan
    return {
        "published": published,
        "months_left": float(len(left)),
        "gap": gap,
        "average": average,
        "before": before,
        "growth_pct": growth,
        "highest": float(series[: index[-1]].max()),
    }


def needed(monthly: pd.DataFrame, params: object = None, **options: Any) -> Chart:
    """Draw the months of the last three years and the average the rest of the year must reach.

    Parameters
    ----------
    monthly : DataFrame
        The cleaned monthly table of a run, a row a ``period`` and ``flow``.
    params : RunParams or mapping, optional
        The run; its ``threshold`` is what is asked about.
    **options : object
        As for `chart`.

    Returns
    -------
    Chart
        Its ``data`` by month: ``value``, ``needed`` in the plotted unit, ``kind``.

    Raises
    ------
    FigureNotDrawn
        The run has no threshold or no month, or all twelve months are published.
    """
    with chart("needed", params, **options) as c:
        series, kinds = _months(monthly, c)
        last = series.last_valid_index()
        if not c.params.threshold or last is None:
            raise FigureNotDrawn(words.text("figure.left_out.no_threshold", c.language))
        year, threshold = parts.target_year(c, last.year), float(c.params.threshold)  # type: ignore[union-attr]
        need = requirement(series, year, threshold)
        if need["months_left"] == 0:
            raise FigureNotDrawn(words.text("figure.left_out.year_complete", c.language, year=year))
        index = pd.period_range(f"{year - 2}-01", f"{year}-12", freq="M")
        amounts, kinds = series.reindex(index) * c.scale, kinds.reindex(index)
        left = index[(index.year == year) & amounts.isna().to_numpy()]
        on_scale = 0 < need["average"] <= 4 * need["highest"]
        _draw(c, amounts, kinds, left, need["average"] * c.scale if on_scale else np.nan)
        _words(c, need, year, threshold, bool(kinds.reindex(left - 12).eq("estimated").any()))
        note = c.t("off_scale") if need["gap"] and not on_scale else ""
        c.source = c.source_line(last=last, estimated=bool(kinds.eq("estimated").any()), note=note)
        wanted = pd.Series(need["average"] * c.scale, left).reindex(index) if need["gap"] else np.nan
        c.data = pd.DataFrame({"value": amounts, "kind": kinds, "needed": wanted}, index)
    return c


def _months(monthly: pd.DataFrame, c: Chart) -> tuple[pd.Series, pd.Series]:
    """Return one flow's months in the table's unit, and their kinds."""
    rows = monthly[monthly["flow"] == c.params.flow]
    rows = rows.set_index(pd.PeriodIndex(rows["period"].astype(str), freq="M")).sort_index()
    values = rows[value_column(c.params.currency)].astype(float)
    if "excluded" in rows:
        values = values.mask(rows["excluded"].astype("boolean").fillna(False).astype(bool))
    column = BASIS.get(c.params.currency, "basis")
    column = column if column in rows else "basis"
    kinds = rows[column].map(KIND_OF).map(_ROLES) if column in rows else pd.Series("published", rows.index)
    return values, kinds.fillna("published")


def _draw(c: Chart, amounts: pd.Series, kinds: pd.Series, left: pd.PeriodIndex, average: float) -> None:
    ax, handles, labels = c.ax, [], []
    at = amounts.index.to_timestamp()  # type: ignore[attr-defined]
    for kind in _ROLES.values():
        part = (kinds == kind).to_numpy() & amounts.notna().to_numpy()
        if part.any():
            look = style.ROLES[kind]
            ax.bar(at[part], amounts[part], width=25, align="edge", color=look.color, gid=kind)
            handles.append(Patch(facecolor=look.color))
            labels.append(c.t(f"role.{kind}"))
    if np.isfinite(average):
        look = style.ROLES["threshold"]
        ax.bar(
            left.to_timestamp(),
            average,
            width=25,
            align="edge",
            fill=False,
            edgecolor=look.color,
            gid="needed",
        )
        middle = left.to_timestamp()[0] + (left.to_timestamp()[-1] - left.to_timestamp()[0]) / 2
        ax.annotate(
            words.number(average, parts.digits_of(average, c, 1)),
            (middle + pd.Timedelta(days=13), average),
            xytext=(0, 3),  # type: ignore[arg-type]
            textcoords="offset points",
            ha="center",
            va="bottom",
            color=look.text,
        )
        handles.append(Patch(fill=False, edgecolor=look.color))
        labels.append(c.t("needed"))
    ax.set(ylabel=c.unit, xlim=(at[0] - pd.Timedelta(days=8), at[-1] + pd.Timedelta(days=34)))
    ax.margins(y=0.1)
    ax.set_ylim(bottom=min(0.0, float(amounts.min())))
    c.key(handles, labels)


def _words(c: Chart, need: dict[str, float], year: int, threshold: float, on_estimates: bool) -> None:
    growth = words.percent(need["growth_pct"], 0, signed=True)
    facts: dict[str, object] = {
        "flow": c.flow,
        "year": year,
        "threshold": parts.question(threshold, c),
        "months": int(need["months_left"]),
        "average": parts.amount(need["average"], c),
        "growth": words.partly_estimated(growth, on_estimates, c.language),
        "gap": parts.amount(need["gap"], c),
        "published": parts.amount(need["published"], c),
        "highest": parts.amount(need["highest"], c),
    }
    if need["gap"] == 0:
        key = "title_passed"
    else:
        key = "title" if np.isfinite(need["growth_pct"]) else "title_no_base"
    c.title, c.subtitle = c.t(key, **facts), c.t("subtitle", **facts)
    c.caption = c.t("caption_passed" if need["gap"] == 0 else "caption", **facts)
    c.alt = c.t("alt", first=f"{year - 2}", **facts)
