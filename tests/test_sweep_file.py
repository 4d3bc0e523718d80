"""A sweep's file: product, list, months; refusals before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from chipexports.base.errors import UsageError
from chipexports.run.sweep_file import load_sweep


def write(root: Path, text: str, name: str = "mine") -> str:
    (root / "params" / "sweeps").mkdir(exist_ok=True)
    (root / "params" / "sweeps" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return name


REFUSED = [
    ("extends: latest", "write either"),
    ("extends: latest\nlist: []", "list: is empty"),
    ("extends: latest\nproduct: {}", "product: is empty"),
    ("product: {seed: []}", "not a list of values"),
    ("product: {sed: [1]}", "did you mean 'seed'"),
    ("product: {seed: [1, x]}", "set 2: seed: 'x' is not a whole number"),
    ("list:\n- {seed: 1}\n- {seed: 1}", "set 2 is the same as set 1"),
    ("list:\n- {run: a}", "a name of its own"),
    ("list:\n- {target_year: 2030}", "set 1: target_year"),
    ("product: {as_of: {months: [2024-13, latest]}}", "is not a month"),
    ("product: {as_of: {months: [2024-06, 2024-01]}}", "put the earlier one first"),
    ("products: {seed: [1]}", "products: is not part of a sweep"),
    ("extends: nowhere\nlist:\n- {seed: 1}", "there is no such parameter set"),
    ("", "holds no parameters"),
]


@pytest.mark.parametrize(("text", "says"), REFUSED, ids=[r[1] for r in REFUSED])
def test_a_wrong_sweep_is_refused_in_one_sentence(project_copy: Path, text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        load_sweep(write(project_copy, text))
    assert "\n" not in str(caught.value)


def test_a_product_is_every_combination_in_order(project_copy: Path) -> None:
    text = (
        "extends: article\nfixed: {n_paths: 100}\nproduct:\n  seed: [1, 2]\n  methods: [[ets], [sarima, ucm]]"
    )
    sweep = load_sweep(write(project_copy, text))
    assert [(p.seed, p.methods) for p in sweep.sets] == [
        (1, ["ets"]),
        (1, ["sarima", "ucm"]),
        (2, ["ets"]),
        (2, ["sarima", "ucm"]),
    ]
    assert {p.n_paths for p in sweep.sets} == {100}
    assert len({p.run for p in sweep.sets}) == 4
    assert sweep.varied == ("seed", "methods")


def test_every_month_is_shipped_with_one_set_per_month_and_currency() -> None:
    sweep = load_sweep("every-month")
    days = sorted({p.as_of for p in sweep.sets})
    assert days[:2] == ["2024-03-07", "2024-04-12"]
    assert len(sweep.sets) == 2 * len(days)
    assert all(p.target_year in (int(p.as_of[:4]), int(p.as_of[:4]) - 1) for p in sweep.sets)
    assert {(p.currency, p.threshold) for p in sweep.sets} == {("CNY", 10000.0), ("USD", 150000.0)}
