"""What only the record can say of the parameters: is anything published by that day, for that year?"""

from __future__ import annotations

from chipexports.base.errors import UsageError
from chipexports.params.model import RunParams


def check_record(params: RunParams, where: str = "") -> RunParams:
    """Return ``params`` when the record holds something to forecast from.

    Parameters
    ----------
    params : RunParams
        Parameters already checked by themselves.
    where : str
        What a refusal names, e.g. the file of the set.

    Returns
    -------
    RunParams
        The same.

    Raises
    ------
    UsageError
        ``as_of`` lies before the first release, or nothing of ``target_year`` or the year before
        it is known by then for this flow.
    """
    from chipexports.record.vintage import first_release_date, releases_as_of

    prefix = f"{where}: " if where else ""
    first = first_release_date()
    if params.as_of < first:
        raise UsageError(
            f"{prefix}as_of: {params.as_of} lies before the first release in the record, {first}; "
            "take that day or a later one"
        )
    known = releases_as_of(params.as_of)
    known = known[known["flow"] == params.flow]
    years = {int(str(end)[:4]) for end in known["period_end"]}
    if not years & {params.target_year, params.target_year - 1}:
        span = f"{min(years)} to {max(years)}" if years else "nothing"
        raise UsageError(
            f"{prefix}target_year: as of {params.as_of} the record holds no {params.flow} figure of "
            f"{params.target_year} or the year before ({span} is known); take a year it covers"
        )
    return params
