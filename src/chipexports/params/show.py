"""The list of parameters as text, for the terminal and for the README."""

from __future__ import annotations

import textwrap

from chipexports.params.model import describe


def parameter_table(*, markdown: bool = False) -> str:
    """Return every parameter with its type, default, unit (or choices) and meaning, as lines or Markdown."""
    rows = describe()
    if markdown:
        head = "| parameter | type | default | unit or choices | meaning |\n|---|---|---|---|---|\n"
        for r in rows:
            r["name"], r["unit"] = f"`{r['name']}`", r["unit"].replace("|", "or")
        return head + "\n".join(f"| {' | '.join(r.values())} |" for r in rows)
    return "\n".join(_entry(row) for row in rows)


def _entry(row: dict[str, str]) -> str:
    details = f"{row['type']}; default {row['default']}" + (f"; {row['unit']}" if row["unit"] else "")
    indent = " " * 16
    wrapped = textwrap.fill(details, 100, initial_indent=indent, subsequent_indent=indent)
    return f"{row['name']:<16}{row['meaning']}\n{wrapped}"
