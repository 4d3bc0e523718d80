"""Of what, and to whom: shares of products and partners over time and now, the unknown left open."""

from __future__ import annotations

import pandas as pd

from chipexports.charts import axes, sources, style
from chipexports.charts.canvas import Canvas
from chipexports.charts.drawn import Drawn, FigureNotDrawn
from chipexports.charts.frames import Monthly
from chipexports.charts.shares import name_of, span_label, stacked_shares, with_unknown
from chipexports.words import text as words

PARTS = ("854232", "854231", "854239", "854233", "854290", "854233+854290")
GROUPS = ("ASEAN", "EU", "World")  # sums of partners, not partners
ALL_THREE = "854231+32+39"


def _product_shares(products: pd.DataFrame, flow: str = "export") -> Monthly:
    """Return products' shares of HS 8542 in percent, a row a period, sorted by its end and length.

    Parameters
    ----------
    products : DataFrame
        ``period_start, period_end, flow, hs6, value_usd`` (USD), with ``hs6 == "8542"`` as the whole.

    Returns
    -------
    DataFrame
        Index (period_start, period_end); amplifiers and parts are one column, ``unknown`` the rest.
    """
    rows = products[(products["flow"] == flow) & products["value_usd"].notna()].copy()
    rows["part"] = rows["hs6"].where(~rows["hs6"].isin(PARTS[3:]), "854233+854290")
    keys = ["period_start", "period_end"]
    values = rows.pivot_table(index=keys, columns="part", values="value_usd", aggfunc="sum")
    if "8542" not in values:
        return pd.DataFrame()
    parts = [part for part in PARTS if part in values and part != "8542"]
    known = values[values["8542"].notna() & values[parts].notna().any(axis=1)]
    shares = known[parts].div(known["8542"], axis=0) * 100
    long_first = pd.Series([pd.Period(a, "M").ordinal for a, _ in shares.index], index=shares.index)
    ends = pd.Series([pd.Period(b, "M").ordinal for _, b in shares.index], index=shares.index)
    months = ends - long_first
    keep = shares[(months > 0).to_numpy()]
    return with_unknown(keep.loc[sorted(keep.index, key=lambda item: (item[1], item[0]))])


def _recent(shares: Monthly) -> Monthly:
    """Keep full years, and after the last of them the spans of the two years that follow."""
    full = [span for span in shares.index if span[0][5:] == "01" and span[1][5:] == "12"]
    last = max((span[1] for span in full), default="")
    return shares.loc[[span for span in shares.index if span in full or span[1] > last]]


def products(
    products: pd.DataFrame, *, language: str = "en", size: str = "page", as_of: str = "", flow: str = "export"
) -> Drawn:
    """Draw six-digit products' shares of the value of HS 8542 over time and now.

    Parameters
    ----------
    products : DataFrame
        As of ``record.products.products_as_of``.
    language, size, as_of : str
        ``en`` or ``zh``; ``column``, ``page`` or ``slide``; "YYYY-MM-DD" for the source line.
    flow : str
        ``export`` or ``import``.

    Returns
    -------
    Drawn
        In its ``data`` a series a product: ``y`` %, ``label`` the period.

    Raises
    ------
    FigureNotDrawn
        If no period has a whole and at least one product.
    """
    shares = _product_shares(products, flow)
    if shares.empty:
        raise FigureNotDrawn(words.text("figure.left_out.no_products", language))
    shares = _recent(shares)
    canvas = Canvas("products", language, size, tall=1.2)
    spans = [
        span if a[5:] != "01" or b[5:] != "12" else a[:4] for a, b in shares.index for span in [f"{a}/{b}"]
    ]
    names = {part: name_of("product", part, language) for part in shares.columns}
    stacked_shares(canvas, 0, shares, names, _ticks(shares, language, size), spans)
    canvas.heading(0, canvas.text("unit"))
    last, memory = shares.index[-1], shares["854232"] if "854232" in shares else shares.iloc[:, 0]
    first = shares.index[0]
    used = products.set_index(["period_start", "period_end"]).loc[list(shares.index), "source"]
    return canvas.finish(
        title=canvas.text(
            "title",
            now=words.percent(float(memory[last])),
            when=span_label(last[0], last[1], language, lines=False),
            before=words.percent(float(memory[first])),
            first=span_label(first[0], first[1], language, lines=False),
        ),
        subtitle=canvas.text("subtitle", flow=canvas.flow(flow)),
        source=sources.source_line(language, sources.publishers_of(used), as_of=as_of),
        caption=canvas.text("caption"),
    )


def _ticks(shares: Monthly, language: str, size: str) -> list[str]:
    ticks = [span_label(start, end, language) for start, end in shares.index]
    if size != "column":
        return ticks
    return [f"'{tick[2:]}" if tick.isdigit() else tick.replace("\n20", "\n'") for tick in ticks]


def _partner_history(partners: pd.DataFrame) -> Monthly:
    """Return yearly shares by partner of the three main lines of HS 8542; the rest is ``unknown``."""
    rows = partners[(partners["hs"] == ALL_THREE) & partners["value_usd"].notna()]
    values = rows.pivot_table(index=["period_start", "period_end"], columns="partner", values="value_usd")
    if values.empty or "World" not in values:
        return pd.DataFrame()
    named = [name for name in values if name not in GROUPS and not str(name).startswith("Rest of")]
    if not named:
        return pd.DataFrame()
    shares = values[named].div(values["World"], axis=0) * 100
    return with_unknown(shares[shares.iloc[-1].sort_values(ascending=False).index])


def _partners_now(partners: pd.DataFrame) -> tuple[pd.Series, tuple[str, str]]:
    """Return the shares of the latest, longest span that names partners, and the span itself.

    What the named partners do not add up to is the entry ``unknown``.
    """
    rows = partners[(partners["hs"] == "8542") & partners["share_pct"].notna()]
    rows = rows[~rows["partner"].isin(GROUPS)]
    if rows.empty:
        return pd.Series(dtype=float), ("", "")
    end = rows["period_end"].max()
    start = rows.loc[rows["period_end"] == end, "period_start"].min()
    now = rows[(rows["period_end"] == end) & (rows["period_start"] == start)]
    shares = now.groupby("partner")["share_pct"].first().astype(float).sort_values(ascending=False)
    return pd.concat([shares, pd.Series({"unknown": max(0.0, 100 - shares.sum())})]), (start, end)


def partners(
    partners: pd.DataFrame, *, language: str = "en", size: str = "page", as_of: str = "", flow: str = "export"
) -> Drawn:
    """Draw who buys: shares of the latest span that is known, and of the years before as far as known.

    Parameters
    ----------
    partners : DataFrame
        As of ``record.products.partners_as_of``.
    language, size, as_of : str
        ``en`` or ``zh``; ``column``, ``page`` or ``slide``; "YYYY-MM-DD" for the source line.
    flow : str
        ``export``; partners of imports are not known.

    Returns
    -------
    Drawn
        In its ``data`` ``now_*``, and ``share_*`` by year: ``y`` %, ``label`` partner or year.

    Raises
    ------
    FigureNotDrawn
        If exports are not what is asked for, or neither history nor the present is known.
    """
    if flow != "export":
        raise FigureNotDrawn(words.text("figure.left_out.no_import_partners", language))
    history, (now, span) = _partner_history(partners), _partners_now(partners)
    if history.empty and now.empty:
        raise FigureNotDrawn(words.text("figure.left_out.no_partners", language))
    panels = int(not history.empty) + int(not now.empty)
    canvas = Canvas("partners", language, size, panels=panels, columns=2, tall=1.55)
    used = partners[partners["hs"].isin(["8542", ALL_THREE])]
    if not now.empty:
        _draw_now(canvas, now, span)
    if not history.empty:
        panel = panels - 1
        names = {part: _partner(part, language) for part in history.columns}
        spans = [start[:4] for start, _ in history.index]
        ticks = [f"'{year[2:]}" for year in spans]
        stacked_shares(canvas, panel, history, names, ticks, spans)
        canvas.heading(panel, canvas.text("unit"), canvas.text("panel_history"))
    return canvas.finish(
        title=_partner_title(canvas, now, span, history),
        subtitle=canvas.text("subtitle"),
        source=sources.source_line(language, sources.publishers_of(used["source"]), as_of=as_of),
        caption=canvas.text("caption" if not now.empty else "caption_no_now"),
    )


def _partner(raw: str, language: str) -> str:
    return (
        words.text("figure.unknown_partners", language)
        if raw == "unknown"
        else name_of("partner", raw, language)
    )


def _draw_now(canvas: Canvas, now: Monthly, span: tuple[str, str]) -> None:
    places = list(range(len(now)))
    for name, role in (("partner", "zero"), ("unknown", "unknown")):
        chosen = [i for i in places if (now.index[i] == "unknown") == (name == "unknown")]
        look = {"hatch": "....", "edgecolor": "#B5B5B5"} if name == "unknown" else {}
        canvas.bars(
            0,
            f"now_{name}",
            role,
            chosen,
            now.iloc[chosen],
            horizontal=True,
            height=0.72,
            label=[str(now.index[i]) for i in chosen],
            unit="%",
            **look,
        )
    for place, value in enumerate(now):
        canvas.say(0, value, place, words.percent(value), "zero", offset=(0.4 * canvas.size.font, 0))
    axes.category_axis(canvas, 0, [_partner(str(name), canvas.language) for name in now.index])
    ax = canvas.axes[0]
    ax.tick_params(axis="y", colors=style.INK)
    ax.set_xlim(0, 1.02 * float(now.max()))
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    label = span_label(*span, canvas.language, lines=False)
    canvas.heading(0, canvas.text("unit"), canvas.text("panel_now", when=label))


def _partner_title(canvas: Canvas, now: Monthly, span: tuple[str, str], history: Monthly) -> str:
    language = canvas.language
    if now.empty:
        return canvas.text(
            "title_history",
            share=words.percent(float(history["unknown"].iloc[-1])),
            year=history.index[-1][0][:4],
        )
    named = now.drop("unknown")
    return canvas.text(
        "title",
        when=span_label(*span, language, lines=False),
        first=_partner(named.index[0], language),
        share=words.percent(float(named.iloc[0])),
        next=canvas.text("and").join(_partner(name, language) for name in named.index[1:4]),
        rest=words.percent(float(named.iloc[1:4].sum())),
    )
