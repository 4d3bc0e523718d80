"""Every figure at three sizes in both languages: nothing cut, overlapping, pale, missing or made up."""

from __future__ import annotations

import itertools

import figure_checks as checks
import figure_data
import pytest

from chipexports.charts import catalogue
from chipexports.charts.check import contrast, layout_faults
from chipexports.charts.style import ROLES, SHADES, SIZES, applied
from chipexports.words import text

TABLES = figure_data.tables()
SETTINGS = {
    "as_of": "2026-11-22",
    "flow": "export",
    "currency": "USD",
    "target_year": 2026,
    "threshold": 240_000.0,
    "truth": "latest",
}
ALLOWED = {
    "en": set(TABLES["claims"]["short_en"]) | set(TABLES["claims"]["record_says_en"]),
    "zh": set(TABLES["claims"]["short_zh"]) | set(TABLES["claims"]["record_says_zh"]),
}


@pytest.mark.parametrize("language", text.LANGUAGES)
@pytest.mark.parametrize("name", catalogue.names())
def test_figure_is_fit_for_print_at_every_size(name: str, language: str) -> None:
    for size in SIZES:
        with text.collecting() as collected:
            drawn = catalogue.draw(name, TABLES, size=size, language=language, **SETTINGS)
        assert layout_faults(drawn.fig) == []
        assert checks.strangers(drawn, collected, ALLOWED[language]) == []
        if language == "zh":
            assert checks.english_words(drawn, ALLOWED["zh"]) == []
        assert checks.points_missing_from_csv(drawn) == []
        assert drawn.title
        assert drawn.alt
        assert drawn.caption.startswith(f"**{drawn.title}**")
        assert len(drawn.data)
        assert abs(drawn.fig.get_size_inches()[0] - SIZES[size].width) < 1e-9


def test_both_languages_plot_the_same_points() -> None:
    for name in ("seasonality", "backtest_errors", "cycle", "revisions"):
        one, other = (
            catalogue.draw(name, TABLES, language=language, **SETTINGS).data for language in text.LANGUAGES
        )
        assert one.drop(columns="unit").equals(other.drop(columns="unit"))


def test_layout_faults_finds_what_is_wrong() -> None:
    with applied():
        drawn = catalogue.draw("growth", TABLES, language="en", **SETTINGS)
        ax = drawn.fig.axes[0]
        low, high = ax.get_xlim()
        ax.text((low + high) / 2, 0.0, "one over", ha="center")
        ax.text((low + high) / 2, 0.0, "the other", ha="center")
        ax.text(high + (high - low), 0.0, "far outside the page " * 4)
        drawn.fig.text(0.5, 0.5, "too pale", color="#CCCCCC")
        faults = layout_faults(drawn.fig)
    assert any("overlap: 'one over' and 'the other'" in fault for fault in faults)
    assert any("cut at the edge" in fault for fault in faults)
    assert any(fault.startswith("contrast") and "too pale" in fault for fault in faults)


def test_colours_of_text_reach_the_contrast() -> None:
    for name, role in ROLES.items():
        if not name.startswith("share"):
            assert contrast(role.text) >= 4.5, name
    for fill, ink in SHADES:
        assert contrast(ink, fill) >= 4.5, fill


def test_contrast_agrees_with_its_definition() -> None:
    assert contrast("black") == pytest.approx(21.0)
    assert contrast("white") == pytest.approx(1.0)
    assert contrast("#777777") == pytest.approx(4.48, abs=0.01)  # the known example of WCAG


def test_published_estimated_and_forecast_differ_in_grey() -> None:
    greys = {name: contrast(ROLES[name].color) for name in ("published", "derived", "estimated", "forecast")}
    assert greys["published"] / greys["derived"] > 2
    assert ROLES["estimated"].dash != ROLES["published"].dash  # dashes tell what grey cannot
    assert len({ROLES[name].marker for name in greys}) == 4


def test_layout_of_labels_keeps_them_apart() -> None:
    from chipexports.charts.endlabels import spread

    placed = spread([5.0, 5.1, 5.2, 50.0], [10.0] * 4, 0.0, 100.0)
    assert all(b - a >= 10 - 1e-9 for a, b in itertools.pairwise(placed))
    assert placed[3] == 50.0
    assert min(placed) >= -1e-9


def test_wrap_keeps_numbers_with_their_units_and_brackets_closed() -> None:
    from chipexports.charts.wrap import wrap

    lines = wrap("2026年集成电路出口预计4,206亿美元（80%区间：3,915至4,471）", 14, len).split("\n")
    assert all(not line.endswith("（") and not line.startswith(("，", "）", "：")) for line in lines)
    assert any("4,206亿美元" in line for line in lines)
    assert wrap("one two three", 7, len) == "one two\nthree"
