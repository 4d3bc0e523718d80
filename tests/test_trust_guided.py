"""Fuzzing guided by coverage (atheris): only documented errors, no hang, little memory."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_trust_fuzz import ROOT, SETS, WORDS
from trust.campaign import LIMIT_BYTES, LIMIT_SECONDS
from trust.counts import LONG, note
from trust.inputs import HTML, ODD, PAGES, SYNTAX, as_csv, record_lines

from chipexports.record.schema import COLUMNS

TRUST = Path(__file__).resolve().parent / "trust"
#: inputs to each reader
RUNS = 20_000
#: what good inputs are, and the pieces they are made of
SEEDS = {
    "page_parser": (PAGES, HTML),
    "release_table": ([as_csv(record_lines())], [w.encode() for w in (*ODD, *COLUMNS)]),
    "parameters": ([s.encode() for s in SETS], [w.encode() for w in (*SYNTAX, *ODD, *WORDS)]),
}


@pytest.fixture(scope="module")
def atheris(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a folder with atheris alone; it has no wheel for every system, so it is not in the lock."""
    folder = tmp_path_factory.mktemp("atheris")
    uv = Path(sys.executable).with_name("uv")
    command = [uv, "pip", "install", "-q", "--python", sys.executable, "--target", folder, "--no-deps"]
    options = ["--require-hashes", "--only-binary", ":all:", "-r", TRUST / "atheris.txt"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"atheris cannot be had here: {done.stderr[:200]}")
    return str(folder)


def options(folder: Path, seeds: list[bytes], pieces: list[bytes]) -> list[str]:
    """Write the corpus and the dictionary below ``folder``; return libFuzzer's options."""
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, content in enumerate(seeds):
        (corpus / f"seed{number}").write_bytes(content)
    words = {b"".join(b"\\x%02x" % byte for byte in piece) for piece in pieces if piece}
    (folder / "words").write_bytes(b"".join(b'"%s"\n' % word for word in sorted(words)))
    largest = 2 * max(len(content) for content in seeds)
    return [
        *(
            f"-runs={RUNS}",
            "-seed=1",
            f"-max_len={largest}",
            f"-timeout={LIMIT_SECONDS}",
            "-rss_limit_mb=2048",
        ),
        *(f"-dict={folder / 'words'}", f"-artifact_prefix={folder}/", str(corpus)),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("reader", SEEDS)
def test_inputs_that_reach_new_lines(tmp_path: Path, atheris: str, reader: str) -> None:
    for name in ("params", "data/raw"):
        shutil.copytree(ROOT / name, tmp_path / name)
    path = os.pathsep.join([atheris, *filter(None, [os.environ.get("PYTHONPATH")])])
    counts = tmp_path / "counts.json"
    done = subprocess.run(
        [sys.executable, TRUST / "guided.py", reader, counts, *options(tmp_path, *SEEDS[reader])],
        env={**os.environ, "PYTHONPATH": path, "CHIPEXPORTS_ROOT": str(tmp_path)},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=1500,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    reached = [int(n) for n in re.findall(r"cov: (\d+)", done.stderr)]
    seen = json.loads(counts.read_text())
    assert seen["inputs"] >= RUNS
    assert seen["accepted"] > 0
    assert seen["slowest"] < LIMIT_SECONDS
    assert 1e6 * seen["memory_mb"] < LIMIT_BYTES
    assert reached[-1] > reached[0], "no input led further than the good ones"
    note(f"fuzz_guided_{reader}", LONG, seen.pop("inputs"), **seen, first=reached[0], reached=reached[-1])
