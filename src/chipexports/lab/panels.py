"""What the exploring page shows for a view, as HTML: the headline, the figures, the methods' table."""

from __future__ import annotations

import base64
import html

import pandas as pd

from chipexports.forecast.distribution import YearPaths
from chipexports.lab.explore import View
from chipexports.words import text as words
from chipexports.words.reasons import reason_words, status_words

STYLE = """<style>
.cx { font-family: var(--jp-ui-font-family, system-ui, sans-serif); line-height: 1.45; color: #1a1a1a; }
.cx-facts { display: flex; flex-wrap: wrap; gap: 8px; }
.cx-facts div { background: #f4f5f6; border-radius: 6px; padding: 8px 12px; flex: 1 1 150px; }
.cx-facts span { color: #545454; font-size: 12px; display: block; }
.cx-facts b { font-size: 19px; font-weight: 600; }
.cx-note { color: #545454; margin: 8px 0 0; }
.cx-error { border-left: 4px solid #a3240f; background: #fdf3f1; padding: 8px 12px; color: #7a1a0b; }
.cx table { border-collapse: collapse; font-size: 13px; }
.cx th, .cx td { padding: 4px 12px 4px 0; text-align: right; border-bottom: 1px solid #d0d0d0; }
.cx th:first-child, .cx td:first-child { text-align: left; }
.cx tr.all td { font-weight: 600; }
.cx img { max-width: 100%; height: auto; display: block; }
</style>"""


def _fact(label: str, value: str, name: str) -> str:
    return f'<div><span>{html.escape(label)}</span><b class="cx-{name}">{html.escape(value)}</b></div>'


def headline(view: View, language: str) -> str:
    """Return the forecast, its interval, the probability and what is needed, as cards."""
    f, s = view.forecast, view.settings
    low, high = f.interval(0.8)

    def money(value: float) -> str:
        return words.money(value, s.currency, language)

    def bare(value: float) -> str:
        scaled = words.scale(s.currency, language) * value
        return words.number(scaled, words.decimals(scaled, language))

    def say(key: str, **values: object) -> str:
        return words.text(f"desk.{key}", language, **values)

    threshold = money(s.threshold)
    cards = [_fact(say("full_year", year=f.year), money(f.median), "median")]
    if view.remaining:
        cards += [
            _fact(say("interval"), say("range", low=bare(low), high=money(high)), "interval"),
            _fact(say("chance", threshold=threshold), words.chance(view.p_above, language), "chance"),
            _fact(
                say("needed", threshold=threshold),
                say("passed") if view.passed else money(view.needed_average or 0.0),
                "needed",
            ),
        ]
    notes = [say("published", n=f.months_published, total=money(f.published_total), remaining=view.remaining)]
    if view.needed_growth is not None:
        notes.append(say("needed_growth", growth=words.percent(view.needed_growth, signed=True)))
    if s.growth is not None:
        growth = words.percent(s.growth, signed=True)
        total = view.scenario_total
        known = total is not None
        notes.append(say("scenario" if known else "no_scenario", growth=growth, total=money(total or 0.0)))
    body = html.escape(say("join").join(notes))
    facts = f'<div class="cx-facts">{"".join(cards)}</div>'
    return f'{STYLE}<div class="cx">{facts}<p class="cx-note">{body}</p></div>'


def picture(view: View, name: str, language: str, dpi: int = 130) -> str:
    """Return a figure as an image with its alternative text; a sentence where it cannot be drawn."""
    from chipexports.charts.figure import FigureNotDrawn

    try:
        drawn = view.draw(name, language)
    except FigureNotDrawn as reason:
        return f'<p class="cx-note">{html.escape(str(reason))}</p>'
    data = base64.b64encode(drawn.png(dpi)).decode()
    alt = html.escape(drawn.alt, quote=True)
    width = round(96 * float(drawn.fig.get_size_inches()[0]))
    return f'<div class="cx"><img alt="{alt}" width="{width}" src="data:image/png;base64,{data}"></div>'


def methods(view: View, language: str) -> str:
    """Return the table of the methods: share, median, interval, probability, and why one is left out."""
    s, found = view.settings, view.forecast.by_method()
    unit = words.unit(s.currency, language)
    names = ("method", "share", "median", "interval_in", "chance_short", "remark")
    head = "".join(f"<th>{html.escape(words.text(f'desk.{n}', language, unit=unit))}</th>" for n in names)
    rows = []
    for name, status in view.forecast.methods.iterrows():
        label = words.text(f"method.{name}", language) if words.has(f"method.{name}") else str(name)
        cells = [label, words.percent(100 * float(status["weight"]), 0)]
        cells += _quantiles(found.get(str(name)), view, language)
        used = status["status"] in ("used", "not needed")
        cells.append("" if used else remark(status, language))
        rows.append("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in cells) + "</tr>")
    pooled = [words.text("desk.combination", language), "", *_quantiles(view.forecast, view, language), ""]
    rows.append('<tr class="all">' + "".join(f"<td>{html.escape(c)}</td>" for c in pooled) + "</tr>")
    return (
        f'<div class="cx"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )


def remark(status: pd.Series, language: str) -> str:
    """Say how a method stands and why, for a row of the methods table.

    Parameters
    ----------
    status : Series
        ``status``, ``reason_key`` and ``reason_values``: a row of `FullYearForecast.methods`.
    language : {"en", "zh"}
        Language of the words.

    Returns
    -------
    str
        One phrase; plain text, not HTML.
    """
    said = (
        status_words(status["status"], language),
        reason_words(status["reason_key"], status["reason_values"], language),
    )
    return words.text("desk.remark_of_method", language, status=said[0], reason=said[1])


def _quantiles(forecast: YearPaths | None, view: View, language: str) -> list[str]:
    if forecast is None:
        return ["–", "–", "–"]
    factor = words.scale(view.settings.currency, language)
    scaled = [factor * forecast.quantile(q) for q in (0.1, 0.5, 0.9)]
    q10, q50, q90 = (words.number(x, words.decimals(x, language)) for x in scaled)
    p = forecast.probability_above(view.settings.threshold)
    shown = words.chance(p, language)
    return [q50, words.text("desk.range", language, low=q10, high=q90), shown]


def line(sentence: str) -> str:
    """Return a short line set under the control it belongs to."""
    return f'<div class="cx" style="padding-left:9rem" aria-live="polite">{html.escape(sentence)}</div>'


def problem(sentence: str) -> str:
    """Return an error as one sentence in a box that screen readers announce."""
    return f'{STYLE}<div class="cx cx-error" role="alert">{html.escape(sentence)}</div>'


def saved(path: str, command: str, language: str) -> str:
    """Return what to say after the settings were saved."""
    said = html.escape(words.text("desk.saved", language, path=path))
    return f'<div class="cx" role="status">{said} <code>{html.escape(command)}</code></div>'
