"""How far to trust it: errors, coverage and widths of the same procedure in years that are over."""

from __future__ import annotations

from chipexports.report.document import Block, Paragraph, Section
from chipexports.report.materials import Materials
from chipexports.report.numbers import Row

BASELINE = "growth_ytd"
PANEL = "panel"
COLUMNS = ("method", "months_published", "n_cases", "outturn_mape_pct", "outturn_coverage_80")


def section(m: Materials) -> Section:
    """Return the section."""
    title = m.say("trust.title")
    if not m.numbers.has("scores", *COLUMNS):
        return Section("trust", title, (m.note("missing_table", table=m.word("table", "scores")),))
    blocks: list[Block] = [Paragraph(m.say("trust.intro"))]
    series = _series(m)
    own = f"{m.flow}_{m.currency}"
    panel = PANEL if PANEL in series else next((name for name in series if name != own), "")
    blocks += _of_series(m, panel)
    if own in series:
        blocks += _own(m, own)
    blocks += [m.picture("backtest_errors"), m.picture("backtest_coverage"), Paragraph(m.say("trust.limits"))]
    return Section("trust", title, tuple(blocks))


def _series(m: Materials) -> list[str]:
    """Return the series of the scores, in the order of the table."""
    table = m.numbers.table("scores")
    return [str(name) for name in dict.fromkeys(table["series"])] if "series" in table else [""]


def _own(m: Materials, own: str) -> list[Block]:
    """Say how the procedure did on the run's own series; too few cases for shares or a table."""
    ours, theirs = _scores(m, own, "combination").get("all"), _scores(m, own, BASELINE).get("all")
    if ours is None:
        return []
    words = m.say(
        "trust.own",
        flow=m.word("flow", m.flow),
        n=ours.integer("n_cases"),
        ours=ours.percent("outturn_mape_pct"),
    )
    if theirs is not None:
        baseline = m.say("trust.baseline", theirs=theirs.percent("outturn_mape_pct"))
        words = m.say("join", first=words, second=baseline)
    return [Paragraph(words)]


def _scores(m: Materials, series: str, method: str) -> dict[str, Row]:
    where = {"series": series} if series else {}
    return {str(row["months_published"]): row for row in m.numbers.rows("scores", method=method, **where)}


def _of_series(m: Materials, series: str) -> list[Block]:
    ours, theirs = _scores(m, series, "combination"), _scores(m, series, BASELINE)
    if not ours:
        return []
    blocks: list[Block] = []
    name = m.word("report.series", series) if series else ""
    if "all" in ours:
        given = {
            "n": ours["all"].integer("n_cases"),
            "ours": ours["all"].percent("outturn_mape_pct"),
            "coverage": ours["all"].share("outturn_coverage_80"),
            "series": name,
        }
        blocks.append(Paragraph(m.say("trust.overall", **given)))
        if "all" in theirs:
            blocks.append(
                Paragraph(m.say("trust.baseline", theirs=theirs["all"].percent("outturn_mape_pct")))
            )
    rows = []
    for months, row in sorted(ours.items(), key=lambda item: (item[0] == "all", item[0].zfill(2))):
        other = theirs.get(months)
        rows.append(
            [
                m.say("trust.all") if months == "all" else row.integer("months_published"),
                row.integer("n_cases"),
                row.percent("outturn_mape_pct"),
                other.percent("outturn_mape_pct") if other else "–",
                row.share("outturn_coverage_80"),
                row.share("outturn_coverage_95") if row.known("outturn_coverage_95") else "–",
                row.percent("outturn_width_80_pct") if row.known("outturn_width_80_pct") else "–",
            ]
        )
    names = ["months_published", "cases", "error", "baseline_error", "coverage80", "coverage95", "width80"]
    strong = tuple(i for i, row in enumerate(rows) if row[0] == m.say("trust.all"))
    blocks.append(m.table("trust", names, rows, "nnnnnnn", strong=strong, values={"series": name}))
    return blocks
