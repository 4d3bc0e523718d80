"""Coverage-guided fuzzing of one reader by atheris: ``python guided.py READER COUNTS [libFuzzer's options]``.

Atheris ends the process itself, so that the counts are written as they grow. What is no `UsageError`,
an assertion included, ends it with an error and leaves the input beside the corpus.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import atheris
from campaign import peak_memory

with atheris.instrument_imports(include=["chipexports"]):
    from chipexports.base.errors import UsageError
    from chipexports.base.paths import project_root
    from chipexports.collect.add import release_rows
    from chipexports.collect.pages import parse_page
    from chipexports.params import RunParams, load_params
    from chipexports.record import releases

#: inputs after which the counts are written
EVERY = 100


def page(data: bytes) -> None:
    """Read a page."""
    found = parse_page(data, "fuzz.html")
    assert found.figures["value"].notna().all()
    release_rows(found)


def table(data: bytes) -> None:
    """Read the table of releases."""
    path = releases.releases_path()
    path.write_bytes(data)
    releases._read.cache_clear()
    assert releases.read_releases()["value"].map(abs).lt(float("inf")).all()
    assert path.read_bytes() == data, "reading changed the record"


def parameters(data: bytes) -> None:
    """Read a parameter set."""
    path = project_root() / "params" / "fuzz.yaml"
    path.write_bytes(data)
    found = load_params(path)
    assert RunParams(**found.literals()) == found


READERS: dict[str, Callable[[bytes], None]] = {
    "page_parser": page,
    "release_table": table,
    "parameters": parameters,
}


def main(reader: str, counts: Path, options: list[str]) -> None:
    """Fuzz ``reader``; keep ``counts`` up to date."""
    seen = {"inputs": 0, "accepted": 0, "refused": 0, "slowest": 0.0}
    before = peak_memory()

    def one(data: bytes) -> None:
        started = time.process_time()
        try:
            READERS[reader](data)
        except UsageError as error:
            seen["refused"] += 1
            said = str(error)
        else:
            seen["accepted"] += 1
            said = "read"
        assert 0 < len(said) < 2000, "an error without a sentence, or one that repeats its input"
        seen["inputs"] += 1
        seen["slowest"] = round(max(seen["slowest"], time.process_time() - started), 3)
        if seen["inputs"] % EVERY == 0:
            grown = round((peak_memory() - before) / 1e6, 1)
            counts.write_text(json.dumps({**seen, "memory_mb": grown}))

    atheris.Setup([sys.argv[0], *options], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
