"""The forecast in both currencies from one path of the customs rate, so that the two agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.forecast.distribution import FullYearForecast, YearPaths

#: one million USD at a rate of one CNY per USD is a hundredth of 100 million CNY
MN_USD_PER_100MN_CNY = 100.0
#: months of history from which the rate's monthly standard deviation is taken, and the least of them
RATE_MONTHS, MIN_RATE_MONTHS = 60, 24


@dataclass(frozen=True)
class BothCurrencies:
    """The same paths in two currencies.

    Attributes
    ----------
    cny, usd : YearPaths
        100 million CNY and million USD.
    rates : ndarray, shape (n_paths, 12)
        CNY per USD at which each month of each path is converted.
    """

    cny: YearPaths
    usd: YearPaths
    rates: np.ndarray

    def table(self) -> pd.DataFrame:
        """Return one row a currency.

        Returns
        -------
        DataFrame
            ``currency, unit, published_total, median, mean, q025 ... q975`` and ``average_rate`` (CNY
            per USD implied by the two medians).
        """
        rate = self.cny.median * MN_USD_PER_100MN_CNY / self.usd.median
        rows = []
        for currency, unit, year in (
            ("CNY", "100 million CNY", self.cny),
            ("USD", "million USD", self.usd),
        ):
            rows.append(
                {
                    "currency": currency,
                    "unit": unit,
                    "published_total": year.published_total,
                    "median": year.median,
                    "mean": year.mean,
                    **year.quantiles(),
                    "average_rate": rate,
                }
            )
        return pd.DataFrame(rows)


def rate_paths(rates: pd.Series, months: pd.PeriodIndex, n_paths: int, seed: int) -> np.ndarray:
    """Return paths of the customs rate, CNY per USD, (n_paths, months): a random walk where it is not known.

    The standard deviation of its monthly log change is that of the last 60 known months; fewer than 24 are
    refused.
    """
    known = rates.dropna().sort_index()
    if len(known) < MIN_RATE_MONTHS:
        raise UsageError(
            f"rates: {len(known)} months of the customs rate are known, {MIN_RATE_MONTHS} are needed"
        )
    changes = np.diff(np.log(known.to_numpy()[-RATE_MONTHS:]))
    shocks = np.random.default_rng([seed, 8542]).standard_normal((n_paths, len(months))) * changes.std()
    given = known.reindex(months).to_numpy()
    level = np.full(n_paths, np.log(known.iloc[-1]))
    paths = np.empty((n_paths, len(months)))
    for i, value in enumerate(given):
        level = np.full(n_paths, np.log(value)) if np.isfinite(value) else level + shocks[:, i]
        paths[:, i] = np.exp(level)
    return paths


def both_currencies(
    forecast: FullYearForecast, published_other: pd.Series, rates: pd.Series, currency: str, seed: int = 0
) -> BothCurrencies:
    """Return the forecast in CNY and USD, each remaining month converted at one path of the customs rate.

    Parameters
    ----------
    forecast : FullYearForecast
        Made in ``currency``: 100 million CNY or million USD.
    published_other : Series
        The months published, in the other currency (as printed, not converted).
    rates : Series
        Customs rate, CNY per USD, PeriodIndex; as known at the date.
    currency : {"CNY", "USD"}
        Currency of ``forecast``.
    seed : int
        Of the paths of the rate.

    Returns
    -------
    BothCurrencies
        The same paths in both, published months as printed in each.

    Raises
    ------
    UsageError
        Another currency; a published month missing in the other currency; too few rates.
    """
    if currency not in ("CNY", "USD"):
        raise UsageError(f"currency: {currency!r} is not one of CNY, USD")
    k = forecast.months_published
    other = published_other.reindex(forecast.months[:k])
    if other.isna().any():
        raise UsageError(f"currencies: {other.index[other.isna()][0]} is not known in the other currency")
    paths = rate_paths(rates, forecast.months, len(forecast.paths), seed)
    factor = MN_USD_PER_100MN_CNY / paths if currency == "CNY" else paths / MN_USD_PER_100MN_CNY
    converted = forecast.paths * factor
    converted[:, :k] = other.to_numpy()
    given = YearPaths(forecast.year, forecast.months, forecast.published, forecast.paths)
    in_other = YearPaths(forecast.year, forecast.months, other, converted)
    return BothCurrencies(*((given, in_other) if currency == "CNY" else (in_other, given)), paths)
