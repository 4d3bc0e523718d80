"""Reading and writing the project's files: a reader never meets a half-written one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from chipexports.base.errors import ChipExportsError, UsageError

if TYPE_CHECKING:
    import pandas as pd

FLOAT_FORMAT = "%.10g"
# names and identifiers that look like numbers ("2024", "12e45678") and must stay text
TEXT_COLUMNS = ("run", "row_id", "rows", "rows_cny", "rows_usd", "rows_quantity", "period", "edition")


def write_bytes_atomic(path: str | Path, content: bytes, *, durable: bool = False) -> Path:
    """Write ``content`` to ``path`` by way of a temporary file in the same folder.

    The file at ``path`` is either the old one or the new one, never a part of either; missing
    folders are made.

    Parameters
    ----------
    path : str or Path
        Where it goes.
    content : bytes
        What is written.
    durable : bool
        Wait until the disk has it: what must outlive a power cut.

    Returns
    -------
    Path
        Where it lies.

    Raises
    ------
    ChipExportsError
        The disk is full, the folder is read-only, or another reason the system gives; the file
        that was there stays as it was.
    """
    path = Path(path)
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(handle)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ChipExportsError(
            f"{path}: could not be written ({reason}); the file that was there is unchanged"
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return path


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_text_atomic(path: str | Path, text: str) -> Path:
    """Write ``text`` as UTF-8, line ends as given, atomically; see `write_bytes_atomic`."""
    return write_bytes_atomic(path, text.encode("utf-8"))


def write_table(df: pd.DataFrame, path: str | Path) -> Path:
    r"""Write a table as CSV: UTF-8, ``\n`` line ends, ten significant digits, no index.

    Ten digits are far below any published rounding and make the bytes independent of the last
    bit of a sum, so that a rerun on another machine gives the same file.

    Parameters
    ----------
    df : DataFrame
        Its index is not written.
    path : str or Path
        Where it goes; missing folders are made.

    Returns
    -------
    Path
        Where the table lies.
    """
    return write_text_atomic(path, _csv(df))


def _csv(df: pd.DataFrame) -> str:
    return df.to_csv(index=False, float_format=FLOAT_FORMAT, lineterminator="\n")


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a table that `write_table` wrote; identifiers and months stay text.

    Parameters
    ----------
    path : str or Path
        The CSV file.

    Returns
    -------
    DataFrame
        Columns of ``TEXT_COLUMNS`` as text.

    Raises
    ------
    UsageError
        The file does not exist (the notebook that writes it has not run), or is no CSV table.
    """
    import pandas as pd

    path = Path(path)
    try:
        return pd.read_csv(path, dtype=dict.fromkeys(TEXT_COLUMNS, "str"), encoding="utf-8")
    except FileNotFoundError as error:
        raise UsageError(
            f"{path}: there is no such table; run the notebooks first, e.g. `python -m chipexports run "
            f"params/{path.parent.name}.yaml`"
        ) from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not a CSV table in UTF-8 ({str(error).strip()})") from error
