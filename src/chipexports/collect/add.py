"""Taking saved pages into the record: all of them or none, and never over what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from chipexports.base.files import write_text_atomic
from chipexports.collect.labels import IC
from chipexports.collect.pages import Page, read_page
from chipexports.collect.sidecar import page_sidecar, page_sidecar_path
from chipexports.collect.witness import record_witness
from chipexports.record import calendar
from chipexports.record.releases import append_rows
from chipexports.record.schema import QUANTITY_UNIT
from chipexports.record.standing import OWN_TABLE


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
    day, basis = calendar.publication_day(page.period, page.currency, page.printed, _is_full_table(page))
    return day.isoformat(), basis


def _is_full_table(page: Page) -> bool:
    return page.title.lstrip("( ").startswith(("13", "14"))


def release_rows(page: Page) -> tuple[pd.DataFrame, list[str]]:
    """Return the figures of a page as rows of the record, and remarks on what was left out.

    Only the line of integrated circuits enters: the other lines serve to check the page, which is kept.

    Parameters
    ----------
    page : Page
        As `parse_page` returns it.

    Returns
    -------
    tuple of DataFrame and list of str
        Columns as `chipexports.record.releases.append_rows` takes them, values as printed texts in the
        units of the record; the remarks.
    """
    kept = page.figures[page.figures["commodity"] == IC]
    published, basis = publication_day(page)
    printed = page.printed.isoformat() if page.printed else ""
    rows = kept[["flow", "commodity", "period_start", "period_end", "measure", "unit", "edition"]].copy()
    rows["value"] = kept["text"]
    rows["published"], rows["published_basis"] = published, basis
    rows["published_text"] = printed
    rows["source"] = f"{OWN_TABLE}{page.title}, page dated {printed or 'not at all'}"
    rows["confidence"] = "seen-once"
    rows["note"] = [_note(*cells) for cells in kept[["label", "parent", "remark"]].itertuples(index=False)]
    return rows


def _note(label: str, parent: str, remark: str) -> str:
    return "; ".join(
        part for part in (f"line {label}", parent and f"indented under {parent}", remark) if part
    )


def add_pages(paths: Iterable[str | Path], say: Callable[[str], None] = lambda _: None) -> Added:
    """Read all pages, then add their figures to the record and a sidecar for each to data/raw/gacc/pages.

    Adding a page twice changes nothing. A page that contradicts the record is kept as a later vintage.
    If one page cannot be read, nothing is written.

    Parameters
    ----------
    paths : iterable of str or Path
        Pages saved from the site.
    say : callable
        Called with one line for each page read.

    Returns
    -------
    Added
        The pages, remarks on them, and the number of rows that are new.

    Raises
    ------
    UsageError
        A page cannot be read or is no such table; the record stays as it was, byte for byte.
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
    """Write the sidecars, then the record at one stroke; without the record no sidecar stays."""
    written = []
    try:
        for page in pages:
            path = page_sidecar_path(page)
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
    lines = page.figures["commodity"].nunique()
    return (
        f"{page.flow}s of {page.period} in {page.currency}, {lines} commodities, "
        f"{len(page.figures)} figures, dated {page.printed or 'not at all'}"
    )
