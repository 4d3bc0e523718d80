"""What the remaining months need for the year to reach a threshold."""

from __future__ import annotations

import numpy as np
import pandas as pd

from chipexports.forecast.distribution import FullYearForecast
from chipexports.forecast.methods.task import YEAR


def needed(forecast: FullYearForecast, threshold: float) -> pd.DataFrame:
    """Return the average of the remaining months needed to reach ``threshold``, and its growth.

    Parameters
    ----------
    forecast : FullYearForecast
        As ``forecast_full_year`` returns it.
    threshold : float
        Total of the year, unit of the series.

    Returns
    -------
    DataFrame, one row
        ``threshold, published_total, months_remaining, needed_total, needed_monthly_average,
        published_monthly_average, last_year_monthly_average`` (the same remaining months),
        ``needed_growth_pct`` (over those), ``growth_to_date_pct``, ``forecast_monthly_average,
        forecast_growth_pct, p_above``. Where the threshold is passed already ``needed_total`` is
        zero; where no month remains the averages are NaN; growth is NaN without last year's months.
    """
    published, remaining = forecast.published_total, YEAR - forecast.months_published
    rest = max(threshold - published, 0.0)
    average = rest / remaining if remaining else np.nan
    last_year = forecast.known.reindex(forecast.months - YEAR).to_numpy()
    k = forecast.months_published
    before, before_to_date = last_year[k:].mean() if remaining else np.nan, last_year[:k].sum()
    middle = (forecast.median - published) / remaining if remaining else np.nan
    row = {
        "threshold": float(threshold),
        "published_total": published,
        "months_remaining": remaining,
        "needed_total": rest,
        "needed_monthly_average": average,
        "published_monthly_average": published / k if k else np.nan,
        "last_year_monthly_average": before,
        "needed_growth_pct": 100 * (average / before - 1),
        "growth_to_date_pct": 100 * (published / before_to_date - 1) if k else np.nan,
        "forecast_monthly_average": middle,
        "forecast_growth_pct": 100 * (middle / before - 1),
        "p_above": forecast.probability_above(threshold),
    }
    return pd.DataFrame([row])
