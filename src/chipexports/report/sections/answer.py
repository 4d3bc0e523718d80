"""The answer: the year's total, how sure, and what is known of it already."""

from __future__ import annotations

from chipexports.report.document import Block, Paragraph, Section
from chipexports.report.materials import Materials
from chipexports.report.numbers import Row

YEAR = 12


def combination(m: Materials) -> Row:
    """Return the combination's row of ``forecast.csv``."""
    return m.numbers.row("forecast", method="combination")


def facts(m: Materials) -> tuple[tuple[str, str], ...]:
    """Return the figures at the top of the report: forecast, interval, probability, published."""
    row, c = combination(m), m.currency
    found = [(m.say("fact.forecast", year=row.year("target_year")), row.money("median", c))]
    if row.value("months_published") < YEAR:
        interval = m.say("pattern.range", low=row.money("q10", c, unit=False), high=row.money("q90", c))
        found.append((m.say("fact.interval"), interval))
        found.append((m.say("fact.above", threshold=row.money("threshold", c)), row.chance("p_above")))
    if row.value("months_published") > 0:
        label = m.say("fact.published", n=row.integer("months_published"))
        found.append((label, row.money("published_total", c)))
    return tuple(found)


def last_published(m: Materials) -> str:
    """Return the last month of the run's series as the reader's words; empty where there is none."""
    rows = m.numbers.rows("fan", kind="published") if m.numbers.has("fan", "kind", "period") else []
    return rows[-1].month("period") if rows else ""


def section(m: Materials) -> Section:
    """Return the section."""
    row, c = combination(m), m.currency
    given = {
        "as_of": row.day("as_of"),
        "year": row.year("target_year"),
        "flow": m.word("flow", m.flow),
        "median": row.money("median", c),
        "low": row.money("q10", c, unit=False),
        "high": row.money("q90", c),
        "low95": row.money("q025", c, unit=False),
        "high95": row.money("q975", c),
        "n": row.integer("months_published"),
        "total": row.money("published_total", c),
        "last": last_published(m),
    }
    blocks: list[Block] = []
    if row.value("months_published") == YEAR:
        blocks.append(Paragraph(m.say("answer.complete", **given), "lead"))
    else:
        blocks.append(Paragraph(m.say("answer.lead", **given), "lead"))
        passing = m.say("answer.threshold", threshold=row.money("threshold", c), p=row.chance("p_above"))
        known = "answer.published" if row.value("months_published") > 0 else "answer.nothing"
        blocks.append(Paragraph(m.say("join", first=passing, second=m.say(known, **given))))
    if row.known("outturn"):
        error = row.off("median", "outturn")
        blocks.append(
            Paragraph(
                m.say("answer.outturn", outturn=row.money("outturn", c), error=error, year=given["year"])
            )
        )
    blocks += _other_currency(m)
    if overdue := _overdue(m):
        blocks.append(overdue)
    return Section("answer", m.say("answer.title"), tuple(blocks))


def _other_currency(m: Materials) -> list[Block]:
    """Say the forecast in the other currency, from the same paths."""
    if not m.numbers.has("both_currencies", "currency", "median", "q10", "q90"):
        return []
    other = "USD" if m.currency == "CNY" else "CNY"
    rows = m.numbers.rows("both_currencies", currency=other)
    if not rows:
        return []
    row = rows[0]
    given = {
        "median": row.money("median", other),
        "low": row.money("q10", other, unit=False),
        "high": row.money("q90", other),
    }
    return [Paragraph(m.say("answer.other_currency", **given))]


def _overdue(m: Materials) -> Paragraph | None:
    """Return a note when releases of the run's own series are due and not in the record."""
    if not m.numbers.has("missing", "flow", "period"):
        return None
    where = {"flow": m.flow}
    if m.numbers.has("missing", "currency"):
        where["currency"] = m.currency
    rows = [r for r in m.numbers.rows("missing", **where) if str(r["period"])[:4] == str(m.year)]
    if not rows:
        return None
    months = m.say("list_comma").join(row.month("period") for row in rows)
    as_of = combination(m).day("as_of")
    return m.note("answer.overdue", months=months, as_of=as_of, last=last_published(m) or "–")
