"""How well it would have done: error and coverage by months published, and the integral transform."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from chipexports.charts import parts, style
from chipexports.charts.figure import Chart, FigureNotDrawn, Settings, chart
from chipexports.words import text as words

BASELINES = ("growth_ytd", "seasonal_naive")
_SOURCES = ("gacc", "korea", "taiwan")
_WIDE = 1.96


def _one_series(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the panel where there are such, else of the first series."""
    names = list(dict.fromkeys(table["series"].astype(str))) or [""]
    return table[table["series"].astype(str) == ("panel" if "panel" in names else names[0])]


def cases(backtest: pd.DataFrame) -> pd.DataFrame:
    """Return the pool's rows that have an outturn and fewer than twelve months published.

    Where two or more series are named ``*_mn`` or ``*_100mn``, they are the panel and only they are taken.
    """
    rows = backtest[(backtest["method"] == parts.COMBINATION) & backtest["outturn"].notna()]
    rows = rows.astype({"months_published": int, "target_year": int})
    rows = rows[rows["months_published"] < 12]
    panel = rows["series"].astype(str).str.endswith("mn")
    return rows[panel] if rows.loc[panel, "series"].nunique() > 1 else rows


def errors(scores: pd.DataFrame, params: object = None, **options: Any) -> Chart:
    """Draw the mean absolute percentage error of the year's total by months published, a line a method.

    Parameters
    ----------
    scores : DataFrame
        ``series, method, months_published, n_cases, outturn_mape_pct``; the panel's rows are drawn.
    params : RunParams or mapping, optional
        The run.
    **options : object
        As for `chart`.

    Returns
    -------
    Chart
        Its ``data``: ``method, months_published, error_pct``.

    Raises
    ------
    FigureNotDrawn
        No score is given by months published.
    """
    with chart("backtest_errors", params, **parts.given(options, forecast=True, publishers=_SOURCES)) as c:
        rows = _one_series(scores)
        rows = rows.assign(months=pd.to_numeric(rows["months_published"], errors="coerce"))
        rows = rows.dropna(subset=["months", "outturn_mape_pct"])
        if rows.empty:
            raise FigureNotDrawn(words.text("figure.left_out.no_scores", c.language))
        table = rows.pivot_table(index="months", columns="method", values="outturn_mape_pct")
        heads = [m for m in (parts.COMBINATION, *BASELINES) if m in table]
        others = [m for m in table if m not in heads]
        for method in [*others, *heads[::-1]]:
            look = _look(str(method))
            label = parts.method_name(str(method), c.language, c.params.series) if method in heads else None
            c.ax.plot(table[method].dropna(), label=label, gid=str(method), **look)
        if others:
            c.ax.lines[0].set_label(c.t("other_methods", n=len(others)))
        order = {line.get_label(): line for line in c.ax.lines if not str(line.get_label()).startswith("_")}
        labels = [parts.method_name(m, c.language, c.params.series) for m in heads]
        labels += [c.t("other_methods", n=len(others))] if others else []
        c.key([order[label] for label in labels], labels)
        c.ax.set(xlabel=c.t("x"), ylabel=c.t("unit"), xticks=sorted(table.index.astype(int)))
        c.ax.set_ylim(0, 1.05 * float(table.max().max()))
        number = int(pd.to_numeric(rows["n_cases"], errors="coerce").max()) if "n_cases" in rows else 0
        first, last = int(table.index.min()), int(table.index.max())
        high = words.percent(float(table.loc[first].to_numpy().max()))
        c.title, c.subtitle = _errors_title(c, table), c.t("subtitle")
        c.caption, c.alt = c.t("caption", n=number), c.t("alt", first=first, last=last, high=high)
        tidy = table.rename_axis(index="months_published").reset_index().melt("months_published")
        c.data = tidy.rename(columns={"value": "error_pct"})
    return c


def _look(method: str) -> dict[str, Any]:
    line = style.line_width()
    if method == parts.COMBINATION:
        return {"color": style.ROLES["forecast"].color, "lw": 1.7 * line, "zorder": 4}
    if method in BASELINES:
        role = style.ROLES["published" if method == BASELINES[0] else "taiwan"]
        return {"color": role.color, "ls": role.dash, "zorder": 3}
    return {"color": style.ROLES["past"].color, "lw": 0.8 * line, "zorder": 2}


def _errors_title(c: Chart, table: pd.DataFrame) -> str:
    base = next((b for b in BASELINES if b in table), None)
    month = next((m for m in (8, 9, 10, 6) if m in table.index), table.index.max())
    if parts.COMBINATION not in table or base is None:
        best = str(table.mean().idxmin())
        error = words.percent(float(table[best].mean()))
        return c.t("title_best", method=parts.method_name(best, c.language, c.params.series), error=error)
    return c.t(
        "title",
        months=int(month),
        error=words.percent(float(table[parts.COMBINATION][month])),
        base=words.percent(float(table[base][month])),
        baseline=parts.method_name(base, c.language, c.params.series),
    )


def coverage_by_months(backtest: pd.DataFrame, level: float) -> pd.DataFrame:
    """Return by ``months_published`` the share of outturns inside a level's interval and its 95% bounds."""
    # Cases of one year share what happened in it, so the variance of the share is that between years. It is
    # turned into the number of independent cases that has this variance, at least the number of years and at
    # most that of cases; the bounds are Wilson's for that number.
    rows = cases(backtest)
    low, high = (rows[name].astype(float) for name in parts.edges(level))
    inside = rows["outturn"].astype(float).between(low, high).astype(float)
    rows = rows.assign(inside=inside).dropna(subset=list(parts.edges(level)))
    out = {}
    for months, part in rows.groupby("months_published"):
        years = part.groupby("target_year")["inside"].agg(["sum", "count"])
        n, k, share = len(part), len(years), float(part["inside"].mean())
        variance = float(((years["sum"] - share * years["count"]) ** 2).sum()) / n**2 * k / max(1, k - 1)
        independent = share * (1 - share) / variance if variance > 0 else k if share in (0.0, 1.0) else n
        effective = float(np.clip(independent, min(k, n), n))
        out[months] = (share, *_wilson(share, effective), n, k, effective)
    columns = ["share", "low", "high", "n_cases", "n_years", "n_effective"]
    return pd.DataFrame.from_dict(out, orient="index", columns=columns).rename_axis("months_published")


def _wilson(share: float, n: float) -> tuple[float, float]:
    """Return Wilson's 95% interval of a share of ``n`` independent cases."""
    middle = (share + _WIDE**2 / (2 * n)) / (1 + _WIDE**2 / n)
    half = _WIDE / (1 + _WIDE**2 / n) * np.sqrt(share * (1 - share) / n + _WIDE**2 / (4 * n**2))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def coverage(backtest: pd.DataFrame, params: object = None, **options: Any) -> Chart:
    """Draw how often the pool's intervals held the outturn, by months published, with its uncertainty.

    Parameters
    ----------
    backtest : DataFrame
        The backtest's rows; a panel is drawn for each of the run's levels whose bounds it has.
    params : RunParams or mapping, optional
        The run.
    **options : object
        As for `chart`.

    Returns
    -------
    Chart
        Its ``data``: ``coverage_by_months`` of each level, shares as percentages.

    Raises
    ------
    FigureNotDrawn
        The backtest has no case with an outturn.
    """
    asked = Settings(params).levels
    count = max(1, sum(set(parts.edges(level)) <= set(backtest) for level in asked))
    usual = parts.given(options, panels=count, sharey=True, forecast=True, publishers=_SOURCES)
    with chart("backtest_coverage", params, **usual) as c:
        rows = cases(backtest)
        if rows.empty:
            raise FigureNotDrawn(words.text("figure.left_out.no_scores", c.language))
        levels = sorted(parts.levels_in(rows, c.params.levels))
        tables = {level: coverage_by_months(backtest, level) for level in levels}
        for ax, (level, table) in zip(c.axes, tables.items(), strict=True):
            _draw_coverage(c, ax, level, 100 * table[["share", "low", "high"]])
        level = parts.middle_level(levels)
        table = tables[level]
        first, last = table.index.min(), table.index.max()
        words_of = {
            "level": parts.percent_of(level),
            "first": int(first),
            "last": int(last),
            "at_first": words.percent(100 * float(table.loc[first, "share"]), 0),
            "at_last": words.percent(100 * float(table.loc[last, "share"]), 0),
            "all": words.percent(
                100 * float((table["share"] * table["n_cases"]).sum() / table["n_cases"].sum()), 0
            ),
            "n": int(table["n_cases"].sum()),
            "years": int(rows["target_year"].nunique()),
        }
        doubtful = [m for m, row in table.iterrows() if not row["low"] <= level <= row["high"]]
        c.title = c.t("title" if first != last else "title_one", **words_of)
        c.subtitle = c.t("subtitle")
        finding = (
            c.t("finding_apart", level=words_of["level"], months=", ".join(str(m) for m in doubtful))
            if doubtful
            else c.t("finding", level=words_of["level"])
        )
        c.caption = words.text("join", c.language).join([c.t("caption", **words_of), finding])
        c.alt = c.t(
            "alt", levels=c.t("and").join(parts.percent_of(x) for x in levels), finding=finding, **words_of
        )
        tidy = [
            (100 * table[["share", "low", "high"]]).join(table[["n_cases", "n_years", "n_effective"]])
            for table in tables.values()
        ]
        c.data = pd.concat(tidy, keys=[100 * level for level in levels], names=["level_pct"]).reset_index()
    return c


def _draw_coverage(c: Chart, ax: Any, level: float, table: pd.DataFrame) -> None:
    color = style.ROLES["published"].color
    ax.vlines(
        table.index,
        table["low"],
        table["high"],
        color=style.ROLES["derived"].color,
        lw=2.2 * c.size.line,
        alpha=0.45,
    )
    ax.plot(table.index, table["share"], "o", color=color, ms=3 * c.size.line, gid=f"share-{100 * level:g}")
    parts.threshold_line(ax, 100 * level, gid=f"nominal-{100 * level:g}")
    ax.set(
        title=c.t("level", level=parts.percent_of(level)),
        xlabel=c.t("x"),
        ylim=(0, 104),
        yticks=[0, 25, 50, 75, 100],
    )
    ax.set_xticks(table.index)
    ax.margins(x=0.12)
    if ax is c.ax:
        ax.set_ylabel("%")


def pit(backtest: pd.DataFrame, params: object = None, *, bins: int = 10, **options: Any) -> Chart:
    """Draw where outturns fell in their forecast distributions; flat is calibrated.

    Parameters
    ----------
    backtest : DataFrame
        The backtest's rows; ``outturn_pit`` of the pool's cases.
    params : RunParams or mapping, optional
        The run.
    bins : int
        Number of bars.
    **options : object
        As for `chart`.

    Returns
    -------
    Chart
        Its ``data``: ``low, high`` of each bar, ``share_pct``, ``chance_low, chance_high``.

    Raises
    ------
    FigureNotDrawn
        Fewer than 20 forecasts have an outturn.

    Notes
    -----
    The band is the 95% range of a binomial share. Forecasts of one series and year share their outturn and
    count as one case for it, so the band is that of as many cases as there are series times years.
    """
    with chart("backtest_pit", params, **parts.given(options, forecast=True, publishers=_SOURCES)) as c:
        rows = cases(backtest).dropna(subset=["outturn_pit"])
        if len(rows) < 20:
            raise FigureNotDrawn(words.text("figure.left_out.few_pit", c.language, n=len(rows)))
        counts, edges = np.histogram(rows["outturn_pit"].astype(float), bins=bins, range=(0, 1))
        share, independent = 100 * counts / len(rows), len(rows.groupby(["series", "target_year"]))
        chances = special.bdtr(np.arange(independent + 1), independent, 1 / bins)
        low, high = (100 * np.searchsorted(chances, [0.025, 0.975]) / independent).tolist()
        ax = c.ax
        ax.bar(
            edges[:-1],
            share,
            width=0.92 / bins,
            align="edge",
            color=style.ROLES["derived"].color,
            label=c.t("observed"),
        )
        ax.axhspan(low, high, color=style.ROLES["unknown"].color, lw=0, zorder=0.5, label=c.t("chance"))
        for edge in (low, high):
            ax.axhline(edge, color=style.MUTED, lw=0.8, zorder=2.2)
        parts.threshold_line(ax, 100 / bins, label=c.t("even"))
        ax.set(xlim=(-0.01, 1.01), xlabel=c.t("x"), ylabel=c.t("unit"))
        ax.set_ylim(0, 1.08 * max(high, float(share.max())))
        c.key()
        outside = int(np.sum((share < low - 1e-9) | (share > high + 1e-9)))
        facts = {
            "share": words.percent(float(share[0] + share[-1]), 0),
            "even": words.percent(200 / bins, 0),
            "outside": outside,
            "bins": bins,
            "n": len(rows),
            "independent": independent,
            "low": words.percent(float(share.min()), 0),
            "high": words.percent(float(share.max()), 0),
        }
        c.title = c.t("title_outside" if outside else "title", **facts)
        c.subtitle, c.caption, c.alt = c.t("subtitle", **facts), c.t("caption", **facts), c.t("alt", **facts)
        c.data = pd.DataFrame(
            {"low": edges[:-1], "high": edges[1:], "share_pct": share, "chance_low": low, "chance_high": high}
        )
    return c
