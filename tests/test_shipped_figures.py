"""The figures that come with the repository are those the code draws now, byte for byte.

Figures of data alone are compared as bytes. Figures of forecasts are compared by their numbers: the
last digits of a fit may differ on another processor, and with them a pixel.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from chipexports.charts.catalogue import FIGURES
from chipexports.params import RunParams, load_params
from chipexports.stages import article, clean, collect, forecast, readout, show

ROOT = Path(__file__).resolve().parents[1]
RUNS = ("latest", "article")
FOLDERS = {"en": "", "zh": "zh"}
OF_DATA = [name for name, entry in FIGURES.items() if entry.notebook in ("03", "06")]
OF_FORECAST = [name for name, entry in FIGURES.items() if entry.notebook == "05"]


@pytest.fixture(scope="module", params=RUNS)
def drawn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[RunParams, Path]:
    """Write the run's tables (but the backtest's) and draw its figures in a folder of their own."""
    root = tmp_path_factory.mktemp("shipped")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHIPEXPORTS_OUTPUT", str(root))
        params = load_params(ROOT / "params" / f"{request.param}.yaml")
        collect.collect_releases(params)
        clean.clean_series(params)
        article.check_article(params)
        made = forecast.make_forecast(params)
        readout.moved(made)
        readout.what_is_needed(made)
        for language, folder in FOLDERS.items():
            show.draw_again(
                params.model_copy(update={"language": language}), folder, names=[*OF_DATA, *OF_FORECAST]
            )
    return params, root / "figures" / params.run


def files_of(folder: Path, name: str) -> dict[str, bytes]:
    """Return the files of one figure by ending."""
    return {p.name.removeprefix(name): p.read_bytes() for p in folder.glob(f"{name}.*") if p.suffix != ".pdf"}


@pytest.mark.parametrize("folder", FOLDERS.values(), ids=FOLDERS)
def test_figures_of_data_are_the_same_bytes(drawn: tuple[RunParams, Path], folder: str) -> None:
    params, made = drawn
    shipped = ROOT / "figures" / params.run / folder
    different = [n for n in OF_DATA if files_of(shipped, n) != files_of(made / folder, n)]
    assert different == [], "run `make figures`"
    assert sum(bool(files_of(shipped, name)) for name in OF_DATA) == len(OF_DATA)


@pytest.mark.parametrize("folder", FOLDERS.values(), ids=FOLDERS)
def test_figures_of_forecasts_have_the_same_numbers(drawn: tuple[RunParams, Path], folder: str) -> None:
    params, made = drawn
    for name in OF_FORECAST:
        shipped = pd.read_csv(ROOT / "figures" / params.run / folder / f"{name}.csv")
        now = pd.read_csv(made / folder / f"{name}.csv")
        assert list(shipped.columns) == list(now.columns)
        if name != "distribution":  # a histogram's bins hold few paths each
            values = shipped.select_dtypes("number").to_numpy(), now.select_dtypes("number").to_numpy()
            np.testing.assert_allclose(*values, rtol=0.02, atol=1.0, equal_nan=True)


def test_a_changed_figure_is_noticed(drawn: tuple[RunParams, Path], tmp_path: Path) -> None:
    _, made = drawn
    files = files_of(made, OF_DATA[0])
    for ending, content in files.items():
        (tmp_path / f"{OF_DATA[0]}{ending}").write_bytes(content + b" ")
    assert files_of(tmp_path, OF_DATA[0]) != files
