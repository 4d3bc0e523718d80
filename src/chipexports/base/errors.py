"""The errors a user meets: each is one sentence that says what is wrong, where, and what to do."""


class ChipExportsError(Exception):
    """A run or a command failed; the command line ends with exit code 1."""

    exit_code = 1


class UsageError(ChipExportsError, ValueError):
    """The input is wrong (parameters, a page, a file, a series); exit code 2, nothing written."""

    exit_code = 2
