"""From a run's tables to what figures plot: gap-free months, sums of twelve, growth, roles by basis."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from chipexports.base.units import BASIS, VALUE
from chipexports.charts.drawn import FigureNotDrawn
from chipexports.words import text as words

# A series or table by month (PeriodIndex). The stubs of pandas cannot say so and take every scalar of it for
# one of a dozen kinds, so the type checker is told nothing of it.
Monthly: TypeAlias = Any

COLUMN = VALUE | {"quantity": "quantity_100mn"}
BASIS_COLUMN = BASIS | {"quantity": "basis_quantity"}
_ROLE_OF_BASIS = {
    "printed": "published",
    "ytd_difference": "published",
    "growth_backed_out": "derived",
    "converted": "derived",
    "joint_estimate": "estimated",
    "estimated": "estimated",
}


def months_of(monthly: pd.DataFrame, flow: str, language: str = "en") -> Monthly:
    """Return one flow's months with a gap-free PeriodIndex; months excluded from use hold no values.

    Parameters
    ----------
    monthly : DataFrame
        As written by the cleaning step: one row per period and flow.
    flow : str
        ``export`` or ``import``.
    language : str
        Language of the error's message.

    Returns
    -------
    DataFrame
        The table's columns, index months from the first with a value to the last.

    Raises
    ------
    FigureNotDrawn
        If there is no value of this flow at all.
    """
    rows = monthly[monthly["flow"] == flow]
    values = [column for column in COLUMN.values() if column in rows]
    rows = rows[rows[values].notna().any(axis=1)]
    if rows.empty:
        label = words.text(f"flow.{flow}", language)
        raise FigureNotDrawn(words.text("figure.left_out.no_flow", language, flow=label))
    frame = rows.set_index(pd.PeriodIndex(rows["period"].astype(str), freq="M"))
    frame = frame.reindex(pd.period_range(frame.index.min(), frame.index.max(), freq="M"))
    if "excluded" in frame:
        hidden = frame["excluded"].astype("boolean").fillna(False).to_numpy(dtype=bool)
        frame.loc[hidden, values] = np.nan
    return frame


def values_of(months: pd.DataFrame, measure: str) -> Monthly:
    """Return the values of a measure in the table's unit.

    Parameters
    ----------
    months : DataFrame
        As made by ``months_of``.
    measure : str
        ``CNY``, ``USD`` or ``quantity``.

    Returns
    -------
    Series
        By month in 100 million CNY, million USD or 100 million pieces; all NaN without the column.
    """
    column = COLUMN[measure]
    if column not in months:
        return pd.Series(np.nan, index=months.index, dtype=float)
    return months[column].astype(float)


def roles_of(months: pd.DataFrame, measure: str) -> Monthly:
    """Return the role of every month: published, derived, estimated.

    Parameters
    ----------
    months : DataFrame
        As made by ``months_of``.
    measure : str
        ``CNY``, ``USD`` or ``quantity``.

    Returns
    -------
    Series
        By month, from the measure's own basis, else from ``basis``; missing months count as published.
    """
    column = BASIS_COLUMN[measure] if BASIS_COLUMN[measure] in months else "basis"
    if column not in months:
        return pd.Series("published", index=months.index)
    return months[column].map(_ROLE_OF_BASIS).fillna("published")


def is_estimated(months: Monthly, *measures: str) -> Monthly:
    """Return for each month whether any of the measures is an estimate."""
    flags = pd.DataFrame({measure: roles_of(months, measure) == "estimated" for measure in measures})
    return flags.any(axis=1)


def rests_on_estimates(flags: Monthly, span: str) -> Monthly:
    """Return whether growth on the year before rests on an estimate at either end.

    Parameters
    ----------
    flags : Series of bool
        Whether each month is an estimate.
    span : str
        ``month``, ``ytd`` (any month since January) or ``sum12`` (any of the last twelve).
    """
    within = flags.astype(bool)
    if span == "ytd":
        within = within.groupby(within.index.year).cummax()
    elif span == "sum12":
        within = within.rolling(12, min_periods=1).max().astype(bool)
    return within | within.shift(12, fill_value=False)


def last_known(series: Monthly) -> Any:
    """Return the last month with a value."""
    known = series.dropna()
    return known.index[-1] if len(known) else None


def twelve_month_sum(series: Monthly) -> Monthly:
    """Return the sum of the last twelve months, missing where one of them is."""
    return series.rolling(12, min_periods=12).sum()


def year_to_date(series: Monthly) -> Monthly:
    """Return the sum since January, missing from the first missing month of a year on."""
    known = series.groupby(series.index.year).cumsum(skipna=False)
    full = series.groupby(series.index.year).transform(lambda year: year.index[0].month) == 1
    gone = series.isna().groupby(series.index.year).cummax()
    return known.where(full & ~gone)


def growth(series: Monthly, log: bool = False) -> Monthly:
    """Return growth on the year before in percent, or 100 times the log change."""
    before = series.shift(12)
    ratio = (series / before).where((before > 0) & (series > 0))
    return 100 * np.log(ratio) if log else 100 * (ratio - 1)


def complete_years(series: Monthly) -> Monthly:
    """Return the totals of the years with twelve known months, index the year as an integer."""
    grouped = series.groupby(series.index.year)
    return grouped.sum(min_count=12)[grouped.count() == 12]


def x_of(index: Any) -> np.ndarray:
    """Return the horizontal positions of months in figures.

    Parameters
    ----------
    index : PeriodIndex
        Months.

    Returns
    -------
    ndarray
        Middle of each month as a year with a fraction: 2024.5417 for July 2024.
    """
    return np.asarray(index.year + (index.month - 0.5) / 12, dtype=float)


def labels_of(index: Any) -> list[str]:
    """Return the months as "YYYY-MM", the label column of a figure's CSV."""
    return [str(period) for period in index]
