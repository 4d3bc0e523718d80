"""Units of a series of one's own: told from its column or its file's head, said in both languages."""

from __future__ import annotations

import re

#: what well-known downloads count in, by the name of their column of values: UN Comtrade, AKShare's customs
_OF_DOWNLOADS = {"primaryvalue": "USD"} | {
    f"{span}{flow}口额-金额": "千美元" for span in ("当月", "累计") for flow in ("出", "进")
}
#: how a multiple is said in English and in Chinese
TIMES = {
    1.0: ("", ""),
    1e3: ("thousand ", "千"),
    1e4: ("ten thousand ", "万"),
    1e6: ("million ", "百万"),
    1e7: ("ten million ", "千万"),
    1e8: ("100 million ", "亿"),
    1e9: ("billion ", "十亿"),
}
_NAMES = {
    "USD": "美元",
    "EUR": "欧元",
    "CNY": "元",
    "GBP": "英镑",
    "JPY": "日元",
    "KRW": "韩元",
    "HKD": "港元",
    "tonnes": "吨",
    "kg": "千克",
    "vehicles": "辆",
    "sets": "台",
    "items": "件",
    "pieces": "个",
    "units": "单位",
}
_CHINESE = {chinese: english for english, chinese in _NAMES.items()} | {
    "人民币": "CNY",
    "元人民币": "CNY",
    "人民币元": "CNY",
    "公斤": "kg",
}
_IN_BRACKETS = re.compile(r"[(（\[【]([^()（）\[\]【】]{1,40})[)）\]】]\s*$")
_STATED = re.compile(r"(?:计量)?(?:单位|\bunits?)\s*[:：]\s*(?P<unit>[^,，;；()（）]{1,40})", re.IGNORECASE)
#: what cannot stand in a title
_ODD = re.compile(r"[|{}\[\]<>*`_\\\n]+")


def parts(unit: str) -> tuple[float, str] | None:
    """Return a unit as multiple and English name, (1e4, "USD") for "万美元"; None where it is not known."""
    text = " ".join(unit.split())
    for times, (english, chinese) in sorted(TIMES.items(), reverse=True):
        for start, names in ((english, dict(zip(_NAMES, _NAMES, strict=True))), (chinese, _CHINESE)):
            name = text.removeprefix(start)
            if text.startswith(start) and name in names:
                return times, names[name]
    return None


def said(times: float, name: str) -> str | dict[str, str]:
    """Return so many times a unit in both languages: 1e4 and "USD" are "ten thousand USD" and "万美元"."""
    english, chinese = TIMES.get(times, (f"{times:g} ", f"{times:g}"))
    return {"en": english + name, "zh": chinese + _NAMES.get(name, name)}


def stated_unit(lines: list[str]) -> str:
    """Return the unit that the lines above a table state, e.g. ``单位：万美元``; empty where none does."""
    for line in lines:
        if found := _STATED.search(line):
            return found["unit"].strip()
    return ""


def unit_of(column: str, divide_by: float = 1.0, stated: str = "") -> str | dict[str, str]:
    """Return the unit, by language where they differ: from the column's brackets, the file, a known download.

    It is that of the values divided by ``divide_by``; "units" where nothing tells.

    >>> unit_of("sales (million EUR)"), unit_of("primaryValue", 1e6)["en"], unit_of("v", stated="bushels")
    ({'en': 'million EUR', 'zh': '百万欧元'}, 'million USD', 'bushels')
    """
    found = _IN_BRACKETS.search(column)
    name = found[1] if found else stated or _OF_DOWNLOADS.get(column.casefold(), "")
    name = " ".join(_ODD.sub(" ", name).split())
    if known := parts(name or "units"):
        return said(known[0] * divide_by, known[1])
    return name if divide_by == 1 else f"{divide_by:g} {name}"
