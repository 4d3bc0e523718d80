"""With the world's cycle: China beside Korea and Taiwan, who leads, and what is made at home."""

from __future__ import annotations

import numpy as np
import pandas as pd

from chipexports.charts import axes, frames, sources
from chipexports.charts.canvas import Canvas
from chipexports.charts.drawn import Drawn, FigureNotDrawn
from chipexports.charts.frames import Monthly
from chipexports.words import text as words

OTHERS = {"korea": "korea_hs8542_usd_mn", "taiwan": "taiwan_components_usd_mn"}
FEWEST = 18  # pairs of months below which no correlation is shown


def indexed(series: dict[str, Monthly], years: int = 8) -> Monthly:
    """Return sums of twelve months, each set to 100 where all of them are first known.

    Only the last ``years`` before the latest month count.
    """
    sums = pd.DataFrame({name: frames.twelve_month_sum(values) for name, values in series.items()})
    sums = sums.dropna(how="all")
    sums = sums[sums.index > sums.index[-1] - 12 * years] if len(sums) else sums
    base = sums.dropna()
    return 100 * sums[base.index[0] :] / base.iloc[0] if len(base) else sums.iloc[:0]


def lead_lag(home: Monthly, other: Monthly, most: int = 9) -> Monthly:
    """Return the correlation of yearly growth at each lead of ``other`` over ``home``.

    Parameters
    ----------
    home, other : Series
        Positive monthly series; growth is 100 x log change on the year before.
    most : int
        Largest lead and lag in months.

    Returns
    -------
    DataFrame
        ``lead`` (months by which ``other`` comes before ``home``; negative: after), ``correlation``
        (NaN below ``FEWEST`` pairs), ``pairs``.
    """
    mine, theirs = frames.growth(home, log=True), frames.growth(other, log=True)
    rows = []
    for lead in range(-most, most + 1):
        pair = pd.DataFrame({"mine": mine, "theirs": theirs.shift(lead, freq="M")}).dropna()
        enough = len(pair) >= FEWEST and pair.std().gt(0).all()
        value = float(pair["mine"].corr(pair["theirs"])) if enough else np.nan
        rows.append((lead, value, len(pair)))
    return pd.DataFrame(rows, columns=["lead", "correlation", "pairs"])


def cycle(
    monthly: pd.DataFrame,
    indicators: pd.DataFrame,
    *,
    language: str = "en",
    size: str = "page",
    as_of: str = "",
    flow: str = "export",
) -> Drawn:
    """Draw China's, Korea's and Taiwan's exports as an index, and the correlation at leads and lags.

    China's estimated months rest on Korea's and Taiwan's series, so correlations leave them out.

    Parameters
    ----------
    monthly : DataFrame
        The cleaned monthly table, as made by ``clean.monthly.monthly_series``.
    indicators : DataFrame
        As of ``record.indicators.indicators_as_of``; either column of ``OTHERS``, million USD.
    language, size, as_of : str
        ``en`` or ``zh``; ``column``, ``page`` or ``slide``; "YYYY-MM-DD" for the source line.
    flow : str
        ``export`` or ``import``.

    Returns
    -------
    Drawn
        In its ``data`` the indices by month, and ``lead_*``: ``x`` months ahead of China.

    Raises
    ------
    FigureNotDrawn
        If there is no twelve months known of China and at least one other.
    """
    months = frames.months_of(monthly, flow, language)
    china = frames.values_of(months, "USD")
    roles = frames.roles_of(months, "USD")
    others = {
        key: indicators[col]
        for key, col in OTHERS.items()
        if col in indicators and indicators[col].notna().any()
    }
    table = indexed({"china": china} | others) if others else pd.DataFrame()
    if table.empty:
        raise FigureNotDrawn(words.text("figure.left_out.no_cycle", language))
    canvas = Canvas("cycle", language, size, panels=2, columns=2, tall=1.3)
    guess = (
        (roles == "estimated")
        .rolling(12, min_periods=1)
        .max()
        .astype(bool)
        .reindex(table.index, fill_value=False)
    )
    _draw_index(canvas, table, guess)
    firm = china.where(roles != "estimated")
    best = _draw_leads(canvas, {key: lead_lag(firm, values) for key, values in others.items()})
    return canvas.finish(
        title=_cycle_title(canvas, table, best, guess),
        subtitle=canvas.text("subtitle"),
        source=sources.source_line(
            language, ["gacc", *others], as_of=as_of, last=table.index[-1], estimated=bool(guess.any())
        ),
        caption=canvas.text("caption"),
    )


def _draw_index(canvas: Canvas, table: Monthly, guess: Monthly) -> None:
    x, labels = frames.x_of(table.index), frames.labels_of(table.index)
    unit = canvas.text("unit_index", month=words.month(table.dropna().index[0], canvas.language))
    for name in table:
        role = "published" if name == "china" else str(name)
        if name == "china":
            canvas.line_by_role(
                0,
                "china",
                x,
                table[name],
                guess.map({True: "estimated", False: role}),
                label=labels,
                unit="index",
                linewidth=1.3 * canvas.size.line,
            )
        else:
            canvas.line(0, str(name), role, x, table[name], label=labels, unit="index")
        last = frames.last_known(table[name])
        if last is not None:
            place = float(frames.x_of(pd.PeriodIndex([last]))[0])
            canvas.end_label(
                0, place, float(table[name][last]), words.text(f"partner.{name}", canvas.language), role
            )
    if guess.any():
        canvas.key("estimated", canvas.text("sum_estimated"))
    axes.year_axis(canvas, 0, x[0], x[-1])
    axes.value_axis(canvas, 0)
    canvas.heading(0, unit, canvas.text("panel_index"))


def _draw_leads(canvas: Canvas, leads: dict[str, pd.DataFrame]) -> dict[str, tuple[int, float]]:
    best = {}
    for name, table in leads.items():
        known = table.dropna()
        if known.empty:
            continue
        canvas.line(
            1,
            f"lead_{name}",
            name,
            known["lead"],
            known["correlation"],
            label=known["pairs"].astype(str),
            unit="correlation",
            marker="o",
            markersize=1.6 * canvas.size.line,
        )
        top = known.iloc[int(known["correlation"].argmax())]
        best[name] = (int(top["lead"]), float(top["correlation"]))
        word = words.text(f"partner.{name}", canvas.language)
        canvas.end_label(1, float(known["lead"].iloc[-1]), float(known["correlation"].iloc[-1]), word, name)
    ax = canvas.axes[1]
    canvas.heading(1, canvas.text("unit_correlation"), canvas.text("panel_leads"))
    if not best:
        ax.set_xticks([])
        ax.set_yticks([])
        canvas.say(1, 0.5, 0.5, canvas.text("too_few", n=FEWEST), "open", ha="center")
        return best
    ax.set_ylim(min(-0.2, ax.get_ylim()[0]), 1.02)
    ax.set_xticks([-9, -6, -3, 0, 3, 6, 9])
    ax.set_xticklabels([words.number(tick, 0, signed=True) for tick in (-9, -6, -3, 0, 3, 6, 9)])
    axes.value_axis(canvas, 1)
    ax.axvline(0, color="#B5B5B5", linewidth=0.6, zorder=1)
    ax.set_xlabel(canvas.text("x_leads"))
    return best


def _cycle_title(canvas: Canvas, table: Monthly, best: dict[str, tuple[int, float]], guess: Monthly) -> str:
    if not best:
        month = table["china"].last_valid_index()
        return canvas.text(
            "title_index",
            month=words.month(month, canvas.language),
            base=words.month(table.dropna().index[0], canvas.language),
            index=words.partly_estimated(
                words.number(float(table["china"][month]), 0), bool(guess[month]), canvas.language
            ),
        )
    name = max(best, key=lambda key: best[key][1])
    lead, value = best[name]
    key = "title_lead" if lead > 0 else "title_lag" if lead < 0 else "title_together"
    return canvas.text(
        key,
        other=words.text(f"partner.{name}", canvas.language),
        months=_months(abs(lead), canvas.language),
        r=words.number(value, 2),
    )


def _months(count: int, language: str) -> str:
    return words.text("pattern.one_month" if count == 1 else "pattern.n_months", language, n=count)
