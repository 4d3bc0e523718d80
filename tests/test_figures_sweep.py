"""The figure of a sweep over days: redrawn from its numbers, fit for print, left out with a reason."""

from __future__ import annotations

from pathlib import Path

import figure_checks as checks
import figure_data
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from chipexports.base.paths import reports_dir
from chipexports.charts import catalogue
from chipexports.charts.check import layout_faults
from chipexports.charts.drawn import Drawn, FigureNotDrawn
from chipexports.charts.style import PNG_DPI, SIZES
from chipexports.params import RunParams
from chipexports.run.sweep_figure import NAME, draw_sweep, is_drawn
from chipexports.run.sweep_file import Sweep, load_sweep
from chipexports.stages.forecast import forecast_row
from chipexports.words import text

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "docs" / "figures" / "every-month"


def sweep(currencies: tuple[str, ...] = ("CNY", "USD")) -> pd.DataFrame:
    """Return the rows of a sweep over the months of three years, the last of them open."""
    rows = figure_data.evolution((2024, 2025, 2026)).query("months_published > 1")
    scale = {"CNY": 0.07, "USD": 1.0}
    values = [*figure_data.QUANTILES, "threshold", "outturn"]
    parts = [
        rows.assign(currency=c, flow="export", **{v: rows[v] * scale[c] for v in values}) for c in currencies
    ]
    return pd.concat(parts, ignore_index=True)


def draw(table: pd.DataFrame, **settings: object) -> Drawn:
    return catalogue.draw(NAME, {"sweep": table}, **settings)


@pytest.mark.parametrize("language", text.LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
def test_it_is_fit_for_print(size: str, language: str) -> None:
    with text.collecting() as collected:
        drawn = draw(sweep(), size=size, language=language)
    assert layout_faults(drawn.fig) == []
    assert checks.strangers(drawn, collected, set()) == []
    assert language == "en" or checks.english_words(drawn, set()) == []
    assert checks.points_missing_from_csv(drawn) == []
    assert len(drawn.fig.axes) == 6
    assert drawn.caption.startswith(f"**{drawn.title}**")
    assert drawn.alt.count("2025") >= 2


def plotted(data: pd.DataFrame, language: str, bands: tuple[str, ...] = ("q10_q90",)) -> pd.DataFrame:
    """Return a figure's medians and intervals by unit and day, in the table's unit."""
    factor = {text.unit(c, language): text.scale(c, language) for c in ("CNY", "USD")}
    data = data.assign(factor=data["unit"].map(factor))
    medians = data[data["series"] == "median"].set_index(["unit", "label"])
    found = {"median": medians["y"] / medians["factor"]}
    for name in bands:
        band = data[data["series"] == name].set_index(["unit", "label"])
        for edge, side in zip(name.split("_"), ("y_low", "y_high"), strict=True):
            found[edge] = band[side] / band["factor"]
    return pd.DataFrame(found)


@pytest.mark.parametrize("language", text.LANGUAGES)
def test_it_plots_the_numbers_of_the_sweep(language: str) -> None:
    table = sweep()
    drawn = draw(table, language=language).data
    found = plotted(drawn, language)
    assert len(found) == len(table)
    for row in table.itertuples():
        at = found.loc[(text.unit(row.currency, language), row.as_of)]
        np.testing.assert_allclose([at["median"], at["q10"], at["q90"]], [row.median, row.q10, row.q90])
    levels = drawn[drawn["series"] == "outturn"].set_index("panel")["y"]
    assert levels.index.tolist() == [1, 2, 4, 5]
    outturn = table.query("currency == 'USD' and target_year == 2025")["outturn"].iloc[0]
    assert levels[5] == pytest.approx(outturn * text.scale("USD", language))


def test_its_words_are_computed() -> None:
    table = sweep()
    last = table.query("currency == 'USD' and target_year == 2026")
    drawn = draw(table)
    assert text.money(float(last["median"].iloc[0]), "USD", "en") in drawn.title
    assert text.money(float(last["median"].iloc[-1]), "USD", "en") in drawn.title
    assert "The chance that 2024 passes 150 bn USD" not in drawn.caption
    near = draw(table[table["target_year"] == 2024].assign(threshold=101_000.0, p_above=0.4)).caption
    assert "The chance that 2024 passes 101 bn USD was 40% on 28 Feb 2024 and 40% on 28 Nov 2024." in near


def test_one_currency_shows_more_years() -> None:
    table = sweep(("USD",))
    more = [table.assign(target_year=table["target_year"] - 3 * n) for n in range(3)]
    for part in more:
        part["as_of"] = part["target_year"].astype(str) + part["as_of"].str[4:]
    drawn = draw(pd.concat(more))
    assert len(drawn.fig.axes) == 6


def two_of_a_day(table: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([table, table.head(1)])


LEFT_OUT = {
    "several sets": two_of_a_day,
    "two days": lambda table: table[table["months_published"] == 9],
    "days or more": lambda table: table.assign(flow="import"),
    "are not there": lambda table: table.iloc[:0],
}


@pytest.mark.parametrize("reason", LEFT_OUT)
def test_it_is_left_out_with_a_reason(reason: str) -> None:
    with pytest.raises(FigureNotDrawn, match=reason):
        draw(LEFT_OUT[reason](sweep()))


def test_a_sweep_writes_it_in_both_languages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHIPEXPORTS_OUTPUT", str(tmp_path))
    days = ("2024-05-09", "2024-06-07")
    sets = tuple(RunParams(run=f"mine-{day}", as_of=day, target_year=2024) for day in days)
    mine = Sweep("mine", ("as_of",), sets)
    reports_dir("mine").mkdir(parents=True)
    sweep().to_csv(reports_dir("mine") / "forecasts.csv", index=False)
    assert not is_drawn(mine)
    assert draw_sweep(mine).endswith(f"figures/mine/{NAME}.{sets[0].figure_formats[0]}")
    assert is_drawn(mine)
    draw_sweep(mine, language="zh", folder="zh")
    folders = (tmp_path / "figures" / "mine", tmp_path / "figures" / "mine" / "zh")
    for folder in folders:
        endings = {path.name.removeprefix(NAME) for path in folder.glob(f"{NAME}.*")}
        assert endings == {".csv", ".caption.md", *(f".{item}" for item in sets[0].figure_formats)}
    one_day = Sweep("lonely", ("seed",), sets[:1])
    assert is_drawn(one_day)
    assert "no year has forecasts of two days" in draw_sweep(one_day)
    assert not (tmp_path / "figures" / "lonely").exists()


def from_points(data: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a sweep that an English figure's CSV was drawn from."""
    rows = plotted(data, "en", ("q025_q975", "q10_q90", "q25_q75")).reset_index()
    currency = {text.unit(c, "en"): c for c in ("CNY", "USD")}
    rows["currency"] = rows["unit"].map(currency)
    panel = data[data["series"] == "median"].set_index(["unit", "label"])["panel"]
    rows["panel"] = panel[pd.MultiIndex.from_frame(rows[["unit", "label"]])].to_numpy()
    for name in ("outturn", "threshold"):
        level = data[data["series"] == name].set_index("panel")["y"]
        factor = rows["currency"].map(lambda c: text.scale(c, "en"))
        rows[name] = rows["panel"].map(level) / factor
    first = rows.groupby("panel")["label"].transform("min")
    # a threshold that is not drawn is far away
    rows = rows.fillna({"threshold": 0.0}).rename(columns={"label": "as_of"})
    return rows.assign(target_year=first.str[:4].astype(int), flow="export", months_published=1, p_above=1.0)


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"), dtype=float)


@pytest.mark.parametrize("language", text.LANGUAGES)
def test_the_shipped_one_is_what_its_numbers_draw(language: str, tmp_path: Path) -> None:
    folder = SHIPPED if language == "en" else SHIPPED / language
    shipped = pd.read_csv(folder / f"{NAME}.csv")
    drawn = draw(from_points(pd.read_csv(SHIPPED / f"{NAME}.csv")), language=language)
    assert list(shipped.columns) == list(drawn.data.columns)
    numbers = (frame.select_dtypes("number").to_numpy() for frame in (shipped, drawn.data))
    np.testing.assert_allclose(*numbers, rtol=1e-8, equal_nan=True)
    assert f"**{drawn.title}**" in (folder / f"{NAME}.caption.md").read_text(encoding="utf-8")
    (tmp_path / "again.png").write_bytes(drawn.png(dpi=PNG_DPI))
    difference = np.abs(pixels(tmp_path / "again.png") - pixels(folder / f"{NAME}.png"))
    assert difference.mean() < 0.05, "run `make figures`"


def test_the_shipped_numbers_are_those_forecast_now() -> None:
    points = plotted(pd.read_csv(SHIPPED / f"{NAME}.csv"), "en")
    sets = load_sweep("every-month").sets
    assert len(points) == len(sets)
    for params in (sets[0], sets[17], sets[-1]):
        row = forecast_row(params)
        at = points.loc[(text.unit(params.currency, "en"), params.as_of)]
        expected = [row["median"], row["q10"], row["q90"]]
        np.testing.assert_allclose(at[["median", "q10", "q90"]], expected, rtol=0.02)
