"""Parameter sets in files: YAML as text, `extends`, refusals with the file's name."""

from __future__ import annotations

from pathlib import Path

import pytest

from chipexports.base.errors import UsageError
from chipexports.params import load_params


def write(root: Path, name: str, text: str) -> Path:
    path = root / "params" / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


REFUSED = [
    ("notyaml", "a: [1, 2", "is not YAML"),
    ("tabs", "a:\n\t- b", "is not YAML"),
    ("list", "- a\n- b", "holds no parameters"),
    ("empty", "", "holds no parameters"),
    ("twice", "seed: 1\nseed: 2", "'seed' is given twice"),
    ("unknown", "extends: latest\ncurency: CNY", "did you mean 'currency'"),
    ("nested", "seed: {a: 1}", "seed"),
    ("itself", "extends: itself", "extends itself"),
    ("nobody", "extends: nothere", "does not exist"),
    ("outside", "extends: ../../../../etc/passwd", "outside the project"),
    ("listed", "extends: [latest]", "not the name of a set"),
    ("early", "extends: latest\nas_of: soon", "not a date"),
]


@pytest.mark.parametrize(("name", "text", "says"), REFUSED, ids=[r[0] for r in REFUSED])
def test_a_wrong_file_is_refused_by_name(project_copy: Path, name: str, text: str, says: str) -> None:
    write(project_copy, name, text)
    with pytest.raises(UsageError, match=says) as caught:
        load_params(name)
    assert f"params/{name}.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_ring_of_sets_is_named(project_copy: Path) -> None:
    write(project_copy, "one", "extends: two")
    write(project_copy, "two", "extends: one")
    with pytest.raises(UsageError, match="one → two → one"):
        load_params("one")


def test_a_file_that_is_not_there_or_not_text(project_copy: Path) -> None:
    with pytest.raises(UsageError, match="there are article, latest"):
        load_params("articel")
    (project_copy / "params" / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="UTF-8"):
        load_params("binary")


def test_yaml_does_not_guess(project_copy: Path) -> None:
    write(
        project_copy,
        "plain",
        "extends: latest\nas_of: 2024-11-07\ntarget_year: 2024\nthreshold: 1e4\nseed: 010",
    )
    params = load_params("plain")
    assert (params.as_of, params.threshold, params.seed) == ("2024-11-07", 10000.0, 10)


def test_extending_takes_all_but_the_name(project_copy: Path) -> None:
    write(project_copy, "mine", "extends: article\nseed: 5")
    mine, article = load_params("mine"), load_params("article")
    assert mine.run == "mine"
    assert mine.literals() == {**article.literals(), "run": "mine", "seed": 5}


def test_an_error_names_the_file_the_value_stands_in(project_copy: Path) -> None:
    write(project_copy, "parent", "extends: latest\nn_paths: few")
    write(project_copy, "child", "extends: parent\nseed: 1")
    with pytest.raises(UsageError, match=r"^params/parent\.yaml: n_paths"):
        load_params("child")
    assert load_params("child", {"n_paths": "300"}).n_paths == 300
