"""The glossary: both languages, the same placeholders, every key there, every glyph in the fonts."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

import chipexports
from chipexports.article.claims import RULES
from chipexports.base.errors import UsageError
from chipexports.charts.catalogue import FIGURES
from chipexports.charts.style import FONT_DIR
from chipexports.words import text
from chipexports.words.glossary import UniqueKeyLoader

PACKAGE = Path(chipexports.__file__).parent
FONTS = sorted(FONT_DIR.glob("*.ttf"))


def placeholders(content: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(content) if name is not None}


def test_every_entry_is_whole_in_both_languages() -> None:
    for key, entry in text.glossary().items():
        assert set(entry) == {"en", "zh"}, key
        assert all(isinstance(value, str) for value in entry.values()), key
        assert key.rpartition(".")[2] == "join" or all(value.strip() for value in entry.values()), key
        assert not re.search(r"[\u4e00-\u9fff]", entry["en"]) or key.startswith("notebook."), key


def test_both_languages_use_known_placeholders() -> None:
    for key, entry in text.glossary().items():
        if key.startswith(("figure.", "article.", "source.", "pattern.", "gallery.")):
            en, zh = placeholders(entry["en"]), placeholders(entry["zh"])
            assert zh <= en or en <= zh, key


@pytest.mark.parametrize("font", FONTS, ids=lambda path: path.stem)
def test_fonts_hold_every_glyph_of_the_glossary(font: Path) -> None:
    held = set(TTFont(font).getBestCmap())
    used = {char for entry in text.glossary().values() for value in entry.values() for char in value}
    for template in (PACKAGE / "report" / "templates").glob("report.*.md"):
        used |= set(template.read_text(encoding="utf-8"))
    missing = sorted(
        char for char in used | set(string.ascii_letters + string.digits) if ord(char) not in held
    )
    missing = [char for char in missing if char not in "\n\t"]
    assert not missing, f"not in the font: {''.join(missing)}; run .venv/bin/python tools/make_font.py"


def test_fonts_are_small_and_come_with_their_licence() -> None:
    assert len(FONTS) == 2
    assert all(path.stat().st_size < 1_300_000 for path in FONTS)
    assert "SIL OPEN FONT LICENSE" in (FONT_DIR / "OFL.txt").read_text(encoding="utf-8").upper()


def test_keys_written_in_the_code_exist() -> None:
    known = text.glossary()
    pattern = re.compile(
        r"""\bwords\.text\(\s*"([a-z0-9_.]+)"|(?<![\w.])text\(\s*"([a-z0-9_.]+\.[a-z0-9_.]+)\""""
    )
    for path in PACKAGE.rglob("*.py"):
        for found in pattern.findall(path.read_text(encoding="utf-8")):
            key = found[0] or found[1]
            assert key in known, f"{path.name}: {key}"
    for name in FIGURES:
        assert f"figure.{name}.name" in known
    for claim in RULES:
        assert {f"article.{claim}.text", f"article.{claim}.short"} <= set(known)


def test_unknown_key_language_and_placeholder_are_refused() -> None:
    with pytest.raises(UsageError, match=r"no\.such\.key"):
        text.text("no.such.key", "en")
    with pytest.raises(UsageError, match="use one of en"):
        text.text("unit.cny", "de")
    with pytest.raises(UsageError, match="value"):
        text.text("pattern.amount", "en")


def test_a_key_given_twice_is_refused() -> None:
    import yaml

    with pytest.raises(UsageError, match="appears twice"):
        yaml.load("a: 1\na: 2\n", Loader=UniqueKeyLoader)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (text.number(-1234.56), "−1,234.6"),
        (text.number(-0.01), "0.0"),
        (text.number(float("nan")), "–"),
        (text.percent(17.42, signed=True), "+17.4%"),
        (text.money(11351.6, "CNY", "en"), "1,135.2 bn CNY"),
        (text.money(11351.6, "CNY", "zh"), "11,352亿元"),
        (text.money(159499, "USD", "en"), "159.5 bn USD"),
        (text.money(159499, "USD", "zh"), "1,595亿美元"),
        (text.month("2024-10", "en"), "Oct 2024"),
        (text.month("2024-10", "zh"), "2024年10月"),
        (text.day("2024-11-07", "en"), "7 Nov 2024"),
        (text.day("2024-11-07", "zh"), "2024年11月7日"),
        (text.rose(-5.0, "zh"), "下降5.0%"),
        (text.chance(0.973, "en"), "97%"),
        (text.chance(0.999, "en"), "above 99%"),
        (text.chance(0.001, "zh"), "1%以下"),
        (text.chance(1.0, "en"), "above 99%"),
    ],
)
def test_numbers_amounts_and_dates_in_both_manners(made: str, expected: str) -> None:
    assert made == expected
