"""The source line of a figure, built from the rows that are plotted, so that it cannot go stale."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

import pandas as pd

from chipexports.words import text as words


def source_line(
    language: str,
    publishers: Sequence[str],
    *,
    as_of: str = "",
    last: str | pd.Period | None = None,
    estimated: bool = False,
    forecast: bool = False,
    note: str = "",
) -> str:
    """Return the source line, empty parts left out; a publisher the glossary lacks is taken for a file."""
    names = [
        words.text(f"source.{key}", language) if words.has(f"source.{key}") else PurePath(key).name
        for key in publishers
    ]
    own = [key for key, used in (("own_estimates", estimated), ("own_forecasts", forecast)) if used]
    names += [words.text(f"source.{key}", language) for key in own]
    joint = words.text("source.joint", language)
    parts = [words.text("source.line", language, names=joint.join(names))] if names else []
    when = {
        "last": words.month(last, language) if last is not None else "",
        "as_of": words.day(as_of, language) if as_of else "",
    }
    key = "_and_".join(item for item, value in when.items() if value)
    if key:
        parts.append(words.text(f"source.{key}", language, **when))
    parts.append(note)
    return ("" if language == "zh" else " ").join(part for part in parts if part)
