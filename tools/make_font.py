"""Make the project's fonts: subsets of Noto Sans SC.

Charts get the common characters of GB 2312 beside those of the glossary, pages of the web only the latter.
Run it again when the glossary uses a rare character: ``.venv/bin/python tools/make_font.py``. The two
full faces are fetched once through npm (package @expo-google-fonts/noto-sans-sc, SIL Open Font License) into
``.cache/fonts``; put ``NotoSansSC_400Regular.ttf``, ``NotoSansSC_600SemiBold.ttf`` and ``LICENSE_FONT``
there by hand where npm cannot be had. The same glossary gives the same bytes.
"""

from __future__ import annotations

import shutil
import string
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

from chipexports.base.paths import project_root, raw_dir
from chipexports.charts.style import FONT_DIR
from chipexports.words.text import glossary

PACKAGE = "@expo-google-fonts/noto-sans-sc@0.4.3"
FACES = {"NotoSansSC_400Regular.ttf": "Regular", "NotoSansSC_600SemiBold.ttf": "SemiBold"}
LICENCE = "LICENSE_FONT"
# what numbers, units and prose may need besides the letters of the glossary
EXTRA = (
    string.printable.strip()
    + "  ¢£¥§©«°±²³·»¼½¾¿×÷µ–—‘’“”…‰′″€−≈≠≤≥←↑→↓△▲▼◆●○✓Δ"
    + "ΑΒΓΘΛΠΣΦΨΩαβγδεζηθκλμνξπρστφχψω"
    + "àáâäåçèéêëìíîïñòóôöøùúûüÀÁÂÄÅÇÈÉÊËÖØÜßσμαβ"
    + "，。、；：？！（）《》【】「」·％＋－～ 0123456789年月日亿万元个块美人民币号第一二三四五六七八九十"
)


def common() -> str:
    """Return the 3,755 characters of GB 2312 level 1, so that charts of one's own find their words too."""
    rows = range(0xB0, 0xD8)
    pairs = (bytes((row, cell)) for row in rows for cell in range(0xA1, 0xFF) if (row, cell) < (0xD7, 0xFA))
    return "".join(pair.decode("gb2312") for pair in pairs)


def wanted() -> str:
    """Return every character the fonts must hold, sorted: the glossary's and those of pages shown."""
    used = {char for entry in glossary().values() for value in entry.values() for char in str(value)}
    pages = [
        *project_root().glob("notebooks/*.ipynb"),
        *project_root().glob("src/chipexports/report/templates/report.*.md"),
        project_root() / "README.md",
        project_root() / "README.zh.md",
    ]
    shown = "".join(path.read_text(encoding="utf-8") for path in [*pages, *raw_dir().rglob("*.csv")])
    used |= {char for char in shown if "\u2e80" <= char <= "\uffef"}
    return "".join(sorted((used | set(EXTRA)) - set("\n\t\r\x0b\x0c")))


def sources() -> Path:
    """Return the folder with the full faces, fetched through npm when they are not there."""
    cache = project_root() / ".cache" / "fonts"
    needed = [*FACES, LICENCE]
    if all((cache / name).exists() for name in needed):
        return cache
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, timeout=300)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
            for member in archive.getmembers():
                name = Path(member.name).name
                if name in needed and (source := archive.extractfile(member)):
                    (cache / name).write_bytes(source.read())
    return cache


def make(source: Path, target: Path, characters: str, flavor: str | None = None) -> set[str]:
    """Write the subset of one face and return the wanted characters it does not have."""
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14, 16, 17]
    options.recalc_timestamp = False
    options.flavor = flavor
    font = TTFont(source, recalcTimestamp=False)
    lacking = {char for char in characters if ord(char) not in font.getBestCmap()}
    maker = subset.Subsetter(options)
    maker.populate(text=characters)
    maker.subset(font)
    fresh = target.with_suffix(target.suffix + ".new")
    subset.save_font(font, fresh, options)
    fresh.replace(target)
    return lacking


def main() -> int:
    """Make both faces, the web font and the copy of the licence; say what is missing."""
    folder, shown = sources(), wanted()
    characters = "".join(sorted(set(shown) | set(common())))
    FONT_DIR.mkdir(exist_ok=True)
    lacking: set[str] = set()
    for name, face in FACES.items():
        lacking |= make(folder / name, FONT_DIR / f"NotoSansSC-{face}-subset.ttf", characters)
    make(folder / "NotoSansSC_400Regular.ttf", FONT_DIR / "NotoSansSC-Regular-subset.woff", shown, "woff")
    shutil.copyfile(folder / LICENCE, FONT_DIR / "OFL.txt")
    for path in sorted(FONT_DIR.iterdir()):
        print(f"{path.name}: {path.stat().st_size / 1000:,.0f} kB")
    if lacking:
        print(f"Noto Sans SC has no glyph for {''.join(sorted(lacking))!r}; reword the glossary")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
