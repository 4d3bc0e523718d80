"""Sentences with values: signs, gaps, months, in both languages."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from chipexports.base.errors import UsageError
from chipexports.words import glossary as words
from chipexports.words.say import speaker


@pytest.fixture
def one_key(monkeypatch: pytest.MonkeyPatch) -> None:
    both = {"en": "{x:+.1f} % in {when}", "zh": "{when}为{x:+.1f}%"}
    monkeypatch.setattr(words, "glossary", lambda: {"k": both})


def test_an_unknown_key_language_or_missing_value_is_refused(one_key: None) -> None:
    with pytest.raises(UsageError, match="no text 'other'"):
        speaker("en")("other")
    with pytest.raises(UsageError, match="language"):
        speaker("fr")
    with pytest.raises(UsageError, match="lacks 'when'"):
        speaker("en")("k", x=1.0)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (-3.14, "−3.1"),
        (np.float64(2.0), "+2.0"),
        (np.nan, "–"),
        (-np.inf, "–"),
        (-0.01, "0.0"),
        (1234.0, "+1234.0"),
    ],
)
def test_numbers_have_a_real_minus_and_a_dash_for_a_gap(one_key: None, value: float, shown: str) -> None:
    assert str(speaker("en")("k", x=value, when=pd.Period("2026-08", "M"))) == f"{shown} % in Aug 2026"


def test_it_shows_as_markdown_in_the_language(one_key: None) -> None:
    said = speaker("zh")("k", x=1.0, when=pd.Period("2026-08", "M"))
    assert said._repr_markdown_() == str(said) == "2026年8月为+1.0%"


def test_a_whole_number_keeps_no_decimals_and_has_a_real_minus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "glossary", lambda: {"k": {"en": "lag {x}, {y:,}", "zh": ""}})
    assert str(speaker("en")("k", x=-1, y=np.int64(12000))) == "lag −1, 12,000"
