"""Fill the computed parts of docs/data.md from the data packages and the record.

Each part stands between ``<!-- computed: name -->`` and ``<!-- end -->``; the rest is written by
hand. `python tools/data_doc.py --check` says whether it is stale and changes nothing.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from chipexports.base.units import billions
from chipexports.clean import Known, known
from chipexports.clean.build import Inputs, known_by, values
from chipexports.clean.day import KIND_OF
from chipexports.clean.totals import growth_only
from chipexports.forecast import forecast_full_year
from chipexports.forecast.distribution import FullYearForecast
from chipexports.params import RunParams, load_params
from chipexports.record.choice import REVISED
from chipexports.record.releases import read_releases
from chipexports.record.standing import STANDINGS
from chipexports.record.vintage import LINE
from chipexports.series import History

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "data.md"
PART = re.compile(r"(<!-- computed: (?P<name>[a-z:-]+) -->\n)(?P<body>.*?)(<!-- end -->)", re.DOTALL)


def package(folder: str) -> dict:
    """Return the data package that describes ``data/<folder>``."""
    return json.loads((ROOT / "data" / folder / "datapackage.json").read_text(encoding="utf-8"))


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table; a bar inside a cell is escaped."""
    lines = [head, ["---"] * len(head), *([cell.replace("|", r"\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def sources() -> str:
    """Return one row a raw table: path, contents, publisher, licence or terms."""
    rows = []
    for resource in package("raw")["resources"]:
        source, terms = resource["sources"][0], resource["licenses"][0]
        path = f"[`{resource['path']}`](../data/raw/{resource['path']})"
        rows.append([path, resource["title"], f"[{source['title']}]({source['path']})", terms["title"]])
    return table(["table in `data/raw/`", "contents", "publisher", "licence or terms"], rows)


def fields(folder: str) -> str:
    """Return a section a table: each field with its type, unit and meaning, and the key."""
    parts = []
    for resource in package(folder)["resources"]:
        schema = resource["schema"]
        rows = [
            [f"`{f['name']}`", f["type"], f.get("unit", ""), f.get("description", "")]
            for f in schema["fields"]
        ]
        name = resource["path"].removeprefix("latest/")
        key = ", ".join(f"`{field}`" for field in schema["primaryKey"])
        head = f"### `{name}`\n\n{resource['title']}. Key: {key}."
        parts.append(f"{head}\n\n{table(['field', 'type', 'unit', 'meaning'], rows)}")
    return "\n\n".join(parts)


def standing() -> str:
    """Return exports by year and currency: how many months rest on what, and the estimates' error."""
    months = known(newest_day()).monthly("export")
    rows = []
    for year, part in months.groupby(months.index.year):
        for currency, value in (("USD", "usd_mn"), ("CNY", "cny_100mn")):
            counts = part[f"standing_{currency.lower()}"].value_counts()
            error = 100 * (part[f"se_{value}"] / part[value]).median()
            cells = [str(counts.get(name, "–")) for name in (*STANDINGS, "estimate")]
            rows.append([str(year), currency, *cells, "–" if np.isnan(error) else f"{error:.1f}%"])
    head = ["year", "currency", *STANDINGS, "estimate", "median s.e. of estimates"]
    return table(head, rows)


def newest_day() -> str:
    """Return the day of the newest figure of the customs line in the record."""
    rows = read_releases()
    return str(rows.loc[rows["commodity"] == LINE, "published"].max())


def doubts() -> str:
    """Return each source of doubt with what it does to the answer of ``params/latest.yaml``."""
    question = load_params("latest")
    day = known(question.as_of)
    inputs = known_by(day.as_of)
    base = _forecast(_history(day, inputs, question), question)
    last = day.history(question.flow, question.currency).last
    column = question.currency.lower()
    months = day.monthly(question.flow)
    once = set(
        day.releases.query("standing == 'quoted once' and period_end != @last.strftime('%Y-%m')")["row_id"]
    )
    revised = {figure.row for key, figure in inputs.visible.items() if key.edition == REVISED}
    growths = {g.row for g in growth_only(inputs.visible, question.flow, {"value_usd": {}, "value_cny": {}})}
    known_rate = pd.Period("2024-01", freq="M")
    shifted = {p: rate * (1.003 if p > known_rate else 1.0) for p, rate in inputs.rates.items()}
    heading = {k: f._replace(value=1.005 * f.value) for k, f in inputs.comtrade.items()}
    estimates = int((months[f"kind_{column}"] == "estimate").sum())
    derived = int((months[f"kind_{column}"] == "derived").sum())
    n_once = f"{len(once):,} of {len(day.releases):,} figures"
    cases: list[tuple[str, str, History]] = []
    if months.loc[last, f"standing_{column}"] == "quoted once":
        cases.append(
            (
                f"{last:%B %Y} is quoted once",
                "left out",
                day.without(last).history(question.flow, question.currency),
            )
        )

    def vary(what: str, how: str, **changed: object) -> None:
        cases.append((what, how, _history(day, inputs._replace(**changed), question)))

    vary(f"{n_once} are quoted once", f"all but {last:%B %Y}'s left out", visible=_less(inputs, once))
    vary(
        f"{estimates} months are estimates",
        "estimated without Hong Kong's mirror",
        mirror=inputs.mirror.iloc[:0],
    )
    vary("", "estimated without growth printed alone", visible=_less(inputs, growths))
    vary(
        "",
        "estimated without any indicator",
        mirror=inputs.mirror.iloc[:0],
        indicators=inputs.indicators.iloc[:, :0],
    )
    vary(
        "Revised figures are preferred to first prints", "first prints alone", visible=_less(inputs, revised)
    )
    vary(
        f"{derived} months are derived, most at a customs rate that is inferred after January 2024",
        "rate 0.3% higher there",
        rates=shifted,
    )
    vary(
        "Years without the customs line take the whole heading 8542", "heading 0.5% higher", comtrade=heading
    )
    rows = [_effect("", f"the answer as it stands, as of {day.as_of}", base, None, question)]
    for what, how, history in cases:
        rows.append(_effect(what, how, _forecast(history, question), base, question))
    unit = f"bn {question.currency}"
    chance = f"chance above {billions(question.threshold, question.currency):,.0f}"
    return table(["doubt", "varied", f"median, {unit}", "moves it by", f"80% interval, {unit}", chance], rows)


def _less(inputs: Inputs, rows: set[str]) -> dict:
    return {key: figure for key, figure in inputs.visible.items() if figure.row not in rows}


def _history(day: Known, inputs: Inputs, question: RunParams) -> History:
    """Return the history of the question's series from varied inputs; all else as the day has it."""
    found = values(inputs, question.flow)[question.currency]
    template = day.history(question.flow, question.currency)
    months = [found.get(period) for period in template.values.index]
    value = pd.Series([np.nan if m is None else m.value for m in months], template.values.index)
    error = pd.Series([np.nan if m is None else m.se for m in months], template.values.index)
    kind = pd.Series([None if m is None else KIND_OF[m.basis] for m in months], template.values.index)
    start = value[value.isna()].index.max()  # what is left of the past without a hole
    keep = slice(None) if pd.isna(start) else slice(start + 1, None)
    return replace(template, values=value[keep], standard_errors=error[keep], kind=kind[keep])


def _forecast(history: History, question: RunParams) -> FullYearForecast:
    return forecast_full_year(
        history,
        question.target_year,
        methods=tuple(question.methods),
        combination=question.combination,
        n_paths=question.n_paths,
        seed=question.seed,
        levels=tuple(question.levels),
        thresholds=(question.threshold,),
    )


def _effect(
    what: str, how: str, forecast: FullYearForecast, base: FullYearForecast | None, question: RunParams
) -> list[str]:
    middle, low, high = (billions(forecast.quantile(q), question.currency) for q in (0.5, 0.1, 0.9))
    step = 0.0 if base is None else round(middle - billions(base.quantile(0.5), question.currency), 1)
    moved = "–" if base is None else f"{step:+.1f}" if step else "0.0"
    chance = f"{100 * forecast.probability_above(question.threshold):.0f}%"
    return [what, how, f"{middle:.1f}", moved.replace("-", "−"), f"{low:.1f}–{high:.1f}", chance]


PARTS = {
    "sources": sources,
    "raw-fields": lambda: fields("raw"),
    "result-fields": lambda: fields("processed"),
    "standing": standing,
    "doubts": doubts,
}


def fill(text: str) -> str:
    """Return the page with every computed part regenerated."""
    return PART.sub(lambda m: f"{m[1]}{PARTS[m['name']]().strip()}\n{m[4]}", text)


def main() -> int:
    """Write the page, or with --check compare only."""
    old = PAGE.read_text(encoding="utf-8")
    new = fill(old)
    if "--check" not in sys.argv:
        PAGE.write_text(new, encoding="utf-8")
    elif new != old:
        print("docs/data.md is stale; run tools/data_doc.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
