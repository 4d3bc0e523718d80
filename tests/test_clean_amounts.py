"""Each rule of the monthly arithmetic by hand: value, how far rounding reaches, rows."""

from __future__ import annotations

import math

import pytest

from chipexports.clean.arithmetic import (
    BASES,
    Amount,
    Month,
    add,
    back_out_growth,
    cny_to_usd,
    difference,
    january,
    least_direct,
    merge,
    usd_to_cny,
)

ONE, OTHER = Amount(9.0, 0.5, ("a", "b")), Amount(4.0, 0.25, ("b", "c"))


def test_a_basis_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        least_direct(["printed", "guessed"])


def test_a_difference_subtracts_values_and_adds_roundings() -> None:
    assert difference(ONE, OTHER) == Amount(5.0, 0.75, ("a", "b", "c"))
    assert difference(OTHER, ONE) == Amount(-5.0, 0.75, ("b", "c", "a"))
    assert january(ONE, OTHER) == difference(ONE, OTHER)


def test_a_sum_adds_values_and_roundings() -> None:
    assert add(ONE, OTHER) == Amount(13.0, 0.75, ("a", "b", "c"))
    assert add(difference(ONE, OTHER), OTHER).value == ONE.value


def test_growth_backed_out_gives_the_base_and_the_reach_of_both_roundings() -> None:
    # 120 at +50 % (each rounded): 80; 0.5 of the value reaches 1/3, 0.05 points of growth 80 x 0.0005 / 1.5
    base = back_out_growth(Amount(120.0, 0.5, ("v",)), Amount(50.0, 0.05, ("g", "v")))
    assert base.value == pytest.approx(80.0)
    assert base.half == pytest.approx(0.5 / 1.5 + 80 * 0.0005 / 1.5)
    assert base.rows == ("v", "g")
    # a fall: 60 at -25% was 80
    assert back_out_growth(Amount(60.0, 0.0, ()), Amount(-25.0, 0.0, ())).value == pytest.approx(80.0)
    exact = Amount(120.0, 0.0, ())
    low, high = (back_out_growth(exact, Amount(g, 0.0, ())).value for g in (50.05, 49.95))
    reach = back_out_growth(exact, Amount(50.0, 0.05, ())).half
    assert (high - low) / 2 == pytest.approx(reach, rel=1e-3)


def test_the_share_of_rounding() -> None:
    assert ONE.relative == pytest.approx(0.5 / 9)
    assert Amount(-2.0, 0.5, ()).relative == 0.25
    assert Amount(0.0, 0.5, ()).relative == math.inf


def test_conversion_there_and_back() -> None:
    assert cny_to_usd(14.2, 7.1) == pytest.approx(200.0)
    assert usd_to_cny(200.0, 7.1) == pytest.approx(14.2)
    assert usd_to_cny(cny_to_usd(931.17, 7.0709), 7.0709) == pytest.approx(931.17, rel=1e-15)


def test_rows_are_named_once_in_their_order() -> None:
    assert merge() == ()
    assert merge(("b", "a"), ("a", "c", "b")) == ("b", "a", "c")
    assert merge(iter(["x"]), ["x", "y"]) == ("x", "y")


def test_the_least_direct_basis_by_the_stated_order() -> None:
    assert BASES == (
        "ytd_difference",
        "printed",
        "growth_backed_out",
        "converted",
        "comtrade",
        "joint_estimate",
        "estimated",
        "missing",
    )
    for one in range(len(BASES)):
        for other in range(len(BASES)):
            assert least_direct([BASES[one], BASES[other]]) == BASES[max(one, other)]
    assert least_direct(iter(["printed"])) == "printed"


def test_a_month_has_no_standard_error_unless_it_is_given_one() -> None:
    assert math.isnan(Month(1.0, 0.5, "printed", ("a",)).se)
    assert Month(1.0, 0.5, "estimated", ("a",), 0.2).se == 0.2
