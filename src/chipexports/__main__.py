"""``python -m chipexports``: runs a command; an error is one line on stderr and an exit code."""

from __future__ import annotations

import io
import os
import sys
import traceback
from urllib.parse import quote

import click

from chipexports.base.errors import ChipExportsError
from chipexports.base.files import write_text_atomic
from chipexports.base.paths import project_root
from chipexports.run.cli import main as group

INTERRUPTED = 130


def main(args: list[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 done, 1 failed, 2 wrong input, 130 interrupted."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # a terminal that knows no dash or no Chinese must not end a run that has succeeded
            stream.reconfigure(errors="replace")
    try:
        result = group.main(args=args, prog_name="python -m chipexports", standalone_mode=False)
    except ChipExportsError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return error.exit_code
    except click.ClickException as error:
        print(f"error: {' '.join(error.format_message().split())}", file=sys.stderr)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        print("stopped; the last good outputs are unchanged, the same command goes on", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # the reader of our output (head, less) went away: nothing to say, nowhere to say it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # not foreseen: the user meets one sentence all the same, the owner a log
        return _unforeseen(error)
    return result if isinstance(result, int) else 0


def _unforeseen(error: Exception) -> int:
    """Write the traceback to ``reports/unforeseen.log``, keys taken out, and say so in one sentence."""
    detail = "".join(traceback.format_exception(error))
    for name, value in os.environ.items():
        if name.endswith(("_KEY", "_TOKEN", "_SECRET")) and value:
            detail = detail.replace(value, f"<{name}>").replace(quote(value, safe=""), f"<{name}>")
    try:
        where = write_text_atomic(project_root() / "reports" / "unforeseen.log", detail)
    except ChipExportsError as failed:
        print(f"error: {type(error).__name__}, not foreseen; {failed}", file=sys.stderr)
        return ChipExportsError.exit_code
    print(
        f"error: {type(error).__name__}, not foreseen; the detail is in {where}, the last good outputs "
        "are unchanged",
        file=sys.stderr,
    )
    return ChipExportsError.exit_code


if __name__ == "__main__":
    raise SystemExit(main())
