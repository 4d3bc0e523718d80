"""What the template works with: the run's cells, tables and figures as Markdown, the computed reasons."""

from __future__ import annotations

import html
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Any

import pandas as pd

from chipexports.base.errors import ChipExportsError
from chipexports.base.paths import figures_dir
from chipexports.report.numbers import Numbers, Row, escaped, marks_off
from chipexports.results import Run
from chipexports.results.saved_figure import SavedFigure, saved_figures
from chipexports.series.own import LAG_DAYS
from chipexports.words import answer as answers
from chipexports.words import text as words
from chipexports.words.reasons import reason_words

#: methods that carry the present level forward, and those that carry growth forward
LEVEL = ("ets", "sarima", "ucm", "theta", "level_regression")
GROWTH = ("indicator", "pooled_growth", "growth_ytd", "growth_3m", "seasonal_naive")
WHY, STANDING = "report.why", "report.standing"
RECENT, SOURCES = 14, 15
_ADDRESS = re.compile(r"https?://[^\s<>\"）)\]]+")
_GROUP = re.compile(r'<g id="text_\d+">(.*?)</g>', flags=re.DOTALL)
_LINE = re.compile(r"<text[^>]*>([^<]*)</text>")
_BARE = re.compile(
    r"(?<![\w./@-])(?:[\w-]+\.)+(?:com|cn|org|net|tw|hk|wang|cc)\b(?![\w.])(?:/[^\s,;()（）]*)?", re.ASCII
)
_REPOSITORY = re.compile(
    r"GitHub (?P<repository>[\w.-]+/[\w.-]+)(?:@(?P<commit>[0-9a-f]{7,40}))?"
    r"(?: (?P<path>\w[\w./-]*[/.][\w./-]*\w))?"
)
_COMMIT = re.compile(r"\(commit ([0-9a-f]{7,40})")
_OWNED = re.compile(r"GitHub ([\w.-]+)/([\w.-]+?)(?:@|\s|$)")
# a repository named by its owner alone: "copy in owner repo", "GitHub owner .../page.html"
_OWNER = re.compile(r"\b(?:in|GitHub) (?P<owner>[\w-]+)(?= repo\b| \.{3}/)")


@dataclass
class Content:
    """A run opened for a report in one language; the template's only source."""

    run: Run
    language: str
    pictures: dict[str, SavedFigure] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.n = Numbers(self.run, self.language)
        self.answer = self.run.answer
        self.filters = self.n.filters()
        self._counts: Counter[str] = Counter()
        self._looked_up: dict[str, SavedFigure | None] = {}
        self.why_missing = self._compute()
        self._list_answer()

    # --- words
    def say(self, key: str, **values: object) -> str:
        """Return the glossary's ``report.<key>``."""
        return words.text(words.own(f"report.{key}", self.series), self.language, **values)

    @property
    def series(self) -> dict[str, Any] | None:
        """The run's series of its own; None on the customs' record."""
        return self.run.parameters.get("series")

    @property
    def file_words(self) -> str:
        """Name and hash of the files of a series of one's own."""
        files = (self.run.manifest.get("series") or {}).items()
        named = [
            f"`{PurePath(name).name}` (SHA-256 {self.n.fixed(str(digest)[:16], 'manifest')}…)"
            for name, digest in files
        ]
        return self.say("list_comma").join(named)

    @property
    def known_by(self) -> str:
        """What says when a month of a series of one's own became known."""
        about = self.series or {}
        if about.get("published_column"):
            return self.say("known_by.column", column=escaped(str(about["published_column"])))
        return self.say("known_by.lag", days=self.n.fixed(str(about.get("lag_days", LAG_DAYS)), "parameters"))

    def gaps(self) -> str:
        """Return the months of one's own series without a value, as spans; "" where none is missing."""
        lacking = [row for row in self.n.rows("monthly") if not row.value.known]
        for row in lacking:
            self.filters["month"](row.period)
        spans = answers.spans_of([str(row.period.value) for row in lacking])
        return self.say("list_comma").join(
            words.month(first, self.language)
            if first == last
            else words.text(
                "answer.span",
                self.language,
                first=words.month(first, self.language),
                last=words.month(last, self.language),
            )
            for first, last in spans
        )

    def own_recent(self) -> str:
        """Return the last months of a series of one's own."""
        f, c = self.filters, self.answer.currency
        rows = [
            [f["month"](row.period), f["bare"](row.value, c) if row.value.known else "–"]
            for row in self.n.rows("monthly")[-RECENT:]
        ]
        return self.table(
            self.say("recent.caption", unit=self.unit), ["month", "value"], rows, "tn", (1.5, 1.5)
        )

    def word(self, area: str, value: object) -> str:
        """Return the glossary's ``<area>.<value>``, or the value itself where it has none."""
        key = words.own(f"{area}.{value}", self.series)
        return words.text(key, self.language) if words.has(key) else escaped(str(value))

    def place(self, name: str) -> str:
        """Return a partner's name in the language."""
        key = "partner." + name.lower().replace(".", "").replace(" ", "_")
        return words.text(key, self.language) if words.has(key) else escaped(name)

    @property
    def unit(self) -> str:
        """The unit amounts are shown in."""
        return words.unit(self.answer.currency, self.language)

    @property
    def flow(self) -> str:
        """Exports or imports, as the language says it."""
        return words.flow_name(self.answer.flow, self.language)

    @property
    def title(self) -> str:
        """What the report is about; the name of a series of one's own begins it."""
        flow = words.flow_name(self.answer.flow, self.language, start=bool(self.series))
        return self.say("title", year=self.answer.year, flow=flow)

    @property
    def parts(self) -> dict[str, str]:
        """The sentences of the answer by what they say; "" for what there is not to say."""
        names = ("forecast", "published", "chance", "outturn", "unconfirmed", "estimated", "fitted")
        return dict.fromkeys(names, "") | answers.answer_parts(self.answer, self.language)

    @property
    def lead(self) -> str:
        """The answer in one line, for the head of a page and the citation."""
        return self.parts["forecast"].replace("**", "")

    def missing(self) -> str:
        """Return what is due and not in the record, or ""."""
        if not self.n.has("missing", "flow", "period", "currency"):
            return ""
        a = self.answer
        rows = self.n.rows("missing", flow=a.flow)
        for row in rows:
            self.filters["month"](row.period)
        return answers.missing_line(self.n.table("missing"), a.flow, a.as_of, self.language)

    # --- tables and figures
    def table(
        self,
        caption: str,
        columns: list[str],
        rows: list[list[str]],
        align: str,
        widths: tuple[float, ...] = (),
    ) -> str:
        """Return a numbered table in Markdown, "" without rows; ``columns`` are keys below ``report.column``.

        ``align`` has a letter a column, ``n`` for numbers and ``t`` for text; ``widths`` are relative.
        """
        if not rows:
            return ""
        heads = [self.say(f"column.{name}", unit=self.unit) for name in columns]
        if not widths:
            widths = tuple(
                max(_longest(head), *(min(28, _width(row[i])) for row in rows)) + 1.5
                for i, head in enumerate(heads)
            )
        dashes = [max(3, round(90 * share / sum(widths))) for share in widths]
        rule = [
            "-" * (d - 1) + ":" if a == "n" else ":" + "-" * (d - 1)
            for d, a in zip(dashes, align, strict=True)
        ]
        lines = ["| " + " | ".join(heads) + " |", "|" + "|".join(rule) + "|"]
        lines += ["| " + " | ".join(row) + " |" for row in rows]
        return "\n".join(lines) + f"\n\n: {self._label('table')}{caption}\n"

    def _label(self, kind: str) -> str:
        self._counts[kind] += 1
        return f"{self.say(f'word.{kind}')} {self._counts[kind]}{self.say('word.colon')}"

    def figure(self, name: str) -> str:
        """Return a figure of the run by name in Markdown, or one sentence that it is left out."""
        picture = self._picture(name)
        if picture is None:
            key = words.own(f"figure.{name}.name", self.series)
            label = words.text(key, self.language) if words.has(key) else name
            other = _saved(name, figures_dir(self.run.name))
            reason = "figure_language" if other else "figure_missing"
            return f"\n::: note\n{self.say(reason, name=label, run=self.run.name)}\n:::\n"
        self.pictures[name] = picture
        caption = self._label("figure") + escaped(_plain(picture))
        alt = " ".join(picture.alt.split()).replace('"', "'").replace("\\", "/")
        return f'\n![{caption}]({name}.svg){{alt="{alt}"}}\n'

    def has(self, name: str) -> bool:
        """Return whether the run saved a figure of this name, in whatever language."""
        return bool(self._picture(name) or _saved(name, figures_dir(self.run.name)))

    def _picture(self, name: str) -> SavedFigure | None:
        """Return a figure in the report's language; None where there is none."""
        if name not in self._looked_up:
            folder = figures_dir(self.run.name)
            if self.language != self.run.parameters.get("language", "en"):
                # always drawn anew: a picture of an earlier run may lie there
                if not self._draw(name):
                    self._looked_up[name] = None
                    return None
                folder = folder / self.language
            self._looked_up[name] = _saved(name, folder)
        return self._looked_up[name]

    def _draw(self, name: str) -> bool:
        """Draw one of the reports' own figures from the run's tables in the report's language."""
        from chipexports.charts import catalogue
        from chipexports.charts.figure import FigureNotDrawn

        settings = {**self.run.parameters, "language": self.language}
        if name == "why_doubled" and self.n.has(WHY, "item"):
            from chipexports.charts import why

            with suppress(FigureNotDrawn):
                why.doubled(pd.DataFrame(self.n.table(WHY)), settings, folder=self.language)
                return True
            return False
        entry = catalogue.FIGURES.get(name)
        if entry is None or not set(entry.tables) <= set(self.run.tables):
            return False  # drawn in a notebook's cell, which is not executed for a report
        tables = {table: pd.DataFrame(self.n.table(table)) for table in entry.tables}
        for key in ("run", "figure_formats"):
            settings.pop(key, None)
        drawn = catalogue.draw_and_save(
            name, tables, self.run.name, formats=("svg", "png"), folder=self.language, **settings
        )
        return not drawn.left_out

    @property
    def has_figures(self) -> bool:
        """Whether the run has any figure."""
        return bool(saved_figures(self.run.name))

    def facts(self) -> str:
        """Return the figures at the top: forecast, interval, probability, published."""
        a, c = self.answer, self.answer.currency
        level, low, high = a.main
        facts = [
            (
                self.say("fact.forecast" if not a.finished else "fact.finished", year=a.year),
                answers.amount(a.median, c, self.language),
            )
        ]
        if not a.finished:
            span = answers.amount_range(low, high, c, self.language)
            facts.append(
                (
                    self.say("fact.interval", level=f"{100 * level:g}"),
                    f"{span} {self.unit}" if self.language == "en" else span + self.unit,
                )
            )
        facts.append(
            (
                self.say("fact.above", threshold=answers.amount(a.threshold, c, self.language)),
                answers.probability_words(a, self.language),
            )
        )
        if 0 < a.months_published < 12:
            months = answers.months_of_year(a.months_published, a.year, self.language)
            facts.append(
                (
                    self.say("fact.published", months=months),
                    answers.amount(a.published_total, c, self.language),
                )
            )
        head = (
            "| "
            + " | ".join(label for label, _ in facts)
            + " |\n|"
            + "|".join(":" + "-" * 24 for _ in facts)
            + "|\n"
        )
        return f"::: facts\n{head}| " + " | ".join(f"**{value}**" for _, value in facts) + " |\n:::\n"

    # --- what is computed here
    def _compute(self) -> bool:
        """Add the tables of reasons and standings; whether they could not be made."""
        from chipexports.clean import known
        from chipexports.report.why import standing_table, why_table

        a = self.answer
        if self.series:
            self.n.add(WHY, pd.DataFrame())
            self.n.add(STANDING, pd.DataFrame())
            return True
        try:
            day = known(a.as_of, str(self.run.parameters.get("history_start", "2014-05")))
            self.n.add(WHY, why_table(day, a.year, a.flow))
            self.n.add(STANDING, standing_table(day, a.flow, a.currency))
        except (ChipExportsError, OSError):
            self.n.add(WHY, pd.DataFrame())
            self.n.add(STANDING, pd.DataFrame())
        return self.n.table(WHY).empty

    @property
    def computed(self) -> dict[str, pd.DataFrame]:
        """The tables this report computed, by name."""
        return {name: self.n.table(name) for name in (WHY, STANDING) if not self.n.table(name).empty}

    def why(self, item: str) -> Row | None:
        """Return the row of a reason."""
        return self.n.first(WHY, item=item) if self.n.has(WHY, "item") else None

    def whys(self, item: str) -> list[Row]:
        """Return all rows of a reason."""
        return self.n.rows(WHY, item=item) if self.n.has(WHY, "item") else []

    def span(self, row: Row) -> str:
        """Write the months a reason speaks of."""
        for name in ("first", "last"):
            self.filters["month"](row[name])
        first, last = (pd.Period(str(row[name].value), "M") for name in ("first", "last"))
        if first.month == 1 and first.year == last.year:
            return answers.months_of_year(last.month, last.year, self.language)
        key = "answer.span"
        return words.text(
            key, self.language, first=words.month(first, self.language), last=words.month(last, self.language)
        )

    def _list_answer(self) -> None:
        """Write down every number of the answer's sentences with its cell."""
        row, c, f = Row(self.n, "answer", len(self.n.table("answer")) - 1), self.answer.currency, self.filters
        amounts = [n for n in map(str, self.n.table("answer")) if n.startswith(("low_", "high_"))]
        amounts += ["median", "published_total", "threshold", "first_print", "latest", "outturn"]
        for name in [*amounts, "without_median", "without_low", "without_high"]:
            f["money"](row[name], c)
            f["bare"](row[name], c)
        for name in ("p_above", "without_p_above"):
            f["chance"](row[name])
        f["day"](row.as_of)
        f["month"](row.last_month)
        f["year"](row.target_year)
        for name in ("months_published", "months_fitted", "months_fitted_estimated"):
            f["number"](row[name])
        for name in ("quoted_once", "estimated"):
            months = str(row[name].value).split() if row[name].known else []
            for month in months:
                self.n.keep(words.month(month, self.language), "text of", row[name])
            self.n.keep(f"{len(months)}", "months of", row[name])
        for level, *_ in self.answer.intervals:
            self.n.keep(f"{100 * level:g}", "level", row[f"low_{100 * level:g}"])
        if self.answer.outturn:
            miss = 100 * (self.answer.median / self.answer.outturn - 1)
            self.n.keep(words.percent(abs(miss)), "per cent off", row.median, row.outturn)

    # --- the larger tables
    def range(self, low: object, high: object) -> str:
        """Write two cells as a range."""
        c = self.answer.currency
        pair = [self.filters["bare"](cell, c) for cell in (low, high)]
        return words.text("answer.range", self.language, low=pair[0], high=pair[1])

    def bounds(self, level: float) -> tuple[str, str]:
        """Return the names of the quantile columns of a level, "" where the tables lack them."""
        from chipexports.forecast.distribution import edges

        low, high = edges(level)
        return low, high

    def level_names(self, prefix: str, table: str) -> tuple[str, str, str]:
        """Return the level shown in a table, in per cent, and its columns: the main one, else 80%."""
        for level in (self.answer.main[0], 0.8):
            low, high = (prefix + name for name in self.bounds(level))
            if {low, high} <= set(self.n.table(table).columns):
                return f"{100 * level:g}", low, high
        return "", "", ""

    def months_table(self) -> str:
        """Return each month and the year to date."""
        level, low, high = self.level_names("month_", "fan")
        _, low_y, high_y = self.level_names("ytd_", "fan")
        if not level or not self.n.has("fan", "period", "kind", "month_median", "ytd_median"):
            return self.left_out("fan")
        f, c = self.filters, self.answer.currency
        rows = []
        for row in self.n.rows("fan"):
            published = row.kind.value == "published"
            rows.append(
                [
                    f["month"](row.period),
                    self.say(f"kind.{row.kind.value}"),
                    f["bare"](row.month_median, c),
                    "" if published else self.range(row[low], row[high]),
                    f["bare"](row.ytd_median, c),
                    "" if published else self.range(row[low_y], row[high_y]),
                ]
            )
        names = ["month", "kind", "value", "interval", "ytd", "interval"]
        return self.table(self.say("months.caption", unit=self.unit, level=level), names, rows, "ttnnnn")

    def left_out(self, table: str) -> str:
        """Return the sentence that a table is not there for this run."""
        return f"\n::: note\n{self.say('missing_table', table=self.word('table', table))}\n:::\n"

    def methods_table(self) -> str:
        """Return what each method says, the combination last."""
        level, low, high = self.level_names("", "forecast")
        if not level or not self.n.has("forecast", "method", "weight", "median", "p_above"):
            return self.left_out("forecast")
        f, c, rows = self.filters, self.answer.currency, []
        for row in self.n.rows("forecast"):
            name = str(row.method.value)
            strong = "**" if name == "combination" else ""
            camp = (
                self.say("camp.level") if name in LEVEL else self.say("camp.growth") if name in GROWTH else ""
            )
            cells = [
                self.word("method", name),
                camp,
                "" if strong else f["share"](row.weight),
                f["bare"](row.median, c),
                self.range(row[low], row[high]),
                answers.probability_words(self.answer, self.language)
                if strong and (self.answer.passed or self.answer.finished)
                else f["chance"](row.p_above),
            ]
            rows.append([f"{strong}{cell}{strong}" if cell else "" for cell in cells])
        names = ["method", "camp", "weight", "forecast", "interval", "p_above"]
        caption = self.say(
            "methods.caption",
            unit=self.unit,
            level=level,
            threshold=answers.amount(self.answer.threshold, c, self.language),
        )
        return self.table(caption, names, rows, "ttnnnn")

    def camp(self, names: tuple[str, ...]) -> str:
        """Return the methods of a camp with their medians, joined; "" where the run has none."""
        if self.answer.finished:
            return ""
        rows = [row for row in self.n.rows("forecast") if row.method.value in names]
        c = self.answer.currency
        medians = [
            f"{self.word('method', row.method.value)} {self.filters['bare'](row.median, c)}" for row in rows
        ]
        return self.say("list_comma").join(medians)

    @property
    def camps(self) -> tuple[str, str]:
        """The two camps: level and growth."""
        return self.camp(LEVEL), self.camp(GROWTH)

    def not_used(self) -> list[str]:
        """Return the methods not in the pool with the reason."""
        if not self.n.has("methods", "method", "status", "reason_key", "reason_values"):
            return []
        lines = []
        for row in self.n.rows("methods"):
            if row.status.value in ("used", "shown", "not needed") or not row.reason_key:
                continue
            values = str(row.reason_values.value) if row.reason_values else ""
            reason = reason_words(str(row.reason_key.value), values, self.language)
            self.n.keep(reason, "reason", row.reason_key, row.reason_values)
            lines.append(
                self.say("left_out", method=self.word("method", row.method.value), reason=escaped(reason))
            )
        return lines

    def trust_table(self) -> str:
        """Return errors and coverage by months published, on the panel where there is one."""
        if not self.n.has(
            "scores", "method", "months_published", "n_cases", "outturn_mape_pct", "outturn_coverage_80"
        ):
            return self.left_out("scores")
        ours, theirs = self.scores("combination"), self.scores("growth_ytd")
        f, rows = self.filters, []
        for months, row in sorted(ours.items(), key=lambda item: (item[0] == "all", item[0].zfill(2))):
            other, strong = theirs.get(months), "**" if months == "all" else ""
            cells = [
                self.say("trust.all") if strong else f["number"](row.months_published),
                f["number"](row.n_cases),
                f["percent"](row.outturn_mape_pct),
                f["percent"](other.outturn_mape_pct) if other else "–",
                f["share"](row.outturn_coverage_80),
                f["share"](row.outturn_coverage_95),
                f["percent"](row.outturn_width_80_pct),
            ]
            rows.append([f"{strong}{cell}{strong}" for cell in cells])
        names = [
            "months_published",
            "cases",
            "error",
            "baseline_error",
            "coverage80",
            "coverage95",
            "width80",
        ]
        return self.table(self.say("trust.caption", series=self.panel_name), names, rows, "nnnnnnn")

    @property
    def panel(self) -> str:
        """The series of the scores that errors are quoted from: the open panel where it is there."""
        table = self.n.table("scores")
        names = list(dict.fromkeys(table["series"])) if "series" in table else []
        return "panel" if "panel" in names else str(names[0]) if names else ""

    @property
    def panel_name(self) -> str:
        """Its name in words."""
        return self.flow if self.series else self.word("report.series", self.panel)

    def scores(self, method: str, series: str | None = None) -> dict[str, Row]:
        """Return the scores of a method by months published."""
        where = {"method": method} | ({"series": series or self.panel} if self.panel else {})
        return {str(row.months_published.value): row for row in self.n.rows("scores", **where)}

    def own_scores(self, method: str) -> Row | None:
        """Return the scores of a method on the run's own series, over all months."""
        return self.scores(method, f"{self.answer.flow}_{self.answer.currency}").get("all")

    def diagnostics_table(self) -> str:
        """Return what the diagnostics object to."""
        if not self.n.has("diagnostics", "method", "diagnostic", "p", "objects"):
            return self.left_out("diagnostics")
        rows = []
        for row in self.n.rows("diagnostics"):
            objects = str(row.objects.value).lower() == "true"
            p = self.n.keep(
                words.text("report.p_small", self.language)
                if row.p.number < 0.001
                else f"{row.p.number:.3f}",
                "p value",
                row.p,
            )
            rows.append(
                [
                    self.word("label", row.diagnostic.value),
                    self.say("trust.all")
                    if row.method.value == "all"
                    else self.word("method", row.method.value),
                    p,
                    f"**{self.say('objects.yes')}**" if objects else self.say("objects.no"),
                ]
            )
        return self.table(
            self.say("diagnostics.caption"),
            ["diagnostic", "method", "p", "objects"],
            rows,
            "ttnt",
            (5, 3, 1, 1.6),
        )

    def objections(self) -> str:
        """Return the diagnostics that object, joined; "" where none does."""
        if not self.n.has("diagnostics", "diagnostic", "objects"):
            return ""
        rows = [r for r in self.n.rows("diagnostics") if str(r.objects.value).lower() == "true"]
        names = dict.fromkeys(self.word("label", row.diagnostic.value) for row in rows)
        return self.say("list_comma").join(names)

    def evolution_table(self) -> str:
        """Return the forecast after each month of the target year."""
        level, low, high = self.level_names("", "evolution")
        rows = self.n.rows("evolution", target_year=self.answer.year) if level else []
        if not rows:
            return self.left_out("evolution")
        f, c = self.filters, self.answer.currency
        cells = [
            [
                f["number"](r.months_published),
                f["day"](r.as_of),
                f["bare"](r.median, c),
                self.range(r[low], r[high]),
            ]
            for r in rows
        ]
        caption = self.say("evolution.caption", unit=self.unit, level=level, year=self.answer.year)
        return self.table(caption, ["months_published", "known_on", "forecast", "interval"], cells, "ntnn")

    def news_table(self) -> str:
        """Return the steps from the forecast before the last release to this one."""
        f, c, rows = self.filters, self.answer.currency, []
        for row in self.n.rows("news"):
            name = self.say(f"step.{row.step.value}")
            if row.period:
                name += self.say("in_brackets", words=f["month"](row.period))
            rows.append(
                [
                    name,
                    f["bare"](row.expected, c) if row.expected else "",
                    f["bare"](row.actual, c) if row.actual else "",
                    "" if row.step.value in ("start", "end") else f["bare"](row.contribution, c, signed=True),
                    f["bare"](row.total, c),
                ]
            )
        names = ["step", "expected", "actual", "contribution", "total"]
        return self.table(self.say("news.caption", unit=self.unit), names, rows, "tnnnn")

    def standing_counts(self) -> str:
        """Return how many months rest on what."""
        rows = self.n.rows(STANDING)
        counts = []
        for name in ("customs table", "quoted in several places", "derived", "quoted once", "estimate"):
            members = [row for row in rows if row.standing.value == name]
            if members:
                f = self.filters["month"]
                counts.append(
                    [
                        self.word("report.standing", name.replace(" ", "_")),
                        self.n.count(members, STANDING),
                        f(members[0].period),
                        f(members[-1].period),
                    ]
                )
        return self.table(
            self.say("standing.caption"),
            ["standing", "months", "first", "last"],
            counts,
            "tntt",
            (5, 1.2, 1.6, 1.6),
        )

    def recent_table(self) -> str:
        """Return the last months with basis and standing."""
        f, c = self.filters, self.answer.currency
        rows = [
            [
                f["month"](row.period),
                f["bare"](row.value, c),
                f["bare"](row.se, c) if row.se else "",
                self.say(f"basis.{row.basis.value}"),
                self.word("report.standing", str(row.standing.value).replace(" ", "_")),
            ]
            for row in self.n.rows(STANDING)[-RECENT:]
        ]
        names = ["month", "value", "error_se", "basis", "standing"]
        return self.table(
            self.say("recent.caption", unit=self.unit), names, rows, "tnntt", (1.5, 1.1, 1.1, 4, 3)
        )

    def checks(self) -> dict[str, str]:
        """Return how many arithmetic checks ended how."""
        verdicts = {name: self.n.rows("checks", verdict=name) for name in ("ok", "explained", "fails")}
        counts = {name: self.n.count(rows, "checks") for name, rows in verdicts.items()}
        return counts | {"total": self.n.count(self.n.rows("checks"), "checks")}

    def sources_table(self) -> str:
        """Return where most figures were read, with a link where there is an address."""
        if not self.n.has("releases", "source", "published", "flow"):
            return self.left_out("releases")
        groups: dict[str, list[Row]] = defaultdict(list)
        for row in self.n.rows("releases", flow=self.answer.flow):
            groups[str(row.source.value)].append(row)
        repositories = repositories_by_owner(self.n.table("releases")["source"])
        ranked = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
        cells = []
        for source, rows in ranked[:SOURCES]:
            newest = max(rows, key=lambda row: str(row.published.value))
            self.filters["plain"](rows[0].source)
            cells.append(
                [
                    linked(source, repositories),
                    self.n.count(rows, "releases"),
                    self.filters["day"](newest.published),
                ]
            )
        table = self.table(
            self.say("sources.caption", flow=self.flow),
            ["source", "figures", "newest"],
            cells,
            "tnt",
            (6, 0.9, 1.7),
        )
        sentences = []
        if rest := [row for _, rows in ranked[SOURCES:] for row in rows]:
            more = self.n.fixed(f"{len(ranked) - SOURCES:,}", "count of further sources")
            sentences.append(self.say("sources.rest", n=more, figures=self.n.count(rest, "releases")))
        if links := self._further(ranked[SOURCES:], repositories):
            sentences.append(self.say("sources.linked", links=links))
        nameless = {source: rows for source, rows in groups.items() if not targets(source, repositories)}
        if nameless:
            n = self.n.fixed(f"{len(nameless):,}", "count of sources without an address")
            figures = self.n.count([row for rows in nameless.values() for row in rows], "releases")
            sentences.append(self.say("sources.nameless", n=n, figures=figures))
        return table + "\n" + words.text("join", self.language).join(sentences) + "\n"

    def _further(self, ranked: list[tuple[str, list[Row]]], repositories: Mapping[str, str]) -> str:
        """Return a link for every address among the further sources, each once, by repository or host."""
        links: dict[str, str] = {}
        for source, rows in ranked:
            for target in targets(source, repositories):
                place = _PLACE.match(target)
                label = (place["repository"] or place["host"]) if place else target
                links[target] = f"[{marks_off(label)}](<{target}>)"
                self.filters["plain"](rows[0].source)
        return self.say("list_comma").join(links.values())

    def claims_table(self) -> str:
        """Return the article's claims with the verdicts."""
        lang, plain = self.language, self.filters["plain"]
        if not self.n.has("claims", "claim_id", f"text_{lang}", "verdict", f"reason_{lang}"):
            return ""
        rows = [
            [
                plain(row.claim_id),
                plain(row[f"text_{lang}"]),
                plain(row[f"record_says_{lang}"]),
                f"**{self.word('verdict', row.verdict.value)}**",
                plain(row[f"reason_{lang}"]),
            ]
            for row in self.n.rows("claims")
        ]
        return self.table(
            self.say("claims.caption"),
            ["number", "claim", "record_says", "verdict", "why"],
            rows,
            "ttttt",
            (0.8, 3, 3, 1.9, 3.5),
        )

    def verdicts(self) -> str:
        """Return how many claims got which verdict, joined."""
        parts = []
        for verdict in ("holds", "holds_with_remark", "does_not_hold", "cannot_be_checked"):
            rows = self.n.rows("claims", verdict=verdict)
            if rows:
                parts.append(
                    self.say(
                        "claims.part", n=self.n.count(rows, "claims"), verdict=self.word("verdict", verdict)
                    )
                )
        return words.text("answer.semicolon", self.language).join(parts)

    def parameters_table(self) -> str:
        """Return the parameters of the run; of a series of one's own name and unit stand in ``series``."""
        row = Row(self.n, "parameters", 0)
        told = ("flow", "currency") if self.series else ()
        rows = [
            [f"`{name}`", self.filters["plain"](row[name])]
            for name in map(str, self.n.table("parameters"))
            if name not in told
        ]
        return self.table(
            self.say("reproduce.parameters.caption"), ["parameter", "set_to"], rows, "tt", (1.6, 5)
        )

    def made_with(self) -> list[str]:
        """Return versions and fingerprints from the manifest."""
        manifest, fixed, lines = self.run.manifest, self.n.fixed, []
        environment, code, data = (manifest.get(name) or {} for name in ("environment", "code", "data"))
        packages = environment.get("packages", {})
        versions = [("Python", environment.get("python")), *((name, packages.get(name)) for name in PACKAGES)]
        versioned = [f"{name} {fixed(version, 'version')}" for name, version in versions if version]
        if versioned:
            lines.append(self.say("list_comma").join(versioned))
        if code.get("package"):
            lines.append(self.say("reproduce.code", hash=fixed(str(code["package"])[:16], "manifest")))
        if data.get("hash"):
            lines.append(self.say("reproduce.data", hash=fixed(str(data["hash"])[:16], "manifest")))
        return lines


PACKAGES = ("numpy", "pandas", "scipy", "statsmodels", "matplotlib")


# the target of a link that `linked` wrote; the repository or the host it leads to
_LINK = re.compile(r"\]\(<([^>]+)>\)")
_PLACE = re.compile(
    r"https?://(?:github\.com/(?P<repository>[^/]+/[^/]+)|(?:www\.|m\.|web\.)?(?P<host>[^/]+))"
)


def repositories_by_owner(sources: Iterable[str]) -> dict[str, str]:
    """Return the repository of each owner of whom the sources name only one.

    >>> repositories_by_owner(["GitHub ann/data@0123abc x.csv", "GitHub bob/a x.csv", "GitHub bob/b y.csv"])
    {'ann': 'ann/data'}
    """
    names: dict[str, set[str]] = defaultdict(set)
    for source in sources:
        for owner, name in _OWNED.findall(str(source)):
            names[owner].add(name)
    return {owner: f"{owner}/{next(iter(own))}" for owner, own in names.items() if len(own) == 1}


def targets(source: str, repositories: Mapping[str, str] = MappingProxyType({})) -> list[str]:
    """Return the addresses `linked` finds in a source, in order."""
    return _LINK.findall(linked(source, repositories))


def linked(source: str, repositories: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return a source as Markdown with every address in it as a link.

    A file in a repository is linked at its commit; a host that is named without a scheme gets one; an owner
    named without a repository leads to the one of ``repositories``.

    >>> linked("GACC table (5)")
    'GACC table (5)'
    >>> linked("example.org/a/1.html (mirror)")
    '[example.org/a/1.html](<https://example.org/a/1.html>) (mirror)'
    >>> linked("GitHub owner/repo@0123abc data/x.csv (copy)")
    '[owner/repo/data/x.csv](<https://github.com/owner/repo/blob/0123abc/data/x.csv>) (copy)'
    >>> linked("Daily 2026-07-15 (copy in owner repo)", {"owner": "owner/repo"})
    'Daily 2026-07-15 (copy in [owner/repo](<https://github.com/owner/repo>) repo)'
    """
    if (named := _OWNER.search(source)) and (repository := repositories.get(named["owner"])):
        start, end = named.span("owner")
        link = f"[{marks_off(repository)}](<https://github.com/{repository}>)"
        return f"{marks_off(source[:start])}{link}{marks_off(source[end:])}"
    if file := _REPOSITORY.match(source):
        repository, path = file["repository"], (file["path"] or "").rstrip(";,")
        commit = file["commit"] or (later[1] if (later := _COMMIT.search(source)) else "HEAD")
        target = f"https://github.com/{repository}"
        if path:
            target += f"/blob/{commit}/{path}"
        label = f"{repository}/{path}" if path else repository
        return f"[{marks_off(_short(label))}](<{target}>){marks_off(source[file.end() :])}"
    out, end = [], 0
    pattern = _ADDRESS if _ADDRESS.search(source) else _BARE
    for match in pattern.finditer(source):
        address = match.group(0).rstrip(".,;")
        target = address if address.startswith("http") else f"https://{address}"
        out += [marks_off(source[end : match.start()]), f"[{marks_off(_short(address))}](<{target}>)"]
        end = match.start() + len(address)
    return " ".join("".join([*out, marks_off(source[end:])]).split())


def _short(address: str) -> str:
    bare = re.sub(r"^https?://(www\.)?", "", address)
    return bare if len(bare) <= 56 else f"{bare[:24]}…{bare[-30:]}"


def _saved(name: str, folder: Path) -> SavedFigure | None:
    figure = SavedFigure(name, folder)
    return figure if {"svg", "png"} & set(figure.files) else None


def _plain(figure: SavedFigure) -> str:
    """Return a caption without marks and without the paragraphs that stand in the picture itself."""
    svg = figure.files["svg"].read_text(encoding="utf-8") if "svg" in figure.files else ""
    texts = ("".join(_LINE.findall(group)) for group in _GROUP.findall(svg))
    inside = {"".join(html.unescape(text).split()) for text in texts}
    parts = [" ".join(part.split()) for part in figure.caption.replace("**", "").split("\n\n")]
    if not svg:
        # a PNG cannot be read: its title and source line are the first and the last paragraph
        parts = parts[1:-1] or parts
    outside = [part for part in parts if "".join(part.split()) not in inside] or parts[:1]
    return " ".join(outside).replace("`", "")


def _width(text: str) -> int:
    return sum(2 if char > "\u2e80" else 1 for char in text.replace("*", ""))


def _longest(head: str) -> int:
    """Return the width of the longest word of a head: it must not be broken."""
    return (
        max(_width(word) for word in head.split())
        if max(head, default=" ") < "\u2e80"
        else min(_width(head), 10)
    )
