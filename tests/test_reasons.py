"""Every reason the engine gives can be said in Chinese; one it does not know stays as it is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import chipexports
from chipexports.words.reasons import reason_words, status_words

SOURCE = Path(chipexports.__file__).parent


def _sentence(node: ast.expr) -> str | None:
    """Return a string or f-string of the source with 7 for each value; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [str(p.value) if isinstance(p, ast.Constant) else "7" for p in node.values]
        return "".join(parts)
    return None


def reasons() -> list[str]:
    """Return every sentence given to ``Abstain``, as a note, or with a verdict, read from the source."""
    found = []
    for file in [
        *sorted((SOURCE / "forecast" / "methods").glob("*.py")),
        SOURCE / "forecast" / "members.py",
    ]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Abstain":
                found.append(_sentence(node.args[0]))
            elif isinstance(node, ast.keyword) and node.arg == "note":
                found.append(_sentence(node.value))
            elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
                first, *more = node.value.elts
                if isinstance(first, ast.Constant) and first.value == "left out":
                    found.append(_sentence(more[0]))
    return [sentence for sentence in found if sentence]


def test_the_source_was_read():
    assert len(reasons()) >= 20


@pytest.mark.parametrize("reason", [*dict.fromkeys(reasons()), "the year is complete"])
def test_every_reason_is_said_in_both_languages(reason):
    assert reason_words(reason, "en") == reason
    chinese = reason_words(reason, "zh")
    assert chinese != reason
    assert not any("a" <= letter <= "z" for letter in chinese)
    assert chinese.count("7") == reason.count("7")


def test_a_reason_that_nobody_foresaw_stays():
    assert reason_words("something new happened", "zh") == "something new happened"
    assert reason_words("", "zh") == ""


def test_numbers_pass_over():
    assert "26" in reason_words("needs 26 months of history, has 14", "zh")
    assert status_words("left out", "en") == "left out"
