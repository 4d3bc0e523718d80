"""The one list of words, ``glossary.yml``: read once, a key given twice refused; its texts by language."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.resources import files

import yaml

from chipexports.base.errors import UsageError

LANGUAGES = ("en", "zh")
_collected: list[set[str]] = []


class UniqueKeyLoader(yaml.CSafeLoader):  # type: ignore[misc]
    """Safe loader that refuses a key given twice: the second would silently win."""

    def construct_mapping(self, node, deep=False):  # type: ignore[no-untyped-def]
        """Build a mapping after looking at its keys."""
        seen = set()
        for key_node, _ in node.value:
            if key_node.value in seen:
                raise UsageError(f"glossary.yml: the key {key_node.value!r} appears twice; keep one of them")
            seen.add(key_node.value)
        return super().construct_mapping(node, deep)


@lru_cache(maxsize=1)
def glossary() -> dict[str, dict[str, str]]:
    """Return the whole glossary.

    Returns
    -------
    dict of str to dict
        Dotted key to ``{"en": ..., "zh": ...}``.
    """
    raw = files("chipexports.words").joinpath("glossary.yml").read_text(encoding="utf-8")
    return yaml.load(raw, Loader=UniqueKeyLoader)  # noqa: S506 - a safe loader, subclassed


def text(key: str, language: str, **values: object) -> str:
    """Return the glossary's text for a dotted key, with its placeholders filled as by ``str.format``.

    A key, language or placeholder that is unknown is a `UsageError`.
    """
    check_language(language)
    entry = glossary().get(key)
    if entry is None:
        raise UsageError(f"glossary.yml: there is no text {key!r}; add it in English and Chinese")
    try:
        out = str(entry[language]).format(**values)
    except (KeyError, IndexError) as error:
        raise UsageError(f"glossary.yml: {key!r} ({language}) lacks {error}; give it or drop it") from error
    for seen in _collected:
        seen.add(out)
    return out


def has(key: str) -> bool:
    """Return whether the glossary holds a key."""
    return key in glossary()


@contextmanager
def collecting() -> Iterator[set[str]]:
    """Collect every text handed out inside the block; tests compare it with what a figure shows."""
    seen: set[str] = set()
    _collected.append(seen)
    try:
        yield seen
    finally:
        _collected.remove(seen)


def check_language(language: str) -> str:
    """Return the language, or refuse one that is not of `LANGUAGES`."""
    if language not in LANGUAGES:
        raise UsageError(f"language: {language!r} is not known; use one of {', '.join(LANGUAGES)}")
    return language
