"""What a year came to: the figure a forecast is scored against."""

from __future__ import annotations

from chipexports.base.errors import UsageError
from chipexports.record.choice import FIRST, REVISED, Key
from chipexports.record.rates import FAR
from chipexports.record.vintage import MEASURE, figures_as_of

TRUTHS = ("first_print", "latest")


def outturn(
    year: int, flow: str, currency: str, truth: str = "latest", as_of: str | None = None
) -> float | None:
    """Return the year's total as printed, or None when the year was not printed (by ``as_of``).

    Parameters
    ----------
    year : int
        Calendar year.
    flow : {"export", "import"}
    currency : {"CNY", "USD"}
    truth : {"latest", "first_print"}
        The latest revision, or the first print of the December year-to-date. Where the first
        print was rounded by the press the most precise print of the same edition counts.
    as_of : str, optional
        Only what was published by the end of that day; by default the whole record.

    Returns
    -------
    float or None
        100 million CNY or million USD.

    Raises
    ------
    UsageError
        ``truth`` or ``currency`` is none of those named.
    """
    if truth not in TRUTHS:
        raise UsageError(f"truth: {truth!r} is not one of {', '.join(TRUTHS)}")
    if currency not in MEASURE:
        raise UsageError(f"currency: {currency!r} is not one of CNY, USD")
    visible = figures_as_of(as_of or FAR)
    editions = (FIRST,) if truth == "first_print" else (REVISED, FIRST)
    for edition in editions:
        figure = visible.get(Key(flow, MEASURE[currency], edition, f"{year}-01", f"{year}-12"))
        if figure is not None:
            return figure.value
    return None
