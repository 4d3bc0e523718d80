"""A project whose notebooks take milliseconds, for tests of the runner: same names, same cells 1 to 3."""

from __future__ import annotations

import compileall
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from chipexports.params import RunParams

ROOT = Path(__file__).resolve().parents[1]
IMPORTS = (
    "import pandas as pd\n"
    "from chipexports.base.files import read_table, write_table\n"
    "from chipexports.base.paths import processed_dir\n"
    "here = processed_dir(params.run)"
)
FORECAST = """columns = "published_total mean median q025 q10 q25 q75 q90 q975".split()
row = dict(run=params.run, as_of=params.as_of, target_year=params.target_year, flow=params.flow,
           currency=params.currency, method="combination", months_published=8,
           **dict.fromkeys(columns, 10000.0), threshold=params.threshold, p_above=0.5, outturn=None, note="")
path = write_table(pd.DataFrame([row]), here / "forecast.csv")
names = "as_of target_year flow currency months_published published_total median threshold p_above".split()
none = "first_print latest outturn quoted_once estimated without_month without_median without_low"
words = dict(unit=params.unit, last_month="2024-08", low_80=9900.0, high_80=10100.0, months_fitted=100,
             months_fitted_estimated=0, **dict.fromkeys(f"{none} without_high without_p_above".split()))
path = write_table(pd.DataFrame([{n: row[n] for n in names} | words]), here / "answer.csv")"""
BODIES = {
    "01_collect_releases": (
        'path = write_table(pd.DataFrame({"period": ["2024-01"], "value": [1.5]}), here / "releases.csv")\n'
        'none = pd.DataFrame(columns="period flow currency due why".split())\n'
        'path = write_table(none, here / "missing.csv")'
    ),
    "02_clean_series": (
        'months = read_table(here / "releases.csv").assign(start=params.history_start)\n'
        'path = write_table(months, here / "monthly.csv")'
    ),
    "03_explore_exports": (
        'pd.DataFrame({"month": [1]}).assign(**{f"a wide column {i}": i for i in range(12)})'
    ),
    "04_model_exports": "1 + 1",
    "05_backtest_methods": (
        'scores = read_table(here / "monthly.csv").assign(seed=params.seed)\n'
        'path = write_table(scores, here / "scores.csv")'
    ),
    "06_forecast_full_year": 'read_table(here / "monthly.csv")\n' + FORECAST,
    "07_check_article": 'path = write_table(read_table(here / "monthly.csv"), here / "claims.csv")',
}
# what the tiny notebooks read from each other: the real ones read the record alone
NEEDS = {
    "02_clean_series": "01_collect_releases",
    "03_explore_exports": "01_collect_releases 02_clean_series",
    "05_backtest_methods": "02_clean_series",
    "06_forecast_full_year": "02_clean_series",
    "07_check_article": "01_collect_releases 02_clean_series",
}
CHECK = "from chipexports.params import check_notebook\nparams = check_notebook(globals())"


def notebook(body: str, *, tagged: bool = True) -> nbformat.NotebookNode:
    """Return a notebook of the project's form whose work is ``body``."""
    literals = "\n".join(f"{name} = {value!r}" for name, value in RunParams().literals().items())
    cells = [
        new_markdown_cell("# Question", id="question"),
        new_code_cell(literals, id="parameters", metadata={"tags": ["parameters"] if tagged else []}),
        new_code_cell(CHECK, id="check"),
        new_code_cell(IMPORTS, id="imports"),
        new_code_cell(body, id="work"),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def set_body(root: Path, name: str, body: str, *, tagged: bool = True) -> None:
    """Give the notebook ``name`` another body."""
    nbformat.write(notebook(body, tagged=tagged), root / "notebooks" / f"{name}.ipynb")


def make_tiny_project(root: Path) -> Path:
    """Make the project at ``root``: real package, parameter sets and raw data, tiny notebooks."""
    (root / "notebooks").mkdir(parents=True)
    for name in ("params", "data/raw"):
        shutil.copytree(ROOT / name, root / name)
    # a package of its own: a test may change it, and edits meanwhile change no fingerprint
    shutil.copytree(ROOT / "src", root / "src", ignore=shutil.ignore_patterns("*.egg-info"))
    steps = root / "src" / "chipexports" / "run" / "steps.py"
    text = steps.read_text(encoding="utf-8")
    for name, needs in NEEDS.items():
        text, count = re.subn(rf'("{name}",\s+)""', rf'\1"{needs}"', text)
        assert count == 1, name
    steps.write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "requirements.lock", root)
    shutil.copy(ROOT / "requirements.in", root)
    for name, body in BODIES.items():
        set_body(root, name, body)
    return root


def compiled(source: Path) -> Path:
    """Compile a copy of the package: each of its many processes would do that again, 0.8 s at a time."""
    compileall.compile_dir(source, quiet=2)
    return source


def environment(root: Path) -> dict[str, str]:
    """Return the environment of a command that works on ``root``."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("DASK_", "CHIPEXPORTS_"))
    }
    # the tiny notebooks need none of the statistics that kernels are given beforehand
    own = {"CHIPEXPORTS_ROOT": str(root), "PYTHONPATH": str(root / "src"), "CHIPEXPORTS_PRELOAD": "0"}
    return {**kept, **own}


def start(root: Path, *args: str) -> subprocess.Popen[str]:
    """Start a command of the package on ``root`` in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "chipexports", *args],
        env=environment(root),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def command(root: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the package on ``root`` to its end."""
    process = start(root, *args)
    out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess(args, process.returncode, out, err)


def files_of(root: Path, *folders: str) -> dict[str, bytes]:
    """Return every file below the given folders with its bytes, the manifest (it holds times) left out."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for folder in folders
        for path in sorted((root / folder).rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }
