"""The archive of forecasts: those somebody chose to keep, in hub rows, appended once and never rewritten."""

from __future__ import annotations

import ast
import hashlib
import io
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from chipexports import forecast
from chipexports.base.errors import ChipExportsError
from chipexports.base.files import FLOAT_FORMAT, write_text_atomic
from chipexports.base.locks import held
from chipexports.base.paths import project_root
from chipexports.forecast.distribution import BOUNDS, QUANTILES
from chipexports.forecast.methods.task import YEAR
from chipexports.record import festival

KEY = ["as_of", "target", "horizon", "method", "output_type", "output_type_id", "settings", "data_hash"]
#: another processor's last digits are the same forecast; more is another one
SAME_RTOL = 1e-3
COLUMNS = [*KEY, "code_version", "unit", "value"]


def archive_path() -> Path:
    """Return ``data/forecasts/forecasts.csv``."""
    return project_root() / "data" / "forecasts" / "forecasts.csv"


def scores_path() -> Path:
    """Return ``data/forecasts/scores.csv``."""
    return archive_path().with_name("scores.csv")


@lru_cache(maxsize=1)
def code_version() -> str:
    """Return the first twelve hex digits of the sha256 of the engine's code and stored tables.

    Words about the code are left out: another comment is no other engine.
    """
    root = Path(forecast.__file__).parent
    files = [*sorted(root.glob("*.py")), *sorted((root / "methods").glob("*.py")), Path(festival.__file__)]
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + without_words(file.read_text(encoding="utf-8")).encode())
    for file in sorted(root.rglob("*.csv")):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def without_words(source: str) -> str:
    """Return Python source without docstrings, blank lines and lines that are comments."""
    left_out: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
            and ast.get_docstring(node) is not None
        ):
            words = node.body[0]
            left_out.update(range(words.lineno, (words.end_lineno or words.lineno) + 1))
    lines = enumerate(source.splitlines(), start=1)
    return "\n".join(
        line for n, line in lines if n not in left_out and line.strip() and not line.lstrip().startswith("#")
    )


def data_hash(series: pd.Series, indicators: pd.DataFrame | None = None) -> str:
    """Return twelve hex digits of the sha256 of what a forecast was made from, to ten significant digits."""
    text = series.to_csv(float_format=FLOAT_FORMAT, header=False)
    if indicators is not None:
        text += indicators.to_csv(float_format=FLOAT_FORMAT)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def hub_rows(forecast: pd.DataFrame, *, settings: Mapping[str, object], data: str) -> pd.DataFrame:
    """Return a run's ``forecast.csv`` as hub rows: a quantile or the mean each, of every method and the pool.

    ``settings`` are what else decides the numbers (methods, combination, n_paths, seed), kept as a short
    hash, and ``data`` is a `data_hash`. Layout after hubverse: ``target`` as in ``export_USD_2026``,
    ``horizon`` the months not published.
    """
    fixed: dict[str, object] = {
        "settings": hashlib.sha256(repr(sorted(settings.items())).encode()).hexdigest()[:8],
        "data_hash": data,
        "code_version": code_version(),
    }
    rows = []
    for row in forecast.to_dict("records"):
        fixed |= {name: row[name] for name in ("as_of", "method", "unit")}
        fixed["target"] = f"{row['flow']}_{row['currency']}_{row['target_year']}"
        fixed["horizon"] = YEAR - int(row["months_published"])
        for name, level in QUANTILES.items():
            rows.append(
                {**fixed, "output_type": "quantile", "output_type_id": f"{level:g}", "value": row[name]}
            )
        rows.append({**fixed, "output_type": "mean", "output_type_id": "", "value": row["mean"]})
    return pd.DataFrame(rows, columns=COLUMNS)


def read_archive(path: Path | None = None) -> pd.DataFrame:
    """Return the archive, a quantile or mean a row, identifiers as text; empty where none is archived yet."""
    path = path or archive_path()
    if not path.is_file():
        return pd.DataFrame(columns=COLUMNS)
    return _parse(path.read_text(encoding="utf-8"))


def _parse(text: str) -> pd.DataFrame:
    kinds = dict.fromkeys(COLUMNS, str) | {"horizon": int, "value": float}
    return pd.read_csv(io.StringIO(text), dtype=kinds, keep_default_na=False)


def append_forecasts(rows: pd.DataFrame, path: Path | None = None) -> int:
    """Append the rows that are not archived yet and return how many; nothing is ever rewritten.

    The same forecast (date, target, method, settings, data and code) with another value is refused.
    """
    path = path or archive_path()
    busy = f"{path}: another process has been writing to it for a minute; wait for it, then try again"
    unwritable = f"{path.parent}: cannot be written ({{reason}}); the archive is unchanged"
    with held(Path(f"{path}.lock"), timeout=60, busy=busy, unwritable=unwritable):
        old = path.read_text(encoding="utf-8") if path.is_file() else ",".join(COLUMNS) + "\n"
        keys = [*KEY, "code_version"]
        text = rows[COLUMNS].to_csv(index=False, float_format=FLOAT_FORMAT, lineterminator="\n")
        new = _parse(text)
        both = new.merge(_parse(old)[[*keys, "value"]], on=keys, how="left", suffixes=("", "_old"))
        clash = both["value_old"].notna() & ~np.isclose(both["value"], both["value_old"], rtol=SAME_RTOL)
        if clash.any():
            row = both[clash].iloc[0]
            raise ChipExportsError(
                f"{path.name}: {row['target']} as of {row['as_of']}, {row['method']}, is archived with "
                "another value; a row is never rewritten, so change the code or the settings, not the row"
            )
        lines = text.splitlines(keepends=True)[1:]
        fresh = [line for line, known in zip(lines, both["value_old"].notna(), strict=True) if not known]
        if fresh:
            write_text_atomic(path, old + "".join(fresh))
    return len(fresh)


def score_archive(outturn: Callable[[str], float | None], path: Path | None = None) -> pd.DataFrame:
    """Return the weighted interval score of each archived forecast whose outturn is known.

    ``outturn`` gives the total of a target's year, None while it is not known.
    """
    from chipexports.backtest.rules import weighted_interval_score

    rows = read_archive(path)
    rows = rows[rows["output_type"] == "quantile"]
    group = ["as_of", "target", "horizon", "method", "settings", "data_hash", "code_version"]
    scored = []
    for key, part in rows.groupby(group, sort=False):
        labels = dict(zip(group, key, strict=True))
        total = outturn(str(labels["target"]))
        if total is None:
            continue
        at = dict(zip(part["output_type_id"].astype(float), part["value"], strict=True))
        q = {name: at[level] for name, level in QUANTILES.items()}
        bounds = [(level / 100, q[low], q[high]) for level, (low, high) in BOUNDS.items()]
        wis = weighted_interval_score(q["median"], bounds, total)
        labels |= {"median": q["median"], "outturn": total, "outturn_wis": wis}
        scored.append({**labels, "outturn_ape_pct": 100 * abs(q["median"] / total - 1)})
    columns = [*group, "median", "outturn", "outturn_ape_pct", "outturn_wis"]
    return pd.DataFrame(scored, columns=columns)
