"""The tables of ``data/raw``: what is made of them is kept until one of them changes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, TypeVar, cast

from chipexports.base.errors import UsageError
from chipexports.base.paths import raw_dir

F = TypeVar("F", bound=Callable[..., Any])


def table_path(name: str) -> Path:
    """Return where a shipped table lies, which must be there; ``name`` is relative to ``data/raw``."""
    path = raw_dir() / name
    if not path.is_file():
        raise _missing(path)
    return path


def _missing(path: Path) -> UsageError:
    return UsageError(f"{path}: the file is missing; take it from the repository again")


def _stamps(names: tuple[str, ...]) -> Iterator[tuple[str, int, int]]:
    """Yield path, time of change and size of shipped tables, and of all that a name with a star fits."""
    raw = raw_dir()
    for name in names:
        for path in sorted(raw.glob(name)) if "*" in name else [raw / name]:
            try:
                state = path.stat()
            except FileNotFoundError as error:
                raise _missing(path) from error
            yield str(path), state.st_mtime_ns, state.st_size


def kept_for(*names: str, most: int = 4) -> Callable[[F], F]:
    """Keep what a function returns, by its arguments, as long as the tables named are as they were.

    Names are relative to ``data/raw``; one with a star stands for every table that it fits, of which there
    may be none. At ``most`` so many answers are kept, which nobody may change.
    """

    def decorate(function: F) -> F:
        @lru_cache(maxsize=most)
        def keep(_stamps: tuple, *args: Hashable) -> Any:
            return function(*args)

        @wraps(function)
        def look_up(*args: Hashable) -> Any:
            return keep(tuple(_stamps(names)), *args)

        look_up.cache_clear = keep.cache_clear  # type: ignore[attr-defined]
        return cast(F, look_up)

    return decorate
