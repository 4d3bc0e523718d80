"""The six notebooks: which parameters each one uses and which notebooks it reads from.

This table is the only place that says so. A parameter that is not listed for a notebook cannot be
read there (`chipexports.params.check_notebook` refuses), so what is listed is what a changed
parameter re-executes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from chipexports.base.errors import UsageError
from chipexports.base.paths import project_root

#: seconds a notebook may take unless another limit is given: one that hangs must not hold a run for ever
TIMEOUT = 1800.0


@dataclass(frozen=True)
class Step:
    """One notebook of a run: its name without ending, the notebooks and the parameters it reads."""

    name: str
    needs: tuple[str, ...]
    uses: frozenset[str]
    seconds: float  # about what it takes: of those ready the longest starts first

    @property
    def path(self) -> Path:
        """The notebook's file, in English."""
        return project_root() / "notebooks" / f"{self.name}.ipynb"

    def path_in(self, language: str) -> Path:
        """Return the file in a language: ``notebooks/zh`` holds the same cells with Chinese prose."""
        there = self.path.parent / language / self.path.name
        return there if there.is_file() else self.path

    @property
    def number(self) -> str:
        """The two digits the notebook's name starts with."""
        return self.name[:2]

    @property
    def declared(self) -> str:
        """The notebook's name and the parameters it may read, as they are handed to its kernel."""
        return " ".join([self.name, *sorted(self.uses)])


def _step(name: str, needs: str, uses: str, seconds: float) -> Step:
    return Step(name, tuple(needs.split()), frozenset(("run as_of language series " + uses).split()), seconds)


STEPS = (
    _step("01_collect_releases", "", "flow figure_formats", 1.0),
    _step("02_clean_series", "", "flow currency history_start figure_formats", 2.0),
    _step("03_explore_exports", "", "flow currency history_start figure_formats", 4.0),
    _step(
        "04_model_exports",
        "",
        "target_year flow currency methods combination n_paths seed levels threshold history_start "
        "figure_formats",
        9.0,
    ),
    _step(
        "05_backtest_methods",
        "",
        "target_year flow currency methods combination n_paths seed levels threshold history_start truth "
        "figure_formats",
        7.0,
    ),
    _step(
        "06_forecast_full_year",
        "",
        "target_year flow currency methods combination n_paths seed levels threshold history_start truth "
        "figure_formats",
        4.0,
    ),
    _step("07_check_article", "", "", 1.0),
)


#: the notebooks that say nothing of a series of one's own: the record's releases, and the article
OF_THE_RECORD = ("01_collect_releases", "07_check_article")


def steps_of(series: object) -> tuple[Step, ...]:
    """Return the notebooks of a run in order: all of them, or those that a series of one's own has."""
    return tuple(step for step in STEPS if not (series and step.name in OF_THE_RECORD))


def steps(series: object = None) -> list[Step]:
    """Return the notebooks of a run in order, each of them a notebook with its parameters cell."""
    folder = project_root() / "notebooks"
    present = {path.stem for path in folder.glob("0*.ipynb")}
    for step in STEPS:
        if step.name not in present:
            raise UsageError(f"notebooks/{step.name}.ipynb: is missing; restore it from the repository")
        check_parameters_cell(step.path)
    return list(steps_of(series))


def check_parameters_cell(path: Path) -> None:
    """Refuse a file that is not a notebook with exactly one cell tagged ``parameters``."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        tagged = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"notebooks/{path.name}: is not a notebook; restore it from the repository"
        ) from error
    if len(tagged) != 1:
        raise UsageError(
            f"notebooks/{path.name}: has {len(tagged)} cells tagged 'parameters'; tag exactly one, the second"
        )


def find_step(given: str, among: tuple[Step, ...] = STEPS) -> Step:
    """Return the notebook named by its number (``04``, ``4``) or its name."""
    for step in among:
        if given in (step.name, step.number, step.number.lstrip("0"), f"{step.name}.ipynb"):
            return step
    names = ", ".join(step.number for step in among)
    raise UsageError(f"--from {given}: there is no such notebook; take one of {names}")
