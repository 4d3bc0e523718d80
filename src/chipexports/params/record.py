"""What only the record can say of the parameters: can this year be forecast from what is known that day?"""

from __future__ import annotations

from chipexports.base.errors import UsageError
from chipexports.base.units import in_language
from chipexports.params.model import RunParams
from chipexports.params.newest import outside

#: a threshold so many times the largest printed total is a slip of the unit
MOST_TIMES = 1000
#: paths of the forecast that is only tried
TRIAL_PATHS = 50


def check_record(params: RunParams, where: str = "", *, trial: bool = True) -> RunParams:
    """Return ``params`` when the record holds something to forecast from.

    Parameters
    ----------
    params : RunParams
        Parameters already checked by themselves.
    where : str
        What a refusal names, e.g. the file of the set.
    trial : bool
        Whether to try the forecast itself, with few paths: the methods that are asked for may all
        need a longer history. Without it only the record is asked.

    Returns
    -------
    RunParams
        The same.

    Raises
    ------
    UsageError
        ``as_of`` lies before the first release or in the future; nothing of ``target_year`` or the
        year before is known by then for this flow; ``threshold`` is out of all proportion; no month is
        known in this currency from ``history_start`` on; none of ``methods`` can forecast from that.
    """
    if params.series:
        problem = _unknown_own(params)
    else:
        problem = outside(params.as_of, params.target_year) or _unknown(params)
    if problem is None and trial:
        problem = _untried(params)
    if problem:
        raise UsageError(f"{where}: {problem}" if where else problem)
    return params


def _unknown(params: RunParams) -> str | None:
    from chipexports.record.vintage import LINE, MEASURE, releases_as_of

    known = releases_as_of(params.as_of)
    known = known[(known["flow"] == params.flow) & (known["commodity"] == LINE)]
    years = {int(str(end)[:4]) for end in known["period_end"]}
    if not years & {params.target_year, params.target_year - 1}:
        span = f"{min(years)} to {max(years)} is known" if years else "nothing is known"
        return (
            f"target_year: as of {params.as_of} the record holds no {params.flow} figure of "
            f"{params.target_year} or the year before ({span}); take a year it covers"
        )
    largest = known.loc[known["measure"] == MEASURE[params.currency], "value"].max()
    if params.threshold > MOST_TIMES * largest:
        return (
            f"threshold: {params.threshold:g} is more than {MOST_TIMES} times the largest total printed by "
            f"{params.as_of}, {largest:,.0f} (unit: {params.unit})"
        )
    return None


def _unknown_own(params: RunParams) -> str | None:
    """Return why a file cannot be asked for the year; None when it can."""
    from chipexports.params.own import outside as outside_own
    from chipexports.series.record import OwnRecord
    from chipexports.series.settings import series_settings

    settings = series_settings(params.series)
    if problem := outside_own(params.as_of, params.target_year, settings):
        return problem
    try:
        values = OwnRecord(params.as_of, params.history_start, settings).history().values.dropna()
    except UsageError as error:
        return f"series: {error}"
    largest = 12 * values.max()
    if not largest / MOST_TIMES**2 < params.threshold < MOST_TIMES * largest:
        return (
            f"threshold: {params.threshold:g} is out of all proportion to a year of this series, "
            f"{values.iloc[-12:].sum():,.6g} in the last twelve months (unit: {params.unit})"
        )
    return None


def _untried(params: RunParams) -> str | None:
    """Return why the forecast cannot be made; None when it can."""
    from chipexports.clean import known
    from chipexports.forecast.fullyear import forecast_full_year
    from chipexports.forecast.inputs import SeriesError, TooShortError

    day, year = params.as_of, params.target_year
    if params.series:
        what = f"as of {day}, {in_language(params.flow, 'en')} from {params.history_start} on"
    else:
        what = f"as of {day}, {params.flow}s in {params.currency} from {params.history_start} on"
    try:
        history = known(day, params.history_start, params.series).history(params.flow, params.currency)
    except UsageError:
        return f"as_of: {what}, no month is known; take a later as_of or an earlier history_start"
    try:
        forecast_full_year(
            history,
            year,
            methods=tuple(params.methods),
            combination=params.combination,
            n_paths=TRIAL_PATHS,
            seed=params.seed,
        )
    except TooShortError as error:
        reasons = str(error).partition(": ")[2].rpartition("; ")[0] or str(error)
        return f"methods: {what}, {reasons}; choose other methods, an earlier history_start or a later as_of"
    except SeriesError as error:
        return str(error) if params.series else f"history_start: {what}, {error}"
    except UsageError as error:
        return f"target_year: {what}, {error}"
    return None
