"""The customs' pages and workbooks that were kept when they were taken in, read again."""

from __future__ import annotations

import gzip

import yaml

from chipexports.base.paths import raw_dir
from chipexports.collect.pages import Page, parse_page
from chipexports.collect.witness import record_witness


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
    kept = []
    for sidecar in sorted((raw_dir() / "gacc" / "pages").glob(f"*_{flow}_*.yml")):
        facts = yaml.safe_load(sidecar.read_text(encoding="utf-8"))
        if facts["published"] <= as_of and sidecar.with_suffix(".gz").is_file():
            kept.append((facts["period"], facts["published"], facts["file"], sidecar.with_suffix(".gz")))
    if not kept:
        return None
    _, _, file, copy = max(kept)
    return parse_page(gzip.decompress(copy.read_bytes()), file, record_witness())
