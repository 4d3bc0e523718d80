"""Make the project's fonts: subsets of Noto Sans SC that hold the glossary's glyphs and no more.

Run it again whenever the glossary grows: ``.venv/bin/python tools/make_font.py``. The two full faces are
fetched once through npm (package @expo-google-fonts/noto-sans-sc, SIL Open Font License) into
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
    + "àáâäåçèéêëìíîïñòóôöøùúûüÀÁÂÄÅÇÈÉÊËÖØÜßσμαβ"
    + "，。、；：？！（）《》【】「」·％＋－～ 0123456789年月日亿万元个块美人民币号第一二三四五六七八九十"
)

# the most frequent characters, in reserve: a sentence more in the glossary seldom needs another font
COMMON = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种"
    "面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本"
    "去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比"
    "或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总"
    "次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做"
    "必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权"
    "收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信"
    "马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连"
    "断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存"
    "候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严"
)


def wanted() -> str:
    """Return every character the fonts must hold, sorted: the glossary's and those of pages shown."""
    used = {char for entry in glossary().values() for value in entry.values() for char in str(value)}
    pages = [
        *project_root().glob("notebooks/*.ipynb"),
        project_root() / "README.md",
        project_root() / "README.zh.md",
    ]
    shown = "".join(path.read_text(encoding="utf-8") for path in [*pages, *raw_dir().rglob("*.csv")])
    used |= {char for char in shown if "\u2e80" <= char <= "\uffef"}
    return "".join(sorted((used | set(EXTRA) | set(COMMON)) - set("\n\t\r\x0b\x0c")))


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
    folder, characters = sources(), wanted()
    FONT_DIR.mkdir(exist_ok=True)
    lacking: set[str] = set()
    for name, face in FACES.items():
        lacking |= make(folder / name, FONT_DIR / f"NotoSansSC-{face}-subset.ttf", characters)
    make(
        folder / "NotoSansSC_400Regular.ttf", FONT_DIR / "NotoSansSC-Regular-subset.woff", characters, "woff"
    )
    shutil.copyfile(folder / LICENCE, FONT_DIR / "OFL.txt")
    for path in sorted(FONT_DIR.iterdir()):
        print(f"{path.name}: {path.stat().st_size / 1000:,.0f} kB")
    if lacking:
        print(f"Noto Sans SC has no glyph for {''.join(sorted(lacking))!r}; reword the glossary")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
