"""Make the counts of docs/reliability.md from what the tests wrote down; --check only compares.

The tests write artifacts/trust/*.json. What was tried most often of each fault is kept in
benchmarks/results/reliability.json, so that the default run does not replace what the long one counted.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOTED = ROOT / "artifacts" / "trust"
RESULTS = ROOT / "benchmarks" / "results" / "reliability.json"
PAGE = ROOT / "docs" / "reliability.md"
LOAD = ROOT / "benchmarks" / "results" / "record_load.csv"
FAULTS = {
    "kill_run": "kill -9 of a run at a random moment",
    "kill_add": "kill -9 of the command `add` at a random moment",
    "kill_add_steps": "kill -9 inside `add`, at each step on files",
    "kill_fetch_steps": "kill -9 inside `fetch`, at each step on files",
    "full_disk_run": "a run on a small file system that fills up",
    "full_at_one_place_of_a_run": "disk full or read-only at one of the places a run writes to",
    "full_at_each_step_of_add_and_fetch": "disk full from each writing step of `add` and `fetch` on",
    "read_only_folders": "folders that may not be written",
    "kernels": "kernels that die, are killed, hang, print 50 MB",
    "clock": "file times of 1970 and 2096; a clock that jumps by days and years",
    "day_again": "a day that comes again for `fetch`",
    "two_runs": "runs of one name at once",
    "set_up_killed": "environment set-up killed at each step, then repeated",
    "planted_key_answers": "bad answers of a server while a key is planted",
    "same_bytes_smoke": "other time zone, language, hash seed: set `smoke`",
    "same_bytes_article": "other time zone, language, hash seed: set `article`",
    "versions_lowest": "the lowest versions that requirements.in lets in: forecasts, backtest, set `smoke`",
    "versions_highest": "the highest versions that requirements.in lets in: the same",
    "two_clones": "fresh clones with environments of their own made from the lock: set `smoke`",
}
FUZZED = {
    "fuzz_page_parser": "page parser",
    "fuzz_release_table": "release table reader",
    "fuzz_rows_offered": "rows offered to the record",
    "fuzz_parameters": "parameter reader",
    "fuzz_corrections": "corrections file",
    "fuzz_guided_page_parser": "page parser, guided by coverage",
    "fuzz_guided_release_table": "release table reader, guided by coverage",
    "fuzz_guided_parameters": "parameter reader, guided by coverage",
}


def kept() -> dict[str, dict]:
    """Return by fault what was tried most often, of what is kept and what the tests wrote down."""
    best: dict[str, dict] = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    for path in sorted(NOTED.glob("*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        name = found.pop("fault")
        if found["tries"] >= best.get(name, {"tries": 0})["tries"]:
            best[name] = found
    known = FAULTS | FUZZED
    return {name: best[name] for name in sorted(best) if name in known}


def _said(found: dict) -> str:
    parts = [
        f"{key.replace('_', ' ')}: {value}" for key, value in found.items() if key not in ("mode", "tries")
    ]
    return "; ".join(parts)


def tables(results: dict[str, dict]) -> str:
    """Return the tables of the page as Markdown."""
    tried = sum(results[name]["tries"] for name in FAULTS if name in results)
    inputs = sum(results[name]["tries"] for name in FUZZED if name in results)
    lines = [f"Faults tried: **{tried:,}**. Fuzzed inputs: **{inputs:,}**.", ""]
    lines += ["| fault | tried | run | seen |", "|---|---:|---|---|"]
    lines += [
        f"| {words} | {results[name]['tries']:,} | {results[name]['mode']} | {_said(results[name])} |"
        for name, words in FAULTS.items()
        if name in results
    ]
    lines += [
        "",
        "| fuzzed | inputs | read | refused | slowest, s | memory grown, MB | branches reached |",
        "|---|" + "---:|" * 6,
    ]
    for name, words in FUZZED.items():
        if r := results.get(name):
            numbers = f"{r['accepted']:,} | {r['refused']:,} | {r['slowest']} | {r['memory_mb']}"
            reached = f"{r['first']} → {r['reached']}" if "reached" in r else ""
            lines.append(f"| {words} | {r['tries']:,} | {numbers} | {reached} |")
    return "\n".join([*lines, "", *_load()])


def _load() -> list[str]:
    rows = [line.split(",") for line in LOAD.read_text(encoding="utf-8").splitlines()]
    head, body = rows[0], rows[1:]
    shown = [[*row[:-1]] for row in body]
    lines = ["| " + " | ".join(head[:-1]) + " |", "|" + "---:|" * (len(head) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in shown]
    return [*lines, "", f"Time grows with size to the power {body[0][-1]} (1 is linear)."]


def page(text: str, results: dict[str, dict]) -> str:
    """Return the page with its computed part regenerated."""
    block = f"<!-- computed -->\n{tables(results)}\n<!-- end -->"
    return re.sub(r"<!-- computed -->.*<!-- end -->", lambda _: block, text, flags=re.DOTALL)


def main() -> int:
    """Write the counts kept and the page; with --check say whether the page is in step with them."""
    text = PAGE.read_text(encoding="utf-8")
    if "--check" in sys.argv:
        return int(page(text, json.loads(RESULTS.read_text(encoding="utf-8"))) != text)
    results = kept()
    RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    PAGE.write_text(page(text, results), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
