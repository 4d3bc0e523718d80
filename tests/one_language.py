"""The words of a run that are not of its language."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pandas as pd
from matplotlib.text import Text

from chipexports.charts import Chart

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


def foreign(state: SimpleNamespace, language: str) -> set[tuple[str, str]]:
    """Return what a run shows in the other language, with the cell or chart it is in."""
    if language == "zh":
        return {(where, word) for where, text in shown_by(state) for word in strange(text)}
    return {(where, text) for where, text in shown_by(state) if CHINESE.search(text)}
