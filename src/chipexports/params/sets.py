"""Parameter sets in files: YAML read as text, ``extends:`` followed, overrides laid on top."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath
from typing import Any

from chipexports.base.errors import UsageError
from chipexports.base.paths import project_root
from chipexports.base.yaml_text import NotYaml, load_yaml_text
from chipexports.params.model import RunParams
from chipexports.params.parse import build, known_name, quoted

EXTENDS = "extends"


def readable_path(path: Path) -> str:
    """Return a path as a reader knows it: relative to the project where it lies inside."""
    root = project_root()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def set_path(given: str | os.PathLike[str]) -> Path:
    """Return the file of a parameter set given as a path or as a name (``latest``).

    Parameters
    ----------
    given : str or path
        A file, or a name in params/.

    Returns
    -------
    Path
        The file, links resolved.

    Raises
    ------
    UsageError
        There is no such set, or it is a link out of the project.
    """
    path = Path(given)
    candidates = [path, project_root() / path, project_root() / "params" / f"{path}.yaml"]
    for candidate in candidates:
        if _is_file(candidate):
            target = candidate.resolve()
            if candidate.is_relative_to(project_root()) and not target.is_relative_to(project_root()):
                raise UsageError(f"{given}: is a link that leads outside the project; put the set in params/")
            return target
    sets = sorted(p.stem for p in (project_root() / "params").glob("*.yaml"))
    raise UsageError(
        f"{str(given)[:60]}: there is no such parameter set; in params/ there are {', '.join(sets) or 'none'}"
    )


def _is_file(path: Path) -> bool:
    """Say whether there is a file; a name the system cannot have is not a file."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def read_yaml(path: Path) -> dict[str, Any]:
    """Return a YAML file's mapping with every scalar as text; refuse what is no list of ``name: value``."""
    try:
        data = load_yaml_text(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{readable_path(path)}: cannot be read ({error.strerror})") from error
    except NotYaml as error:
        raise UsageError(f"{readable_path(path)}: {error}") from error
    if not isinstance(data, dict):
        raise UsageError(f"{readable_path(path)}: holds no parameters; write one `name: value` a line")
    return data


def chain(path: Path, seen: tuple[Path, ...] = ()) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values of a set with what it extends, and the file each value stands in.

    ``seen`` are the sets that extend it; one that extends itself is refused.
    """
    path = path.resolve()
    if path in seen:
        loop = " → ".join(p.stem for p in (*seen[seen.index(path) :], path))
        raise UsageError(
            f"{readable_path(path)}: extends: the set extends itself ({loop}); remove one `extends`"
        )
    own = read_yaml(path)
    parent = own.pop(EXTENDS, None)
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    if parent is not None:
        values, origins = chain(_parent(parent, path), (*seen, path))
        # a run's name is its own: two sets never share a folder because one extends the other
        values.pop("run", None)
    for name in own:
        known_name(name, readable_path(path))
    values.update(own)
    origins.update(dict.fromkeys(own, readable_path(path)))
    values.setdefault("run", path.stem)
    return values, origins


def _parent(name: Any, path: Path) -> Path:
    where = f"{readable_path(path)}: extends: {quoted(name)}"
    if not isinstance(name, str) or not name.strip():
        raise UsageError(f"{where} is not the name of a set; write e.g. `extends: latest`")
    if PurePath(name).is_absolute() or ".." in PurePath(name).parts or "\x00" in name:
        raise UsageError(f"{where} leads outside the project; name a set in params/, e.g. `extends: latest`")
    file = name if name.endswith((".yaml", ".yml")) else f"{name}.yaml"
    for folder in (path.parent, project_root() / "params"):
        candidate = (folder / file).resolve()
        if not (candidate.is_relative_to(project_root()) or candidate.is_relative_to(path.parent)):
            raise UsageError(f"{where} lies outside the project; name a set in params/")
        if _is_file(candidate):
            return candidate
    raise UsageError(f"{where} does not exist; name a set in params/, e.g. `extends: latest`")


def parse_overrides(pairs: Iterable[str]) -> dict[str, str]:
    """Return ``name=value`` texts of ``-p`` as a dict; names are checked, values stay text.

    Parameters
    ----------
    pairs : iterable of str
        The texts as written.

    Returns
    -------
    dict of str to str
        Value by name.

    Raises
    ------
    UsageError
        No equals sign, or an unknown name.
    """
    overrides: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"-p {pair}: write name=value, e.g. -p threshold=12000")
        overrides[known_name(name.strip(), f"-p {pair}")] = value.strip()
    return overrides


def load_params(path: str | os.PathLike[str], overrides: Mapping[str, Any] | Iterable[str] = ()) -> RunParams:
    """Return the checked parameters of a set.

    Parameters
    ----------
    path
        The set's YAML file, or its name in ``params/``.
    overrides
        Values laid on top, as ``{"threshold": "1.2e4"}`` or ``["threshold=1.2e4"]``; text is read
        by the field's type.

    Returns
    -------
    RunParams
        Checked and frozen.

    Raises
    ------
    UsageError
        A name that is not a parameter, a value of the wrong type, values that contradict each other,
        a set that extends itself; the sentence names the file and the parameter.
    """
    file = set_path(path)
    values, origins = chain(file)
    extra = dict(overrides) if isinstance(overrides, Mapping) else parse_overrides(overrides)
    for name, value in extra.items():
        known_name(name, "-p")
        values[name] = value
        origins[name] = f"-p {name}={str(value)[:60]}"
    return build(values, origins, readable_path(file))
