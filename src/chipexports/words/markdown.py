"""Tables and words of the record as Markdown that shows them as they are."""

from __future__ import annotations

import pandas as pd


def markdown_table(table: pd.DataFrame) -> str:
    """Return a table without its index as a Markdown pipe table, numbers to the right; "" without rows."""
    if table.empty:
        return ""
    numeric = [pd.api.types.is_numeric_dtype(table[c]) for c in table]
    rule = ["---:" if n else ":---" for n in numeric]
    rows = [[_cell(v) for v in row] for row in table.itertuples(index=False)]
    lines = [[str(c) for c in table.columns], rule, *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and pd.isna(value)) or value is pd.NA:
        return "–"
    if isinstance(value, float):
        return f"{value:,.1f}"
    if isinstance(value, int):
        return str(value)
    return plain(str(value))


# signs that Markdown, HTML or MathJax would read as theirs, as what shows them
_SIGNS = str.maketrans({sign: f"&#{ord(sign)};" for sign in "&<>|[]`$\\"})


def plain(words: str) -> str:
    """Return words from the record as Markdown that shows them as they are: no tag, link, image or formula.

    >>> plain("<b>a|b</b>")
    '&#60;b&#62;a&#124;b&#60;/b&#62;'
    """
    return " ".join(words.split()).translate(_SIGNS)
