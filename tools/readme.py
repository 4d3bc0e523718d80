"""Fill the computed parts of README.md and README.zh.md: answers, accuracy, parameters.

Each part stands between ``<!-- computed: name -->`` and ``<!-- end -->``; the rest is written by
hand. `python tools/readme.py --check` says which parts are stale and changes nothing.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import yaml

from chipexports.clean import known
from chipexports.forecast.answer import answer as answer_of
from chipexports.params import load_params
from chipexports.params.model import describe
from chipexports.params.show import parameter_table
from chipexports.report.why import why_table
from chipexports.words.answer import answer_sentence
from chipexports.words.names import name_of
from chipexports.words.say import speaker

ROOT = Path(__file__).resolve().parents[1]
PART = re.compile(r"(<!-- computed: (?P<name>[a-z:-]+) -->\n)(?P<body>.*?)(<!-- end -->)", re.DOTALL)


def answer(name: str, language: str) -> str:
    """Return the answer of a parameter set in words, forecast by the library."""
    params = load_params(name)
    return answer_sentence(answer_of(known(params.as_of, params.history_start), params), language)


def why(name: str, language: str) -> str:
    """Return why the year moved: value per piece, memories, destinations, neighbours."""
    params = load_params(name)
    table = why_table(known(params.as_of, params.history_start), params.target_year, params.flow)
    one = {str(row["item"]): row for row in table.to_dict("records")}
    top = next(row for row in table.to_dict("records") if row["item"] == "partner")
    korea = next(row for row in table.to_dict("records") if row["item"] == "neighbour")
    say = speaker(language)
    return say.text(
        "readme.why",
        span=say.span([one["value"]["first"]], [one["value"]["last"]])[0],
        value=one["value"]["change_pct"],
        unit_value=one["unit_value"]["change_pct"],
        pieces=one["pieces"]["change_pct"],
        share=one["memories"]["share_pct"],
        part=one["memories"]["part_pct"],
        partner=name_of("partner", str(top["name"]), language),
        partner_span=say.span([top["first"]], [top["last"]])[0],
        partner_share=top["share_pct"],
        korea=korea["change_pct"],
    )


def parameters(language: str) -> str:
    """Return the table of parameters; its Chinese words stand in ``parameters.zh.yml``."""
    if language == "en":
        return parameter_table(markdown=True)
    words = yaml.safe_load(Path(__file__).with_name("parameters.zh.yml").read_text(encoding="utf-8"))
    lines = [words["head"], ["---"] * len(words["head"])]
    for row in describe():
        unit = words["unit"].get(row["unit"], row["unit"].replace("|", "或"))
        name, meaning = row["name"], words["meaning"][row["name"]]
        lines.append([f"`{name}`", row["type"], row["default"], unit, meaning])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def parts(language: str) -> dict[str, Callable[[], str]]:
    """Return the computed parts by name."""
    return {
        "answer:latest": lambda: answer("latest", language),
        "why:latest": lambda: why("latest", language),
        "answer:article": lambda: answer("article", language),
        "parameters": lambda: parameters(language),
    }


def fill(text: str, language: str) -> str:
    """Return the README with every computed part regenerated."""
    makers = parts(language)
    return PART.sub(lambda m: f"{m[1]}{makers[m['name']]().strip()}\n{m[4]}", text)


def main() -> int:
    """Write the READMEs, or with --check compare only."""
    stale = []
    for name, language in (("README.md", "en"), ("README.zh.md", "zh")):
        path = ROOT / name
        if not path.is_file():
            continue
        old = path.read_text(encoding="utf-8")
        new = fill(old, language)
        if new != old:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(new, encoding="utf-8")
    if "--check" in sys.argv and stale:
        print(f"stale: {', '.join(stale)}; run `make readme`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
