"""The PNG of a figure: every pixel as drawn, small, and one picture of it for the notebook."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from PIL import Image

from chipexports.charts.png import draw_png, encode, shown
from chipexports.charts.wrap import _TOKEN, wrap


def opened(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    image.load()  # checks the sums of all chunks
    return image


@pytest.mark.parametrize(("width", "height"), [(1, 1), (7, 3), (640, 2), (2, 333)])
def test_every_pixel_comes_back(width: int, height: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    image = opened(encode(Image.fromarray(pixels), 300))
    assert (image.mode, image.size) == ("RGB", (width, height))
    assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
    assert np.array_equal(np.asarray(image), pixels)


def test_a_figure_has_the_pixels_matplotlib_gives_it_in_a_smaller_file() -> None:
    fig = Figure(figsize=(4, 3))
    fig.subplots().plot([0, 1, 0.5])
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png", dpi=100)
    ours = draw_png(fig, 100)
    assert np.array_equal(np.asarray(opened(ours)), np.asarray(opened(buffer.getvalue()).convert("RGB")))
    assert len(ours) < len(buffer.getvalue())
    assert draw_png(fig, 100) == ours


def test_what_is_shown_is_the_drawing_that_was_kept_until_the_figure_changes() -> None:
    fig = Figure(figsize=(4, 3))
    (line,) = fig.subplots().plot([0, 1, 0.5])
    assert shown(fig) is None
    draw_png(fig, 100, keep=True)
    fig.stale = False
    kept = shown(fig)
    assert kept is not None
    assert opened(kept).size == (200, 150)
    line.set_color("red")
    assert shown(fig) is None


def one_by_one(content: str, width: float) -> str:
    """Break lines by measuring before every token."""
    lines = []
    for paragraph in content.split("\n"):
        line = ""
        for token in _TOKEN.findall(paragraph):
            if line and len((line + token).rstrip()) > width:
                lines.append(line.rstrip())
                line = ""
            line += token
        lines.append(line.rstrip())
    return "\n".join(lines)


@given(content=st.text(alphabet="ab ,25.%出口年，《》\n", max_size=60), width=st.integers(1, 40))
def test_lines_are_broken_as_by_measuring_before_every_word(content: str, width: int) -> None:
    assert wrap(content, width, len) == one_by_one(content, width)
