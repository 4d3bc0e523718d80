"""What every figure needs and none re-derives: fonts, sizes by width, colour by role, the plain style."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib import colors, font_manager

from chipexports.base.palette import INK, MUTED, PALETTE, ROLES, Role

FONT_DIR = Path(__file__).parent / "fonts"
FONT_FAMILY = "Noto Sans SC"
STYLE_FILE = Path(__file__).parent / "chipexports.mplstyle"
PNG_DPI = 300
LEAST_CONTRAST = 4.5

__all__ = ["INK", "MUTED", "PALETTE", "ROLES", "Role"]


@dataclass(frozen=True)
class Size:
    """Font size and line width, in points, of a picture of one width."""

    font: float
    line: float


@lru_cache(maxsize=1)
def register_fonts() -> tuple[str, ...]:
    """Make matplotlib know the project's fonts; nothing has to be installed."""
    paths = tuple(str(path) for path in sorted(FONT_DIR.glob("*.ttf")))
    for path in paths:
        font_manager.fontManager.addfont(path)
    return paths


@lru_cache(maxsize=1)
def _style() -> dict[str, Any]:
    settings: Any = mpl.rc_params_from_file(STYLE_FILE, use_default_template=False)
    return dict(settings)


def size_for(width: float) -> Size:
    """Return font size and line width, in points, for a picture ``width`` millimetres wide."""
    font = float(np.interp(width, [60, 80, 160, 254], [6.5, 6.8, 8.2, 12.0]))
    line = float(np.interp(width, [80, 160, 254], [1.1, 1.6, 2.2]))
    return Size(round(font, 2), round(line, 2))


def line_width() -> float:
    """Return the width of lines in the style applied, in points."""
    return float(mpl.rcParams["lines.linewidth"])


def colours(*names: str) -> list[str]:
    """Return a colour for each name: that of its role, else the next one of the palette that is free."""
    taken = {ROLES[name].color for name in names if name in ROLES}
    free = [color for color in PALETTE if color not in taken] or list(PALETTE)
    others = [name for name in dict.fromkeys(names) if name not in ROLES]
    return [ROLES[n].color if n in ROLES else free[others.index(n) % len(free)] for n in names]


def readable(color: str) -> str:
    """Return a colour dark enough for words on white (contrast 4.5 to 1 or more), of the same hue."""
    red_green_blue = np.array(colors.to_rgb(color))
    while contrast(colors.to_hex(tuple(red_green_blue))) < LEAST_CONTRAST:
        red_green_blue = red_green_blue * 0.94
    return colors.to_hex(tuple(red_green_blue))


def contrast(color: Any, paper: Any = "white") -> float:
    """Return the contrast ratio of two colours (WCAG 2): 1 for none, 21 for black on white."""
    first, second = (_luminance(item) + 0.05 for item in (color, paper))
    return max(first, second) / min(first, second)


def _luminance(color: Any) -> float:
    parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in colors.to_rgb(color)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@contextmanager
def applied(size: Size | None = None) -> Iterator[None]:
    """Draw and save inside this block: the project's style, by default for a page's width."""
    register_fonts()
    chosen = size or size_for(160)
    with mpl.rc_context():
        params: Any = mpl.rcParams
        params.update({k: v for k, v in mpl.rcParamsDefault.items() if not k.startswith("backend")})
        params.update(_style())
        params.update(
            {
                "font.size": chosen.font,
                "font.family": [FONT_FAMILY, "DejaVu Sans"],
                "axes.prop_cycle": cycler(color=PALETTE),
                "legend.fontsize": chosen.font,
                "axes.labelsize": chosen.font,
                "axes.titlesize": chosen.font,
                "xtick.labelsize": chosen.font,
                "ytick.labelsize": chosen.font,
                "lines.linewidth": chosen.line,
                "lines.markersize": 2.2 * chosen.line,
                "hatch.linewidth": 0.35 * chosen.line,
            }
        )
        yield
