"""A chart of one's own: its words, its files, its size, its greys, and what it refuses."""

from __future__ import annotations

import re
import zlib

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from chipexports.base.errors import UsageError
from chipexports.charts import FigureNotDrawn, by_kind, chart, end_label, fit, log_scale, parts
from chipexports.charts.check import layout_faults
from chipexports.charts.files import read_caption
from chipexports.params import RunParams

MONTHS = pd.period_range("2019-01", "2026-08", freq="M")
VALUES = pd.Series(10 * 1.012 ** np.arange(len(MONTHS)), MONTHS, name="value")
KIND = pd.Series(np.where(pd.Period("2023-01") > MONTHS, "estimate", "customs"), MONTHS)
TITLES = {
    "en": "Exports doubled within a year, and the last month stands at thirty billion US dollars",
    "zh": "出口在一年内增长一倍，最近一个月为三百亿美元，十二个月合计也为同期最高",
}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("CHIPEXPORTS_OUTPUT", str(tmp_path))


def _pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def _draw(tmp_path, name="mine", **options):
    with chart(name, options.pop("params", None), **options) as c:
        by_kind(c.ax, VALUES, KIND, label="exports")
        mean = VALUES.rolling(12).mean()
        c.ax.plot(mean.index.to_timestamp(), mean, label="mean")
        end_label(c.ax, MONTHS[-1], VALUES.iloc[-1], "exports", c.colours("value")[0])
        end_label(c.ax, MONTHS[-1], VALUES.iloc[-1] * 0.99, "mean of twelve months", c.colours("mean")[0])
        c.ax.set(ylabel=c.unit, ylim=(0, None))
        c.key()
        c.title, c.data = TITLES[c.language], pd.DataFrame({"value": VALUES, "kind": KIND})
        c.caption = "Dashed: estimates."
    return c


def test_the_key_explains_dashes_only_where_months_are_estimated(tmp_path):
    keys = {}
    for name, kind in (("with", KIND), ("without", KIND.replace("estimate", "derived"))):
        with chart(name, save=False) as c:
            by_kind(c.ax, VALUES, kind)
        keys[name] = [text.get_text() for legend in c.fig.legends for text in legend.get_texts()]
    assert keys == {"with": ["estimated"], "without": []}


@pytest.mark.parametrize("width", [80, 120, 160, 254])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_label_is_cut_or_meets_another_at_any_width(tmp_path, width, language):
    c = _draw(tmp_path, width=width, language=language, formats=["svg"])
    assert layout_faults(c.fig) == []
    assert c.fig.get_figwidth() == pytest.approx(width / 25.4)


def test_the_picture_is_as_wide_and_as_high_as_was_asked(tmp_path):
    _draw(tmp_path, width=80, height=70, formats=["png"], dpi=254)
    assert _pixels(tmp_path / "figures/draft/mine.png").shape == (700, 800, 3)


def test_the_same_bytes_twice_in_every_format(tmp_path):
    files = []
    for _ in range(2):
        _draw(tmp_path, formats=["png", "svg", "pdf"])
        folder = tmp_path / "figures/draft"
        files.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert sorted(files[0]) == ["mine.caption.md", "mine.csv", "mine.pdf", "mine.png", "mine.svg"]
    assert files[0] == files[1]


def test_pdf_fonts_are_truetype(tmp_path):
    _draw(tmp_path, formats=["pdf"], language="zh")
    content = (tmp_path / "figures/draft/mine.pdf").read_bytes()
    assert b"/Subtype /Type3" not in content
    assert b"/FontFile2" in content


def test_grey_holds_no_colour_in_any_format(tmp_path):
    _draw(tmp_path, formats=["png", "svg", "pdf"], grey=True)
    folder = tmp_path / "figures/draft"
    pixels = _pixels(folder / "mine.png")
    assert np.ptp(pixels, axis=2).max() == 0
    assert pixels.min() < 120, "nothing was drawn"
    for code in re.findall(r"#([0-9a-f]{6})", (folder / "mine.svg").read_text()):
        assert code[:2] == code[2:4] == code[4:], code
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", (folder / "mine.pdf").read_bytes(), re.DOTALL)
    drawn = b""
    for stream in streams:
        try:
            drawn += zlib.decompress(stream)
        except zlib.error:
            continue
    colours = re.findall(rb"([\d.]+) ([\d.]+) ([\d.]+) (?:rg|RG)\b", drawn)
    assert re.search(rb"[\d.]+ [gG]\b", drawn), "nothing was drawn"
    assert all(red == green == blue for red, green, blue in colours)
    _draw(tmp_path, formats=["png"])
    assert np.ptp(_pixels(folder / "mine.png"), axis=2).max() > 50, "the test could not fail"


def test_the_csv_holds_what_was_plotted_with_its_months(tmp_path):
    _draw(tmp_path, formats=["svg"])
    written = pd.read_csv(tmp_path / "figures/draft/mine.csv")
    assert list(written) == ["month", "value", "kind"]
    assert written["month"].iloc[-1] == "2026-08"
    np.testing.assert_allclose(written["value"], VALUES, rtol=1e-9)


def test_caption_and_alternative_text_say_different_things(tmp_path):
    params = {"run": "try", "as_of": "2026-11-22", "language": "en", "figure_formats": ["svg"]}
    c = _draw(tmp_path, params=params, last=MONTHS[-1])
    caption, alt = read_caption(tmp_path / "figures/try/mine.caption.md")
    assert caption.split("\n\n") == [
        f"**{TITLES['en']}**",
        "Dashed: estimates.",
        "Source: General Administration of Customs of China (GACC). "
        "Data to Aug 2026, as published by 22 Nov 2026.",
    ]
    end, mean = VALUES.iloc[-1], VALUES.rolling(12).mean().iloc[-1]
    assert alt.startswith("Line chart; horizontal axis Jan 2019 to Aug 2026, vertical axis 10 to")
    assert alt.endswith(f"Last values: exports {end:.1f}, mean {mean:.1f}.")
    assert c.title not in alt


def test_an_estimate_is_never_drawn_solid(tmp_path):
    c = _draw(tmp_path, formats=["svg"])
    solid = next(line for line in c.ax.lines if line.get_label() == "exports")
    values = pd.Series(np.asarray(solid.get_ydata(), dtype=float), MONTHS)
    assert values[KIND == "estimate"].isna().all()
    pd.testing.assert_series_equal(values[KIND == "customs"], VALUES[KIND == "customs"], check_names=False)


def test_a_chart_without_data_leaves_its_reason_and_removes_the_old_picture(tmp_path):
    _draw(tmp_path, formats=["svg"])
    with chart("mine"):
        raise FigureNotDrawn("Not drawn: there is nothing.")
    assert sorted(path.name for path in (tmp_path / "figures/draft").iterdir()) == ["mine.left-out.md"]


def test_an_error_in_the_block_writes_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError), chart("mine") as c:
        c.ax.plot([1 / 0])
    assert not (tmp_path / "figures").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"width": 8}, "width 8 mm; take 50 to 600 mm"),
        ({"height": 5000}, "height 5000 mm; take up to 900 mm"),
        ({"height": 12}, "leaves no room beside title and source; take"),
        ({"formats": ["jpg"]}, "'jpg' is not known; use any of png, svg, pdf"),
        ({"language": "fr"}, "'fr' is not known; use one of en, zh"),
        ({"name": "My chart"}, "use small letters, digits"),
        ({"panels": 0}, "panels: 0; take 1 or more"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_one_sentence_and_nothing_is_written(tmp_path, options, said):
    with pytest.raises(UsageError, match=re.escape(said)):
        _draw(tmp_path, **options)
    assert not (tmp_path / "figures").exists()


@pytest.mark.parametrize("months", [5, 14, 27, 34, 150])
@pytest.mark.parametrize("most", [4, 6])
def test_an_axis_of_dates_has_ticks_at_any_span(months: int, most: int) -> None:
    figure, ax = plt.subplots(figsize=(3, 2))
    ax.plot(pd.date_range("2015-01-01", periods=months, freq="MS"), range(months))
    fit._words_of_ticks(ax.xaxis, "en", most)
    figure.canvas.draw()  # a warning of matplotlib's is an error here
    assert 2 <= len(ax.get_xticklabels()) <= most + 2
    plt.close(figure)


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [
        (10, 3000, ["10", "20", "50", "100", "200", "500", "1,000", "2,000"]),
        (27_000, 50_200, ["30,000", "40,000", "50,000"]),
        (2.7e10, 5.1e11, ["50,000,000,000", "100,000,000,000", "200,000,000,000", "500,000,000,000"]),
        (0.011, 0.019, ["0.01", "0.015", "0.02"]),
        (101, 104, ["100", "110", "120"]),
    ],
)
def test_a_logarithmic_axis_has_round_marks_wherever_the_values_lie(low, high, marks) -> None:
    with chart("log", save=False) as c:
        log_scale(c.ax, pd.Series([low, high]))
        found = [tick.get_text() for tick in c.ax.get_yticklabels()]
    assert set(marks) <= set(found)
    assert 3 <= len(found) <= 12


@pytest.mark.parametrize(
    ("value", "language", "shown"),
    [
        (547_473.5, "en", "547,474"),
        (547_473.5, "zh", "547,474"),
        (0.1234, "en", "0.12"),
        (0.1234, "zh", "0.12"),
    ],
)
def test_an_amount_in_ones_own_unit_has_the_digits_of_the_text(value, language, shown) -> None:
    own = RunParams(
        series={"file": "x.csv"}, flow="x", currency="bushels", as_of="2026-09-15", language=language
    )
    with chart("mine", own, save=False) as c:
        assert parts.amount(value, c, unit=False) == shown
    with chart("mine", save=False, language="zh") as c:
        assert parts.amount(34_567, c, "USD", unit=False) == "346"  # 亿, without decimals
