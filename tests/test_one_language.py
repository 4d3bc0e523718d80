"""A run speaks one language: sentences, headers, rows, cells, titles and every word drawn in a figure."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from notebook_cells import run_cells
from one_language import CHINESE, foreign, shown_by, strange, texts_of

pytestmark = pytest.mark.filterwarnings("ignore:The set_bad function:PendingDeprecationWarning")
ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = [path.stem for path in sorted((ROOT / "notebooks").glob("0*.ipynb"))]
SMALL = {"as_of": "2026-11-22", "n_paths": 200}
#: other runs of theirs are held to one language in test_notebook_explore and test_notebook_models
ELSEWHERE = ("03_explore_exports", "04_model_exports")
FEW_METHODS = {"methods": ["growth_ytd", "indicator"]}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "notebook", [pytest.param(n, marks=pytest.mark.slow if n in ELSEWHERE else ()) for n in NOTEBOOKS]
)
def test_a_run_speaks_one_language(notebook, language, tmp_path, monkeypatch):
    monkeypatch.setenv("CHIPEXPORTS_OUTPUT", str(tmp_path))
    few = FEW_METHODS if notebook.startswith("05") else {}
    state = run_cells(notebook, language=language, **SMALL, **few)
    assert not foreign(state, language)
    assert any(CHINESE.search(text) for _, text in shown_by(state)) == (language == "zh")


def test_english_left_in_a_chinese_table_would_be_found():
    table = pd.DataFrame({"金额": [1.0], "why": ["the record ends"]}, index=pd.Index(["出口"], name="flow"))
    words = [word for text in texts_of(table) for word in strange(text)]
    assert words == ["flow", "why", "the", "record", "ends"]
    assert strange("超过400的概率（SARIMA），见`known`") == []
