"""The months still to come: the fan, the distribution of the total, the methods, what is needed."""

from __future__ import annotations

from chipexports.report.document import Block, Formula, Paragraph, Section, Table
from chipexports.report.materials import Materials
from chipexports.report.numbers import Row
from chipexports.report.sections.answer import combination
from chipexports.words.reasons import reason_words

TEX = r"T = \sum_{m=1}^{k} y_m + \sum_{m=k+1}^{12} \tilde{y}_m"
TYPST = "T = sum_(m=1)^k y_m + sum_(m=k+1)^12 tilde(y)_m"


def section(m: Materials) -> Section:
    """Return the section."""
    blocks: list[Block] = [Paragraph(m.say("fan.intro")), Formula(TEX, TYPST), m.picture("fan")]
    blocks += _months(m)
    blocks += [Paragraph(m.say("fan.distribution")), m.picture("distribution")]
    blocks += _methods(m)
    blocks += _needed(m)
    return Section("fan", m.say("fan.title"), tuple(blocks))


def _months(m: Materials) -> list[Block]:
    columns = ("period", "kind", "month_median", "month_q10", "month_q90", "ytd_median", "ytd_q10", "ytd_q90")
    if not m.numbers.has("fan", *columns):
        return [m.note("missing_table", table=m.word("table", "fan"))]
    rows = []
    for row in m.numbers.rows("fan"):
        published = row["kind"] == "published"
        spans = [_span(m, row, kind) if not published else "" for kind in ("month", "ytd")]
        rows.append(
            [
                row.month("period"),
                m.say(f"kind.{row['kind']}"),
                row.money("month_median", m.currency, unit=False),
                spans[0],
                row.money("ytd_median", m.currency, unit=False),
                spans[1],
            ]
        )
    names = ["month", "kind", "value", "interval80", "ytd", "ytd_interval80"]
    return [m.table("fan.months", names, rows, "ttnnnn")]


def _span(m, row, kind):  # type: ignore[no-untyped-def]
    low = row.money(f"{kind}_q10", m.currency, unit=False)
    return m.say("pattern.range", low=low, high=row.money(f"{kind}_q90", m.currency, unit=False))


def _needed(m: Materials) -> list[Block]:
    """Return what the remaining months must bring on average to reach the threshold."""
    columns = ("threshold", "months_remaining", "needed_monthly_average", "needed_growth_pct")
    if not m.numbers.has("needed", *columns):
        return []
    row = m.numbers.rows("needed")[0]
    if row.value("months_remaining") == 0:
        return []
    threshold = row.money("threshold", m.currency)
    if row.known("needed_total") and row.value("needed_total") == 0:
        return [Paragraph(m.say("fan.passed", threshold=threshold))]
    given = {"threshold": threshold, "needed": row.money("needed_monthly_average", m.currency)}
    words = m.say("fan.needed", **given)
    if row.known("needed_growth_pct") and row.known("last_year_monthly_average"):
        before = row.money("last_year_monthly_average", m.currency)
        growth = row.percent("needed_growth_pct", signed=True)
        words = m.say("join", first=words, second=m.say("fan.needed_before", before=before, growth=growth))
    return [Paragraph(words), m.picture("needed")]


def _methods(m: Materials) -> list[Block]:
    """Return the table of the methods with what each says, the combination last and strong."""
    columns = ("method", "weight", "median", "q10", "q90", "p_above")
    if not m.numbers.has("forecast", *columns):
        return []
    rows = []
    for row in m.numbers.rows("forecast"):
        low = row.money("q10", m.currency, unit=False)
        rows.append(
            [
                m.word("method", row["method"]),
                "" if row["method"] == "combination" else row.share("weight"),
                row.money("median", m.currency, unit=False),
                m.say("pattern.range", low=low, high=row.money("q90", m.currency, unit=False)),
                row.chance("p_above"),
            ]
        )
    names = ["method", "weight", "forecast", "interval80", "p_above"]
    strong = tuple(i for i, r in enumerate(m.numbers.rows("forecast")) if r["method"] == "combination")
    caption = {"threshold": combination(m).money("threshold", m.currency)}
    table: Table = m.table("fan.methods", names, rows, "tnnnn", strong=strong, values=caption)
    return [Paragraph(m.say("fan.methods")), table, *_left_out(m)]


def _left_out(m: Materials) -> list[Block]:
    """Return a line for each method that gave no forecast or was not used, with its reason."""
    if not m.numbers.has("methods", "method", "status", "reason_key", "reason_values"):
        return []
    rows = [row for row in m.numbers.rows("methods") if row["status"] not in ("used", "not needed")]
    return [
        m.note("fan.left_out", method=m.word("method", row["method"]), reason=_reason(m, row)) for row in rows
    ]


def _reason(m: Materials, row: Row) -> str:
    values = str(row["reason_values"]) if row.known("reason_values") else ""
    return row.text("reason_key", lambda key: reason_words(key, values, m.language))
