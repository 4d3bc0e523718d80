"""The one list of words: ``glossary.yml``, read once; a key given twice is refused."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

import yaml

from chipexports.errors import UsageError


class UniqueKeyLoader(yaml.CSafeLoader):  # type: ignore[misc]
    """Safe loader that refuses a key given twice: the second would silently win."""

    def construct_mapping(self, node, deep=False):  # type: ignore[no-untyped-def]
        """Build a mapping after looking at its keys."""
        seen = set()
        for key_node, _ in node.value:
            if key_node.value in seen:
                raise UsageError(f"glossary.yml: the key {key_node.value!r} stands twice; keep one of them")
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
    raw = files("chipexports").joinpath("glossary.yml").read_text(encoding="utf-8")
    return yaml.load(raw, Loader=UniqueKeyLoader)  # noqa: S506 - a safe loader, subclassed
