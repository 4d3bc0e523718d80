"""A run: the notebooks on one parameter set, in order, through papermill."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable

from chipexports.errors import ChipExportsError
from chipexports.params import check_record, load_params
from chipexports.paths import project_root, reports_dir
from chipexports.run.steps import steps


def run_set(
    path, overrides: Iterable[str] = (), *, force=False, from_notebook=None, warm=True, timeout=None
) -> str:
    """Execute the notebooks on a parameter set and return the answer's line."""
    import papermill
    from tqdm import tqdm

    params = check_record(load_params(path, overrides))
    out = reports_dir(params.run)
    out.mkdir(parents=True, exist_ok=True)
    todo = steps()
    bar = tqdm(total=len(todo), disable=not sys.stderr.isatty(), unit="notebook")
    for step in todo:
        started = time.perf_counter()
        bar.set_description(step.name)
        try:
            papermill.execute_notebook(
                step.path,
                out / f"{step.name}.ipynb",
                params.literals(),
                cwd=project_root() / "notebooks",
                progress_bar=False,
            )
        except papermill.PapermillExecutionError as error:
            raise ChipExportsError(
                f"notebooks/{step.name}.ipynb failed in cell {error.cell_index + 1}: {error.ename}: {error.evalue}"
            ) from error
        bar.update()
        if bar.disable:
            print(f"{step.name}  {time.perf_counter() - started:.1f} s", flush=True)
    bar.close()
    from chipexports.stages.forecast import answer_line

    line = answer_line(params.run)
    print(line)
    return line
