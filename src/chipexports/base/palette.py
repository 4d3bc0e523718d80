"""Colours by role, for printed figures and for the page with the sliders alike: no drawing library here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

INK = "#1A1A1A"
MUTED = "#595959"


@dataclass(frozen=True)
class Role:
    """How a kind of figure looks: a colour for marks, a darker one for text, dashes, a marker."""

    color: str
    text: str
    dash: str | tuple[float, tuple[float, float]] = "-"
    marker: str = "o"
    hatch: str = ""


# The hues differ in lightness too, so that a grey print keeps them apart; dashes and markers help.
ROLES = {
    "published": Role("#0B3954", "#0B3954"),
    "derived": Role("#3C8DBC", "#1F6A94", "-", "s"),
    "estimated": Role("#9A9A9A", "#616161", (0, (1.2, 1.2)), "^", "////"),
    "forecast": Role("#C44E1B", "#B04313", "-", "D"),
    "interval": Role("#EFA77F", "#A3400F"),
    "interval_wide": Role("#F9DCCB", "#A3400F"),
    "threshold": Role("#7A1E5C", "#7A1E5C", (0, (5, 2)), "_"),
    "outturn": Role("#000000", "#000000", "-", "*"),
    "import": Role("#2A8C82", "#1B6F67", "-", "s"),
    "export": Role("#0B3954", "#0B3954"),
    "korea": Role("#C44E1B", "#B04313", "-", "D"),
    "taiwan": Role("#2A8C82", "#1B6F67", (0, (4, 1.4)), "s"),
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
# colours of what notebooks draw: currencies, methods by camp (blue: level, orange: growth), series
_NAMED = {
    "value": "#0B3954",
    "mean": "#3C8DBC",
    "muted": "#9A9A9A",
    "USD": "#0B3954",
    "CNY": "#C44E1B",
    "total": "#1A1A1A",
    "pool": "#1A1A1A",
    "level": "#0B3954",
    "ets": "#0B3954",
    "sarima": "#3C8DBC",
    "ucm": "#6FA8C9",
    "theta": "#6B5B7B",
    "level_regression": "#2B6B63",
    "indicator": "#C44E1B",
    "pooled_growth": "#E39A6F",
    "memory": "#C44E1B",
    "dram": "#2A8C82",
    "nand": "#7A1E5C",
}
ROLES |= {name: Role(color, INK) for name, color in _NAMED.items()}
#: for series without a role of their own; they differ in lightness too
PALETTE = ("#0B3954", "#C44E1B", "#2A8C82", "#7A1E5C", "#8FBAD3", "#B5872B", "#6B5B7B", "#9A9A9A")

#: bands of a forecast, from the widest (light) to the narrowest
_LIGHT, _DARK = "#FBE6DA", "#EFA77F"


def band_colours(count: int) -> list[str]:
    """Return colours of bands from the widest to the narrowest."""
    light, dark = (np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)]) for c in (_LIGHT, _DARK))
    shares = np.linspace(0, 1, count) if count != 1 else [0.6]
    return ["#{:02x}{:02x}{:02x}".format(*np.rint(light + x * (dark - light)).astype(int)) for x in shares]
