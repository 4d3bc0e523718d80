"""Direct labels at the ends of lines, and how they keep out of each other's way."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.text import Annotation


@dataclass
class EndLabel:
    """A direct label beside the end of a line, moved up or down when another is in its way.

    Attributes
    ----------
    axes, note
        Its panel; the text.
    y : float
        Height of the line's end on the panel's axis.
    """

    axes: Axes
    note: Annotation
    y: float


def spread(wanted: list[float], heights: list[float], low: float, high: float) -> list[float]:
    """Return centres near the wanted ones, in their order, that do not overlap.

    Parameters
    ----------
    wanted, heights : list of float
        Centre wanted and height of each, in one unit.
    low, high : float
        Bounds of the room.

    Returns
    -------
    list of float
        Centres, in the order given.

    Examples
    --------
    >>> spread([10.0, 11.0], [4.0, 4.0], 0.0, 100.0)
    [8.5, 12.5]
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    groups: list[tuple[list[int], float, float]] = []  # members, bottom, total height
    for i in order:
        members, total = [i], heights[i]
        bottom = wanted[i] - total / 2
        while groups and groups[-1][1] + groups[-1][2] > bottom:
            before, _, height = groups.pop()
            members, total = before + members, height + total
            bottom = sum(wanted[k] for k in members) / len(members) - total / 2
        bottom = min(max(bottom, low - heights[i] / 2), high + heights[i] / 2 - total)
        groups.append((members, bottom, total))
    out = [0.0] * len(wanted)
    for members, bottom, _ in groups:
        for k in members:
            out[k] = bottom + heights[k] / 2
            bottom += heights[k]
    return out
