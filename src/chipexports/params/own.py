"""The parameters of a run on a series of one's own: what the set leaves open is told from the file."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.base.months import in_year
from chipexports.params.model import DEFAULT_ALONE
from chipexports.params.newest import NEWEST
from chipexports.series.settings import SeriesSettings, series_settings

YEAR = 12


def of_own_series(given: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters with those that only the file can tell.

    Parameters
    ----------
    given : dict of str to object
        Parsed parameters, ``series`` among them.

    Returns
    -------
    dict of str to object
        ``flow`` is the series' name and ``currency`` its unit, in both languages where they differ. Where the
        set does not say: ``as_of`` is the day the newest month became known, ``target_year`` the year of the
        month after it, ``history_start`` the first month, ``threshold`` the total of the year before (of the
        last twelve months where that is not whole), ``methods`` the default pool without indicators.

    Raises
    ------
    UsageError
        The file or what is said of it cannot be used; the sentence begins with ``parameter:``.
    """
    settings = series_settings(given["series"])
    own = dict(given)
    for name, holds in (("flow", settings.name), ("currency", settings.unit)):
        if own.setdefault(name, holds) != holds:
            raise UsageError(
                f"{name}: {own[name]!r} is of the customs' record, and the set has a series of its own; "
                f"leave {name} out (name and unit are keys of series)"
            )
    if settings.indicators is None:
        own.setdefault("methods", list(DEFAULT_ALONE))
    own["as_of"] = _as_of(settings, own.get("as_of", NEWEST))
    first = pd.PeriodIndex(settings.read().values.dropna().index)[0]
    if not {"target_year", "threshold"} <= set(own):
        _from_values(own, settings, own.get("history_start", str(first)))
    if (
        "history_start" not in own
    ):  # earlier than the file does no harm, two years before the target are asked for
        own["history_start"] = min(str(first), f"{own.get('target_year', first.year + 2) - 2}-01")
    return own


def _as_of(settings: SeriesSettings, given: object) -> object:
    if not (isinstance(given, str) and given.strip() == NEWEST):
        return given
    read = settings.read()
    last = pd.PeriodIndex(read.values.dropna().index)[-1]
    # the day before which nothing could be asked of the year that follows a whole one
    return max(read.newest, f"{(last + 1).year}-01-01")


def _from_values(own: dict[str, Any], settings: SeriesSettings, history_start: object) -> None:
    from chipexports.series.record import OwnRecord

    try:
        start = pd.Period(str(history_start), "M")
        pd.Timestamp(str(own["as_of"]))
    except ValueError:
        return  # the model says what is wrong with them
    try:
        values = OwnRecord(str(own["as_of"]), str(start), settings).history().values
    except UsageError as error:
        raise UsageError(f"series: {error}") from error
    own.setdefault("target_year", (values.index[-1] + 1).year)
    before = in_year(values, int(own["target_year"]) - 1).dropna()
    whole = before if len(before) == YEAR else values.dropna().iloc[-YEAR:]
    own.setdefault("threshold", float(whole.sum()))


def outside(as_of: str, target_year: int, settings: SeriesSettings) -> str | None:
    """Return in one sentence why a day or a year cannot be asked for; None when it can.

    A day later than today is refused, up to that of the newest month: a clock may be wrong.
    """
    read = settings.read()
    newest = read.newest
    today = dt.date.today().isoformat()
    if as_of > max(today, newest):
        return (
            f"as_of: {as_of} lies in the future (today is {today}); take {NEWEST}, which is {newest}, or "
            "another day that has come"
        )
    months = pd.PeriodIndex(read.values.dropna().index)
    first, last = months[0].year, months[-1].year
    if not first < target_year <= last + 1:
        return f"target_year: the file holds {first} to {last}; take {first + 1} to {last + 1}"
    return None
