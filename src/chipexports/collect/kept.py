"""What is kept of the pages and tables that were taken in: the page, compressed, and a sidecar beside it."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import yaml

from chipexports.base.paths import raw_dir
from chipexports.collect.evidence import record_witness
from chipexports.collect.pages import Page, parse_page

PUBLISHER = "General Administration of Customs of the People's Republic of China (GACC)"


def today() -> str:
    """Return the day anything is taken in, "YYYY-MM-DD" (UTC)."""
    return dt.datetime.now(tz=dt.UTC).date().isoformat()


def sidecar_text(content: dict) -> str:
    """Return a sidecar as YAML in the order given, text kept as text."""
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)


def page_sidecar_path(page: Page) -> Path:
    """Return where the sidecar of a page lies: one for each flow, month, currency and content."""
    name = f"{page.period}_{page.flow}_{page.currency.lower()}_{page.sha256[:12]}.yml"
    return raw_dir() / "gacc" / "pages" / name


def page_copy_path(page: Page) -> Path:
    """Return where the page or workbook itself is kept, beside its sidecar."""
    return page_sidecar_path(page).with_suffix(".gz")


def page_copy(page: Page) -> bytes:
    """Return the page or workbook compressed, the same bytes at any time: ``gunzip`` gives it back."""
    return gzip.compress(page.content, mtime=0)


def page_sidecar(page: Page, published: str, basis: str) -> str:
    """Return the sidecar of a page, with the day its figures count as published from and what gave it."""
    return sidecar_text(
        {
            "publisher": PUBLISHER,
            "title": page.title,
            "period": page.period,
            "flow": page.flow,
            "currency": page.currency,
            "unit_printed": page.unit,
            "date_printed": page.printed.isoformat() if page.printed else None,
            "published": published,
            "published_basis": basis,
            "date_taken_in": today(),
            "file": page.file,
            "kept_as": page_copy_path(page).name,
            "figures": len(page.figures),
            "remarks": list(page.remarks),
            "sha256": page.sha256,
        }
    )


def newest_page(as_of: str, flow: str = "export") -> Page | None:
    """Return the newest page or workbook of the customs that is kept, read again.

    Parameters
    ----------
    as_of : str
        "YYYY-MM-DD"; only pages published by the end of that day.
    flow : {"export", "import"}
        Which tables.

    Returns
    -------
    Page or None
        ``title, period, currency, printed, remarks`` and ``figures``, one printed number a row; of pages for
        the same month the one published last. None where no page of the flow is kept: the record can hold
        figures whose page was never at hand.

    Raises
    ------
    PageError
        A kept page can no longer be read.

    Examples
    --------
    >>> page = newest_page("2004-01-01")
    >>> page is None
    True
    """
    pages = []
    for sidecar in (raw_dir() / "gacc" / "pages").glob(f"*_{flow}_*.yml"):
        facts = yaml.safe_load(sidecar.read_text(encoding="utf-8"))
        copy = sidecar.with_suffix(".gz")
        if facts["published"] <= as_of and copy.is_file():
            pages.append((facts["period"], facts["published"], facts["file"], copy))
    if not pages:
        return None
    _, _, file, copy = max(pages)
    return parse_page(gzip.decompress(copy.read_bytes()), file, record_witness())
