"""What of a run is fresh, stale, failed or missing, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chipexports.base.paths import project_root
from chipexports.params import RunParams
from chipexports.run.fingerprint import differences, file_hash, fingerprint
from chipexports.run.steps import STEPS, Step


@dataclass
class State:
    """How one notebook of a run stands."""

    step: Step
    word: str  # fresh | stale | failed | missing
    reasons: list[str] = field(default_factory=list)

    @property
    def line(self) -> str:
        """The line that ``status`` prints."""
        return f"{self.step.name:<24}{self.word:<9}{'; '.join(self.reasons)}".rstrip()


def recorded(manifest: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return what the manifest says of one notebook; empty when it has not run."""
    return manifest["notebooks"].get(name, {})


def outputs_of(manifest: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    """Return path to hash of the outputs of notebooks, without the executed notebooks themselves."""
    found: dict[str, str] = {}
    for name in names:
        outputs = recorded(manifest, name).get("outputs", {})
        found.update({path: digest for path, digest in outputs.items() if not path.endswith(".ipynb")})
    return found


def upstream(step: Step) -> tuple[str, ...]:
    """Return every notebook that ``step`` reads from, directly or by way of another, in order."""
    needed = set(step.needs)
    for other in reversed(STEPS):
        if other.name in needed:
            needed |= set(other.needs)
    return tuple(other.name for other in STEPS if other.name in needed)


def damaged(outputs: Mapping[str, str]) -> list[str]:
    """Return in words which outputs are gone or differ from their hash."""
    words = []
    for name, digest in outputs.items():
        path = project_root() / name
        if not path.is_file():
            words.append(f"{name} is gone")
        elif file_hash(path) != digest:
            words.append(f"{name} was changed since")
    return words


def current(step: Step, params: RunParams, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fingerprint ``step`` would have if it were executed now."""
    return fingerprint(step.path, step.uses, params.literals(), outputs_of(manifest, upstream(step)))


def state_of(step: Step, params: RunParams, manifest: Mapping[str, Any]) -> State:
    """Say how one notebook stands, taking those it reads from as they are."""
    entry = recorded(manifest, step.name)
    if "failed" in entry:
        return State(step, "failed", [entry["failed"]["error"]])
    if "fingerprint" not in entry:
        return State(step, "missing", ["was never executed"])
    reasons = differences(entry["fingerprint"], current(step, params, manifest)) + damaged(entry["outputs"])
    return State(step, "stale" if reasons else "fresh", reasons)


def states(params: RunParams, manifest: Mapping[str, Any]) -> list[State]:
    """Say how every notebook stands; one that reads from a stale one is stale itself."""
    found: dict[str, State] = {}
    for step in STEPS:
        state = state_of(step, params, manifest)
        waiting = [name for name in upstream(step) if found[name].word != "fresh"]
        if state.word == "fresh" and waiting:
            state = State(step, "stale", [f"reads from {', '.join(waiting)}"])
        found[step.name] = state
    return list(found.values())
