"""Every reason the engine gives has words in both languages that name its values."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import numpy as np
import pandas as pd
from engine_series import cyclic

import chipexports
from chipexports.forecast import forecast_full_year
from chipexports.forecast.methods.task import Abstain, Reason
from chipexports.words.glossary import glossary
from chipexports.words.reasons import AREA, reason_words, status_words

SOURCE = Path(chipexports.__file__).parent


def given_reasons() -> dict[str, set[str]]:
    """Return the keys given to ``Abstain`` and ``Reason`` in the engine, with the names of their values."""
    found: dict[str, set[str]] = {}
    for file in sorted((SOURCE / "forecast").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in ("Abstain", "Reason"):
                continue
            if not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            names = {keyword.arg for keyword in node.keywords}
            for more in node.args[1:]:
                names |= {key.value for key in more.keys}
            found[node.args[0].value] = names
    return found


def test_each_reason_of_the_engine_is_a_key_with_words_for_all_its_values():
    reasons = given_reasons()
    assert len(reasons) >= 20
    assert {AREA + key for key in reasons} == {key for key in glossary() if key.startswith(AREA)}
    for key, names in reasons.items():
        for language, words in glossary()[AREA + key].items():
            wanted = {name for _, name, *_ in string.Formatter().parse(words) if name}
            assert wanted == names, (key, language)
        chinese = glossary()[AREA + key]["zh"].replace("statsmodels", "")
        assert not any(
            "a" <= letter <= "z" for letter in "".join(t for t, *_ in string.Formatter().parse(chinese))
        )


def test_a_reason_has_its_values_in_every_language():
    reason = Abstain("too_short", needs=26, has=14).reason
    assert reason == Reason("too_short", {"needs": 26, "has": 14})
    assert str(reason) == "needs 26 months of history, has 14"
    chinese = reason_words(reason.key, reason.values, "zh")
    assert "26" in chinese
    assert "14" in chinese
    assert reason_words("too_short", '{"has": 14, "needs": 26}', "zh") == chinese


def test_words_of_ones_own_stay_and_no_reason_is_nothing():
    assert reason_words("something new happened", {}, "zh") == "something new happened"
    assert reason_words("", "", "zh") == ""
    assert status_words("left out", "en") == "left out"


def test_the_methods_table_holds_words_key_and_values():
    series = cyclic(112)
    errors = pd.Series(np.nan, series.index)
    errors[:"2018-12"] = 0.05 * series[:"2018-12"]
    table = forecast_full_year(
        series, 2024, methods=["sarima", "ets", "ucm", "indicator"], estimated=errors, n_paths=50
    ).methods
    assert table.loc["indicator", ["status", "reason_key"]].tolist() == ["abstained", "no_indicators"]
    # of 112 months the 48 before 2019 are estimates
    for name in ("sarima", "ets", "ucm"):
        assert table.loc[name, "reason_key"] == "fitted"
        assert table.loc[name, "reason_values"] == '{"estimates": 48, "months": 112}'
        assert table.loc[name, "reason"] == "fitted to 112 months, of which 48 are estimates"
    plain = forecast_full_year(series, 2024, methods=["sarima"], n_paths=50).methods
    assert plain.loc["sarima", ["reason", "reason_key", "reason_values"]].tolist() == ["", "", ""]


def own_words(history, calendar):
    raise Abstain("needs five years of tariffs")


def test_a_method_of_ones_own_abstains_in_its_own_words():
    table = forecast_full_year(cyclic(112), 2024, methods=["ets", own_words], n_paths=50).methods
    assert table.loc["own_words", ["status", "reason"]].tolist() == [
        "abstained",
        "needs five years of tariffs",
    ]
