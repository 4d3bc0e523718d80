"""What a notebook cell shows: words rendered from results, with a small table under them."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from chipexports.words.text import text


def markdown_table(table: pd.DataFrame) -> str:
    """Return ``table`` as a Markdown pipe table; text to the left, numbers to the right.

    Parameters
    ----------
    table : DataFrame
        What to show; its index is left out.

    Returns
    -------
    str
        Empty for a table without rows.
    """
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


@dataclass(frozen=True)
class Answer:
    """Sentences and a small table; renders as Markdown in notebooks and reports.

    Parameters
    ----------
    words : str
        The answer as Markdown, numbers already filled in.
    table : pandas.DataFrame
        Shown under the words; empty for none.
    """

    words: str
    table: pd.DataFrame = field(default_factory=pd.DataFrame)

    def _repr_markdown_(self) -> str:
        return "\n\n".join(part for part in (self.words, markdown_table(self.table)) if part)


def labelled(table: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return ``table`` with its columns named in ``language`` (glossary keys ``column.<name>``).

    Parameters
    ----------
    table : DataFrame
        Columns by their names in the tables.
    language : {"en", "zh"}
        Language of the words.

    Returns
    -------
    DataFrame
        A copy.
    """
    return table.rename(columns={c: text(f"column.{c}", language) for c in table.columns})
