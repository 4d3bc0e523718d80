"""How the year's total looked after each month."""

from __future__ import annotations

from chipexports.report.document import Block, Paragraph, Section
from chipexports.report.materials import Materials
from chipexports.report.sections.answer import combination

COLUMNS = ("target_year", "months_published", "as_of", "median", "q10", "q90")


def section(m: Materials) -> Section:
    """Return the section."""
    blocks: list[Block] = []
    if not m.numbers.has("evolution", *COLUMNS):
        blocks.append(m.note("missing_table", table=m.word("table", "evolution")))
        return Section("evolution", m.say("evolution.title"), tuple(blocks))
    blocks += [Paragraph(m.say("evolution.intro")), m.picture("evolution"), *_table(m)]
    return Section("evolution", m.say("evolution.title"), tuple(blocks))


def _table(m: Materials) -> list[Block]:
    found = m.numbers.rows("evolution", target_year=m.year)
    if not found:
        return [m.note("evolution.not_this_year", year=combination(m).year("target_year"))]
    rows = []
    for row in found:
        low = row.money("q10", m.currency, unit=False)
        span = m.say("pattern.range", low=low, high=row.money("q90", m.currency, unit=False))
        cells = [row.integer("months_published"), row.day("as_of")]
        rows.append([*cells, row.money("median", m.currency, unit=False), span])
    values = {"year": combination(m).year("target_year")}
    names = ["months_published", "known_on", "forecast", "interval80"]
    return [m.table("evolution", names, rows, "ntnn", values=values)]
