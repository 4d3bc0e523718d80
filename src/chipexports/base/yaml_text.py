"""YAML a person wrote, read as text: nothing is guessed, nothing is made, nothing can grow.

Parameter sets, sweeps and corrections go through here. Every scalar stays the text that was
written (``07``, ``no``, ``532.20``); tags make no objects; a name given twice, an alias (a few
lines of which can stand for gigabytes) and deep nesting are refused.
"""

from __future__ import annotations

from typing import Any

import yaml

from chipexports.base.errors import UsageError

MOST_CHARACTERS = 200_000
DEEPEST = 12


class NotYaml(UsageError):
    """The text is not YAML of the plain kind this project reads."""


class _Loader(yaml.BaseLoader):
    """Builds text, lists and mappings only."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Compose one node, refusing aliases and deep nesting."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise yaml.MarkedYAMLError(problem="an alias (*name); write the values out", problem_mark=mark)
        self.depth += 1
        if self.depth > DEEPEST:
            mark = self.peek_event().start_mark
            raise yaml.MarkedYAMLError(problem=f"more than {DEEPEST} levels deep", problem_mark=mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_scalar(self, node: Any) -> Any:
        """Return the text of a scalar; half a character (a lone surrogate) is none."""
        value = super().construct_scalar(node)
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise yaml.MarkedYAMLError(problem="half a character", problem_mark=node.start_mark)
        return value


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key, mark = loader.construct_object(key_node, deep=True), key_node.start_mark
        if not isinstance(key, str):
            raise yaml.MarkedYAMLError(problem="a name that is not text", problem_mark=mark)
        if key in mapping:
            raise yaml.MarkedYAMLError(problem=f"{key!r} is given twice", problem_mark=mark)
        mapping[key] = loader.construct_object(value_node, deep=True)
    return mapping


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def load_yaml_text(content: bytes | str) -> Any:
    """Return what YAML says, as text, lists and mappings with text for names; None for nothing.

    Examples
    --------
    >>> load_yaml_text("seed: 07\\nlevels: [0.50, no]")
    {'seed': '07', 'levels': ['0.50', 'no']}
    """
    try:
        text = content.decode("utf-8") if isinstance(content, bytes) else content
    except UnicodeDecodeError as error:
        raise NotYaml("is not text in UTF-8") from error
    if len(text) > MOST_CHARACTERS:
        raise NotYaml(f"is longer than {MOST_CHARACTERS:,} characters")
    try:
        return yaml.load(text, _Loader)  # noqa: S506 (a BaseLoader: text only)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" (line {mark.line + 1})" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be parsed"
        raise NotYaml(f"is not YAML{line}: {problem}") from error
