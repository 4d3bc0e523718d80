"""The article's claims, where the run has them."""

from __future__ import annotations

from chipexports.report.document import Block, Paragraph, Section
from chipexports.report.materials import Materials

VERDICTS = ("holds", "holds_with_remark", "does_not_hold", "cannot_be_checked")


def section(m: Materials) -> Section | None:
    """Return the section; None for a run without claims."""
    lang = m.language
    if not m.numbers.has("claims", "claim_id", f"text_{lang}", "verdict", f"reason_{lang}"):
        return None
    found = m.numbers.rows("claims")
    parts = []
    for verdict in VERDICTS:
        members = [row for row in found if row["verdict"] == verdict]
        if members:
            name = m.word("verdict", verdict)
            parts.append(m.say("claims.part", n=m.numbers.count("claims", members), verdict=name))
    intro = m.say("claims.intro", n=m.numbers.count("claims", found), parts=m.say("list_comma").join(parts))
    rows = [
        [
            row.text("claim_id"),
            row.text(f"text_{lang}"),
            row.text(f"record_says_{lang}") if row.known(f"record_says_{lang}") else "–",
            f"**{m.word('verdict', row['verdict'])}**",
            row.text(f"reason_{lang}"),
        ]
        for row in found
    ]
    names = ["number", "claim", "record_says", "verdict", "why"]
    table = m.table("claims", names, rows, "ttttt", widths=(0.7, 3.1, 3.1, 1.6, 3.5))
    blocks: list[Block] = [Paragraph(intro), table]
    return Section("claims", m.say("claims.title"), tuple(blocks))
