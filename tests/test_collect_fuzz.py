"""Whatever bytes come in, the reader answers with a page or with a clear refusal, and quickly."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from synthetic_pages import pages

from chipexports.base.errors import UsageError
from chipexports.collect.pages import parse_page

PAGES = [text.encode() for text in pages().values()]
PIECES = [
    b"<table>",
    b"</table>",
    b"<tr>",
    b"</td>",
    b'<td colspan="9999">',
    b"<td rowspan=2>",
    b"&nbsp;",
    b"-",
    b"1,2",
    b"Commodity",
    b"Quantity Unit",
    b"\x00",
    b"\xff\xfe",
    b"<!--",
    b"]]>",
    b"<script>",
    b"9" * 30,
    "集成电路".encode(),
]
QUICK = settings(max_examples=400, deadline=2000, suppress_health_check=list(HealthCheck), derandomize=True)


def answer(data: bytes) -> None:
    refusal = ""
    try:
        page = parse_page(data, "fuzz.html")
    except UsageError as error:
        refusal = str(error)
    if refusal:
        assert refusal.startswith("fuzz.html")
    else:
        assert len(page.figures)
        assert page.figures["value"].notna().all()


@QUICK
@given(st.binary(max_size=400))
def test_any_bytes(data):
    answer(data)


@QUICK
@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_pieces_of_pages(parts):
    answer(b"<html>" + b"".join(parts) + b"</table></html>")


@QUICK
@given(st.sampled_from(PAGES), st.floats(0, 1), st.integers(0, 60), st.sampled_from([b"", *PIECES]))
def test_pages_with_a_piece_torn_out_or_put_in(page, where, length, piece):
    at = int(where * len(page))
    answer(page[:at] + piece + page[at + length :])


@QUICK
@given(st.sampled_from(PAGES), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=12))
def test_pages_with_bytes_changed(page, changes):
    data = bytearray(page)
    for where, byte in changes:
        data[min(int(where * len(data)), len(data) - 1)] = byte
    answer(bytes(data))


@pytest.mark.parametrize(
    "page", [b"<div>" * 50_000, b"<table><tr>" * 20_000, b"<table>" + b"<tr><td>1" * 20_000]
)
def test_deep_and_long_pages_are_refused_quickly(page):
    answer(page + b"</table>" * 20_001)
