"""Sentences with values: signs, gaps, months, in both languages."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from chipexports.base.errors import UsageError
from chipexports.words import glossary as words
from chipexports.words.say import speaker


@pytest.fixture
def one_key(monkeypatch: pytest.MonkeyPatch) -> None:
    both = {"en": "{x:+.1f}% in {when}", "zh": "{when}为{x:+.1f}%"}
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
    assert str(speaker("en")("k", x=value, when=pd.Period("2026-08", "M"))) == f"{shown}% in Aug 2026"


def test_it_shows_as_markdown_in_the_language(one_key: None) -> None:
    said = speaker("zh")("k", x=1.0, when=pd.Period("2026-08", "M"))
    assert said._repr_markdown_() == str(said) == "2026年8月为+1.0%"


def test_a_whole_number_keeps_no_decimals_and_has_a_real_minus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "glossary", lambda: {"k": {"en": "lag {x}, {y:,}", "zh": ""}})
    assert str(speaker("en")("k", x=-1, y=np.int64(12000))) == "lag −1, 12,000"


def test_a_name_is_looked_up_under_its_notebook_first() -> None:
    assert speaker("en", "notebook.03").label("USD") == "in US dollars, %"
    assert speaker("en", "notebook.01").label("USD") == "US dollars"
    assert speaker("zh", "notebook.01").label("value_cny") == "人民币金额"
    assert speaker("zh").label("no such name") == "no such name"


@pytest.mark.parametrize(
    ("name", "en", "zh"),
    [
        ("2026-08", "Aug 2026", "2026年8月"),
        ("2026-01..2026-03", "Q1 2026", "2026年第1季度"),
        ("2025-11..2026-01", "Nov 2025 to Jan 2026", "2025年11月至2026年1月"),
        ("low_80", "80% low", "80%区间下限"),
        ("high_97.5", "97.5% high", "97.5%区间上限"),
        (True, "yes", "是"),
        (np.False_, "no", "否"),
    ],
)
def test_months_bounds_and_truth_values_are_words(name: object, en: str, zh: str) -> None:
    assert (speaker("en").label(name), speaker("zh").label(name)) == (en, zh)


def test_a_table_holds_numbers_and_shows_them_with_their_decimals() -> None:
    frame = pd.DataFrame(
        {"median": [-12345.678, None], "n": [3.0, 4.0], "objects": [True, False], "real": [None, 2.0]},
        index=["export", "import"],
    ).assign(outturn=np.nan)
    table = speaker("en").table(frame, 1, unit="bn USD")
    assert list(table.columns) == ["median, bn USD", "n", "rejected", "free of estimates", "outturn, bn USD"]
    assert table["n"].tolist() == [3, 4]
    assert table["rejected"].tolist() == ["yes", "no"]
    html = table._repr_html_()
    assert "−12,345.7" in html
    assert html.count("–") == 4  # what is not known, in every kind of column
    assert not re.search(r"NA|nan|NaN|3\.0", html)
    assert frame["median"].iloc[0] == -12345.678  # what was given stays as it was


def test_no_row_is_a_sentence() -> None:
    empty = pd.DataFrame({"value": []})
    assert str(speaker("en").table(empty)) == "Nothing to show as of this date."
    said = speaker("zh", "notebook.06").table(empty, empty="finished", year=2025)
    assert str(said).startswith("2025年十二个月均已公布")


def test_one_and_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "glossary", lambda: {"k": {"en": "{n} {n:table|tables}", "zh": "{n}张表"}})
    assert [str(speaker("en")("k", n=n)) for n in (0, 1, np.int64(2))] == ["0 tables", "1 table", "2 tables"]
    assert str(speaker("zh")("k", n=1)) == "1张表"
