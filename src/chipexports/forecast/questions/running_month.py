"""The running month so far: what Korea's first days say of the month China has not printed yet.

A read-out, not a member of the forecast: three years of cases cannot prove that it improves the year, and
Taiwan's thirteen say it does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from chipexports.clean.day import Known
from chipexports.forecast.methods.airline import airline_forecast, fit_airline
from chipexports.record.festival import calendar_rows
from chipexports.record.neighbours import korea_days_as_of
from chipexports.series.history import History

KOREA = "korea_hs8542_usd_mn"
#: the whole month first: it says more where it is out
SEGMENTS = ("whole", "days_20")
RATIO_MONTHS, FEWEST_RATIOS = 12, 6
FEWEST = 12  # past months, below which no slope is fitted
LONGEST = 144  # months of history a forecast is made from
FEBRUARY = 2
Z80 = 1.2816


@dataclass(frozen=True)
class RunningMonth:
    """The month after the last one China has printed, as far as Korea's exports speak of it.

    Attributes
    ----------
    month : Period
        The month.
    segment : {"whole", "days_20"}
        What Korea has printed of it: the whole month or the first 20 days.
    own : float
        Forecast from China's own past alone (airline model), unit of the series.
    surprise_pct : float
        By how much Korea's figure lies above the same forecast of Korea's own.
    slope : float
        What share of a surprise of Korea's China's months have shown.
    nowcast, low80, high80 : float
        The month's value with Korea's surprise, and its 80% band, unit of the series.
    error_pct, own_error_pct : float
        Root mean square error of past months, each left out in turn: with and without Korea.
    cases : int
        Number of those months.
    """

    month: pd.Period
    segment: str
    own: float
    surprise_pct: float
    slope: float
    nowcast: float
    low80: float
    high80: float
    error_pct: float
    own_error_pct: float
    cases: int


def running_month(known: Known, flow: str = "export", currency: str = "USD") -> RunningMonth | None:
    """Return what Korea's exports say of the month that China prints next.

    Some two and a half weeks before China's table (first 20 days) or one week (whole month). Korea's days
    are put on HS 8542 by working days and the mean ratio of the last twelve months; its surprise over its
    own one-month forecast moves China's own forecast by the slope that past months show.

    Parameters
    ----------
    known : Known
        What was known by a day; nothing later is used.
    flow : {"export", "import"}
        Side of the trade.
    currency : {"USD", "CNY"}
        Million USD or 100 million CNY.

    Returns
    -------
    RunningMonth or None
        None where Korea has printed neither 20 days nor the month, for February (its months are not
        comparable), and where fewer than twelve past months can be compared.

    Raises
    ------
    UsageError
        The flow or the currency does not exist, or nothing was known by the day.

    Examples
    --------
    >>> from chipexports.clean import known
    >>> july = running_month(known("2026-08-01"))
    >>> str(july.month), july.segment
    ('2026-07', 'whole')
    """
    history = known.history(flow, currency)
    month = history.last + 1
    korea = known.indicators[KOREA].dropna()
    days = korea_days_as_of(known.as_of)
    if month.month == FEBRUARY or month not in days.index:
        return None
    for segment in SEGMENTS:
        level = _on_heading(days[segment].dropna(), korea, segment)
        if month in level.index:
            return _nowcast(history, month, korea, level, segment)
    return None


def _on_heading(days: pd.Series, korea: pd.Series, segment: str) -> pd.Series:
    """Return Korea's days as months of HS 8542, each by the ratio of the months before it."""
    if segment == "days_20":
        days = days * [_weekdays(m, m.days_in_month) / _weekdays(m, 20) for m in days.index]
    ratio = (korea.reindex(days.index) / days).apply(np.log)
    # of the month itself nothing is used: its ratio is not known yet
    past = ratio.shift(1).rolling(RATIO_MONTHS, min_periods=FEWEST_RATIOS).mean()
    return (days * np.exp(past)).dropna()


def _weekdays(month: pd.Period, last: int) -> int:
    start = np.datetime64(str(month), "D")
    return int(np.busday_count(start, start + last))


def _next(series: pd.Series, month: pd.Period) -> float:
    """Return the log forecast of ``month`` from the months before it, by the airline model."""
    log = np.log(series[series.index < month].iloc[-LONGEST:].to_numpy(dtype=float))
    rows = calendar_rows(np.arange(month.ordinal - len(log), month.ordinal + 1))
    return float(airline_forecast(fit_airline(log, rows[:-1]), log, rows, 1)[0][0])


def _nowcast(
    history: History, month: pd.Period, korea: pd.Series, level: pd.Series, segment: str
) -> RunningMonth | None:
    """Return the nowcast of ``month``, with the slope and the error of the months that are over."""
    assert history.kind is not None
    printed = history.values.loc[history.kind.isin(["customs", "derived"])]
    over = [m for m in level.index if m in printed.index and m in korea.index and m.month != FEBRUARY]
    if len(over) < FEWEST:
        return None
    complete = history.values.dropna()
    china = np.array([np.log(printed[m]) - _next(complete, m) for m in over])
    other = np.array([np.log(level[m]) - _next(korea, m) for m in over])
    slope = float(other @ china / (other @ other))
    # the slope without each month in turn, for an error that the month itself has not seen
    without = (other @ china - other * china) / (other @ other - other**2)
    error = float(np.sqrt(np.mean((china - without * other) ** 2)))
    own, surprise = _next(complete, month), float(np.log(level.to_dict()[month]) - _next(korea, month))
    middle = own + slope * surprise
    return RunningMonth(
        month,
        segment,
        float(np.exp(own)),
        float(100 * np.expm1(surprise)),
        slope,
        float(np.exp(middle)),
        float(np.exp(middle - Z80 * error)),
        float(np.exp(middle + Z80 * error)),
        100 * error,
        float(100 * np.sqrt(np.mean(china**2))),
        len(over),
    )
