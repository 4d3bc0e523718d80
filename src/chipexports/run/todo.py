"""What of a run is left to do, and what becomes of a notebook that is done."""

from __future__ import annotations

from collections.abc import Iterable

from chipexports.base.files import write_text_atomic
from chipexports.base.paths import reports_dir
from chipexports.params import RunParams
from chipexports.run import manifest as manifests
from chipexports.run.plan import current, outputs_of, recorded, state_of, upstream
from chipexports.run.steps import STEPS, Step, steps
from chipexports.run.worker import Result
from chipexports.run.workspace import Workspace


class Run:
    """One run: its parameters, its manifest and what is left to do."""

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
        self.manifest = manifests.read_manifest(params.run)
        self.forced = {step.name for step in forced}
        self.left = {step.name: step for step in steps()}
        self.failed: list[Result] = []
        self.executed: list[str] = []
        self.concluded = 0
        self.report = report
        self.places: dict[str, Workspace] = {}

    def ready(self) -> list[Step]:
        """Return the notebooks left whose inputs are in place, the longest first; fresh ones are let be."""
        found = []
        for step in list(self.left.values()):
            if any(name in self.left or name in self.places for name in upstream(step)):
                continue
            if step.name not in self.forced and state_of(step, self.params, self.manifest).word == "fresh":
                del self.left[step.name]
            else:
                found.append(step)
        return sorted(found, key=lambda step: -step.seconds)

    def begin(self, step: Step):
        """Make the scratch place of ``step`` and return its folder."""
        del self.left[step.name]
        place = self.places[step.name] = Workspace(self.params.run, step.name)
        return place.prepare(outputs_of(self.manifest, upstream(step)))

    def finish(self, result: Result) -> None:
        """Put the outputs of a notebook in place, or keep the failed one beside the last good one."""
        name, run = result.step.name, self.params.run
        place = self.places.pop(name)
        failed = reports_dir(run) / f"{name}.failed.ipynb"
        log = failed.with_suffix(".log")
        entry = dict(recorded(self.manifest, name))
        if result.error is None:
            fingerprint = current(result.step, self.params, self.manifest)
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

    def save(self) -> None:
        """Write the manifest as it now stands, notebooks in order."""
        done = self.manifest["notebooks"]
        self.manifest = {
            **manifests.head(self.params),
            "answer": self.manifest.get("answer"),
            "conclusion": self.manifest.get("conclusion", {}),
            "notebooks": {step.name: done[step.name] for step in STEPS if step.name in done},
        }
        manifests.write_manifest(self.params.run, self.manifest)
