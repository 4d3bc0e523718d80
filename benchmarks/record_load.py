"""How the time to read, cut and reconcile the record grows with its size, up to 100 times today's.

    .venv/bin/python benchmarks/record_load.py

At full size: 7,000 commodity lines over 30 years, the integrated circuits with every vintage (month,
year to date, last year's year to date as revised, growth; two flows; yuan, dollars and pieces). All
figures are made up. Writes benchmarks/results/record_load.csv; the slope of log time on log size says
how it grows (1 is linear).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
TODAY = 873
TIMES = (10, 30, 100)
LINES, YEARS, LAST_YEAR = 7000, 30, 2025
UNITS = {"value_cny": "100 million CNY", "value_usd": "million USD", "quantity": "100 million pieces"}
GROWTH = {"value_cny": "yoy_cny", "value_usd": "yoy_usd", "quantity": "yoy_qty"}
RESULTS = ROOT / "benchmarks" / "results" / "record_load.csv"


def _row(
    flow: str, commodity: str, span: tuple[str, str], measure: str, value: float, day: str, edition: str
):
    unit = UNITS.get(measure, "percent")
    return {
        "flow": flow, "commodity": commodity, "period_start": span[0], "period_end": span[1],
        "measure": measure, "value": f"{value:.2f}", "unit": unit, "published": day,
        "published_basis": "rule", "published_text": "", "edition": edition, "source": "made up",
        "confidence": "made-up", "note": "",
    }  # fmt: skip


def peak_mb() -> float:
    """Return the largest memory this program held, in MB.

    ``ru_maxrss`` will not do: a process starts with that of the one that called it.
    """
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) / 1024


def circuits(years: int) -> Iterator[dict[str, str]]:
    """Yield every vintage of the integrated circuits of the last ``years`` years."""
    rng = np.random.default_rng(1)
    for flow in ("export", "import"):
        before = np.zeros(12)
        for year in range(LAST_YEAR - years + 1, LAST_YEAR + 1):
            months = 100.0 * rng.uniform(0.8, 1.2, 12)
            for measure, scale in zip(UNITS, (1.0, 14.0, 0.3), strict=True):
                total, last = np.cumsum(months) * scale, np.cumsum(before) * scale
                for month in range(12):
                    end = f"{year}-{month + 1:02d}"
                    day = f"{year + (month == 11)}-{(month + 1) % 12 + 1:02d}-09"
                    year_to_date = (f"{year}-01", end)
                    figures = [((end, end), measure, months[month] * scale, "first_print")]
                    figures.append((year_to_date, measure, total[month], "first_print"))
                    if last[month]:
                        old = (f"{year - 1}-01", f"{year - 1}-{month + 1:02d}")
                        growth = 100 * (total[month] / last[month] - 1)
                        figures.append((old, measure, last[month] * 1.001, "revised_later"))
                        figures.append((year_to_date, GROWTH[measure], growth, "first_print"))
                    for span, name, value, edition in figures:
                        yield _row(flow, "gacc_ic", span, name, value, day, edition)
            before = months


def others(rows: int, lines: int, years: int) -> Iterator[dict[str, str]]:
    """Yield figures of other commodity lines, spread over the years."""
    rng = np.random.default_rng(2)
    for number in range(rows):
        year = LAST_YEAR - int(rng.integers(years))
        month = int(rng.integers(1, 12))
        span, day = (f"{year}-{month:02d}",) * 2, f"{year}-{month + 1:02d}-18"
        value = float(rng.lognormal(5, 1))
        yield _row("export", f"Line {number % lines:04d}", span, "value_usd", value, day, "first_print")


def made_record(times: int) -> pd.DataFrame:
    """Return a record ``times`` as large as today's."""
    from chipexports.record import schema

    years = max(2, YEARS * times // 100)
    rows = list(circuits(years))
    rows += others(TODAY * times - len(rows), LINES * times // 100, years)
    table = pd.DataFrame(rows)
    table.insert(
        0, "row_id", [schema.row_id(r) for r in table[list(schema.IDENTITY)].itertuples(index=False)]
    )
    return table.drop_duplicates("row_id")[list(schema.COLUMNS)]


def timed(call: Callable[[], object]) -> float:
    """Return the processor's seconds one call takes: what others do on the machine does not count."""
    started = time.process_time()
    call()
    return time.process_time() - started


def measure(times: int, folder: Path) -> dict[str, float]:
    """Return rows, seconds of each step and peak memory at one size."""
    from chipexports.clean.checks import check_releases
    from chipexports.clean.monthly import monthly_series
    from chipexports.record.releases import read_releases, releases_path
    from chipexports.record.vintage import missing_releases, releases_as_of

    shutil.copytree(ROOT / "data" / "raw", folder / "data" / "raw")
    os.environ["CHIPEXPORTS_ROOT"] = str(folder)
    table = made_record(times)
    table.to_csv(releases_path(), index=False, lineterminator="\n")
    as_of = f"{LAST_YEAR}-08-31"
    found: dict[str, float] = {"times": times, "rows": len(table), "lines": table["commodity"].nunique()}
    found["read_s"] = timed(read_releases)
    found["cut_s"] = timed(lambda: (releases_as_of(as_of), missing_releases(as_of)))
    found["months_s"] = timed(lambda: monthly_series(as_of))
    found["reconcile_s"] = timed(lambda: check_releases(as_of))
    found["total_s"] = sum(found[name] for name in ("read_s", "cut_s", "months_s", "reconcile_s"))
    found["peak_mb"] = peak_mb()
    return {name: round(value, 3) for name, value in found.items()}


def slope(sizes: np.ndarray, seconds: np.ndarray) -> float:
    """Return the exponent of growth: seconds are proportional to size to this power."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def main() -> int:
    """Measure every size in a process of its own; write and print the table."""
    import subprocess

    if len(sys.argv) > 1:
        with tempfile.TemporaryDirectory() as name:
            print(pd.Series(measure(int(sys.argv[1]), Path(name))).to_json())
        return 0
    rows = []
    for times in TIMES:
        command = [sys.executable, __file__, str(times)]
        line = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        rows.append(json.loads(line))
    table = pd.DataFrame(rows).reset_index(drop=True)
    growth = slope(table["rows"].to_numpy(), table["total_s"].to_numpy())
    RESULTS.parent.mkdir(exist_ok=True)
    table.assign(exponent=round(growth, 2)).to_csv(RESULTS, index=False, lineterminator="\n")
    print(table.to_string(index=False), f"\ntime grows with size to the power {growth:.2f} (1 is linear)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
