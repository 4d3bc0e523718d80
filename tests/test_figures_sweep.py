"""The figure of a sweep over days: redrawn from its numbers, fit for print, left out with a reason."""

from __future__ import annotations

from pathlib import Path

import figure_data
import numpy as np
import pandas as pd
import pytest

from chipexports.base.paths import reports_dir
from chipexports.charts import catalogue
from chipexports.charts.check import layout_faults
from chipexports.charts.figure import Chart, FigureNotDrawn
from chipexports.forecast.tables import forecast_row
from chipexports.params import RunParams
from chipexports.run.sweep import FIGURE as NAME
from chipexports.run.sweep import draw_sweep, is_drawn
from chipexports.run.sweep_file import Sweep, load_sweep
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


def draw(table: pd.DataFrame, **settings: object) -> Chart:
    return catalogue.draw(NAME, {"sweep": table}, **settings)


@pytest.mark.parametrize("language", text.LANGUAGES)
@pytest.mark.parametrize("width", [80, 120, 160, 254])
def test_it_is_fit_for_print(width: float, language: str) -> None:
    drawn = draw(sweep(), width=width, language=language)
    assert layout_faults(drawn.fig) == []
    assert len(drawn.fig.axes) == 6
    assert drawn.alt.count("2025") >= 2


@pytest.mark.parametrize("language", text.LANGUAGES)
def test_it_plots_the_numbers_of_the_sweep(language: str) -> None:
    table = sweep()
    drawn = draw(table, language=language)
    keys = ["currency", "target_year", "as_of"]
    found, rows = (frame.set_index(keys).sort_index() for frame in (drawn.data, table))
    factor = rows.index.get_level_values(0).map(lambda c: text.scale(c, language))
    for name in ("median", "q10", "q90", "outturn", "threshold"):
        np.testing.assert_allclose(found[name], rows[name] * factor)
    medians = [line.get_ydata() for ax in drawn.axes for line in ax.lines if line.get_gid() == "median"]
    np.testing.assert_allclose(np.concatenate(medians), drawn.data["median"])


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
    "does not have": lambda table: table.iloc[:0],
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


def test_the_shipped_numbers_are_those_forecast_now() -> None:
    sets = load_sweep("every-month").sets
    for folder, language in ((SHIPPED, "en"), (SHIPPED / "zh", "zh")):
        points = pd.read_csv(folder / f"{NAME}.csv").set_index(["currency", "as_of"])
        assert len(points) == len(sets)
        for params in (sets[0], sets[17], sets[-1]):
            row = forecast_row(params)
            expected = np.array([row["median"], row["q10"], row["q90"]])
            at = points.loc[(params.currency, params.as_of), ["median", "q10", "q90"]].astype(float)
            np.testing.assert_allclose(at, expected * text.scale(params.currency, language), rtol=0.02)
