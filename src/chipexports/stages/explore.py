"""Notebook 03: the answer above the charts, computed from the monthly series."""

from __future__ import annotations

import numpy as np
import pandas as pd

from chipexports.base import units
from chipexports.clean.monthly import to_series
from chipexports.params import RunParams
from chipexports.run import tables
from chipexports.stages.prose import Answer, labelled
from chipexports.words.text import money, month, percent, text


def answer(params: RunParams) -> Answer:
    """Say how much the year to date is, how fast it grows, and what of it is price."""
    monthly = tables.load(params.run, "monthly")
    series = to_series(monthly, params.flow, params.currency)
    quantity = monthly[monthly["flow"] == params.flow].set_index("period")["quantity_100mn"]
    quantity.index = pd.PeriodIndex(quantity.index, freq="M")
    last = series.dropna().index[-1]
    now, before = _year_to_date(series, last, 0), _year_to_date(series, last, 1)
    pieces_now, pieces_before = _year_to_date(quantity, last, 0), _year_to_date(quantity, last, 1)
    growth = 100 * (now / before - 1)
    price = 100 * (now / pieces_now / (before / pieces_before) - 1)
    words = text(
        "notebook.03.answer",
        params.language,
        flow=text(f"flow.{params.flow}", params.language),
        last=month(last, params.language),
        total=money(now, params.currency, params.language),
        growth=percent(growth, signed=True),
        price=percent(price, signed=True),
        pieces=percent(100 * (pieces_now / pieces_before - 1), signed=True),
    )
    return Answer(words, labelled(by_year(series, params.currency), params.language))


def _year_to_date(series: pd.Series, last: pd.Period, back: int) -> float:
    """Return the sum from January to ``last``'s month, ``back`` years earlier; NaN with a gap."""
    end = last - 12 * back
    months = pd.period_range(f"{end.year}-01", end, freq="M")
    return float(series.reindex(months).sum(skipna=False))


def by_year(series: pd.Series, currency: str, most: int = 6) -> pd.DataFrame:
    """Return the total of each of the last years, the months it holds, and growth where both are whole.

    Parameters
    ----------
    series : Series
        Monthly, PeriodIndex, in the table's unit of ``currency``.
    currency : {"CNY", "USD"}
        For the unit.
    most : int
        Years shown at most.

    Returns
    -------
    DataFrame
        ``year, months, total_bn`` (billions), ``growth_pct`` (None unless both years are whole).
    """
    known = series.dropna()
    grouped = known.groupby(pd.PeriodIndex(known.index).year)
    table = pd.DataFrame({"months": grouped.size(), "total": grouped.sum()})
    whole = table["total"].where(table["months"] == 12)
    table["growth_pct"] = 100 * (whole / whole.shift(1) - 1)
    table["total_bn"] = table["total"] / units.PER_BILLION[currency]
    shown = table.rename_axis("year").reset_index().tail(most)
    return shown[["year", "months", "total_bn", "growth_pct"]].replace({np.nan: None}).astype({"year": str})
