"""What every figure needs and none re-derives: fonts, three sizes, colour by role, the plain style."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager

FONT_DIR = Path(__file__).parent / "fonts"
FONT_FAMILY = "Noto Sans SC"
STYLE_FILE = Path(__file__).parent / "chipexports.mplstyle"
PNG_DPI = 300

INK = "#1A1A1A"
MUTED = "#595959"


@dataclass(frozen=True)
class Size:
    """A figure's place.

    Attributes
    ----------
    name : str
        Key in ``SIZES``.
    width, height : float
        Inches; ``height`` is that of a slide.
    font, line : float
        Base font size and line width, in points.
    """

    name: str
    width: float
    height: float
    font: float
    line: float


SIZES = {
    "column": Size("column", 3.5, 2.9, 6.8, 1.2),
    "page": Size("page", 7.2, 4.5, 8.5, 1.6),
    "slide": Size("slide", 10.0, 5.625, 12.0, 2.2),
}


@dataclass(frozen=True)
class Role:
    """How a kind of figure looks: a colour for marks, a darker one for text, dashes, a marker."""

    color: str
    text: str
    dash: str = "-"
    marker: str = "o"
    hatch: str = ""


# The hues differ in lightness too, so that a grey print keeps them apart; dashes and markers help.
ROLES = {
    "published": Role("#0B3954", "#0B3954"),
    "derived": Role("#3C8DBC", "#1F6A94", "-", "s"),
    "estimated": Role("#9A9A9A", "#616161", (0, (1.2, 1.2)), "^", "////"),  # type: ignore[arg-type]
    "forecast": Role("#C44E1B", "#B04313", "-", "D"),
    "interval": Role("#EFA77F", "#A3400F"),
    "interval_wide": Role("#F9DCCB", "#A3400F"),
    "threshold": Role("#7A1E5C", "#7A1E5C", (0, (5, 2)), "_"),  # type: ignore[arg-type]
    "outturn": Role("#000000", "#000000", "-", "*"),
    "import": Role("#2A8C82", "#1B6F67", "-", "s"),
    "export": Role("#0B3954", "#0B3954"),
    "korea": Role("#C44E1B", "#B04313", "-", "D"),
    "taiwan": Role("#2A8C82", "#1B6F67", (0, (4, 1.4)), "s"),  # type: ignore[arg-type]
    "price": Role("#C44E1B", "#B04313", "-", "D", "////"),
    "quantity": Role("#8FBAD3", "#2A6F97", "-", "s"),
    "past": Role("#B5B5B5", "#616161", "-", "o"),
    "unknown": Role("#F2F2F2", "#595959", "-", "o", "...."),
    "good": Role("#1B6F67", "#1B6F67"),
    "remark": Role("#8A6100", "#8A6100"),
    "bad": Role("#A3240F", "#A3240F"),
    "open": Role("#595959", "#595959"),
    "zero": Role("#4D4D4D", "#4D4D4D"),
}
# for shares of many parts: dark to light, every step visible in grey; the text colour that reads on each
SHADES = (
    ("#0B3954", "#FFFFFF"),
    ("#C44E1B", "#FFFFFF"),
    ("#6FA8C9", "#1A1A1A"),
    ("#F2C9AE", "#1A1A1A"),
    ("#2B6B63", "#FFFFFF"),
    ("#B9D8D3", "#1A1A1A"),
    ("#6B5B7B", "#FFFFFF"),
    ("#D8D2DE", "#1A1A1A"),
)
ROLES |= {f"share{place}": Role(fill, INK) for place, (fill, _) in enumerate(SHADES, start=1)}


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


@contextmanager
def applied(size: str = "page") -> Iterator[Size]:
    """Draw and save inside this block: the project's style at one of its sizes."""
    register_fonts()
    chosen = SIZES[size]
    with mpl.rc_context():
        params: Any = mpl.rcParams
        params.update({k: v for k, v in mpl.rcParamsDefault.items() if not k.startswith("backend")})
        params.update(_style())
        params.update(
            {
                "font.size": chosen.font,
                "axes.labelsize": chosen.font,
                "axes.titlesize": chosen.font,
                "xtick.labelsize": chosen.font,
                "ytick.labelsize": chosen.font,
                "lines.linewidth": chosen.line,
                "lines.markersize": 2.2 * chosen.line,
                "hatch.linewidth": 0.35 * chosen.line,
            }
        )
        yield chosen
