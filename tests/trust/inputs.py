"""Inputs for fuzzing: good files with bytes, cells and lines put wrong, and text made of their pieces."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from hypothesis import strategies as st
from synthetic_pages import pages

ROOT = Path(__file__).resolve().parents[2]
PAGES = [text.encode() for text in pages().values()]
HTML = [b"<table>", b"</table>", b"<tr>", b"<td colspan=99999>", b"<td rowspan=3>", b"&nbsp;", b"-", b"1,2.3"]
HTML += [
    b"\x00",
    b"\xff\xfe",
    b"<!--",
    b"<script>",
    b"9" * 40,
    b"1e999",
    "集成电路".encode(),
    b"&#1114111;",
    b"",
]
ODD = ["", "-", "nan", "inf", "1e999999999", "-1", "0", "9" * 30, "1,234.5", "2024-13", "2024-02-31", "۲۰۲۴"]
ODD += [
    "<script>",
    '"',
    "\n",
    "\x00",
    "a" * 300,
    "=1+1",
    "export",
    "value_cny",
    "million USD",
    "１２",
    "0x1f",
    "1_0",
]
ODD += [
    "drop",
    "true",
    "null",
    "2024-01",
    "2024-10-14",
    "3.14",
    "[",
    "{",
    "*a",
    "&a",
    "!!python/name:os.system",
    "~",
]
SYNTAX = [
    "\n",
    ": ",
    "- ",
    "  ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "'",
    '"',
    "#",
    "|",
    ">",
    "&a",
    "*a",
    "!!",
    "? ",
    "---",
    "%",
]


def damaged(good: st.SearchStrategy[bytes], pieces: list[bytes]) -> st.SearchStrategy[bytes]:
    """Return good content with up to six places torn out, written over or filled with pieces."""
    change = st.tuples(st.floats(0, 1), st.integers(0, 80), st.sampled_from(pieces))

    def apply(parts: tuple[bytes, list[tuple[float, int, bytes]]]) -> bytes:
        content, changes = parts
        for where, length, piece in changes:
            at = int(where * len(content))
            content = content[:at] + piece + content[at + length :]
        return content

    return st.tuples(good, st.lists(change, max_size=6)).map(apply)


def html() -> st.SearchStrategy[bytes]:
    """Pages as saved from the site, damaged; pages made of pieces; any bytes."""
    made = st.lists(st.sampled_from(HTML), max_size=40).map(
        lambda p: b"<html>" + b"".join(p) + b"</table></html>"
    )
    return st.one_of(damaged(st.sampled_from(PAGES), HTML), made, st.binary(max_size=300))


def record_lines(rows: int = 12) -> list[list[str]]:
    """Return the heading and some rows of the record."""
    with (ROOT / "data" / "raw" / "gacc" / "releases.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    return [lines[0], *lines[1 :: max(1, len(lines) // rows)][:rows]]


def as_csv(lines: list[list[str]]) -> bytes:
    """Return lines of cells as CSV."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(lines)
    return buffer.getvalue().encode("utf-8", "surrogatepass")


def tables() -> st.SearchStrategy[bytes]:
    """The record with cells replaced, or with its bytes damaged; any bytes."""
    lines = record_lines()
    change = st.tuples(
        st.integers(0, len(lines) - 1), st.integers(0, len(lines[0]) - 1), st.sampled_from(ODD)
    )

    def apply(changes: list[tuple[int, int, str]]) -> bytes:
        copy = [list(line) for line in lines]
        for row, column, text in changes:
            copy[row][column] = text
        return as_csv(copy)

    cells = st.lists(change, max_size=3).map(apply)
    pieces = [text.encode() for text in [*ODD, ",", '"', "\r", "\n\n"]]
    return st.one_of(cells, damaged(st.just(as_csv(lines)), pieces), st.binary(max_size=200))


def rows() -> st.SearchStrategy[dict[str, object]]:
    """Rows offered to the record: columns left out, put in and filled with odd values."""
    lines = record_lines()
    good = [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]
    odd = st.one_of(st.sampled_from(ODD), st.none(), st.floats(), st.integers())
    changes = st.dictionaries(st.sampled_from([*lines[0], "other"]), odd, max_size=3)
    return st.tuples(st.sampled_from(good), changes).map(lambda pair: {**pair[0], **pair[1]})


def yaml_text(good: list[str], words: list[str]) -> st.SearchStrategy[bytes]:
    """Good YAML damaged, YAML made of its words and signs, text, bytes."""
    pieces = [text.encode() for text in [*SYNTAX, *ODD, *words]]
    made = st.lists(st.sampled_from([*SYNTAX, *words, *ODD]), max_size=30).map(lambda p: "".join(p).encode())
    contents = st.sampled_from([text.encode() for text in good])
    return st.one_of(
        damaged(contents, pieces), made, st.binary(max_size=120), st.text(max_size=80).map(str.encode)
    )


def parameter_sets(good: dict[str, object]) -> st.SearchStrategy[bytes]:
    """Return sets that are whole YAML, with some values replaced by odd ones or those of other names."""
    values = st.one_of(
        st.sampled_from(ODD),
        st.sampled_from(list(good.values())),
        st.integers(-(10**20), 10**20),
        st.floats(),
        st.text(max_size=20),
        st.lists(st.sampled_from(["ets", "sarima", "png", "0.5", "0.8", "x", ""]), max_size=4),
    )
    kept = st.lists(st.sampled_from(sorted(good)), max_size=6).map(lambda names: {n: good[n] for n in names})
    changed = st.dictionaries(st.sampled_from([*sorted(good), "extends", "other"]), values, max_size=2)
    return st.tuples(kept, changed).map(lambda pair: json.dumps(pair[0] | pair[1], default=str).encode())
