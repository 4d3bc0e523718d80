"""A finished figure in greys: every colour becomes the grey of its lightness, in pictures and vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import colors
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

_WEIGHTS = np.array([0.2126, 0.7152, 0.0722])


def grey_of(color: Any) -> tuple[float, float, float, float]:
    """Return the grey that looks as light as ``color``, transparency kept."""
    red_green_blue_alpha = colors.to_rgba(color)
    level = round(float(np.dot(red_green_blue_alpha[:3], _WEIGHTS)), 4)
    return (level, level, level, red_green_blue_alpha[3])


def _greys(many: Any) -> list[tuple[float, float, float, float]]:
    return [grey_of(one) for one in colors.to_rgba_array(many)]


def to_grey(fig: Figure) -> None:
    """Replace every colour of a figure by its grey."""
    for artist in fig.findobj():
        if isinstance(artist, Line2D):
            artist.set_color(grey_of(artist.get_color()))
            for part in ("markerfacecolor", "markeredgecolor"):
                value = getattr(artist, f"get_{part}")()
                if not (isinstance(value, str) and value in ("none", "auto")):
                    getattr(artist, f"set_{part}")(grey_of(value))
        elif isinstance(artist, Text):
            artist.set_color(grey_of(artist.get_color()))
        elif isinstance(artist, Patch):
            artist.set(facecolor=grey_of(artist.get_facecolor()), edgecolor=grey_of(artist.get_edgecolor()))
        elif isinstance(artist, (Collection, AxesImage)):
            if (values := artist.get_array()) is not None and np.ndim(values) < 3:
                artist.set_cmap(_grey_map(artist.get_cmap()))
            if isinstance(artist, Collection):
                if artist.get_array() is None:
                    artist.set_facecolor(_greys(artist.get_facecolor()))
                artist.set_edgecolor(_greys(artist.get_edgecolor()))


def _grey_map(cmap: colors.Colormap) -> colors.Colormap:
    """Return the map in greys, made to run evenly from light to dark where its lightness turns back."""
    levels = np.array([grey_of(color)[0] for color in cmap(np.linspace(0, 1, 64))])
    steps = np.diff(levels)
    if not (np.all(steps <= 1e-3) or np.all(steps >= -1e-3)):
        levels = np.linspace(0.97, 0.25, 64)
    return colors.ListedColormap([(level, level, level) for level in levels], name=f"{cmap.name}_grey")
