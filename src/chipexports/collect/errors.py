"""The reasons a page or an answer is refused, each a sentence that names file, row and what to do."""

from __future__ import annotations

from chipexports.base.errors import ChipExportsError, UsageError

SERVED = "nothing was written, the bundled record serves everything"


class PageError(UsageError):
    """A saved page is not a readable table of major exports or imports; nothing is written."""

    def __init__(self, file: str, reason: str, row: str | None = None) -> None:
        where = f"{file}, {row}" if row else file
        super().__init__(f"{where}: {reason}")


class WrongTable(PageError):
    """The page is another of the publisher's pages (an index, a table by country, by trade mode ...)."""


class Truncated(PageError):
    """The page breaks off before its end."""


class UnknownUnit(PageError):
    """The value or quantity unit is none of those the publisher is known to print."""


class ImpossiblePeriod(PageError):
    """Title, column headings and date printed do not tell one possible month."""


class Contradiction(PageError):
    """Two figures of one line exclude each other beyond their rounding."""


class FetchError(ChipExportsError):
    """An address could not be reached or its answer failed a check; nothing is written (exit code 1)."""


def undocumented(source: str, what: str) -> FetchError:
    """Return the error for an answer that is not what the source documents; no value of it is named."""
    return FetchError(f"{source}: the answer is not as documented ({what}); {SERVED}")
