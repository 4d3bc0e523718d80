"""Saving: the same bytes from two fresh processes, nothing half-written, a gallery that tells all."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import figure_data
import pandas as pd
import pytest
from matplotlib.figure import Figure

from chipexports.base.errors import UsageError
from chipexports.charts import catalogue
from chipexports.charts.gallery import read_caption, write_gallery
from chipexports.charts.save import FORMATS, save_figure, save_left_out

TABLES = figure_data.tables()
SETTINGS = {"as_of": "2026-11-22", "currency": "USD", "target_year": 2026, "threshold": 240_000.0}
SCRIPT = """
import figure_data
from chipexports.charts import catalogue
from chipexports.charts.gallery import write_gallery
tables = figure_data.tables()
for name in ("fan", "price_quantity_yearly", "partners"):
    for language in ("en", "zh"):
        catalogue.draw_and_save(name, tables, "demo", language=language, folder=language, as_of="2026-11-22",
                                currency="USD", target_year=2026, threshold=240000.0)
write_gallery("demo", language="zh", folder="zh")
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    return tmp_path


def save(run: str = "demo", **changes: object) -> list[Path]:
    settings = {
        "data": pd.DataFrame({"x": [1.0]}),
        "caption": "**A** caption",
        "alt": "alt",
        "formats": FORMATS,
    }
    return save_figure(Figure(), "name", run, **(settings | changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"formats": ["png", "jpeg"]}, "jpeg"),
        ({"folder": "../other"}, "small letters"),
        ({"run": "../other"}, "run name"),
    ],
)
def test_nothing_is_written_when_the_request_is_wrong(root: Path, changes: dict, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        save(**changes)
    assert not any(root.rglob("*"))


def test_a_failing_drawing_leaves_the_last_good_files(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = save()
    before = [path.read_bytes() for path in paths]

    def fail(*args: object, **kw: object) -> None:
        raise RuntimeError("no ink")

    monkeypatch.setattr(Figure, "savefig", fail)
    with pytest.raises(RuntimeError):
        save(caption="another")
    assert [path.read_bytes() for path in paths] == before
    assert {path.name for path in paths[0].parent.iterdir()} == {path.name for path in paths}


def test_two_fresh_processes_write_the_same_bytes(tmp_path: Path) -> None:
    found = []
    for number, zone in enumerate(("UTC", "Asia/Shanghai")):
        root = tmp_path / str(number)
        root.mkdir()
        environment = os.environ | {
            "CHIPEXPORTS_ROOT": str(root),
            "PYTHONHASHSEED": str(number),
            "TZ": zone,
            "PYTHONPATH": str(Path(__file__).parent),
        }
        subprocess.run(
            [sys.executable, "-W", "error", "-c", SCRIPT], env=environment, check=True, timeout=120
        )
        files = {path.relative_to(root): path for path in sorted(root.rglob("*")) if path.is_file()}
        found.append({name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()})
    assert found[0] == found[1]
    endings = {name.name.split(".", 1)[1] for name in found[0]}
    assert endings == {"png", "svg", "pdf", "csv", "caption.md", "html"}


def test_svg_keeps_text_as_text_and_names_no_address_or_date(root: Path) -> None:
    catalogue.draw_and_save("fan", TABLES, "demo", language="zh", formats=["svg", "pdf"], **SETTINGS)
    content = (root / "figures" / "demo" / "fan.svg").read_text(encoding="utf-8")
    words = "".join(ElementTree.fromstring(content).itertext())
    assert "累计" in words
    assert "matplotlib.org" not in content
    assert "dc:date" not in content
    assert "'Noto Sans SC', " in content
    pdf = (root / "figures" / "demo" / "fan.pdf").read_bytes()
    assert b"CreationDate" not in pdf
    assert b"matplotlib.org" not in pdf


def test_png_is_300_dpi_at_the_page_width(root: Path) -> None:
    catalogue.draw_and_save("growth", TABLES, "demo", formats=["png"], **SETTINGS)
    content = (root / "figures" / "demo" / "growth.png").read_bytes()
    assert int.from_bytes(content[16:20], "big") == round(7.2 * 300)
    assert b"Software" not in content


def test_caption_holds_language_alt_text_and_source(root: Path) -> None:
    drawn = catalogue.draw_and_save("growth", TABLES, "demo", formats=[], language="zh", **SETTINGS)
    path = root / "figures" / "demo" / "growth.caption.md"
    assert path.read_text(encoding="utf-8").startswith("---\nlang: zh\nalt: ")
    caption, alt = read_caption(path)
    assert drawn.title in caption
    assert "资料来源" in caption
    assert "2026年11月22日" in caption
    assert alt == " ".join(drawn.alt.split())


def test_csv_is_the_drawn_data(root: Path) -> None:
    drawn = catalogue.draw_and_save("trade_balance", TABLES, "demo", formats=[], **SETTINGS)
    read = pd.read_csv(root / "figures" / "demo" / "trade_balance.csv", dtype={"label": str})
    pd.testing.assert_frame_equal(
        read, drawn.data.astype({"y_low": float, "y_high": float}), check_dtype=False
    )


def test_gallery_lists_figures_in_order_and_what_is_left_out(root: Path) -> None:
    for name in ("fan", "growth"):
        catalogue.draw_and_save(name, TABLES, "demo", formats=["png"], **SETTINGS)
    nothing = TABLES | {"products": TABLES["products"].iloc[:0]}
    left = catalogue.draw_and_save("products", nothing, "demo", **SETTINGS)
    assert "data by product" in left._repr_markdown_()
    page = write_gallery("demo").read_text(encoding="utf-8")
    assert page.index('id="growth"') < page.index('id="fan"')
    assert "Products: Not drawn: data by product" in page
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page)
    catalogue.draw_and_save("products", TABLES, "demo", formats=["png"], **SETTINGS)
    assert "Left out" not in write_gallery("demo").read_text(encoding="utf-8")
    save_left_out("growth", "demo", "gone <script>")
    page = write_gallery("demo").read_text(encoding="utf-8")
    assert 'id="growth"' not in page
    assert "gone &lt;script&gt;" in page
    assert not (root / "figures" / "demo" / "growth.png").exists()


def test_other_sizes_get_names_of_their_own(root: Path) -> None:
    catalogue.draw_and_save("fan", TABLES, "demo", size="slide", formats=["png"], **SETTINGS)
    assert (root / "figures" / "demo" / "fan-slide.png").exists()


def test_drawn_shows_itself_in_a_notebook_with_its_alt_text() -> None:
    drawn = catalogue.draw("growth", TABLES, **SETTINGS)
    bundle, metadata = drawn._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert metadata["image/png"]["alt"] == drawn.alt


def test_unknown_figure_and_size_are_refused() -> None:
    with pytest.raises(UsageError, match="use one of exports_level"):
        catalogue.draw("exports", TABLES)
    with pytest.raises(UsageError, match="column, page, slide"):
        catalogue.draw("fan", TABLES, size="poster")
    with pytest.raises(UsageError, match="en, zh"):
        catalogue.draw("fan", TABLES, language="fr", target_year=2026)


def test_all_figures_again_in_the_other_language(root: Path) -> None:
    made = catalogue.draw_all(TABLES, "demo", formats=["svg"], folder="zh", language="zh", **SETTINGS)
    assert list(made) == catalogue.names()
    page = write_gallery("demo", language="zh", folder="zh").read_text(encoding="utf-8")
    assert page.count("<figure ") == len(made)
    assert 'lang="zh-Hans"' in page
    assert (root / "figures" / "demo" / "zh" / "fan.svg").exists()
