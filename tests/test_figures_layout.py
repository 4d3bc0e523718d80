"""The figures of reports are fit for print: every width, both languages, thresholds anywhere, grey."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from pathlib import Path

import figure_data
import numpy as np
import pytest

from chipexports.base.errors import UsageError
from chipexports.charts import catalogue, contact_sheet
from chipexports.charts.check import layout_faults, shown_texts
from chipexports.charts.figure import Chart, chart
from chipexports.charts.lines import spread
from chipexports.charts.style import PALETTE, ROLES, contrast, readable
from chipexports.charts.wrap import wrap
from chipexports.words import text

ROOT = Path(__file__).resolve().parents[1]
TABLES = figure_data.tables()
WIDTHS = (80, 120, 160, 254)
SETTINGS = {
    "as_of": "2026-11-22",
    "target_year": 2026,
    "flow": "export",
    "currency": "USD",
    "threshold": 240_000.0,
}
NAMES = (
    *("fan", "distribution", "methods", "evolution", "moved", "needed"),
    *("backtest_errors", "backtest_coverage", "backtest_pit"),
)
# names that are the same in every language
SHARED = {"HS", "UN", "Comtrade", "ARIMA"}


def draw(name: str, width: float = 160, **settings: object) -> Chart:
    return catalogue.draw(name, TABLES, width=width, **(SETTINGS | settings))


def struck(c: Chart) -> list[str]:
    """Return the labels that a threshold's line runs through."""
    found = []
    for ax in c.axes:
        lines = [line for line in ax.lines if line.get_gid() == "threshold"]
        frame = ax.get_window_extent()
        for label, box in shown_texts(c.fig):
            for line in lines:
                points = line.get_transform().transform(np.column_stack(line.get_data()).astype(float))
                (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
                x0, x1 = max(x0, frame.x0), min(x1, frame.x1)
                if x0 < box.x1 - 1 and x1 > box.x0 + 1 and y0 < box.y1 - 1 and y1 > box.y0 + 1:
                    found.append(label.get_text())
    return found


@pytest.mark.parametrize("language", text.LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_cut_or_overlaps_at_any_width(name: str, language: str) -> None:
    for width in WIDTHS:
        c = draw(name, width, language=language)
        assert layout_faults(c.fig) == [], width
        assert struck(c) == [], width
        if language == "zh":
            words = " ".join(label.get_text() for label, _ in shown_texts(c.fig))
            assert [w for w in re.findall(r"[A-Za-z]{2,}", words) if w not in SHARED] == []


@pytest.mark.parametrize(
    "share", [0.97, 1.005, *(pytest.param(s, marks=pytest.mark.slow) for s in (0.94, 1.0, 1.03, 1.08))]
)
@pytest.mark.parametrize("name", ["fan", "distribution", "methods"])
def test_a_threshold_inside_the_interval_runs_through_no_label(name: str, share: float) -> None:
    for width, language in itertools.product((80, 160), text.LANGUAGES):
        c = draw(name, width, threshold=share * 250_000.0, language=language)
        assert any(line.get_gid() == "threshold" for ax in c.axes for line in ax.lines), width
        assert struck(c) == [], (width, language)
        assert layout_faults(c.fig) == [], (width, language)


def test_a_struck_label_is_seen() -> None:
    c = draw("distribution")
    low, high = c.ax.get_ylim()
    c.ax.text(240.0, (low + high) / 2, "struck", ha="center")
    assert struck(c) == ["struck"]


@pytest.mark.parametrize("name", NAMES)
def test_grey_leaves_no_colour(name: str) -> None:
    assert set(_colours(draw(name, grey=True).svg())) <= {True}
    assert False in _colours(draw(name).svg())


def _colours(svg: bytes) -> list[bool]:
    """Return for each colour of a picture whether it is a grey."""
    codes = re.findall(r"#([0-9a-f]{6})", svg.decode())
    return [code[:2] == code[2:4] == code[4:] for code in codes]


@pytest.mark.parametrize("name", NAMES)
def test_the_same_bytes_twice(name: str) -> None:
    one, other = [(c.svg(), c.png(100)) for c in (draw(name) for _ in range(2))]
    assert other == one


@pytest.mark.parametrize("name", NAMES)
def test_alternative_texts_say_what_kind_of_chart_and_what_it_shows(name: str) -> None:
    for language, kinds in (("en", "chart|Histogram|panels|Dot"), ("zh", "图")):
        c = draw(name, language=language)
        assert re.search(kinds, c.alt)
        assert re.search(r"\d", c.alt)
        assert c.title
        assert c.alt != c.title
        assert c.subtitle not in c.alt


def test_layout_faults_finds_what_is_wrong() -> None:
    with chart("faulty", save=False) as c:
        c.ax.plot([0, 1], [0, 1])
    c.ax.text(0.5, 0.5, "one over", ha="center")
    c.ax.text(0.5, 0.5, "the other", ha="center")
    c.ax.text(2.0, 0.0, "far outside the page " * 4)
    c.fig.text(0.5, 0.5, "too pale", color="#CCCCCC")
    faults = layout_faults(c.fig)
    assert any("overlap: 'one over' and 'the other'" in fault for fault in faults)
    assert any("cut at the edge" in fault for fault in faults)
    assert any(fault.startswith("contrast") and "too pale" in fault for fault in faults)


def test_colours_of_words_can_be_read() -> None:
    assert {name: contrast(role.text) for name, role in ROLES.items() if contrast(role.text) < 4.5} == {}
    assert all(contrast(readable(color)) >= 4.5 for color in PALETTE)
    assert readable("#0B3954") == "#0b3954"  # dark enough as it is


def test_contrast_agrees_with_its_definition() -> None:
    assert contrast("black") == pytest.approx(21.0)
    assert contrast("white") == pytest.approx(1.0)
    assert contrast("#777777") == pytest.approx(4.48, abs=0.01)  # the known example of WCAG


def test_published_estimated_and_forecast_differ_in_grey() -> None:
    greys = {name: contrast(ROLES[name].color) for name in ("published", "derived", "estimated", "forecast")}
    assert greys["published"] / greys["derived"] > 2
    assert ROLES["estimated"].dash != ROLES["published"].dash  # dashes tell what grey cannot


def test_labels_are_moved_apart_inside_their_room() -> None:
    placed = spread([5.0, 5.1, 5.2, 50.0], [10.0] * 4, 0.0, 100.0)
    assert all(b - a >= 10 - 1e-9 for a, b in itertools.pairwise(placed))
    assert placed[3] == 50.0
    assert min(placed) >= -1e-9


def test_wrap_keeps_numbers_with_their_units_and_brackets_closed() -> None:
    lines = wrap("2026年集成电路出口预计4,206亿美元（80%区间：3,915至4,471）", 14, len).split("\n")
    assert all(not line.endswith("（") and not line.startswith(("，", "）", "：")) for line in lines)
    assert any("4,206亿美元" in line for line in lines)
    assert wrap("one two three", 7, len) == "one two\nthree"
    assert wrap("growth of 402.5–404.4 here", 14, len) == "growth of\n402.5–404.4\nhere"


def test_an_unknown_figure_is_refused() -> None:
    with pytest.raises(UsageError, match="figure 'exports' is not known; use one of"):
        catalogue.draw("exports", TABLES)


def test_a_contact_sheet_holds_every_figure_at_every_width(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    folder = tmp_path / "data" / "processed" / "demo"
    folder.mkdir(parents=True)
    for name in ("fan", "forecast", "news"):
        TABLES[name].to_csv(folder / f"{name}.csv", index=False)
    assert contact_sheet.main(["demo"]) == 0
    assert "0 faults" in capsys.readouterr().out
    page = (tmp_path / "figures" / "demo" / "contact-sheet.html").read_text(encoding="utf-8")
    assert re.findall(r"<h2>(\w+)</h2>", page) == ["fan", "methods", "moved"]
    assert page.count("<img ") == 3 * 3 * 2
    assert "Without the notebooks&#x27; own charts" in page  # no set of parameters is called demo
    assert contact_sheet.main(["nothing"]) == 1
    assert "has no tables and no figures" in capsys.readouterr().err


def test_charts_of_notebooks_are_drawn_again_at_each_width_and_nothing_is_saved(
    tmp_path, monkeypatch
) -> None:
    shutil.copytree(ROOT / "params", tmp_path / "params")
    (tmp_path / "data").symlink_to(ROOT / "data")
    cells = [
        {"cell_type": "code", "id": "p", "metadata": {"tags": ["parameters"]}, "source": ["language = 'en'"]},
        {"cell_type": "code", "id": "n", "metadata": {}, "source": ["n = globals().get('n', 0) + 1"]},
        {"cell_type": "markdown", "id": "m", "metadata": {}, "source": ["not code"]},
        {
            "cell_type": "code",
            "id": "c",
            "metadata": {},
            "source": [
                "from chipexports.charts import chart\n",
                "with chart('mine', {'language': language, 'run': 'draft'}, width=160) as c:\n",
                "    c.ax.plot([1, 2])\n",
                "    c.title = f'{language} {n}'\n",
            ],
        },
    ]
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "01_mine.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    drawn = list(contact_sheet.notebook_charts("smoke", "zh", (80, 120)))
    assert [(c.name, c.width, c.title) for c in drawn] == [("mine", 80, "zh 1"), ("mine", 120, "zh 1")]
    assert list(contact_sheet.notebook_charts("smoke", "zh", (80,), without={"mine"})) == []
    assert not (tmp_path / "figures").exists()


def test_numbers_in_a_heat_map_can_be_read_and_its_rows_stand_upright() -> None:
    with chart("mine", save=False, language="en") as c:
        mesh = c.ax.pcolormesh(np.arange(12).reshape(3, 4), cmap="RdBu")
        for row, column in np.ndindex(3, 4):
            c.ax.text(column + 0.5, row + 0.5, "7", color="white", ha="center")
        c.ax.set_yticks([0.5], ["a"], rotation=90)
    for number, paper in zip(c.ax.texts, mesh.get_facecolor(), strict=True):
        assert contrast(number.get_color(), paper[:3]) >= 4.5
    assert c.ax.get_yticklabels()[0].get_rotation() == 0
    assert layout_faults(c.fig) == []
    c.ax.texts[0].set_color(mesh.get_facecolor()[0])
    assert any("contrast" in fault for fault in layout_faults(c.fig))
