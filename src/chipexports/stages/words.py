"""The answer in words: a paragraph for readers, and the lines a run ends with."""

from __future__ import annotations

import pandas as pd

from chipexports.base import units
from chipexports.run import tables
from chipexports.words.text import chance, day, money, month, percent, text


def answer_words(row: pd.Series, language: str, months: str) -> str:
    """Return the answer in one paragraph from a row of ``forecast.csv``.

    Parameters
    ----------
    row : Series
        A row of ``forecast.csv``.
    language : {"en", "zh"}
        Language of the words.
    months : str
        "YYYY-MM", the last month published.

    Returns
    -------
    str
        Amounts in billions, probability in words.
    """
    c = str(row["currency"])
    amounts = ("published_total", "median", "q10", "q90", "q025", "q975", "threshold")
    words = text(
        "notebook.06.answer",
        language,
        **{name: money(row[name], c, language) for name in amounts},
        year=row["target_year"],
        flow=text(f"flow.{row['flow']}", language),
        as_of=day(row["as_of"], language),
        last=month(months, language),
        probability=chance_words(row, language),
    )
    if pd.isna(row["outturn"]):
        return words
    error = 100 * (row["median"] / row["outturn"] - 1)
    return words + text(
        "notebook.06.outturn",
        language,
        outturn=money(row["outturn"], c, language),
        error=percent(error, signed=True),
    )


def chance_words(row: pd.Series, language: str) -> str:
    """Return the probability above the threshold; what is simulated is never called certain.

    Parameters
    ----------
    row : Series
        A row of ``forecast.csv``.
    language : {"en", "zh"}
        Language of the words.

    Returns
    -------
    str
        Such as "above 99%".
    """
    open_year = int(row["months_published"]) < 12
    slack = 1e-6 if open_year and row["published_total"] <= row["threshold"] else 0.0
    return chance(min(max(float(row["p_above"]), slack), 1 - slack), language)


def answer_line(run: str) -> str:
    """Return what a run ends with, from its tables: the answer, and what the record lacks."""
    row = tables.load(run, "forecast").iloc[-1]
    c = str(row["currency"])
    b = {k: f"{units.billions(row[k], c):,.1f}" for k in ("median", "q10", "q90", "threshold")}
    line = (
        f"Full year {row['target_year']} {row['flow']}s, known to {row['as_of']}: {b['median']} bn {c} "
        f"(80 %: {b['q10']}–{b['q90']}); P(> {b['threshold']} bn {c}) = {chance_words(row, 'en')}"
    )
    if pd.notna(row["outturn"]):
        line += f"; outturn {units.billions(row['outturn'], c):,.1f}"
    return line + stale_words(run, str(row["flow"]), str(row["as_of"]))


def stale_words(run: str, flow: str, as_of: str) -> str:
    """Return the line that names the tables due by ``as_of`` and not in the record, or nothing."""
    due = tables.load(run, "missing")
    due = due[due["flow"] == flow]
    if due.empty:
        return ""
    named = ", ".join(f"{c} of {', '.join(part['period'])}" for c, part in due.groupby("currency"))
    return f"\nDue by {as_of} but not in the record: tables of {flow}s in {named}"
