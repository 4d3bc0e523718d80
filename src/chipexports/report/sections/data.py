"""The data: the last months with their basis, how many months rest on what, checks, what is missing."""

from __future__ import annotations

from collections import Counter

from chipexports.base import units
from chipexports.report.document import Block, Paragraph, Section
from chipexports.report.materials import Materials
from chipexports.report.numbers import Row

LAST_MONTHS = 14
VERDICTS = ("ok", "explained", "fails")


def section(m: Materials) -> Section:
    """Return the section."""
    title, value, basis = m.say("data.title"), units.VALUE[m.currency], units.BASIS[m.currency]
    if not m.numbers.has("monthly", "period", "flow", value, basis):
        return Section("data", title, (m.note("missing_table", table=m.word("table", "monthly")),))
    rows = [row for row in m.numbers.rows("monthly", flow=m.flow) if row.known(value)]
    if not rows:
        return Section("data", title, (m.note("data.none", flow=m.word("flow", m.flow)),))
    given = {
        "n": m.numbers.count("monthly", rows),
        "first": rows[0].month("period"),
        "last": rows[-1].month("period"),
        "flow": m.word("flow", m.flow),
    }
    blocks: list[Block] = [Paragraph(m.say("data.intro", **given)), _by_basis(m, rows, basis)]
    blocks += [_recent(m, rows[-LAST_MONTHS:], value, basis), *_checks(m), *_missing(m)]
    return Section("data", title, tuple(blocks))


def _by_basis(m: Materials, rows: list[Row], basis: str) -> Block:
    groups = Counter(str(row[basis]) for row in rows)
    shown = []
    for name in sorted(groups, key=lambda item: (-groups[item], item)):
        members = [row for row in rows if str(row[basis]) == name]
        shown.append(
            [
                m.say(f"basis.{name}"),
                m.numbers.count("monthly", members),
                members[0].month("period"),
                members[-1].month("period"),
            ]
        )
    return m.table("data.basis", ["basis", "months", "first", "last"], shown, "tntt", widths=(5, 1, 1.4, 1.4))


def _recent(m: Materials, rows: list[Row], value: str, basis: str) -> Block:
    error = units.ERROR[m.currency]
    shown = [
        [
            row.month("period"),
            row.money(value, m.currency, unit=False),
            row.money(error, m.currency, unit=False) if row.known(error) else "",
            m.say(f"basis.{row[basis]}"),
        ]
        for row in rows
    ]
    return m.table(
        "data.recent", ["month", "value", "error_se", "basis"], shown, "tnnt", widths=(1.3, 1, 1, 4)
    )


def _checks(m: Materials) -> list[Block]:
    if not m.numbers.has("checks", "verdict"):
        return []
    groups = {name: m.numbers.rows("checks", verdict=name) for name in VERDICTS}
    counts = {name: m.numbers.count("checks", rows) for name, rows in groups.items()}
    total = m.numbers.count("checks", m.numbers.rows("checks"))
    return [Paragraph(m.say("data.checks", total=total, **counts))]


def _missing(m: Materials) -> list[Block]:
    columns = ("period", "flow", "currency", "due", "why")
    if not m.numbers.has("missing", *columns):
        return [Paragraph(m.say("data.nothing_missing"))]
    shown = [
        [
            row.month("period"),
            m.word("flow", row["flow"]),
            m.word("currency", row["currency"]),
            row.day("due"),
        ]
        for row in m.numbers.rows("missing")
    ]
    return [m.table("data.missing", ["month", "flow", "currency", "due"], shown, "tttt")]
