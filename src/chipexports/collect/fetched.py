"""What a collector brings home: a checked table, where it came from, and the way it is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pandera.errors
import pandera.pandas as pa

from chipexports.base.files import FLOAT_FORMAT, write_bytes_atomic, write_text_atomic
from chipexports.base.paths import raw_dir
from chipexports.collect.errors import FetchError
from chipexports.collect.http import SERVED
from chipexports.collect.sidecar import dump, sha256, today

MONTH = r"^(19|20)\d{2}-(0[1-9]|1[0-2])$"


@dataclass(frozen=True)
class Fetched:
    """A table fetched from ``publisher``: ``folder`` below data/raw, and what its sidecar says.

    Attributes
    ----------
    folder : str
        Folder below data/raw.
    name : str
        File name without day and ending.
    table : DataFrame
        As the source documents it, checked.
    about : dict of str to str
        What the sidecar says: publisher, address, unit.
    remarks : tuple of str
        What the user must know of it, such as months the source has no rows for.
    record : DataFrame
        Rows for the record, as `chipexports.record.releases.append_rows` takes them; empty for most sources.
    """

    folder: str
    name: str
    table: pd.DataFrame
    about: dict[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    record: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def path(self) -> Path:
        """Where the table is written; the day is part of the name, so that no earlier one is replaced."""
        return raw_dir() / self.folder / "fetched" / f"{self.name}_{today()}.csv"


def checked(table: pd.DataFrame, schema: pa.DataFrameSchema, source: str) -> pd.DataFrame:
    """Return ``table`` when it meets ``schema``.

    Parameters
    ----------
    table : DataFrame
        What an answer was read into.
    schema : DataFrameSchema
        What the source documents.
    source : str
        Name of the source, for the error.

    Returns
    -------
    DataFrame
        The same table.

    Raises
    ------
    FetchError
        Names the column and the check, not the value.
    """
    try:
        return schema.validate(table)
    except pandera.errors.SchemaError as error:
        where = f"column {error.schema.name!r}" if getattr(error.schema, "name", None) else "the table"
        reason = str(error.reason_code or "check").split(".")[-1].lower().replace("_", " ")
        raise FetchError(f"{source}: the answer is not as documented ({where}: {reason}); {SERVED}") from None


def monthly_schema(value: str, low: float, high: float) -> pa.DataFrameSchema:
    """Return the schema of a monthly series: months in order, once each, values between two bounds.

    Parameters
    ----------
    value : str
        Name of the column of values.
    low, high : float
        Bounds of a possible value, in the column's unit.

    Returns
    -------
    DataFrameSchema
        Columns ``period`` ("YYYY-MM") and ``value``, no other.
    """
    return pa.DataFrameSchema(
        {
            "period": pa.Column(str, pa.Check.str_matches(MONTH), unique=True),
            value: pa.Column(float, pa.Check.in_range(low, high)),
        },
        checks=pa.Check(
            lambda t: t["period"].is_monotonic_increasing and len(t) > 0, error="months in order"
        ),
        strict=True,
    )


def like_the_bundled(
    table: pd.DataFrame, value: str, bundled: Path, source: str, within: float = 0.1
) -> None:
    """Hold a fetched monthly series against the bundled one: a changed unit or series shows at once.

    Parameters
    ----------
    table : DataFrame
        ``period`` and the column ``value``, a row a month.
    value : str
        Name of the column of values, the same in both tables.
    bundled : Path
        The table that came with the project; none there, nothing is checked.
    source : str
        Name of the source, for the error.
    within : float
        Share by which the median ratio may be off 1.

    Raises
    ------
    FetchError
        The median ratio of common months is off by more than ``within``.
    """
    if not bundled.exists():
        return
    ours = pd.read_csv(bundled, dtype={"period": str}).groupby("period")[value].last()
    both = table.set_index("period")[value].to_frame("new").join(ours.rename("old"), how="inner").dropna()
    if len(both) < 3:
        return
    ratio = float((both["new"] / both["old"]).median())
    if not abs(ratio - 1) <= within:
        raise FetchError(
            f"{source}: the answer is {ratio:.3g} times the bundled series over {len(both)} common months, "
            f"so unit or series changed; {SERVED}"
        )


def write_fetched(items: list[Fetched]) -> list[Path]:
    """Write tables and sidecars, each at one stroke; called only when all answers have passed.

    A table of the same name and day with other content stays (the day may come again when a clock is
    set back): the new one is numbered.
    """
    written = []
    for item in items:
        text = item.table.to_csv(index=False, float_format=FLOAT_FORMAT, lineterminator="\n")
        content = text.encode("utf-8")
        about = {**item.about, "date_taken_in": today(), "rows": len(item.table), "sha256": sha256(content)}
        path = _free(item.path, content)
        write_bytes_atomic(path, content)
        write_text_atomic(path.with_suffix(".yml"), dump(about))
        written.append(path)
    return written


def _free(path: Path, content: bytes) -> Path:
    """Return ``path``, or its first numbered sister, that holds nothing or this content."""
    found, number = path, 1
    while found.exists() and found.read_bytes() != content:
        number += 1
        found = path.with_stem(f"{path.stem}_{number}")
    return found
