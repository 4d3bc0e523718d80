"""What changed between two runs: data, parameters, forecast; as a table and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from chipexports.base import units
from chipexports.base.errors import ChipExportsError
from chipexports.base.paths import figures_dir
from chipexports.results import Run, load_run
from chipexports.results.saved_figure import SavedFigure
from chipexports.words import text as words
from chipexports.words.answer import answer_line

COLUMNS = ["part", "item", "before", "after", "change_pct"]
# a change below half a unit of the last printed digit is rounding
SMALLEST = 5e-4
# the name of the run differs always
NOT_COMPARED = {"run"}
#: the parameter that names a series of one's own
SERIES = "series"
READ_OUTS = (
    "months_published", "published_total", "median", "mean", "q10", "q90", "q025", "q975",
    "threshold", "p_above", "outturn",
)  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """The changes as a table, ``change_pct`` missing where there is nothing to compare, and as sentences."""

    table: pd.DataFrame
    sentences: tuple[str, ...]

    def words(self) -> str:
        """Return the sentences, and below them the table."""
        cells = self.table.astype(object).where(self.table.notna(), "")
        return "\n".join(self.sentences) + ("\n\n" + cells.to_string(index=False) if len(cells) else "")

    def _repr_markdown_(self) -> str:
        from chipexports.words.markdown import markdown_table

        return "\n".join(f"- {line}" for line in self.sentences) + "\n\n" + markdown_table(self.table)


def compare_runs(run_a: str, run_b: str, *, language: str = "en") -> Comparison:
    """Return what changed from the earlier run to the later in forecast, data and parameters."""
    a, b = load_run(run_a), load_run(run_b)
    for run in (a, b):
        if "forecast" not in run.tables:
            raise ChipExportsError(
                f"run {run.name!r}: has not reached its forecast, so there is nothing to compare; "
                f"`python -m chipexports run {run.name}` goes on from there"
            )
    parts = [_forecast(a, b, language), _data(a, b, language), _parameters(a, b, language)]
    head = words.text("compare.title", language, a=a.name, b=b.name)
    rows = [row for part in parts for row in part[0]]
    sentences = [head, *(line for part in parts for line in part[1])]
    return Comparison(pd.DataFrame(rows, columns=COLUMNS), tuple(sentences))


Part = tuple[list[tuple[object, ...]], list[str]]


def _combination(run: Run) -> pd.Series:
    table = run.table("forecast")
    return pd.DataFrame(table[table["method"] == "combination"]).iloc[-1]


def _kind(row: pd.Series, language: str) -> str:
    flow = words.flow_name(row["flow"], language)
    return f"{flow} {row['target_year']}, {units.in_language(row['currency'], language)}"


def _forecast(a: Run, b: Run, language: str) -> Part:
    before, after = _combination(a), _combination(b)
    same = all(before[key] == after[key] for key in ("target_year", "flow", "currency"))
    rows: list[tuple[object, ...]] = []
    for name in READ_OUTS:
        old, new = before.get(name), after.get(name)
        if (pd.notna(old) or pd.notna(new)) and old != new:
            rows.append(("forecast", name, old, new, _percent(old, new) if same else None))
    old_words, new_words = _amounts(before, language), _amounts(after, language)
    if same:
        return rows, _moved(before, after, old_words, new_words, language)
    kinds = {"what_a": _kind(before, language), "what_b": _kind(after, language)}
    ends = {"start": old_words["median"], "end": new_words["median"]}
    return rows, [words.text("compare.not_comparable", language, **ends, **kinds)]


def _amounts(row: pd.Series, language: str) -> dict[str, str]:
    names = ("median", "q10", "q90", "threshold")
    return {name: words.money(row[name], row["currency"], language) for name in names}


def _moved(before: pd.Series, after: pd.Series, old: dict, new: dict, language: str) -> list[str]:
    """Return the sentences on two forecasts of the same total."""
    change = after["median"] - before["median"]
    key = "compare.forecast_same" if change == 0 else "compare.forecast"
    forecast = {
        "year": after["target_year"],
        "start": old["median"],
        "end": new["median"],
        "as_of_a": words.day(before["as_of"], language),
        "as_of_b": words.day(after["as_of"], language),
        "change": ("+" if change > 0 else "") + words.money(change, after["currency"], language),
        "percent": words.percent(_percent(before["median"], after["median"]) or 0.0, signed=True),
    }
    interval = {"low_a": old["q10"], "high_a": old["q90"], "low_b": new["q10"], "high_b": new["q90"]}
    chance = {
        "threshold_a": old["threshold"],
        "threshold_b": new["threshold"],
        "p_a": words.chance(before["p_above"], language),
        "p_b": words.chance(after["p_above"], language),
    }
    same_threshold = before["threshold"] == after["threshold"]
    chance_key = "compare.chance_same" if same_threshold else "compare.chance"
    return [
        words.text(key, language, **forecast),
        words.text("compare.interval", language, **interval),
        words.text(chance_key, language, **chance),
    ]


def _percent(before: object, after: object) -> float | None:
    if before is None or after is None or pd.isna(before) or pd.isna(after) or float(before) == 0:  # type: ignore
        return None
    return round(100 * (float(after) / float(before) - 1), 3)  # type: ignore[arg-type]


def _data(a: Run, b: Run, language: str) -> Part:
    """Compare the months of the second run's flow and currency: new, gone, revised."""
    for run in (a, b):
        if "monthly" not in run.tables:
            label = words.text("table.monthly", language)
            return [], [words.text("compare.missing_table", language, run=run.name, table=label)]
    row = _combination(b)
    if _combination(a)["flow"] != row["flow"] and any(run.parameters.get(SERIES) for run in (a, b)):
        return [], []  # two series have no months in common, whatever their dates
    old, new = (_months(run, row) for run in (a, b))
    added, gone = new.index.difference(old.index), old.index.difference(new.index)
    both = new.index.intersection(old.index)
    change = 100 * (new[both] / old[both] - 1)
    change = change[change.abs() > SMALLEST]
    estimated = _estimated(b, row).reindex(change.index, fill_value=False)
    revised, estimates = change[~estimated], change[estimated]
    rows: list[tuple[object, ...]] = [("new month", p, None, new[p], None) for p in added]
    rows += [("month gone", p, old[p], None, None) for p in gone]
    rows += [("revised month", p, old[p], new[p], round(revised[p], 3)) for p in revised.index]
    rows += [("month re-estimated", p, old[p], new[p], round(estimates[p], 3)) for p in estimates.index]
    sentences = [_listed("new", added, language) if len(added) else words.text("compare.no_new", language)]
    if len(gone):
        sentences.append(_listed("gone", gone, language))
    if len(revised):
        most = str(revised.abs().idxmax())
        largest = {
            "month": words.month(most, language),
            "percent": words.percent(revised[most], 2, signed=True),
        }
        sentences.append(words.text("compare.revised", language, n=len(revised), **largest))
    else:
        sentences.append(words.text("compare.no_revised", language))
    if len(estimates):
        sentences.append(words.text("compare.anew", language, n=len(estimates)))
    return rows, sentences


def _estimated(run: Run, row: pd.Series) -> pd.Series:
    """Return by month whether the value is an estimate: it moves with every new figure around it."""
    table = run.table("monthly")
    own = table[table["flow"] == row["flow"]].set_index("period")
    return own[units.BASIS.get(row["currency"], "basis")].isin(("estimated", "joint_estimate"))


def _months(run: Run, row: pd.Series) -> pd.Series:
    table = run.table("monthly")
    own = table[table["flow"] == row["flow"]]
    return own.set_index("period")[units.value_column(row["currency"])].dropna()


def _listed(key: str, months: pd.Index, language: str) -> str:
    """Name the months, or the first and the last of many."""
    names = [words.month(p, language) for p in months]
    comma = words.text("report.list_comma", language)
    listed = comma.join(names) if len(names) <= 6 else f"{names[0]} … {names[-1]}"
    return words.text(f"compare.{key}", language, n=len(names), months=listed)


def _parameters(a: Run, b: Run, language: str) -> Part:
    before, after = _named(a.parameters), _named(b.parameters)
    names = [n for n in {**before, **after} if n not in NOT_COMPARED]
    differ = [n for n in names if before.get(n) != after.get(n)]
    rows: list[tuple[object, ...]] = [
        ("parameter", n, _flat(before.get(n)), _flat(after.get(n)), None) for n in differ
    ]
    if not differ:
        return rows, [words.text("compare.no_parameters", language)]
    comma = words.text("report.list_comma", language)
    return rows, [words.text("compare.parameters", language, names=comma.join(differ))]


def _named(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters with the keys of a series of one's own, which also say its name and unit."""
    own = parameters.get(SERIES)
    if not own:
        return parameters
    told = {name: value for name, value in parameters.items() if name not in (SERIES, "flow", "currency")}
    return told | {f"{SERIES}.{key}": value for key, value in own.items()}


def _flat(value: object) -> object:
    if isinstance(value, dict):
        return ", ".join(map(str, value.values()))
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def compare_page(run_a: str, run_b: str, *, language: str = "en") -> bytes:
    """Return the comparison as an HTML page that loads nothing: both answers, fans overlaid, the table."""
    from chipexports.report.formats import Document, render_html
    from chipexports.report.numbers import escaped

    comparison, a, b = compare_runs(run_a, run_b, language=language), load_run(run_a), load_run(run_b)

    def say(key: str, **values: object) -> str:
        return words.text(f"compare.{key}", language, **values)

    answers = " | ".join(answer_line(run.answer, language) for run in (a, b))
    parts = [
        f"# {say('page.answers')} {{#answer}}",
        f"| {escaped(a.name)} | {escaped(b.name)} |\n|:{'-' * 40}|:{'-' * 40}|\n| {answers} |",
        "\n".join(f"- {line}" for line in comparison.sentences[1:]),
    ]
    pictures: dict[str, SavedFigure] = {}
    if overlaid := _overlaid(a, b, language):
        pictures["overlaid"] = overlaid
    for run, side in ((a, "before"), (b, "after")):
        for name in ("fan", "distribution"):
            if name in run.figures:
                pictures[f"{side}-{name}"] = run.figure(name)
    parts.append(f"# {say('page.figures')} {{#figures}}")
    if "overlaid" in pictures:
        parts.append(f"![{say('page.overlaid', a=a.name, b=b.name)}](overlaid.svg)")
    for name in ("fan", "distribution"):
        pair = [
            f"![{escaped(run.name)}]({side}-{name}.svg)"
            for run, side in ((a, "before"), (b, "after"))
            if f"{side}-{name}" in pictures
        ]
        if pair:
            parts.append("::: pair\n" + "\n\n".join(pair) + "\n:::")
    estimates = comparison.table["part"] == "month re-estimated"
    if len(listed := comparison.table[~estimates]):
        head = [say(f"column.{name}") for name in COLUMNS]
        kinds = (_combination(a)["currency"], _combination(b)["currency"])
        rows = [_page_row(row, kinds, language) for _, row in listed.iterrows()]
        lines = ["| " + " | ".join(map(escaped, row)) + " |" for row in (head, *rows)]
        lines.insert(1, "|:-------------|:----------------|-------------:|-------------:|--------:|")
        parts += [f"# {say('page.changes')} {{#changes}}", "\n".join(lines)]
        if estimates.any():
            parts.append(say("page.estimates"))
    label = {"title": comparison.sentences[0], "subtitle": "", "short": "", "footer": "chipexports"}
    label |= {
        "contents": words.text("report.word.contents", language),
        "skip": words.text("report.word.skip", language),
    }
    return render_html(Document("\n\n".join(parts) + "\n", language, label, pictures))


def _page_row(row: pd.Series, currencies: tuple[str, str], language: str) -> list[str]:
    """Return a row of the comparison in words: amounts with units, months by name, probabilities as said."""
    part, item = str(row["part"]), str(row["item"])
    month, change = part.endswith("month") or part == "month gone", row["change_pct"]
    if part == "forecast":
        share = f"{float('0.' + item[1:]):.1%}".replace(".0%", "%") if item[0] == "q" else ""
        key = "quantile" if share else item
        name = words.text(f"compare.item.{key}", language, share=share)
    else:
        name = words.month(item, language) if month else item

    def value(cell: Any, currency: str) -> str:
        if cell is None or pd.isna(cell):
            return ""
        if item == "p_above":
            return words.chance(float(cell), language)
        if item == "months_published" or part == "parameter":
            return str(cell)
        return words.money(float(cell), currency, language)

    sides = [value(row[side], c) for side, c in zip(("before", "after"), currencies, strict=True)]
    plain = pd.isna(change) or item in ("p_above", "months_published")
    label = words.text(f"compare.part.{part.replace(' ', '_')}", language)
    return [label, name, *sides, "" if plain else words.number(change, 2, signed=True)]


def _overlaid(a: Run, b: Run, language: str) -> SavedFigure | None:
    """Draw the year to date of both runs in one chart; None where they are not of one kind."""
    from chipexports.charts.figure import chart

    one, two = a.answer, b.answer
    if (one.year, one.flow, one.currency) != (two.year, two.flow, two.currency):
        return None
    need = {"period", "ytd_median", "ytd_q10", "ytd_q90"}
    if any("fan" not in run.tables or not need <= set(run.table("fan").columns) for run in (a, b)):
        return None
    name, factor = f"compare_{a.name}", words.scale(one.currency, language)
    params = {"run": b.name, "language": language, "figure_formats": ["svg"], "as_of": two.as_of}
    with chart(name, params, folder="compare", forecast=True) as c:
        for run, colour in zip((a, b), ("#7F7F7F", "#B04313"), strict=True):
            table = pd.DataFrame(run.table("fan"))
            months = range(1, len(table) + 1)
            low, high, middle = (factor * table[f"ytd_{x}"].astype(float) for x in ("q10", "q90", "median"))
            c.ax.fill_between(months, low, high, color=colour, alpha=0.25, lw=0)
            c.ax.plot(months, middle, color=colour, label=run.name)
        c.ax.legend(frameon=False)
        c.ax.set(xlabel=words.text("compare.page.month", language), ylabel=words.unit(one.currency, language))
        c.title = words.text("compare.page.title", language, year=one.year)
        c.alt = words.text("compare.page.overlaid", language, a=a.name, b=b.name)
        c.data = pd.concat({run.name: pd.DataFrame(run.table("fan")) for run in (a, b)}).reset_index(
            drop=True
        )
    return SavedFigure(name, figures_dir(b.name) / "compare")
