"""The year's total as it looked month after month: from a backtest, and from a sweep over days."""

from __future__ import annotations

from itertools import product
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from chipexports.charts import parts, style
from chipexports.charts.figure import Chart, FigureNotDrawn, chart
from chipexports.charts.lines import end_label
from chipexports.words import text as words

CURRENCIES = ("CNY", "USD")
_MOST_PANELS = 6
_LAST = 13.2  # right edge of a panel in months since the year began: December comes out in January


def evolution(evolution: pd.DataFrame, params: object = None, *, years: int = 6, **options: Any) -> Chart:
    """Draw, for each year, the forecast made after each month: bands, median, outturn.

    Parameters
    ----------
    evolution : DataFrame
        ``target_year, months_published, as_of, median``, bounds of the levels, ``outturn``; table's unit.
    params : RunParams or mapping, optional
        The run; the panel of ``target_year`` shows the threshold where it is near.
    years : int
        How many of the last years are shown, a panel each.
    **options : object
        As for `chart`.

    Returns
    -------
    Chart
        Its ``data``: the rows drawn, in the plotted unit.

    Raises
    ------
    FigureNotDrawn
        No year has a forecast.
    """
    rows = evolution.dropna(subset=["median"]).astype({"target_year": int, "months_published": int})
    drawn_years = sorted(rows["target_year"].unique())[-years:]
    with chart(
        "evolution", params, panels=max(1, len(drawn_years)), **parts.given(options, forecast=True)
    ) as c:
        if rows.empty:
            raise FigureNotDrawn(words.text("figure.left_out.no_evolution", c.language))
        rows = rows[rows["target_year"].isin(drawn_years)].sort_values(["target_year", "months_published"])
        levels = parts.levels_in(rows, c.params.levels)
        asked = False
        for ax, year in zip(c.axes, drawn_years, strict=True):
            one = rows[rows["target_year"] == year]
            _draw(c, ax, one, one["months_published"], levels, c.scale)
            asked |= year == c.params.target_year and _threshold(ax, one, c.params.threshold, c.scale)
            ax.set(
                title=str(year),
                ylabel=c.unit if ax is c.ax else "",
                xlim=(-0.4, 12.4),
                xticks=[0, 3, 6, 9, 12],
            )
            _label_last_row(c, ax)
        lines = [("forecast", c.t("median"))]
        lines += [("outturn", c.t("outturn_line"))] if rows["outturn"].notna().any() else []
        lines += [("threshold", parts.question(c.params.threshold, c))] if asked else []
        parts.explain(c, levels, lines)
        still = _open_year(c, rows, levels)
        c.title, c.subtitle = _title(c, rows), c.t("subtitle", flow=c.flow)
        c.caption = _join(c, [c.t("caption"), still])
        c.alt = _join(
            c,
            [
                c.t("alt", n=len(drawn_years), first=drawn_years[0], last=drawn_years[-1]),
                _misses(c, rows),
                still,
            ],
        )
        c.data = _scaled(rows, c.scale)
    return c


def _draw(c: Chart, ax: Axes, one: pd.DataFrame, x: Any, levels: list[float], factor: float) -> None:
    parts.draw_bands(ax, x, one, levels, factor)
    look = style.ROLES["forecast"]
    ax.plot(x, one["median"].astype(float) * factor, color=look.color, marker="o", zorder=3, gid="median")
    outturn = one["outturn"].dropna()
    if len(outturn):
        ax.axhline(float(outturn.iloc[-1]) * factor, color="black", zorder=2.6, gid="outturn")


def _threshold(ax: Axes, one: pd.DataFrame, threshold: float | None, factor: float) -> bool:
    """Draw the threshold where it is near the forecasts; say whether it is."""
    if not threshold or pd.isna(threshold):
        return False
    low, high = ax.dataLim.y0, ax.dataLim.y1
    near = abs(threshold * factor - (low + high) / 2) < 0.75 * (high - low)
    if near:
        parts.threshold_line(ax, float(threshold) * factor)
    return near


def _label_last_row(c: Chart, ax: Axes) -> None:
    if parts.in_last_row(c, ax):
        ax.set_xlabel(c.t("x"))


def _scaled(rows: pd.DataFrame, factor: float) -> pd.DataFrame:
    amounts = [name for name in rows if name in ("median", "outturn", "mean") or str(name)[:2] in _QUANTILE]
    return rows.assign(**{str(name): rows[name].astype(float) * factor for name in amounts}).reset_index(
        drop=True
    )


_QUANTILE = {f"q{digit}" for digit in range(10)}


def _join(c: Chart, sentences: list[str]) -> str:
    stop = "。" if c.language == "zh" else "."
    whole = (text if text.endswith(stop) else text + stop for text in sentences if text)
    return words.text("join", c.language).join(whole)


def _misses(c: Chart, rows: pd.DataFrame) -> str:
    """Say how far off the forecasts were, late in the years that are over."""
    scored = rows.dropna(subset=["outturn"])
    for months in (10, 9, 6):
        at = scored[scored["months_published"] == months]
        if len(at):
            miss = (100 * (at["median"].astype(float) / at["outturn"].astype(float) - 1)).abs()
            return c.t(
                "title" if len(at) > 1 else "title_one",
                year=int(at["target_year"].iloc[-1]),
                months=months,
                mean=words.percent(float(miss.mean())),
                worst=words.percent(float(miss.max())),
                n=len(at),
            )
    return ""


def _title(c: Chart, rows: pd.DataFrame) -> str:
    if misses := _misses(c, rows):
        return misses
    last = rows.iloc[-1]
    return c.t(
        "title_open",
        year=int(last["target_year"]),
        n=int(last["months_published"]),
        median=parts.amount(float(last["median"]), c),
    )


def _open_year(c: Chart, rows: pd.DataFrame, levels: list[float]) -> str:
    """Say how the forecast of the year still open moved, and which of its bands it has left since."""
    one = rows[rows["target_year"] == rows["target_year"].max()]
    if one["outturn"].notna().any() or len(one) < 2:
        return ""
    first, last = one.iloc[0], one.iloc[-1]
    low, high = (one[name].astype(float) for name in parts.edges(levels[0]))
    outside = one[(low > float(last["median"])) | (high < float(last["median"]))]
    facts = {
        "year": int(last["target_year"]),
        "first": parts.amount(float(first["median"]), c, unit=False),
        "last": parts.amount(float(last["median"]), c),
        "from_months": int(first["months_published"]),
        "to_months": int(last["months_published"]),
        "level": parts.percent_of(levels[0]),
        "n": len(outside),
        "of": len(one) - 1,
    }
    return c.t("open_left" if len(outside) else "open_within", **facts)


def month_by_month(sweep: pd.DataFrame, params: object = None, **options: Any) -> Chart:
    """Draw, for each year and currency, the forecasts made on one day after the other.

    Parameters
    ----------
    sweep : DataFrame
        The sweep's ``forecasts.csv``: ``flow, as_of, target_year, currency, months_published, median``,
        bounds of the levels, ``threshold, p_above, outturn``, table's unit.
    params : RunParams or mapping, optional
        Gives ``flow``, ``levels`` and ``language``.
    **options : object
        As for `chart`.

    Returns
    -------
    Chart
        Its ``data``: the rows drawn, in the plotted unit of their currency, with the place on the axis.

    Raises
    ------
    FigureNotDrawn
        No year has forecasts of two days, or several sets share one.
    """
    rows: Any = sweep.dropna(subset=["median"]).astype({"target_year": int})
    grid_panels = _panels(rows)
    as_of = str(rows["as_of"].max()) if len(rows) else ""
    grid = (len({currency for currency, _ in grid_panels}) or 1, len({year for _, year in grid_panels}) or 1)
    if float(options.get("width", 160)) < 120:
        grid = (max(1, len(grid_panels)), 1)
    with chart("month_by_month", params, **parts.given(options, panels=grid, forecast=True)) as c:
        c.params.as_of = as_of
        rows = forecasts_by_day(sweep, c.params.flow, c.language)
        drawn, near = [], []
        levels = parts.levels_in(rows, c.params.levels)
        for ax, (currency, year) in zip(c.axes, _panels(rows), strict=True):
            one = rows[(rows["currency"] == currency) & (rows["target_year"] == year)]
            ax.set(title=str(year), ylabel=words.unit(currency, c.language))
            factor = words.scale(currency, c.language)
            one = one.assign(place=_place(one["as_of"], year))
            _draw(c, ax, one, one["place"], levels, factor)
            if _threshold(ax, one, float(one["threshold"].iloc[-1]), factor):
                near.append(one)
            _finish(c, ax, one, factor)
            drawn.append(
                _scaled(one, factor).assign(threshold=one["threshold"].to_numpy(dtype=float) * factor)
            )
        everything = pd.concat(drawn, ignore_index=True)
        _explain(c, levels, bool(everything["outturn"].notna().any()), near)
        last = rows[rows["currency"] == _panels(rows)[-1][0]]
        c.title, c.subtitle = _moved_title(c, last), c.t("subtitle", flow=c.flow)
        c.caption = _join(c, [c.t("caption"), *_chances(c, near)])
        c.alt = _join(c, [c.t("alt_start", n=len(drawn)), *_sentences(c, last)])
        c.data = everything
    return c


def _panels(rows: pd.DataFrame) -> list[tuple[str, int]]:
    own = [c for c in rows["currency"].unique() if c not in CURRENCIES]
    currencies = [c for c in (*CURRENCIES, *own) if (rows["currency"] == c).any()]
    years = sorted(rows["target_year"].unique())[-(_MOST_PANELS // max(1, len(currencies))) :]
    pairs = set(zip(rows["currency"], rows["target_year"], strict=True))
    return [(c, int(y)) for c, y in product(currencies, years) if (c, y) in pairs]


def forecasts_by_day(sweep: pd.DataFrame, flow: str = "export", language: str = "en") -> Any:
    """Return a sweep's forecasts of one flow, sorted by year, currency and day, one row for each.

    It is a `FigureNotDrawn` where no year has forecasts of two days, or several sets share a day.
    """
    rows: Any = sweep[sweep["flow"] == flow].dropna(subset=["median"]).astype({"target_year": int})
    key = ["target_year", "currency", "as_of"]
    if rows.duplicated(key).any():
        raise FigureNotDrawn(words.text("figure.left_out.shared_day", language))
    if rows.empty or rows.groupby(key[:2])["as_of"].nunique().max() < 2:
        raise FigureNotDrawn(words.text("figure.left_out.one_day", language))
    return rows.sort_values(key).reset_index(drop=True)


def _place(days: Any, year: int) -> Any:
    """Return days as months since the year began: 1 is the first of February."""
    at: Any = pd.to_datetime(days.astype(str))
    return 12.0 * (at.dt.year - year) + at.dt.month - 1 + (at.dt.day - 1) / at.dt.days_in_month


def _finish(c: Chart, ax: Axes, one: pd.DataFrame, factor: float) -> None:
    """Mark the months in which forecasts were made, and write the last word at the right."""
    outturn = one["outturn"].dropna()
    value, role = (
        (float(outturn.iloc[-1]), "outturn") if len(outturn) else (float(one["median"].iloc[-1]), "forecast")
    )
    low, high = min(1.7, ax.dataLim.x0 - 0.3), max(_LAST, ax.dataLim.x1 + 0.3)
    ax.set_xlim(low, high)
    text = words.number(value * factor, 1 if value * factor < 1000 else 0)
    end_label(
        ax, high if len(outturn) else one["place"].iloc[-1], value * factor, text, style.ROLES[role].text
    )
    ticks = [place for place in (2, 5, 8, 11) if place > low]
    ax.set_xticks(ticks, [words.month_name(place + 1, c.language) for place in ticks])
    _label_last_row(c, ax)


def _explain(c: Chart, levels: list[float], over: bool, near: list[pd.DataFrame]) -> None:
    lines = [("forecast", c.t("median"))]
    if over:
        lines.append(("outturn", c.t("outturn_line")))
    if near:
        amounts = dict.fromkeys(_asked(c, one) for one in near)
        lines.append(("threshold", c.t("threshold_line", amounts=c.t("threshold_join").join(amounts))))
    parts.explain(c, levels, lines)


def _asked(c: Chart, one: pd.DataFrame) -> str:
    return parts.question(float(one["threshold"].iloc[-1]), c, str(one["currency"].iloc[-1]))


def _chances(c: Chart, near: list[pd.DataFrame]) -> list[str]:
    """Say how the chance to pass a threshold moved while the year was open."""
    sentences = []
    for one in near:
        still = one[one["months_published"].astype(int) < 12]
        if len(still) > 1 and still["p_above"].between(0.01, 0.99).any():
            first, last = still.iloc[0], still.iloc[-1]
            sentences.append(
                c.t(
                    "chance",
                    year=int(last["target_year"]),
                    threshold=_asked(c, one),
                    first_day=words.day(first["as_of"], c.language),
                    last_day=words.day(last["as_of"], c.language),
                    first_chance=words.chance(float(first["p_above"]), c.language),
                    last_chance=words.chance(float(last["p_above"]), c.language),
                )
            )
    return sentences


def _went(c: Chart, one: pd.DataFrame) -> dict[str, object]:
    """Return the words for the first and the last forecast of a year."""
    first, last, currency = one.iloc[0], one.iloc[-1], str(one["currency"].iloc[0])
    return {
        "year": int(last["target_year"]),
        "first_day": words.day(first["as_of"], c.language),
        "last_day": words.day(last["as_of"], c.language),
        "first": parts.amount(float(first["median"]), c, currency),
        "last": parts.amount(float(last["median"]), c, currency),
    }


def _moved_title(c: Chart, rows: pd.DataFrame) -> str:
    """Say how far the forecast of the last year moved."""
    days = rows.groupby("target_year")["as_of"].nunique()
    year = days[days > 1].index.max() if (days > 1).any() else days.index.max()
    return c.t("title", **_went(c, rows[rows["target_year"] == year]))


def _sentences(c: Chart, rows: pd.DataFrame) -> list[str]:
    sentences = []
    for _, one in rows.groupby("target_year"):
        outturn, values = one["outturn"].dropna(), _went(c, one)
        if len(outturn):
            values["outturn"] = parts.amount(float(outturn.iloc[-1]), c, str(one["currency"].iloc[0]))
        sentences.append(c.t("alt_outturn" if len(outturn) else "alt", **values))
    return sentences
