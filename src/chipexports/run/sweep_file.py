"""A sweep's file: many parameter sets described as a product or a list."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chipexports.base.errors import UsageError
from chipexports.base.paths import RUN_NAME, project_root
from chipexports.params import RunParams
from chipexports.params.parse import build, known_name
from chipexports.params.sets import chain, read_yaml, readable_path, set_path
from chipexports.run.fingerprint import combined

KEYS = ("extends", "fixed", "product", "list")
LATEST = "latest"


@dataclass(frozen=True)
class Sweep:
    """A name and the checked parameter sets that belong to it, in order, each with a name of its own."""

    name: str
    varied: tuple[str, ...]
    sets: tuple[RunParams, ...]


def load_sweep(given: str | os.PathLike[str]) -> Sweep:
    """Return the sweep described by a file.

    The file extends one set (``extends: latest``), may fix values for all (``fixed:``), and holds a
    ``product:`` (name: list of values, every combination) or a ``list:`` (of mappings). In a product
    ``as_of`` may be ``{months: [2024-01, latest]}``: the days on which these months became known,
    each with its own year as the target. Parameters that go together are a list of mappings
    under a name of your own: ``unit: [{currency: CNY, threshold: 10000}, …]``.
    """
    path = _sweep_path(given)
    where = readable_path(path)
    described = read_yaml(path)
    for key in described:
        if key not in KEYS:
            raise UsageError(f"{where}: {key}: is not part of a sweep; it has {', '.join(KEYS)}")
    parent = described.get("extends", LATEST)
    if not isinstance(parent, str):
        raise UsageError(
            f"{where}: extends: {parent!r} is not the name of a set; write e.g. `extends: latest`"
        )
    values, origins = chain(
        set_path(project_root() / "params" / f"{Path(parent).name.removesuffix('.yaml')}.yaml")
    )
    fixed = _mapping(described.get("fixed", {}), f"{where}: fixed")
    rows = _rows(described, where, {**values, **fixed}.get("series"))
    varied = tuple(dict.fromkeys(name for row in rows for name in row))
    sets: list[RunParams] = []
    for number, row in enumerate(rows, 1):
        place = f"{where}: set {number}"
        named = {**values, **fixed, **row, "run": _name(path.stem, row)}
        sets.append(build(named, {**origins, **dict.fromkeys([*fixed, *row], place)}, place))
    _refuse_repeats(sets, where)
    return Sweep(path.stem, varied, tuple(sets))


def _sweep_path(given: str | os.PathLike[str]) -> Path:
    folder = project_root() / "params" / "sweeps"
    for candidate in (Path(given), project_root() / given, folder / f"{given}.yaml"):
        if candidate.is_file():
            if not RUN_NAME.fullmatch(candidate.stem):
                raise UsageError(f"{given}: name the sweep's file with letters, digits, '-' and '_' only")
            return candidate.resolve()
    known = ", ".join(sorted(p.stem for p in folder.glob("*.yaml")))
    raise UsageError(f"{given}: there is no such sweep; in params/sweeps/ there are {known or 'none'}")


def _mapping(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise UsageError(f"{where}: {value!r} holds no parameters; write `name: value`")
    for name in value:
        known_name(str(name), where)
        if name == "run":
            raise UsageError(f"{where}: run: every set of a sweep gets a name of its own; leave it out")
    return dict(value)


def _rows(described: Mapping[str, Any], where: str, series: object) -> list[dict[str, Any]]:
    if ("product" in described) == ("list" in described):
        raise UsageError(f"{where}: write either `product:` or `list:`")
    if "list" in described:
        listed = described["list"]
        if not isinstance(listed, list) or not listed:
            raise UsageError(f"{where}: list: is empty; write one `- name: value` or more")
        return [_mapping(row, f"{where}: list: entry {n}") for n, row in enumerate(listed, 1)]
    product = described["product"]
    if not isinstance(product, Mapping):
        raise UsageError(f"{where}: product: {product!r} holds no parameters; write `name: [value, …]`")
    axes = [_axis(name, values, f"{where}: product: {name}", series) for name, values in product.items()]
    if not axes:
        raise UsageError(f"{where}: product: is empty; write `name: [value, …]`")
    return [dict(itertools.chain(*(d.items() for d in combo))) for combo in itertools.product(*axes)]


def _axis(name: str, values: Any, where: str, series: object) -> list[dict[str, Any]]:
    if name == "as_of" and isinstance(values, Mapping):
        return _months(values, where, series)
    if not isinstance(values, list) or not values:
        raise UsageError(f"{where}: {values!r} is not a list of values; write [a, b]")
    if all(isinstance(value, Mapping) for value in values):
        return [_mapping(value, f"{where}: entry {number}") for number, value in enumerate(values, 1)]
    _mapping({name: values}, where)
    return [{name: value} for value in values]


def _months(values: Mapping[str, Any], where: str, series: object) -> list[dict[str, Any]]:
    """Return as_of and target_year for every month of ``{months: [first, last]}``."""
    span = values.get("months")
    if set(values) != {"months"} or not isinstance(span, list) or len(span) != 2:
        raise UsageError(f"{where}: write {{months: [first, last]}}, e.g. {{months: [2024-01, latest]}}")
    first, last = map(str, span)
    for month in (first, last):
        if month != LATEST and not re.fullmatch(r"(19|20)\d\d-(0[1-9]|1[0-2])", month):
            raise UsageError(f"{where}: {month!r} is not a month; write YYYY-MM, or latest as the last one")
    days = _own_days(first, last, series) if series else _release_days(first, last)
    if not days:
        raise UsageError(f"{where}: there is no month from {first} to {last}; put the earlier one first")
    return [{"as_of": day, "target_year": year} for day, year in days.items()]


def _release_days(first: str, last: str) -> dict[str, str]:
    """Return the years of the days on which the customs published months."""
    from chipexports.record.calendar import as_of_dates
    from chipexports.record.releases import read_releases

    if last == LATEST:
        releases = read_releases()
        last = str(releases.loc[releases["commodity"] == "gacc_ic", "period_end"].max())
    # January and February come out on one day: one set for both
    return {str(day): str(period)[:4] for period, day in as_of_dates(first, last)}


def _own_days(first: str, last: str, series: object) -> dict[str, str]:
    """Return the years of the days on which months of a series of one's own became known."""
    from chipexports.series.settings import series_settings

    read = series_settings(series).read()
    known = read.published[read.values.notna()]
    months = known.index.astype(str)
    chosen = known[(months >= first) & ((months <= last) | (last == LATEST))]
    return {str(day.date()): str(month)[:4] for month, day in chosen.items()}


def _name(sweep: str, row: Mapping[str, Any]) -> str:
    """Return a run's name from what distinguishes the set; a hash where that is too long."""
    words = [re.sub(r"[^A-Za-z0-9.-]+", "_", str(v)).replace(".", "_").strip("_") for v in row.values()]
    name = "-".join([sweep, *words])
    return name if len(name) <= 64 else f"{sweep[:40]}-{combined(dict(row))[:12]}"


def _refuse_repeats(sets: list[RunParams], where: str) -> None:
    seen: dict[str, int] = {}
    for number, params in enumerate(sets, 1):
        same = combined({k: v for k, v in params.literals().items() if k != "run"})
        if same in seen:
            raise UsageError(f"{where}: set {number} is the same as set {seen[same]}; remove one")
        seen[same] = number
