"""Fill the computed parts of README.md and README.zh.md: answers, accuracy, parameters.

Each part stands between ``<!-- computed: name -->`` and ``<!-- end -->``; the rest is written by
hand. `python tools/readme.py --check` says which parts are stale and changes nothing.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from chipexports.params import load_params
from chipexports.params.show import parameter_table
from chipexports.stages.forecast import answer_words, forecast_row, last_month_as_of

ROOT = Path(__file__).resolve().parents[1]
PART = re.compile(r"(<!-- computed: (?P<name>[a-z:-]+) -->\n)(?P<body>.*?)(<!-- end -->)", re.DOTALL)


def answer(name: str, language: str) -> str:
    """Return the answer of a parameter set in words, forecast by the library."""
    params = load_params(name)
    row = pd.Series(forecast_row(params))
    return answer_words(row, language, last_month_as_of(params))


def parts(language: str) -> dict[str, Callable[[], str]]:
    """Return the computed parts by name."""
    return {
        "answer:latest": lambda: answer("latest", language),
        "answer:article": lambda: answer("article", language),
        "parameters": lambda: parameter_table(markdown=True),
    }


def fill(text: str, language: str) -> str:
    """Return the README with every computed part made anew."""
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
