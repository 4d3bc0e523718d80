"""The small file beside what was taken in: who published it, when, when it was taken in, its checksum."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
from pathlib import Path

import yaml

from chipexports.base.paths import raw_dir
from chipexports.collect.pages import Page

PUBLISHER = "General Administration of Customs of the People's Republic of China (GACC)"


def today() -> str:
    """Return the day anything is taken in, "YYYY-MM-DD" (UTC)."""
    return dt.datetime.now(tz=dt.UTC).date().isoformat()


def sha256(content: bytes) -> str:
    """Return the checksum of what was published."""
    return hashlib.sha256(content).hexdigest()


def page_sidecar_path(page: Page) -> Path:
    """Return where the sidecar of a page lies: one for each flow, month, currency and content."""
    name = f"{page.period}_{page.flow}_{page.currency.lower()}_{page.sha256[:12]}.yml"
    return raw_dir() / "gacc" / "pages" / name


def page_copy_path(page: Page) -> Path:
    """Return where the page or workbook itself is kept, compressed, beside its sidecar."""
    return page_sidecar_path(page).with_suffix(".gz")


def page_copy(page: Page) -> bytes:
    """Return the page or workbook compressed, the same bytes at any time: ``gunzip`` gives it back."""
    return gzip.compress(page.content, mtime=0)


def page_sidecar(page: Page, published: str, basis: str) -> str:
    """Return the sidecar of a page as YAML.

    Parameters
    ----------
    page : Page
        What was read.
    published : str
        Day the figures count as published from.
    basis : {"printed", "calendar", "rule"}
    """
    return dump(
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


def dump(content: dict) -> str:
    """Return ``content`` as YAML in the order given, text kept as text."""
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)
