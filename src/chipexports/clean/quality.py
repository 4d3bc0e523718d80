"""In plain words: how many months are printed, derived, converted, estimated, and what is missing."""

from __future__ import annotations

import pandas as pd

from chipexports.clean.arithmetic import BASES
from chipexports.clean.checks import failing
from chipexports.words.text import number, text

DIRECT = ("ytd_difference", "printed", "growth_backed_out")


def quality_text(
    monthly: pd.DataFrame,
    checks: pd.DataFrame,
    missing: pd.DataFrame,
    language: str = "en",
    *,
    hidden: pd.DataFrame | None = None,
) -> str:
    """Return ``quality.md``: Markdown in ``language``, every number computed from the tables.

    Parameters
    ----------
    monthly : DataFrame
        As `chipexports.clean.monthly.monthly_series` returns.
    checks : DataFrame
        As `chipexports.clean.checks.check_releases` returns.
    missing : DataFrame
        As `chipexports.record.vintage.missing_releases` returns.
    language : {"en", "zh"}
        Language of the text.
    hidden : DataFrame, optional
        As `chipexports.clean.evaluate.hidden_months` returns: how far estimates are off.

    Returns
    -------
    str
        Markdown.
    """
    lines = [f"# {text('quality.title', language)}", ""]
    span = {"first": monthly["period"].min(), "last": monthly["period"].max()}
    lines += [text("quality.span", language, **span), *_excluded(monthly, language)]
    for flow, rows in monthly.groupby("flow", sort=True):
        lines += ["", f"## {text(f'flow.{flow}.title', language)}", ""]
        lines += [f"- {line}" for line in _flow_lines(rows, language)]
    if hidden is not None and not hidden.empty:
        lines += ["", f"## {text('quality.hidden.title', language)}", "", *_hidden(hidden, language)]
    lines += ["", f"## {text('quality.checks.title', language)}", "", *_checks(checks, language)]
    lines += ["", f"## {text('quality.missing.title', language)}", "", _missing(missing, language), ""]
    return "\n".join(lines)


def basis_counts(rows: pd.DataFrame, column: str) -> dict[str, int]:
    """Return the number of months by basis outside the excluded window."""
    counts = rows.loc[~rows["excluded"].astype(bool), column].value_counts()
    return {basis: int(counts[basis]) for basis in BASES if basis in counts}


def _flow_lines(rows: pd.DataFrame, language: str) -> list[str]:
    """Return the sentences about one flow: months by basis, first direct month, error of estimates."""
    lines = []
    joint = ", " if language == "en" else "，"
    for name in ("cny", "usd", "quantity"):
        counts = basis_counts(rows, f"basis_{name}")
        parts = [
            text("quality.part", language, n=n, basis=text(f"quality.basis.{basis}", language))
            for basis, n in counts.items()
        ]
        measure = text(f"quality.measure.{name}", language)
        total = sum(counts.values())
        lines.append(text("quality.measure", language, measure=measure, n=total, parts=joint.join(parts)))
    since = _direct_since(rows)
    if since is not None:
        lines.append(text("quality.first_direct", language, month=since))
    share = (rows["se_cny_100mn"] / rows["value_cny_100mn"])[~rows["excluded"].astype(bool)].dropna()
    if not share.empty:
        lines.append(text("quality.error", language, share=f"{number(100 * share.median())}%"))
    return lines


def _direct_since(rows: pd.DataFrame) -> str | None:
    """Return the first month from which on the customs' own figures give most months directly."""
    direct = rows[rows["basis_cny"].isin(DIRECT)]
    years = direct["period"].str[:4].value_counts()
    full = sorted(str(year) for year, n in years.items() if n >= 6)
    if not full:
        return None
    return str(direct.loc[direct["period"].str[:4] == full[0], "period"].min())


def _excluded(monthly: pd.DataFrame, language: str) -> list[str]:
    window = monthly.loc[monthly["excluded"].astype(bool), "period"]
    if window.empty:
        return []
    words = text("quality.excluded", language, n=window.nunique(), first=window.min(), last=window.max())
    return ["", words]


def _hidden(hidden: pd.DataFrame, language: str) -> list[str]:
    lines = [text("quality.hidden", language), ""]
    for row in hidden.to_dict("records"):
        words = text(
            "quality.hidden.case",
            language,
            of=text(f"label.{row['of']}", language),
            years=row["hidden"],
            known=text(f"label.{row['known']}", language),
            months=row["months"],
            mape=number(row["mape_pct"]),
            plain=number(row["plain_mape_pct"]),
            ratio=number(row["ratio"], 2),
        )
        lines.append(f"- {words}")
    return lines


def _checks(checks: pd.DataFrame, language: str) -> list[str]:
    counts = checks["verdict"].value_counts()
    tally = {name: int(counts.get(name, 0)) for name in ("ok", "explained", "fails")}
    lines = [text("quality.checks", language, n=len(checks), **tally)]
    for check in failing(checks).to_dict("records"):
        words = text(
            "quality.checks.fails",
            language,
            check=check["check"],
            flow=text("flow." + check["flow"], language),
            period=check["period"],
            measure=check["measure"],
            left=number(check["left"], 2),
            right=number(check["right"], 2),
            tolerance=number(check["tolerance"], 2),
            rows=check["rows"],
        )
        lines.append(f"- {words}")
    return lines


def _missing(missing: pd.DataFrame, language: str) -> str:
    if missing.empty:
        return text("quality.missing.none", language)
    tables = [
        text(
            "quality.missing.table",
            language,
            period=row.period,
            flow=text(f"flow.{row.flow}", language),
            currency=row.currency,
            due=row.due,
        )
        for row in missing.itertuples(index=False)
    ]
    return text("quality.missing", language, tables=("; " if language == "en" else "；").join(tables))
