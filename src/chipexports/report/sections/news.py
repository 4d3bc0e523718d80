"""Why the forecast moved since the release before."""

from __future__ import annotations

from chipexports.report.document import Block, Paragraph, Section
from chipexports.report.materials import Materials
from chipexports.report.numbers import Row

ENDS = ("start", "end")
# for a new month: what was forecast for it and what came
ASKED = ("expected", "actual")


def section(m: Materials) -> Section:
    """Return the section."""
    title = m.say("news.title")
    if not m.numbers.has("news", "step", "contribution", "total"):
        return Section("news", title, (m.note("news.none"),))
    rows = m.numbers.rows("news")
    ends = {str(row["step"]): row for row in rows if row["step"] in ENDS}
    blocks: list[Block] = []
    if len(ends) == 2:
        low, high = ends["start"], ends["end"]
        key = "news.same" if low.value("total") == high.value("total") else "news.moved"
        start, end = low.money("total", m.currency), high.money("total", m.currency)
        blocks.append(Paragraph(m.say(key, start=start, end=end)))
    strong = tuple(i for i, row in enumerate(rows) if row["step"] in ENDS)
    names = ["step", "month", *ASKED, "contribution", "total"]
    table = m.table("news", names, [_cells(m, row) for row in rows], "ttnnnn", strong=strong)
    return Section("news", title, (*blocks, m.picture("moved"), table))


def _cells(m: Materials, row: Row) -> list[str]:
    """Return one step: its name, its month, forecast and outcome of a new month, its part, the total."""
    dated = row.known("period") and str(row["period"])[:2].isdigit()
    part = "" if row["step"] in ENDS else row.money("contribution", m.currency, unit=False, signed=True)
    return [
        m.say(f"step.{row['step']}"),
        row.month("period") if dated else "",
        *(row.money(name, m.currency, unit=False) if row.known(name) else "" for name in ASKED),
        part,
        row.money("total", m.currency, unit=False),
    ]
