"""The pages on reliability and security are in step with what was counted, and the load stays linear."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def test_the_counts_on_the_page_are_those_kept() -> None:
    command = [sys.executable, str(ROOT / "tools" / "reliability.py"), "--check"]
    assert subprocess.run(command, check=False).returncode == 0, "run tools/reliability.py"


def test_what_was_asked_for_was_tried() -> None:
    kept = json.loads((ROOT / "benchmarks" / "results" / "reliability.json").read_text(encoding="utf-8"))
    assert kept["kill_run"]["tries"] >= 50
    assert kept["kill_run"]["reruns_same_bytes"] >= kept["kill_run"]["tries"]
    assert kept["kill_add"]["tries"] >= 50
    assert min(kept[f"versions_{end}"]["tries"] for end in ("lowest", "highest")) >= 1
    assert min(found["tries"] for name, found in kept.items() if "guided" in name) >= 20_000
    assert sum(found["tries"] for name, found in kept.items() if name.startswith("fuzz_")) >= 100_000
    assert max(found["slowest"] for name, found in kept.items() if name.startswith("fuzz_")) < 5
    assert max(found["memory_mb"] for name, found in kept.items() if name.startswith("fuzz_")) < 500


def test_the_page_on_security_names_tests_that_exist() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    files = ("test_trust_security.py", "test_trust_supply.py")
    source = "".join((ROOT / "tests" / name).read_text(encoding="utf-8") for name in files)
    named = re.findall(r"`(test_\w+)…?`", page)
    assert len(named) >= 10
    for name in named:
        assert re.search(rf"def {name}", source), name
    assert "Running a notebook runs its code" in page


@pytest.mark.slow
def test_a_record_a_hundred_times_as_large_is_read_cut_and_reconciled_in_linear_time() -> None:
    def measured(times: int) -> dict[str, float]:
        command = [sys.executable, str(ROOT / "benchmarks" / "record_load.py"), str(times)]
        return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    small, large = measured(10), measured(100)
    assert large["rows"] > 80_000
    assert large["lines"] > 7_000
    assert large["total_s"] / small["total_s"] < 1.3 * large["rows"] / small["rows"]
    assert large["peak_mb"] < 1000
