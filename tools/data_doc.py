"""Fill the computed parts of docs/data.md from the data packages and the record.

Each part stands between ``<!-- computed: name -->`` and ``<!-- end -->``; the rest is written by
hand. `python tools/data_doc.py --check` says whether it is stale and changes nothing.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pandas as pd

from chipexports.clean.arithmetic import BASES
from chipexports.clean.monthly import monthly_series

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "data.md"
PART = re.compile(r"(<!-- computed: (?P<name>[a-z:-]+) -->\n)(?P<body>.*?)(<!-- end -->)", re.DOTALL)
ALL = "9999-12-31"


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


def bases() -> str:
    """Return the number of months by year and basis: exports in CNY, with the whole record known."""
    months = monthly_series(ALL)
    months = months[(months["flow"] == "export") & ~months["excluded"]]
    counts = pd.crosstab(months["period"].str[:4], months["basis_cny"])
    names = [name for name in BASES if name in counts]
    rows = [[str(year), *(str(n or "–") for n in counts.loc[year, names])] for year in counts.index]
    return table(["year", *(f"`{name}`" for name in names)], rows)


PARTS = {
    "sources": sources,
    "raw-fields": lambda: fields("raw"),
    "result-fields": lambda: fields("processed"),
    "bases": bases,
}


def fill(text: str) -> str:
    """Return the page with every computed part made anew."""
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
