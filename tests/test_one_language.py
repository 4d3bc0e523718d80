"""A run speaks one language: sentences, headers, rows, cells, titles and every word drawn in a figure."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from matplotlib.text import Text
from notebook_cells import run_cells

from chipexports.charts import Chart

pytestmark = pytest.mark.filterwarnings("ignore:The set_bad function:PendingDeprecationWarning")
ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = [path.stem for path in sorted((ROOT / "notebooks").glob("0*.ipynb"))]
SMALL = {"as_of": "2026-11-22", "n_paths": 200}
CHINESE = re.compile(r"[\u3400-\u9fff]")
WORD = re.compile(r"[A-Za-z][A-Za-z.]+")
#: names that are the same in both languages
NAMES = {
    *("SARIMA", "ETS", "Theta", "STL", "ADF", "KPSS", "CUSUM", "AICc", "BIC", "CRPS", "WIS"),
    *("Ljung", "Box", "Cox", "Jarque", "Bera", "Diebold", "Mariano", "Newey", "West", "statsmodels"),
    *("DRAM", "NAND", "GACC", "UN", "Comtrade", "HS", "UIBE", "IC", "Insights", "IBS"),
    *("ARIMA", "USD", "CNY"),
}
#: columns that name where a figure was read, as the place is called
SOURCES = {"来源", "source"}


def shown_by(state: SimpleNamespace) -> list[tuple[str, str]]:
    """Return every text a notebook shows, with the cell or chart it is in."""
    out, charts = [], list(state.charts.values())
    for cell, values in state.shown.items():
        for value in values:
            if isinstance(value, Chart):
                charts.append(value)
            elif isinstance(value, pd.DataFrame):
                out += [(cell, text) for text in texts_of(value)]
            else:
                out.append((cell, str(value)))
    for c in charts:
        words = [c.title, c.subtitle, c.caption, c.alt, c.source or "", c.left_out]
        words += [text.get_text() for text in c.fig.findobj(Text)]
        out += [(c.name, text) for text in words]
    return out


def texts_of(table: pd.DataFrame) -> list[str]:
    """Return headers, names of rows and words of cells; what names a source is left out."""
    plain = table.drop(columns=[name for name in table if name in SOURCES])
    values = [*table.columns.names, *table.index.names, *plain.columns.to_flat_index()]
    if not SOURCES & set(table.index.names):
        values += list(table.index.to_flat_index())
    values += [value for name in plain for value in plain[name]]
    flat = [part for value in values for part in (value if isinstance(value, tuple) else (value,))]
    return [str(part) for part in flat if isinstance(part, str)]


def strange(text: str) -> list[str]:
    """Return the English words of a Chinese text that are no names."""
    text = re.sub(r"`[^`]*`|\$[^$]*\$|https?://\S+", " ", text)
    return [word for word in WORD.findall(text) if word not in NAMES]


HEAVY = ("03", "04", "05")  # executed in Chinese each time, in English by `make test-long`


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_chinese_run_is_chinese(notebook, tmp_path, monkeypatch):
    monkeypatch.setenv("CHIPEXPORTS_OUTPUT", str(tmp_path))
    state = run_cells(notebook, language="zh", **SMALL)
    found = {(where, word) for where, text in shown_by(state) for word in strange(text)}
    assert not found
    assert any(CHINESE.search(text) for _, text in shown_by(state))


@pytest.mark.parametrize(
    "notebook", [pytest.param(n, marks=pytest.mark.slow if n[:2] in HEAVY else ()) for n in NOTEBOOKS]
)
def test_an_english_run_has_no_chinese(notebook, tmp_path, monkeypatch):
    monkeypatch.setenv("CHIPEXPORTS_OUTPUT", str(tmp_path))
    state = run_cells(notebook, **SMALL)
    assert not {(where, text) for where, text in shown_by(state) if CHINESE.search(text)}


def test_english_left_in_a_chinese_table_would_be_found():
    table = pd.DataFrame({"金额": [1.0], "why": ["the record ends"]}, index=pd.Index(["出口"], name="flow"))
    words = [word for text in texts_of(table) for word in strange(text)]
    assert words == ["flow", "why", "the", "record", "ends"]
    assert strange("超过400的概率（SARIMA），见`known`") == []
