"""Other time zones, languages and hash seeds: the same tables, figures, notebooks and report."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from shared_runs import clean_environment, places, real_environment, real_smoke, run_at
from trust.counts import LONG, SHORT, note
from trust.projects import outputs

ROOT = Path(__file__).resolve().parents[1]


def check_same(first: dict[str, bytes], second: dict[str, bytes], fault: str, mode: str) -> None:
    assert set(first) == set(second)
    assert [name for name in first if first[name] != second[name]] == []
    kinds = {name.rsplit(".", 1)[-1] for name in first}
    assert {"csv", "ipynb", "png", "html", "pdf", "docx"} <= kinds
    languages = ", ".join(place["LC_ALL"] for place in places())
    note(fault, mode, 2, files_the_same=len(first), languages=languages)


def test_two_places_the_same_bytes(tmp_path: Path) -> None:
    run_at(tmp_path / "project", "smoke", places()[1])
    check_same(outputs(real_smoke().root), outputs(tmp_path / "project"), "same_bytes_smoke", SHORT)


@pytest.mark.slow
def test_two_places_the_same_bytes_though_the_report_is_written_twice(tmp_path: Path) -> None:
    def one(root: Path, place: dict[str, str]) -> dict[str, bytes]:
        run_at(root, "article", place)
        command = [sys.executable, "-m", "chipexports", "report", "article"]
        subprocess.run(command, env=real_environment(root, place), check=True, capture_output=True)
        return outputs(root)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(one, [tmp_path / "a", tmp_path / "b"], places())
    check_same(first, second, "same_bytes_article", LONG)


@pytest.mark.slow
def test_two_fresh_clones_with_environments_of_their_own(tmp_path: Path) -> None:
    """Clone, set up from the lock, run: twice, in different places; the same bytes."""
    if not (ROOT / ".git").exists():
        pytest.skip("this copy has no history to clone")
    found, source = [], ROOT
    for number, place in enumerate(places()):
        clone = tmp_path / f"clone{number}"
        subprocess.run(["git", "clone", "-q", str(source), str(clone)], check=True)
        source = clone  # the report names the commit: both must stand at the same one
        env = clean_environment(**place)
        env.pop("CHIPEXPORTS_ROOT", None)
        env.pop("PYTHONPATH", None)
        made = subprocess.run(
            ["bash", "tools/setup.sh"], cwd=clone, env=env, capture_output=True, check=False
        )
        if made.returncode:
            pytest.skip("an environment cannot be made here: no package registry in reach")
        command = [clone / ".venv" / "bin" / "python", "-m", "chipexports", "run", "smoke"]
        subprocess.run(command, cwd=clone, env=env, check=True, capture_output=True, timeout=900)
        found.append(outputs(clone))
    first, second = found
    assert set(first) == set(second)
    assert [name for name in first if first[name] != second[name]] == []
    note("two_clones", LONG, 2, files_the_same=len(first))
