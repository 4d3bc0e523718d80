"""The origins a backtest runs over: what was known then, and what the year came to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.base.months import in_year
from chipexports.base.units import UNIT
from chipexports.clean.monthly import series_as_of
from chipexports.forecast.inputs import HISTORY_MONTHS
from chipexports.forecast.methods.task import YEAR
from chipexports.record.calendar import as_of_dates
from chipexports.record.indicators import indicators_as_of, panel
from chipexports.record.outturn import outturn
from chipexports.record.vintage import releases_as_of
from chipexports.series import History
from chipexports.series.record import OwnRecord
from chipexports.series.settings import series_settings

#: day of the month after on which a panel series is known, by the publishers' rules in the record
PUBLISHED_DAY = {"korea_hs8542_usd_mn": 15, "taiwan_components_usd_mn": 9, "china_goods_usd_100mn": 14}
#: numbers of published months at which the open panel is scored
PANEL_MONTHS = (2, 4, 6, 8, 10)
PANEL_YEARS = tuple(range(2014, 2026))
MIN_HISTORY = 12
#: target years of a series of one's own that are tried, and how many of them after every month
OWN_YEARS, OWN_EVERY_MONTH = 10, 4


@dataclass(frozen=True)
class Origin:
    """One forecast to make: data as they were known, with the label of how that is known.

    Attributes
    ----------
    series : str
        Name of the series.
    target_year, months_published : int
        Year forecast, and months of it known, 0 to 11.
    origin : str
        Last month known, "YYYY-MM".
    as_of : str
        Date by which it was known, "YYYY-MM-DD".
    vintage : {"true", "lag"}
        ``true``: the figures printed by then; ``lag``: today's figures cut by the publication lag.
    history : History
        What was known then: months, standard errors of estimated ones, indicators.
    outturn : float
        The year's total, unit of the series; NaN where it is not known.
    outturn_real : bool
        Whether it is known and no month of it is an estimate.
    """

    series: str
    target_year: int
    months_published: int
    origin: str
    as_of: str
    vintage: str
    history: History
    outturn: float
    outturn_real: bool = True

    @property
    def known(self) -> pd.Series:
        """Months known, PeriodIndex; unit of the series."""
        return self.history.values

    @property
    def indicators(self) -> pd.DataFrame | None:
        """Other monthly series known by then, in columns."""
        return self.history.indicators

    @property
    def estimated(self) -> pd.Series | None:
        """Standard errors of estimated months, unit of the series."""
        return self.history.standard_errors


def lag_origins(
    name: str,
    series: pd.Series,
    years: Iterable[int],
    months: Iterable[int] = range(YEAR),
    *,
    published_day: int = 15,
    indicators: bool = False,
    estimated: pd.Series | None = None,
) -> Iterator[Origin]:
    """Yield the origins of a series by its publication lag: a month is known on a day of the next.

    A year that is not complete in ``series``, or has fewer than twelve months before the origin, is passed
    over; ``estimated`` are standard errors of estimated months, unit of the series.
    """
    for year in years:
        whole = in_year(series, year).dropna()
        if len(whole) < YEAR:
            continue
        real = estimated is None or not in_year(estimated, year).notna().any()
        for published in months:
            origin = pd.Period(f"{year}-01", "M") + (published - 1)
            known = series[:origin].iloc[-HISTORY_MONTHS:]
            if len(known) < MIN_HISTORY:
                continue
            after = origin + 1
            as_of = f"{after.year}-{after.month:02d}-{published_day:02d}"
            history = History(
                known,
                as_of,
                standard_errors=estimated,
                indicators=indicators_as_of(as_of) if indicators else None,
            )
            total = float(whole.sum())
            yield Origin(name, year, published, str(origin), as_of, "lag", history, total, real)


def panel_origins(
    years: Iterable[int] = PANEL_YEARS, months: Iterable[int] = PANEL_MONTHS, as_of: str | None = None
) -> list[Origin]:
    """Return the origins of the open panel: Korea HS 8542, Taiwan electronic components, China's goods.

    Parameters
    ----------
    years, months : iterable of int
        Target years, and numbers of their months published.
    as_of : str, optional
        Only figures known by that date, and only years complete by then.

    Returns
    -------
    list of Origin
        All labelled ``lag``.
    """
    origins: list[Origin] = []
    visible = None if as_of is None else indicators_as_of(as_of)
    for name, whole in panel().items():
        series = whole if visible is None else whole[whole.index.isin(visible[name].dropna().index)]
        day = PUBLISHED_DAY[name]
        origins += lag_origins(name, series, years, months, published_day=day, indicators=True)
    return origins


def record_origins(
    flow: str,
    currency: str,
    *,
    as_of: str,
    truth: str = "latest",
    years: Iterable[int] | None = None,
    history_start: str | None = None,
    outturns_as_of: str | None = None,
    series: object = None,
) -> list[Origin]:
    """Return the origins of a series of the record, each with the figures printed by its date.

    Parameters
    ----------
    flow, currency : str
        "export" or "import"; "CNY" or "USD".
    as_of : str
        No origin later than this.
    truth : {"latest", "first_print"}
        Which print of the year's total is the outturn.
    years : iterable of int, optional
        Only these target years.
    history_start : str, optional
        First month "YYYY-MM" that is used; by default all.
    outturns_as_of : str, optional
        Day by which an outturn must have been printed to score, "YYYY-MM-DD"; by default ``as_of``. A later
        day tells in hindsight how the forecasts fared.
    series : str or mapping, optional
        A series of one's own in place of the record's, the parameter ``series`` of a set: today's values cut
        by the days on which they became known, labelled ``lag``, in the last `OWN_YEARS` years.

    Returns
    -------
    list of Origin
        In the order of dates; ``outturn`` is NaN where the year's total was not printed by then.

    Notes
    -----
    Years whose tables are in the record month by month have true vintages; the year before the
    first of them, known from growth printed a year later, is cut by publication lags.
    """
    start, by = _month_of(history_start), outturns_as_of or as_of
    if series:
        return _own_origins(series, as_of, by, None if years is None else set(years), start)
    last = str(series_as_of(flow, currency, as_of)[0].index[-1])
    first = first_true_year(flow, as_of)
    origins = _lag_year(flow, currency, as_of, first - 1, start)
    for period, date in as_of_dates(f"{first - 1}-12", last):
        at = pd.Period(period, "M")
        known, estimated = (one[start:] for one in series_as_of(flow, currency, str(date)))
        if str(date) > as_of or known.empty or known.index[-1] != at:
            continue  # January comes out with February
        origins.append(
            Origin(
                series=f"{flow}_{currency}",
                target_year=(at + 1).year,
                months_published=at.month % YEAR,
                origin=period,
                as_of=str(date),
                vintage="true",
                history=History(
                    known,
                    str(date),
                    UNIT[currency],
                    standard_errors=estimated,
                    indicators=indicators_as_of(str(date)),
                ),
                outturn=float("nan"),
            )
        )
    wanted = None if years is None else set(years)
    return [
        _scored(origin, flow, currency, truth, by)
        for origin in origins
        if wanted is None or origin.target_year in wanted
    ]


def _own_origins(
    series: object, as_of: str, by: str, years: set[int] | None, start: pd.Period | None
) -> list[Origin]:
    """Return the origins of a series of one's own: every month of the last years, fewer before."""
    settings = series_settings(series)
    published = settings.read().published
    published = published[published <= pd.Timestamp(as_of)]
    months = pd.PeriodIndex(published.index)
    first, last = months[0], months[-1]
    record = OwnRecord(as_of, str(start or first), settings)
    origins = []
    for month, day in zip(months, published, strict=True):
        year, known_months = (month + 1).year, month.month % YEAR
        often = year > (last + 1).year - OWN_EVERY_MONTH or known_months in PANEL_MONTHS
        if (year not in years) if years is not None else (year <= (last + 1).year - OWN_YEARS or not often):
            continue
        begun = max(start or first, month - HISTORY_MONTHS + 1)
        try:
            then = OwnRecord(str(day.date()), str(begun), settings)
            history = then.history()
        except UsageError:
            continue  # too short, or nothing known: no forecast could have been asked for
        if history.last != month:
            continue  # published together with a later month
        total = record.outturn(year, by)
        origins.append(
            Origin(
                series=f"{settings.name}_{settings.unit}",
                target_year=year,
                months_published=known_months,
                origin=str(month),
                as_of=then.as_of,
                vintage="lag",
                history=history,
                outturn=float("nan") if total is None else total,
                outturn_real=total is not None,
            )
        )
    return origins


def _month_of(text: str | None) -> pd.Period | None:
    try:
        return None if text is None else pd.Period(text, "M")
    except ValueError as error:
        raise UsageError(f"history_start: {text!r} is not a month; write it YYYY-MM") from error


def _scored(origin: Origin, flow: str, currency: str, truth: str, by: str) -> Origin:
    """Return an origin with the year's total as printed by a day, if it was."""
    total = outturn(origin.target_year, flow, currency, truth=truth, as_of=by)
    return replace(origin, outturn=float("nan") if total is None else total, outturn_real=total is not None)


def _lag_year(flow: str, currency: str, as_of: str, year: int, start: pd.Period | None) -> list[Origin]:
    """Return the origins of a year without tables of its own, if none of its months is an estimate."""
    series, errors = (one[start:] for one in series_as_of(flow, currency, as_of))
    if in_year(errors, year).notna().any():
        return []
    origins = lag_origins(
        f"{flow}_{currency}",
        series,
        [year],
        range(2, YEAR),
        published_day=14,
        indicators=True,
        estimated=errors,
    )
    return [origin for origin in origins if origin.as_of <= as_of]


def first_true_year(flow: str, as_of: str) -> int:
    """Return the first year at least half of whose year-to-dates are in the record as first printed."""
    rows = releases_as_of(as_of)
    rows = rows[
        (rows["flow"] == flow) & (rows["commodity"] == "gacc_ic") & (rows["edition"] == "first_print")
    ]
    values = rows[rows["measure"].isin(["value_cny", "value_usd"]) & rows["period_start"].str.endswith("-01")]
    ends = values.groupby(values["period_start"].str[:4])["period_end"].nunique()
    full = [int(str(year)) for year, count in ends.items() if count >= YEAR // 2]
    return min(full, default=int(as_of[:4]))
