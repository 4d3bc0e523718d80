"""From text to typed value by the field's type, never by guessing; one sentence when it cannot be."""

from __future__ import annotations

import difflib
import math
import re
from typing import Any

from pydantic import ValidationError

from chipexports.base.errors import UsageError
from chipexports.params.model import SERIES, RunParams, as_date, choices, type_name
from chipexports.params.newest import outside, resolve

# plain digits, as many as any parameter can need; Python itself would take 1_000 and digits of other scripts
WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
NUMBER = re.compile(
    r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?|[+-]?(?:inf|nan)", re.IGNORECASE
)
LONGEST = 60  # characters of a value that an error message repeats
EXAMPLES = {"int": "2000", "float": "12000 or 1.2e4", "str": "text"}


def quoted(value: Any) -> str:
    """Return a value as an error message shows it: its repr, cut where it is long."""
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def known_name(name: str, where: str) -> str:
    """Return ``name`` when it is a parameter; refuse it otherwise and name the nearest one."""
    if name in RunParams.model_fields:
        return name
    near = difflib.get_close_matches(name, RunParams.model_fields, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else "`python -m chipexports params` lists them"
    raise UsageError(f"{where}: there is no parameter {quoted(name)}; {hint}")


def parse_value(name: str, value: Any, where: str) -> Any:
    """Return ``value`` as the type of parameter ``name``; refuse what cannot be of that type.

    Text is read by the field's type: ``"01"`` is 1 for a whole number and stays ``"01"`` for a text. Lists
    may come as text with commas, and values that have the type already (a notebook's literals) pass through.
    """
    if name == SERIES:
        return _series(value)
    kind = type_name(name)
    if kind.startswith("list of "):
        items = _items(value)
        if items is None:
            raise UsageError(f"{where}: {name}: {quoted(value)} is not a list; write [a, b]")
        return [_scalar(name, kind.removeprefix("list of "), item, where) for item in items]
    return _scalar(name, kind, value, where)


def _series(value: Any) -> dict[str, Any] | None:
    """Return the series as a mapping; none for nothing. What is in it is checked with the file at hand."""
    if value is None or (isinstance(value, str) and value.strip().lower() in ("", "none", "null")):
        return None
    return {"file": value.strip()} if isinstance(value, str) else value


def _items(value: Any) -> list[Any] | None:
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return [value]
    if not isinstance(value, str):
        return None
    text = value.strip()
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    return [item.strip().strip("'\"") for item in text.split(",") if item.strip()]


def _scalar(name: str, kind: str, value: Any, where: str) -> Any:
    if kind == "str":
        if isinstance(value, str):
            return _choice(name, value.strip(), where)
        raise UsageError(f"{where}: {name}: {quoted(value)} is not text; write it in quotation marks")
    bad = UsageError(
        f"{where}: {name}: {quoted(value)} is not a {'whole ' if kind == 'int' else ''}number; "
        f"write e.g. {EXAMPLES[kind]}"
    )
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise bad
    if kind == "int":
        if isinstance(value, float) or (isinstance(value, str) and not WHOLE.fullmatch(value.strip())):
            raise bad
        return int(value)
    if isinstance(value, str) and not NUMBER.fullmatch(value.strip()):
        raise bad
    number = float(value)
    if not math.isfinite(number):
        raise UsageError(
            f"{where}: {name}: {quoted(value)} is not a finite number; write e.g. {EXAMPLES[kind]}"
        )
    return number


def _choice(name: str, value: str, where: str) -> str:
    allowed = choices(name)
    if not allowed or value in allowed:
        return value
    near = difflib.get_close_matches(value.lower(), [a.lower() for a in allowed], n=1)
    nearest = next((a for a in allowed if near and a.lower() == near[0]), None)
    hint = f"did you mean {nearest!r}?" if nearest else f"take one of {', '.join(allowed)}"
    raise UsageError(f"{where}: {name}: {quoted(value)} does not exist; {hint}")


def build(values: dict[str, Any], origins: dict[str, str], where: str) -> RunParams:
    """Return the checked model; refuse a value that is unknown, out of range or contradicts another.

    ``origins`` says where each value was written, for the refusal; ``where`` stands for the others.
    """
    parsed = {}
    for name, value in values.items():
        origin = origins.get(name, where)
        named = name in ("flow", "currency") and values.get(SERIES) and isinstance(value, str)
        parsed[known_name(name, origin)] = value if named else parse_value(name, value, origin)
    try:
        if parsed.get(SERIES) is not None:
            from chipexports.params.own import of_own_series

            return RunParams(**of_own_series(parsed))
        parsed = {name: resolve(value) if name == "as_of" else value for name, value in parsed.items()}
        _refuse_outside(parsed)
        return RunParams(**parsed)
    except ValidationError as error:
        text = in_words(error.errors()[0])
    except UsageError as error:
        text = str(error)
    raise UsageError(f"{origins.get(text.split(':')[0], where)}: {text}")


def _refuse_outside(parsed: dict[str, Any]) -> None:
    """Refuse a day or a year the record cannot know, before anything is said of how they fit together."""
    day, year = parsed.get("as_of", ""), parsed.get("target_year")
    if isinstance(year, int) and as_date(day) and (problem := outside(day, year)):
        raise UsageError(problem)


def in_words(error: Any) -> str:
    """Return one of pydantic's ``ValidationError.errors()`` as ``parameter: value: sentence``."""
    text, given = error["msg"].removeprefix("Value error, "), error["input"]
    if not error["loc"]:
        return text
    name = str(error["loc"][0])
    words = {
        "greater_than": "must be more than {gt}",
        "less_than": "must be less than {lt}",
        "greater_than_equal": "must be {ge} or more",
        "less_than_equal": "must be {le} or less",
        "too_short": "is empty; name at least one",
        "too_long": "{actual_length} values are too many; name {max_length} at most",
    }
    if error["type"] not in words:
        return f"{name}: {quoted(given)}: {text[0].lower()}{text[1:]}"
    limits = {key: _number(value) for key, value in error["ctx"].items()}
    sentence = words[error["type"]].format(**limits)
    if error["type"].startswith("too_"):
        return f"{name}: {sentence}"
    hint = "; 0.8 means 80%" if name == "levels" else ""
    return f"{name}: {quoted(given)} {sentence}{hint}"


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
