"""Does a run on disk still follow from its manifest? By hashes, or by executing it again."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from chipexports.base.environment import environment
from chipexports.base.paths import project_root
from chipexports.params import RunParams, load_params
from chipexports.params.parse import build
from chipexports.run.fingerprint import Snapshot, tree_hashes
from chipexports.run.manifest import COMMIT, existing_manifest
from chipexports.run.plan import states
from chipexports.run.runner import out_of_date, run_set


def manifest_params(manifest: dict[str, Any], run: str) -> RunParams:
    """Return the parameters that a manifest records."""
    where = f"reports/{run}/manifest.json"
    return build(manifest["parameters"], {}, where)


def asked_params(manifest: dict[str, Any], run: str) -> RunParams:
    """Return the parameters ``run`` would have now: those of its set in ``params/``, else the recorded."""
    file = project_root() / "params" / f"{run}.yaml"
    if file.is_file() and (params := load_params(file)).run == run:
        return params
    return manifest_params(manifest, run)


def status_lines(run: str) -> list[str]:
    """Return one line per notebook of ``run`` and one for its report: its state, and why."""
    manifest, now = existing_manifest(run), Snapshot()
    params = asked_params(manifest, run)
    lines = [state.line for state in states(params, manifest, now)]
    reasons = out_of_date(manifest, params.literals(), now)
    word = "missing" if manifest.get("answer") is None else "stale" if reasons else "fresh"
    return [*lines, f"{'report':<24}{word:<9}{'; '.join(reasons)}".rstrip()]


def verify(run: str) -> list[str]:
    """Return in words everything that no longer agrees with the manifest of ``run``; [] when all does.

    Compared are the hashes of every output, of every raw file, of the locked versions, of the notebooks'
    sources and of the code they reach, and of the other files they read.
    """
    manifest, now = existing_manifest(run), Snapshot()
    differences = _data_differences(manifest["data"]["files"], now.data)
    if manifest["environment"]["hash"] != now.environment:
        differences.append("requirements.lock or Python is not that of the run")
    params = manifest_params(manifest, run)
    above = ("data/raw changed", "requirements.lock or Python changed")
    for state in states(params, manifest, now):
        if state.word in ("missing", "failed"):
            differences.append(f"{state.step.name}: {state.word}")
        differences += [f"{state.step.name}: {reason}" for reason in state.reasons if reason not in above]
    return differences + [f"report: {reason}" for reason in out_of_date(manifest, params.literals(), now)]


def _data_differences(then: dict[str, str], now: dict[str, str]) -> list[str]:
    changed = sorted(n for n in then.keys() & now.keys() if then[n] != now[n])
    return (
        [f"data/raw/{name} was changed since" for name in changed]
        + [f"data/raw/{name} is gone" for name in sorted(then.keys() - now.keys())]
        + [f"data/raw/{name} is new" for name in sorted(now.keys() - then.keys())]
    )


def verify_by_executing(run: str) -> list[str]:
    """Execute ``run`` again in a temporary place and return which outputs have other bytes than on disk."""
    manifest = existing_manifest(run)
    params = manifest_params(manifest, run)
    root = project_root()
    expected: dict[str, str] = dict(manifest.get("conclusion", {}))
    for entry in manifest["notebooks"].values():
        expected |= entry.get("outputs", {})
    with tempfile.TemporaryDirectory(prefix="chipexports-verify-") as name:
        copy = Path(name)
        for part in ("notebooks", "params"):
            shutil.copytree(root / part, copy / part, ignore=shutil.ignore_patterns(".*"))
        shutil.copytree(root / "data" / "raw", copy / "data" / "raw")
        for file in manifest.get("series", {}):
            if (root / file).is_relative_to(root) and (root / file).is_file():
                (copy / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(root / file, copy / file)
        (copy / "data" / "processed").mkdir()
        for part in ("requirements.lock", "requirements.in", "data/processed/datapackage.json"):
            if (root / part).is_file():
                shutil.copy(root / part, copy / part)
        # the report names the commit, and the copy has no history to read it from
        with environment({COMMIT: manifest["code"]["commit"] or "", "CHIPEXPORTS_ROOT": str(copy)}):
            _execute(copy, params)
            rerun = {n: h for n, h in tree_hashes(copy).items() if n in expected}
    return [
        f"{name} comes out differently" if name in rerun else f"{name} does not come out again"
        for name, digest in expected.items()
        if rerun.get(name) != digest
    ]


def _execute(root: Path, params: RunParams) -> None:
    import json

    from chipexports.base.files import write_text_atomic

    # JSON is YAML, and says every value without guessing
    file = write_text_atomic(root / "params" / f"{params.run}.yaml", json.dumps(params.literals()))
    run_set(file, quiet=True)
