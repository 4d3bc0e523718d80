"""What of a run is fresh, stale, failed or missing, and why; what is left to do, and what is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chipexports.base.files import write_text_atomic
from chipexports.base.paths import project_root, reports_dir
from chipexports.base.reads import noted
from chipexports.params import RunParams
from chipexports.params.notebook import READS
from chipexports.run import manifest as manifests
from chipexports.run.fingerprint import Snapshot, differences, file_hash
from chipexports.run.steps import STEPS, Step, steps, steps_of
from chipexports.run.workspace import Workspace

if TYPE_CHECKING:
    from chipexports.run.execute import Result


@dataclass
class State:
    """The state of one notebook of a run."""

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
    hashes: dict[str, str] = {}
    for name in names:
        outputs = recorded(manifest, name).get("outputs", {})
        hashes.update({path: digest for path, digest in outputs.items() if not path.endswith(".ipynb")})
    return hashes


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


def state_of(step: Step, params: RunParams, manifest: Mapping[str, Any], now: Snapshot) -> State:
    """Return the state of one notebook, taking those it reads from as they are."""
    entry = recorded(manifest, step.name)
    if "failed" in entry:
        return State(step, "failed", [entry["failed"]["error"]])
    if "fingerprint" not in entry:
        return State(step, "missing", ["was never executed"])
    then = entry["fingerprint"]
    current = now.of_step(step, params, outputs_of(manifest, upstream(step)))
    current["reads"] = now.read(then.get("reads", ()))
    reasons = differences(then, current) + damaged(entry["outputs"])
    return State(step, "stale" if reasons else "fresh", reasons)


def states(params: RunParams, manifest: Mapping[str, Any], now: Snapshot) -> list[State]:
    """Return the state of every notebook; one that reads from a stale one is stale itself."""
    by_name: dict[str, State] = {}
    for step in steps_of(params.series):
        state = state_of(step, params, manifest, now)
        waiting = [name for name in upstream(step) if name in by_name and by_name[name].word != "fresh"]
        if state.word == "fresh" and waiting:
            state = State(step, "stale", [f"reads from {', '.join(waiting)}"])
        by_name[step.name] = state
    now.reach.save()
    return list(by_name.values())


class Work:
    """The work on one run: its parameters, its manifest and what is left to do."""

    def __init__(
        self,
        params: RunParams,
        *,
        forced: Iterable[Step] = (),
        timeout: float | None = None,
        report: bool = True,
    ) -> None:
        self.params = params
        self.timeout = timeout
        self.now = Snapshot()
        self.manifest = manifests.read_manifest(params.run)
        self.forced = {step.name for step in forced}
        self.left = {step.name: step for step in steps(params.series)}
        self.failed: list[Result] = []
        self.executed: list[str] = []
        self.concluded = 0
        self.report = report
        self.places: dict[str, Workspace] = {}
        self.begun: dict[str, dict[str, Any]] = {}

    def ready(self) -> list[Step]:
        """Return the notebooks left whose inputs are in place, the longest first; fresh ones are skipped."""
        in_place = []
        for step in list(self.left.values()):
            if any(name in self.left or name in self.places for name in upstream(step)):
                continue
            if step.name not in self.forced and self.state(step).word == "fresh":
                del self.left[step.name]
            else:
                in_place.append(step)
        return sorted(in_place, key=lambda step: -step.seconds)

    def state(self, step: Step) -> State:
        """Return the state of one notebook."""
        return state_of(step, self.params, self.manifest, self.now)

    def begin(self, step: Step) -> Path:
        """Make the scratch place of ``step`` and return its folder; take its fingerprint as it is now."""
        del self.left[step.name]
        inputs = outputs_of(self.manifest, upstream(step))
        self.begun[step.name] = self.now.of_step(step, self.params, inputs)
        place = self.places[step.name] = Workspace(self.params.run, step.name)
        return place.prepare(inputs)

    def finish(self, result: Result) -> None:
        """Put the outputs of a notebook in place, or keep the failed one beside the last good one."""
        name, run = result.step.name, self.params.run
        place = self.places.pop(name)
        failed = reports_dir(run) / f"{name}.failed.ipynb"
        log = failed.with_suffix(".log")
        entry = dict(recorded(self.manifest, name))
        if result.error is None:
            fingerprint = {**self.begun[name], "reads": noted(place.folder / READS)}
            outputs = place.commit(entry.get("outputs", ()))
            failed.unlink(missing_ok=True)
            log.unlink(missing_ok=True)
            entry = {"seconds": round(result.seconds, 3), "fingerprint": fingerprint, "outputs": outputs}
            self.executed.append(name)
        else:
            place.drop()
            self.failed.append(result)
            entry["failed"] = {"error": result.error}
            write_text_atomic(log, f"{result.error}\n\n{result.detail}".rstrip() + "\n")
            if result.executed:
                write_text_atomic(failed, result.executed)
        self.manifest["notebooks"][name] = entry
        self.save()

    @cached_property
    def head(self) -> dict[str, Any]:
        """What the run is made from, as the manifest says it."""
        return manifests.head(self.params, self.now)

    def save(self) -> None:
        """Write the manifest as it is now, notebooks in order."""
        done = self.manifest["notebooks"]
        self.manifest = {
            **self.head,
            "answer": self.manifest.get("answer"),
            "closing": self.manifest.get("closing", {}),
            "conclusion": self.manifest.get("conclusion", {}),
            "concluded_from": self.manifest.get("concluded_from", {}),
            "notebooks": {step.name: done[step.name] for step in STEPS if step.name in done},
        }
        manifests.write_manifest(self.params.run, self.manifest)
