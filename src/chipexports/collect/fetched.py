"""What a collector brings home: a checked table, where it came from, and the way it is written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pandera.errors
import pandera.pandas as pa

from chipexports.base.files import FLOAT_FORMAT, write_bytes_atomic, write_text_atomic
from chipexports.base.paths import raw_dir
from chipexports.collect.errors import SERVED, FetchError, undocumented
from chipexports.collect.kept import sidecar_text, today
from chipexports.record.schema import MONTH

MONTHS = pa.Check.str_matches(f"^{MONTH.pattern}$")


@dataclass(frozen=True)
class Fetched:
    """A table that was fetched and has passed its checks."""

    folder: str  # below data/raw
    name: str  # of the file, without day and ending
    table: pd.DataFrame
    about: dict[str, str] = field(default_factory=dict)  # for the sidecar: publisher, address, unit
    remarks: tuple[str, ...] = ()  # what the user must know, such as months the source has no rows for
    record: pd.DataFrame = field(default_factory=pd.DataFrame)  # rows for the record; mostly none

    @property
    def path(self) -> Path:
        """Where the table is written; the day is part of the name, so that no earlier one is replaced."""
        return raw_dir() / self.folder / "fetched" / f"{self.name}_{today()}.csv"


def checked(table: pd.DataFrame, schema: pa.DataFrameSchema, source: str) -> pd.DataFrame:
    """Return a table that meets its schema; refuse another, naming column and check but no value."""
    try:
        return schema.validate(table, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        error = errors.schema_errors[0]
        where = f"column {error.schema.name!r}" if getattr(error.schema, "name", None) else "the table"
        reason = str(error.reason_code or "check").split(".")[-1].lower().replace("_", " ")
        raise undocumented(source, f"{where}: {reason}") from None


def monthly_series(
    table: pd.DataFrame, bundled: str, source: str, *, between: tuple[float, float], within: float = 0.1
) -> pd.DataFrame:
    """Return a fetched monthly series that is one, and is like the bundled one of the same column.

    Refused are months out of order or given twice, values not ``between`` two bounds in the unit of the
    column, and a median ratio to the common months of ``bundled`` (below data/raw) that is off 1 by more
    than ``within``: a changed unit or series shows at once.
    """
    (value,) = table.columns.drop("period")
    in_order = pa.Check(lambda t: t["period"].is_monotonic_increasing and len(t) > 0, error="months in order")
    columns = {"period": pa.Column(str, MONTHS, unique=True)}
    columns[value] = pa.Column(float, pa.Check.in_range(*between))
    table = checked(table, pa.DataFrameSchema(columns, checks=in_order, strict=True), source)
    if not (raw_dir() / bundled).exists():
        return table
    ours = pd.read_csv(raw_dir() / bundled, dtype={"period": str}).groupby("period")[value].last()
    ratios = (table.set_index("period")[value] / ours).dropna()
    ratio = ratios.median()
    if len(ratios) >= 3 and not abs(ratio - 1) <= within:
        raise FetchError(
            f"{source}: the answer is {ratio:.3g} times the bundled series over {len(ratios)} common months, "
            f"so unit or series changed; {SERVED}"
        )
    return table


def write_fetched(items: list[Fetched]) -> list[Path]:
    """Write tables and sidecars, each at one stroke; called only when all answers have passed.

    A table of the same name and day with other content stays (the day may come again when a clock is
    set back): the new one is numbered.
    """
    written = []
    for item in items:
        text = item.table.to_csv(index=False, float_format=FLOAT_FORMAT, lineterminator="\n")
        content = text.encode("utf-8")
        digest = hashlib.sha256(content).hexdigest()
        about = {**item.about, "date_taken_in": today(), "rows": len(item.table), "sha256": digest}
        path = _free(item.path, content)
        write_bytes_atomic(path, content)
        write_text_atomic(path.with_suffix(".yml"), sidecar_text(about))
        written.append(path)
    return written


def _free(path: Path, content: bytes) -> Path:
    """Return ``path``, or its first numbered sister, that holds nothing or this content."""
    free, number = path, 1
    while free.exists() and free.read_bytes() != content:
        number += 1
        free = path.with_stem(f"{path.stem}_{number}")
    return free
