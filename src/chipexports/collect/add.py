"""Taking saved pages into the record: all of them or none, and never over what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from chipexports.base.files import write_bytes_atomic, write_text_atomic
from chipexports.collect.evidence import record_witness
from chipexports.collect.kept import page_copy, page_copy_path, page_sidecar, page_sidecar_path
from chipexports.collect.pages import Page, read_page
from chipexports.record import calendar
from chipexports.record.quantities import is_known
from chipexports.record.releases import append_rows, read_releases
from chipexports.record.standing import OWN_TABLE
from chipexports.record.vintage import LINE


@dataclass(frozen=True)
class Added:
    """What became of the pages: each page, its remarks, and how many rows of the record are new."""

    pages: tuple[Page, ...]
    remarks: tuple[str, ...]
    new_rows: int


def publication_day(page: Page) -> tuple[str, str]:
    """Return the day from which the figures of a page count as published, and its basis.

    See `chipexports.record.calendar.publication_day`: no figure may be seen too early.
    """
    full_table = page.title.lstrip("( ").startswith(("13", "14"))
    day, basis = calendar.publication_day(page.period, page.currency, page.printed, full_table)
    return day.isoformat(), basis


def release_rows(page: Page) -> tuple[pd.DataFrame, list[str]]:
    """Return the figures of a page as `append_rows` takes them, and remarks on what was left out.

    Left out are quantities of other lines than integrated circuits whose unit the record does not know.
    """
    figures = page.figures
    others = figures[(figures["measure"] == "quantity") & (figures["commodity"] != LINE)]
    left_out = others[~others["unit"].map(is_known).astype(bool)]
    remarks = [
        f"row {row} ({label!r}): quantities in {unit!r} are left out, the unit is not known"
        for row, label, unit in left_out[["row", "label", "unit"]].drop_duplicates().itertuples(index=False)
    ]
    figures = figures.drop(index=left_out.index)
    published, basis = publication_day(page)
    printed = page.printed.isoformat() if page.printed else ""
    rows = figures[["flow", "commodity", "period_start", "period_end", "measure", "unit", "edition"]].copy()
    rows["value"] = figures["text"]
    rows["published"], rows["published_basis"] = published, basis
    rows["published_text"] = printed
    rows["source"] = f"{OWN_TABLE}{page.title}, page dated {printed or 'not at all'}"
    rows["confidence"] = "seen-once"
    rows["note"] = [
        "; ".join(filter(None, (f"line {label}", parent and f"indented under {parent}", remark)))
        for label, parent, remark in figures[["label", "parent", "remark"]].itertuples(index=False)
    ]
    return rows, remarks


def add_pages(paths: Iterable[str | Path], say: Callable[[str], None] = lambda _: None) -> Added:
    """Read all pages, then add their figures to the record; to data/raw/gacc/pages each page and a sidecar.

    Adding a page twice changes nothing. A page that contradicts the record is kept as a later vintage.
    If one page cannot be read, nothing is written and the record stays as it was, byte for byte. ``say``
    is called with one line for each page read.
    """
    witness = record_witness()
    pages = [read_page(path, witness) for path in paths]
    tables, remarks = [], []
    for page in pages:
        rows, left_out = release_rows(page)
        tables.append(rows)
        remarks += [f"{page.file}: {text}" for text in (*page.remarks, *left_out)]
        say(f"{page.file}: {describe(page)}")
    new = _write(pages, pd.concat(tables, ignore_index=True)) if tables else 0
    return Added(tuple(pages), tuple(remarks), new)


def _write(pages: list[Page], rows: pd.DataFrame) -> int:
    """Write sidecars and pages, then the record at one stroke; without the record none of them stays."""
    written = []
    try:
        for page in pages:
            path, copy = page_sidecar_path(page), page_copy_path(page)
            if not copy.exists():
                written.append(copy)
                write_bytes_atomic(copy, page_copy(page))
            if not path.exists():
                written.append(path)
                write_text_atomic(path, page_sidecar(page, *publication_day(page)))
        return append_rows(rows)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise


def describe(page: Page) -> str:
    """Return in one line what a page is."""
    number = page.figures["commodity"].nunique()
    lines = "1 commodity" if number == 1 else f"{number} commodities"
    return (
        f"{page.flow}s of {page.period} in {page.currency}, {lines}, "
        f"{len(page.figures)} figures, dated {page.printed or 'not at all'}"
    )


def cells(page: Page) -> list[str]:
    """Return a line of text for each commodity: the cells it would take, in the units of the record.

    The line of integrated circuits comes first; figures the record does not have yet carry a ``+``.
    """
    key = ["commodity", "flow", "period_start", "period_end", "measure", "value"]
    new = ~pd.MultiIndex.from_frame(page.figures[key]).isin(pd.MultiIndex.from_frame(read_releases()[key]))
    starts, ends = page.figures["period_start"], page.figures["period_end"]
    months = ends.where(starts == ends, starts + " to " + ends)
    units = page.figures["unit"].replace("percent", "%")
    figures = page.figures["measure"] + " " + months + " " + page.figures["text"] + " " + units
    figures = figures.mask(new, "+" + figures)
    lines = figures.groupby([page.figures["commodity"] != LINE, page.figures["row"], page.figures["label"]])
    return [f"row {row} {label}: {'; '.join(texts)}" for (_, row, label), texts in lines]


def what_next(added: Added) -> str:
    """Return what the record reaches now and what to do with it, in one sentence each."""
    rows = read_releases()
    rows = rows[(rows["commodity"] == LINE) & (rows["flow"] == "export") & (rows["measure"] == "value_usd")]
    month, newest = rows["period_end"].max(), rows["published"].max()
    text = f"the record reaches {month} (exports in USD), newest figure published {newest}"
    days = sorted({publication_day(page)[0] for page in added.pages})
    if not days or not added.new_rows:
        return text
    return (
        f"{text}; runs with as_of before {days[-1]} do not see what was added now: "
        "`make report` answers with it where as_of is newest"
    )
