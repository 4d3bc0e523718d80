"""How the record changes after it is printed: first prints against what later tables say."""

from __future__ import annotations

import pandas as pd

from chipexports.charts import axes, frames, sources
from chipexports.charts.canvas import Canvas
from chipexports.charts.drawn import Drawn, FigureNotDrawn
from chipexports.charts.frames import Monthly
from chipexports.words import text as words

MEASURE = {"CNY": "value_cny", "USD": "value_usd", "quantity": "quantity"}


def revision_table(releases: pd.DataFrame, flow: str, currency: str) -> Monthly:
    """Return first prints and later ones, for months and for the year to date.

    A year-to-date figure is printed again a year later, as last year's base. A month is printed once;
    what later tables say of it is the difference of the reprinted year-to-date figures.

    Parameters
    ----------
    releases : DataFrame
        As of ``record.vintage.releases_as_of``.
    flow : str
        ``export`` or ``import``.
    currency : str
        ``CNY``, ``USD`` or ``quantity``.

    Returns
    -------
    DataFrame
        ``period`` (Period), ``kind`` (ytd|month), ``first``, ``later`` (table's unit), ``revision_pct``.
    """
    rows = releases[
        (releases["commodity"] == "gacc_ic")
        & (releases["flow"] == flow)
        & (releases["measure"] == MEASURE[currency])
    ].copy()
    by = [column for column in ("half", "published") if column in rows]
    rows = rows.sort_values(by, kind="stable")
    begins = rows["period_start"].str[5:] == "01"
    first, later = (rows[rows["edition"] == edition] for edition in ("first_print", "revised_later"))
    ytd_first = _by_end(first[begins[first.index]])
    ytd_later = _by_end(later[begins[later.index]])
    month_first = _by_end(first[first["period_start"] == first["period_end"]])
    parts = [_compare(ytd_first, ytd_later, "ytd"), _compare(month_first, _differences(ytd_later), "month")]
    return pd.concat(parts, ignore_index=True)


def _by_end(rows: Monthly) -> Monthly:
    values = rows.groupby("period_end")["value"].first().astype(float)
    values.index = pd.PeriodIndex(values.index.astype(str), freq="M")
    return values


def _differences(ytd: Monthly) -> Monthly:
    before = ytd.copy()
    before.index = before.index + 1
    months = ytd - before.reindex(ytd.index)
    return months[months.index.month > 1].dropna()


def _compare(first: Monthly, later: Monthly, kind: str) -> Monthly:
    both = pd.DataFrame({"first": first, "later": later}).dropna()
    both = both[both["first"] > 0]
    both = both.rename_axis("period").reset_index().assign(kind=kind)
    return both.assign(revision_pct=100 * (both["later"] / both["first"] - 1))


def revisions(
    releases: pd.DataFrame,
    *,
    language: str = "en",
    size: str = "page",
    as_of: str = "",
    flow: str = "export",
    currency: str = "CNY",
) -> Drawn:
    """Draw by how much year-to-date figures and months were revised after their first print.

    The yuan is drawn when the run's currency has fewer reprinted figures than it.

    Parameters
    ----------
    releases : DataFrame
        As of ``record.vintage.releases_as_of``.
    language, size, as_of : str
        ``en`` or ``zh``; ``column``, ``page`` or ``slide``; "YYYY-MM-DD" for the source line.
    flow, currency : str
        ``export`` or ``import``; ``CNY`` or ``USD``.

    Returns
    -------
    Drawn
        In its ``data`` by month: ``ytd`` and ``month``, revision of the first print in %.

    Raises
    ------
    FigureNotDrawn
        If nothing has been printed twice by this date.
    """
    tables = {
        measure: revision_table(releases, flow, measure) for measure in dict.fromkeys([currency, "CNY"])
    }
    currency, table = max(tables.items(), key=lambda item: len(item[1]))
    if table.empty:
        raise FigureNotDrawn(words.text("figure.left_out.no_reprint", language))
    kinds = [kind for kind in ("ytd", "month") if (table["kind"] == kind).any()]
    canvas = Canvas("revisions", language, size, panels=len(kinds), columns=1)
    for panel, kind in enumerate(kinds):
        _draw(canvas, panel, table, kind)
    return canvas.finish(
        title=_title(canvas, table),
        subtitle=canvas.text(
            "subtitle",
            flow=canvas.flow(flow),
            currency=canvas.currency(currency),
        ),
        source=sources.source_line(language, ["gacc"], as_of=as_of),
        caption=canvas.text("caption", n=len(table)),
    )


def _draw(canvas: Canvas, panel: int, table: Monthly, kind: str) -> None:
    rows = table[table["kind"] == kind]
    index = pd.PeriodIndex(rows["period"])
    x, labels = frames.x_of(index), frames.labels_of(index)
    canvas.bars(panel, kind, "derived", x, rows["revision_pct"], width=0.75 / 12, label=labels, unit="%")
    axes.zero_line(canvas, panel)
    first, last = frames.x_of(pd.PeriodIndex([table["period"].min(), table["period"].max()]))
    axes.year_axis(canvas, panel, first - 1 / 24, last + 1 / 24)
    axes.value_axis(canvas, panel, percent=True)
    canvas.heading(panel, canvas.text("unit"), canvas.text(f"panel_{kind}"))


def _title(canvas: Canvas, table: Monthly) -> str:
    worst = table.loc[table["revision_pct"].abs().idxmax()]
    years = table[(table["kind"] == "ytd") & (pd.PeriodIndex(table["period"]).month == 12)]
    said = {
        "worst": words.percent(float(worst["revision_pct"]), 1, signed=True),
        "month": words.month(worst["period"], canvas.language),
    }
    if years.empty:
        return canvas.text("title", **said)
    year = years.iloc[-1]
    return canvas.text(
        "title_year",
        year=year["period"].year,
        change=words.percent(float(year["revision_pct"]), 2, signed=True),
        **said,
    )
