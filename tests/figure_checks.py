"""What every drawn figure is held to: words from the glossary, points from its CSV."""

from __future__ import annotations

import re

import numpy as np
from matplotlib.collections import PolyCollection

from chipexports.charts.check import shown_texts
from chipexports.charts.drawn import Drawn

MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
LETTERS = re.compile(r"[A-Za-z\u4e00-\u9fff]+")
# names that are the same in every language
SHARED = {"HS", "UN", "Comtrade", "UIBE", "Theta", "ARIMA"}


def squeeze(words: str) -> str:
    return re.sub(r"\s+", "", words)


def strangers(drawn: Drawn, collected: set[str], allowed: set[str]) -> list[str]:
    """Return the texts of a figure that hold letters from neither the glossary nor the data."""
    known = sorted({squeeze(item) for item in collected | allowed if squeeze(item)}, key=len, reverse=True)
    found = []
    for artist, _ in shown_texts(drawn.fig):
        rest = squeeze(artist.get_text())
        for item in known:
            rest = rest.replace(item, "")
        rest = re.sub(rf"{MONTHS}|[年月日]", "", rest)
        if LETTERS.search(rest):
            found.append(artist.get_text())
    return found


def english_words(drawn: Drawn, allowed: set[str]) -> list[str]:
    """Return English words left in a Chinese figure."""
    words = " ".join(artist.get_text() for artist, _ in shown_texts(drawn.fig))
    for item in allowed:
        words = words.replace(item, "")
    return [word for word in re.findall(r"[A-Za-z]{2,}", words) if word not in SHARED]


def points_missing_from_csv(drawn: Drawn) -> list[str]:
    """Return the marks of a figure whose points are not in its data."""
    missing = []
    for ax in drawn.fig.axes:
        for panel, series, points in _marks(ax):
            rows = drawn.data[(drawn.data["panel"] == panel)]
            rows = rows[[series == name or series.startswith(f"{name}-") for name in rows["series"]]]
            known = {(_key(x), _key(y)) for x, y in rows[["x", "y"]].to_numpy(dtype=float)}
            for x, y in points:
                if (_key(x), _key(y)) not in known:
                    missing.append(f"{series} in panel {panel}: {x}, {y}")
    return missing


def _key(value: float) -> float | None:
    return None if not np.isfinite(value) else float(f"{value:.9g}")


def _marks(ax):
    for line in ax.lines:
        found = re.fullmatch(r"p(\d+)-(.+)", str(line.get_gid() or ""))
        if found:
            x, y = (np.asarray(item, dtype=float) for item in line.get_data())
            level = len(x) == 2 and list(x) == [0.0, 1.0] and y[0] == y[1]
            points = [(np.nan, y[0])] if level else zip(x, y, strict=True)
            yield int(found[1]), found[2], [(a, b) for a, b in points if np.isfinite(b)]
    for patch in ax.patches:
        found = re.fullmatch(r"p(\d+)-(.+)-\d+", str(patch.get_gid() or ""))
        if found:
            lying = min(abs(patch.get_height() - tall) for tall in (0.66, 0.72)) < 1e-6
            middle = (
                patch.get_y() + patch.get_height() / 2 if lying else patch.get_x() + patch.get_width() / 2
            )
            size = patch.get_width() if lying else patch.get_height()
            if np.isfinite(size):
                yield int(found[1]), found[2], [(middle, size)]
    for band in ax.collections:
        found = re.fullmatch(r"p(\d+)-(.+)", str(band.get_gid() or ""))
        if found and isinstance(band, PolyCollection):
            yield int(found[1]), found[2], []


def band_edges(drawn: Drawn, panel: int, series: str) -> set[float]:
    """Return the vertical positions of a band's outline."""
    ax = drawn.fig.axes[panel - 1]
    shapes = [c for c in ax.collections if c.get_gid() == f"p{panel}-{series}"]
    return {_key(y) for shape in shapes for path in shape.get_paths() for _, y in path.vertices}
