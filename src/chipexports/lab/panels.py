"""What the exploring page shows for a view, as HTML: the answer, its figures, the months, the methods."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

import pandas as pd

from chipexports.forecast.distribution import YearPaths
from chipexports.lab.explore import View
from chipexports.lab.lab import FONT
from chipexports.words import text as words
from chipexports.words.answer import Answer, amount_range, answer_sentence, probability_words
from chipexports.words.reasons import reason_words, status_words

# narrow: the answer, then what can be turned, then the charts; wide: the controls beside them
_STYLE = """\
.cx-page { container-type: inline-size; overflow: visible; }
.cx-grid { display: grid; gap: 4px 24px; grid-template-columns: minmax(0, 1fr);
  grid-template-areas: "bar" "head" "controls" "charts" "more"; overflow: visible; }
.cx-grid > .cx-bar { grid-area: bar; } .cx-grid > .cx-head { grid-area: head; }
.cx-grid > .cx-controls { grid-area: controls; } .cx-grid > .cx-charts { grid-area: charts; }
.cx-grid > .cx-more { grid-area: more; }
.cx-grid > * { min-width: 0; margin: 0; }
@container (min-width: 800px) {
  .cx-grid { grid-template-columns: 22rem minmax(0, 1fr); grid-template-rows: auto auto auto 1fr;
    grid-template-areas: "bar head" "controls head" "controls charts" "controls more"; }
}
.cx-controls .widget-label { color: #1a1a1a; font-family: inherit; }
.cx-controls [class*="Collapse-header"], .cx-controls [class*="Collapse-header"] span {
  color: #1a1a1a; opacity: 1; }
.cx-proposals .widget-toggle-buttons { height: auto; flex-wrap: wrap; }
.cx { font-family: system-ui, -apple-system, "Segoe UI", Helvetica, Arial, "chipexports CJK", sans-serif;
  font-size: 14px; line-height: 1.5; color: #1a1a1a; white-space: normal; overflow-wrap: break-word; }
.cx p { margin: 8px 0 0; max-width: 48rem; }
.cx h2 { font-size: 15px; font-weight: 600; margin: 18px 0 0; }
.cx-facts { display: flex; flex-wrap: wrap; gap: 8px; }
.cx-facts div { background: #f4f5f6; border-radius: 6px; padding: 6px 12px; flex: 1 1 140px; }
.cx-facts span { color: #545454; font-size: 12px; display: block; }
.cx-facts b { font-size: 18px; font-weight: 600; }
.cx-note { color: #545454; } .cx-under { padding-left: 9.3rem; font-size: 13px; }
.cx-error { border-left: 4px solid #a3240f; background: #fdf3f1; padding: 8px 12px; color: #7a1a0b; }
.cx summary { cursor: pointer; margin: 10px 0 4px; font-weight: 600; }
.cx-scroll { overflow-x: auto; }
.cx table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
.cx th, .cx td { padding: 4px 12px 4px 0; text-align: right; border-bottom: 1px solid #d0d0d0;
  vertical-align: top; }
.cx th { font-weight: 600; }
.cx th:first-child, .cx td:first-child, .cx td.cx-words, .cx th.cx-words { text-align: left; }
.cx tr.all td { font-weight: 600; }
"""


@lru_cache(maxsize=1)
def style() -> str:
    """Return the page's style with the font of the Chinese words, which a machine need not have."""
    data = base64.b64encode(FONT.read_bytes()).decode()
    face = (
        '@font-face { font-family: "chipexports CJK"; '
        f'src: url(data:font/woff;base64,{data}) format("woff");\n'
        "  unicode-range: U+2014, U+2018-201D, U+2026, U+2E80-9FFF, U+F900-FAFF, U+FF00-FFEF; }\n"
    )
    return f"<style>{face}{_STYLE}</style>"


def _fact(label: str, value: str, name: str) -> str:
    return f'<div><span>{html.escape(label)}</span><b class="cx-{name}">{html.escape(value)}</b></div>'


def bold(sentence: str) -> str:
    """Return a sentence of the answer as HTML: what Markdown makes strong is strong."""
    return re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", html.escape(sentence))


def headline(view: View, answer: Answer, language: str) -> str:
    """Return the answer: its cards, the project's sentence, what is needed, and the scenario."""
    s, a = view.settings, answer

    def money(value: float) -> str:
        return words.money(value, s.currency, language)

    def say(key: str, **values: object) -> str:
        return words.text(f"desk.{key}", language, **values)

    threshold = money(s.threshold)
    cards = [
        _fact(say("published_year" if a.finished else "full_year", year=a.year), money(a.median), "median")
    ]
    if a.finished:
        truths = (("first_print", a.first_print), ("latest", a.latest))
        if not view.params.series:  # a file holds one value a month, not what was printed first
            cards += [_fact(say(name), money(value), name) for name, value in truths if value is not None]
    else:
        level, low, high = a.main
        range_ = amount_range(low, high, s.currency, language)
        cards.append(_fact(say("interval", level=words.percent(100 * level, 0)), range_, "interval"))
    cards.append(_fact(say("chance", threshold=threshold), probability_words(a, language), "chance"))
    if view.remaining and not view.passed:
        needed = money(view.needed_average or 0.0)
        cards.append(_fact(say("needed", threshold=threshold), needed, "needed"))
    notes = []
    if view.needed_growth is not None:
        notes.append(
            say("needed_growth", growth=words.percent(view.needed_growth, signed=True), threshold=threshold)
        )
    if s.growth is not None and view.remaining:
        growth, total = words.percent(s.growth, signed=True), view.scenario_total
        key = "no_scenario" if total is None else "scenario"
        notes.append(say(key, growth=growth, total=money(total or 0.0)))
    body = html.escape(words.text("join", language).join(notes))
    return (
        f'<div class="cx" aria-live="polite"><div class="cx-facts">{"".join(cards)}</div>'
        f'<p class="cx-answer">{bold(answer_sentence(a, language))}</p>'
        + (f'<p class="cx-note">{body}</p>' if body else "")
        + "</div>"
    )


def _table(
    head: Sequence[str], rows: Iterable[Sequence[str]], last: Sequence[str] = (), worded: int = -1
) -> str:
    """Return a table; column ``worded`` holds words, the row ``last`` is strong."""

    def cells(row: Sequence[str], tag: str) -> str:
        kinds = (' class="cx-words"' if n == worded else "" for n in range(len(row)))
        return "".join(f"<{tag}{kind}>{html.escape(c)}</{tag}>" for c, kind in zip(row, kinds, strict=True))

    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    body += f'<tr class="all">{cells(last, "td")}</tr>' if last else ""
    table = f"<table><thead><tr>{cells(head, 'th')}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="cx-scroll">{table}</div>'


def months(view: View, language: str) -> str:
    """Return the months and the year-to-date as a table: what the charts show, for reading and copying."""
    unit = words.unit(view.settings.currency, language)
    names = ("month", "standing", "month_alone", "ytd")
    head = [words.text(f"desk.{name}", language, unit=unit) for name in names]

    def cell(row: pd.Series, kind: str) -> str:
        values = [view_number(row[f"{kind}_{q}"], view, language) for q in ("median", "q10", "q90")]
        if row["kind"] == "published":
            return values[0]
        return words.text("desk.with_range", language, median=values[0], low=values[1], high=values[2])

    rows = [
        [
            words.month(row["period"], language),
            words.text(f"desk.kind.{row['kind']}", language),
            cell(row, "month"),
            cell(row, "ytd"),
        ]
        for _, row in view.fan.iterrows()
    ]
    title = html.escape(words.text("desk.months_title", language))
    return f'<details class="cx"><summary>{title}</summary>{_table(head, rows, worded=1)}</details>'


def view_number(value: float, view: View, language: str) -> str:
    """Write an amount of a view without its unit."""
    scaled = words.scale(view.settings.currency, language) * value
    return words.number(scaled, words.decimals(scaled, language))


def methods(view: View, language: str) -> str:
    """Return the table of the methods: share, median, interval, probability, and why one is left out."""
    if not view.remaining:
        return ""
    by_method = view.forecast.by_method()
    unit = words.unit(view.settings.currency, language)
    names = ("method", "share", "median", "interval_in", "chance_short", "remark")
    head = [words.text(f"desk.{name}", language, unit=unit) for name in names]
    rows = []
    for name, status in view.forecast.methods.iterrows():
        label = words.text(f"method.{name}", language) if words.has(f"method.{name}") else str(name)
        used = status["status"] in ("used", "not needed")
        note = "" if used else remark(status, language)
        share = words.percent(100 * float(status["weight"]), 0)
        rows.append([label, share, *_quantiles(by_method.get(str(name)), view, language), note])
    last = [words.text("desk.combination", language), "", *_quantiles(view.forecast, view, language), ""]
    if not any(row[-1] for row in rows):  # all are used: nothing to remark
        head, rows, last = head[:-1], [row[:-1] for row in rows], last[:-1]
    title = html.escape(words.text("desk.methods_side_by_side", language))
    table = _table(head, rows, last, worded=5)
    return f'<details class="cx" open><summary>{title}</summary>{table}</details>'


def remark(status: pd.Series, language: str) -> str:
    """Return as plain text how a method stands and why, for a row of `FullYearForecast.methods`."""
    phrases = (
        status_words(status["status"], language),
        reason_words(status["reason_key"], status["reason_values"], language),
    )
    return words.text("desk.remark_of_method", language, status=phrases[0], reason=phrases[1])


def _quantiles(forecast: YearPaths | None, view: View, language: str) -> list[str]:
    if forecast is None:
        return ["–", "–", "–"]
    q10, q50, q90 = (view_number(forecast.quantile(q), view, language) for q in (0.1, 0.5, 0.9))
    chance = words.chance(forecast.probability_above(view.settings.threshold), language)
    return [q50, words.text("answer.range", language, low=q10, high=q90), chance]


def notes(language: str, series: object = None) -> str:
    """Return how to read the page and what it does not say."""
    parts = [
        f"<h2>{html.escape(words.text(f'desk.{key}.title', language))}</h2>"
        f"<p>{html.escape(words.text(words.own(f'desk.{key}', series), language))}</p>"
        for key in ("read", "limits")
    ]
    return f'<div class="cx">{"".join(parts)}</div>'


def line(sentence: str) -> str:
    """Return a short line set under the control it belongs to."""
    return f'<div class="cx cx-note cx-under">{html.escape(sentence)}</div>'


def problem(sentence: str) -> str:
    """Return an error as one sentence in a box that screen readers announce."""
    return f'<div class="cx cx-error" role="alert">{html.escape(sentence)}</div>'


def saved(path: str, command: str, language: str) -> str:
    """Return what to say after the settings were saved."""
    sentence = html.escape(words.text("desk.saved", language, path=path))
    return f'<div class="cx" role="status">{sentence} <code>{html.escape(command)}</code></div>'
