"""Forecasts kept for good, and scored once their year is over: nothing else writes to ``data/forecasts``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chipexports.base.errors import UsageError
from chipexports.base.files import read_table, write_table
from chipexports.base.paths import processed_dir
from chipexports.params.sets import readable_path
from chipexports.run.fingerprint import Snapshot
from chipexports.run.manifest import existing_manifest
from chipexports.run.plan import states
from chipexports.run.verify import manifest_params

if TYPE_CHECKING:
    import pandas as pd

SHOWN = ["as_of", "target", "method", "median", "outturn", "outturn_ape_pct", "outturn_wis"]


def keep(run: str) -> str:
    """Append the forecast of a run, which must be up to date; return the sentence that says so."""
    from chipexports.backtest.archive import append_forecasts, archive_path, data_hash, hub_rows
    from chipexports.clean.monthly import to_series
    from chipexports.record.indicators import indicators_as_of

    manifest = existing_manifest(run)
    params = manifest_params(manifest, run)
    waiting = [state for state in states(params, manifest, Snapshot()) if state.word != "fresh"]
    if waiting:
        first = waiting[0]
        raise UsageError(
            f"{run}: {first.step.name} is {first.word} ({first.reasons[0]}); "
            f"run it first: python -m chipexports run {run}"
        )
    if params.series:
        raise UsageError(
            f"{run}: is on a series of one's own; the archive keeps forecasts of the customs' record, which "
            "are scored when the year is printed: keep the run itself with `python -m chipexports release`"
        )
    folder = processed_dir(run)
    series = to_series(read_table(folder / "monthly.csv"), params.flow, params.currency)
    data = data_hash(series.dropna(), indicators_as_of(params.as_of))
    decided = ("methods", "combination", "n_paths", "seed")
    literals = params.literals()
    settings = {name: tuple(v) if isinstance(v := literals[name], list) else v for name in decided}
    added = append_forecasts(hub_rows(read_table(folder / "forecast.csv"), settings=settings, data=data))
    place = readable_path(archive_path())
    return f"{run}: {added} rows added to {place}" if added else f"{run}: is in {place} already"


def score() -> str:
    """Score every archived forecast whose year is over; return the table as text.

    The outturn is the latest print of the year's total; ``outturn_ape_pct`` is the error of the
    median in percent of it, ``outturn_wis`` the weighted interval score in the unit of the target.
    """
    from chipexports.backtest.archive import read_archive, score_archive, scores_path

    table = score_archive(_outturn)
    if table.empty:
        n = read_archive()["target"].nunique()
        return f"none of the {n} years forecast in data/forecasts/forecasts.csv is over yet"
    place = write_table(table, scores_path())
    return f"{_text(table)}\n→ {readable_path(place)}"


def _outturn(target: str) -> float | None:
    from chipexports.record.outturn import outturn

    flow, currency, year = target.split("_")
    return outturn(int(year), flow, currency)


def _text(table: pd.DataFrame) -> str:
    digits = {"median": 0, "outturn": 0, "outturn_ape_pct": 1, "outturn_wis": 0}
    shown_table = table[SHOWN].copy()
    for name, places in digits.items():
        shown_table[name] = [f"{value:,.{places}f}" for value in table[name]]
    return shown_table.to_string(index=False)
