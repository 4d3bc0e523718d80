"""Why the forecast moved since the release before."""

from __future__ import annotations

from chipexports.report.document import Block, Paragraph, Section
from chipexports.report.materials import Materials


def section(m: Materials) -> Section:
    """Return the section."""
    title = m.say("news.title")
    if not m.numbers.has("news", "step", "contribution", "total"):
        return Section("news", title, (m.note("news.none"),))
    rows = m.numbers.rows("news")
    ends = {str(row["step"]): row for row in rows if row["step"] in ("start", "end")}
    blocks: list[Block] = []
    if len(ends) == 2:
        low, high = ends["start"], ends["end"]
        key = "news.same" if low.value("total") == high.value("total") else "news.moved"
        start, end = low.money("total", m.currency), high.money("total", m.currency)
        blocks.append(Paragraph(m.say(key, start=start, end=end)))
    shown = [
        [
            m.say(f"step.{row['step']}"),
            row.month("period") if row.known("period") and str(row["period"])[:2].isdigit() else "",
            ""
            if row["step"] in ("start", "end")
            else row.money("contribution", m.currency, unit=False, signed=True),
            row.money("total", m.currency, unit=False),
        ]
        for row in rows
    ]
    strong = tuple(i for i, row in enumerate(rows) if row["step"] in ("start", "end"))
    table = m.table("news", ["step", "month", "contribution", "total"], shown, "ttnn", strong=strong)
    return Section("news", title, (*blocks, m.picture("moved"), table))
