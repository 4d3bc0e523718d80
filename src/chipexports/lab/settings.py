"""The settings of the exploring notebook: checked like a run's parameters, saved as a parameter set."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chipexports.base.errors import ChipExportsError, UsageError
from chipexports.base.files import write_text_atomic
from chipexports.base.paths import project_root
from chipexports.params import RunParams, load_params
from chipexports.params.parse import build

BASE = "latest"
#: names in the environment the set that the page opens with
SET = "CHIPEXPORTS_SET"
MARK = "# Saved from notebooks/explore_forecast.ipynb; run it with: python -m chipexports run"
GROWTH_RANGE = (-90.0, 900.0)


@dataclass(frozen=True)
class Settings:
    """What the reader of the exploring notebook can turn."""

    as_of: str  # "YYYY-MM-DD": only what was published by the end of this day is used
    target_year: int
    flow: str = "export"
    currency: str = "USD"
    methods: tuple[str, ...] = ()
    combination: str = "score"
    threshold: float = 300000.0  # 100 million CNY or million USD
    growth: float | None = None  # scenario: of every remaining month over the year before, per cent
    base: str = BASE  # the set that says everything else, a series of one's own among it

    def with_(self, **changes: Any) -> Settings:
        """Return the settings with some changed."""
        return replace(self, **changes)

    def params(self, run: str = BASE, n_paths: int | None = None) -> RunParams:
        """Return the settings as a run's parameters, checked as those are."""
        if not self.methods:
            raise UsageError("methods: none is chosen; choose at least one")
        if self.growth is not None and not GROWTH_RANGE[0] <= self.growth <= GROWTH_RANGE[1]:
            low, high = GROWTH_RANGE
            raise UsageError(f"growth: {self.growth:g}% is out of range; take {low:g} to {high:g}%")
        changes = {
            "run": run,
            "as_of": self.as_of,
            "target_year": self.target_year,
            "flow": self.flow,
            "currency": self.currency,
            "methods": list(self.methods),
            "combination": self.combination,
            "threshold": float(self.threshold),
        }
        if n_paths is not None:
            changes["n_paths"] = n_paths
        return build(load_params(self.base).literals() | changes, {}, "settings")


def default_settings(base: str = BASE) -> Settings:
    """Return the settings of a set."""
    p = load_params(base)
    chosen = (p.as_of, p.target_year, p.flow, p.currency, tuple(p.methods), p.combination, p.threshold)
    return Settings(*chosen, base=base)


def save_settings(settings: Settings, name: str) -> tuple[Path, str]:
    """Write the settings as ``params/<name>.yaml``; return the file and the command that runs it.

    The scenario is no parameter of a run and is not saved; a set that was not saved from here is not
    overwritten.
    """
    name = name.strip()
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", name):
        raise UsageError(f"name: {name!r} is not a set's name; use up to 64 letters, digits, '-' and '_'")
    path = project_root() / "params" / f"{name}.yaml"
    if path.exists() and not path.read_text(encoding="utf-8").startswith(MARK):
        raise UsageError(f"params/{name}.yaml: was not saved from here and stays as it is; take another name")
    text = settings_text(settings.params(run=name), name, settings.base)
    if not path.parent.is_dir():
        raise ChipExportsError(f"params/: the folder is missing in {path.parent.parent.name}; restore it")
    write_text_atomic(path, text)
    return path, f"python -m chipexports run params/{name}.yaml"


def settings_text(params: RunParams, name: str, extended: str = BASE) -> str:
    """Return the file's text: what differs from the set it extends, dates quoted."""
    base = load_params(extended)
    lines = [f"{MARK} params/{name}.yaml", f"extends: {Path(extended).stem}", f"run: {name}"]
    for field, value in params.literals().items():
        if field == "run" or value == getattr(base, field):
            continue
        if isinstance(value, list):
            literal = "[" + ", ".join(map(str, value)) + "]"
        else:
            literal = f'"{value}"' if field in ("as_of", "history_start") else f"{value}"
        lines.append(f"{field}: {literal}")
    return "\n".join(lines) + "\n"
