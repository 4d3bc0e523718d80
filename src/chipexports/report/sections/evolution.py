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
    rows = [
        [
            row.integer("months_published"),
            row.day("as_of"),
            row.money("median", m.currency, unit=False),
            m.say(
                "pattern.range",
                low=row.money("q10", m.currency, unit=False),
                high=row.money("q90", m.currency, unit=False),
            ),
            row.chance("p_above") if row.known("p_above") else "–",
        ]
        for row in found
    ]
    values = {"year": combination(m).year("target_year")}
    if found[-1].known("threshold"):
        values["threshold"] = found[-1].money("threshold", m.currency)
    key = "evolution" if "threshold" in values else "evolution.plain"
    names = ["months_published", "known_on", "forecast", "interval80", "p_above"]
    return [m.table(key, names, rows, "ntnnn", values=values)]
