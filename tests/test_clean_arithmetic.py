"""The rules of the monthly series on cases worked by hand."""

from __future__ import annotations

import math

import pytest

from chipexports.clean.arithmetic import (
    Amount,
    Month,
    back_out_growth,
    cny_to_usd,
    difference,
    january,
    least_direct,
    merge,
    usd_to_cny,
)
from chipexports.clean.chain import resolve
from chipexports.clean.rake import rake
from chipexports.clean.totals import join_currencies, sharp, stretches
from chipexports.record.choice import FIRST, REVISED, Figure, Key


def visible(*figures):
    """Return figures given as (measure, edition, start, end, value, half)."""
    return {
        Key("export", measure, edition, f"2030-{start:02d}", f"2030-{end:02d}"): Figure(
            value, half, f"{measure[-3:]}{edition[0]}{start}-{end}", "2031-01-01"
        )
        for measure, edition, start, end, value, half in figures
    }


def cny(edition, start, end, value, half=0.05):
    return ("value_cny", edition, start, end, value, half)


def months(*figures):
    return resolve(visible(*figures), "export", "value_cny", 2030).months


def test_nothing_printed_gives_no_month():
    assert months() == {}


def test_a_missing_month_is_not_guessed():
    # year-to-dates of March and May: April and May are not told apart
    found = months(cny(FIRST, 1, 3, 2644.9), cny(FIRST, 1, 5, 4447.3))
    assert found == {}


def test_a_missing_year_to_date_is_bridged_by_the_month_after_it():
    # 4447.3 - 897.3 (May as printed) - 2644.9 = 905.1 for April
    found = months(cny(FIRST, 1, 3, 2644.9), cny(FIRST, 5, 5, 897.3), cny(FIRST, 1, 5, 4447.3))
    assert found[4].value == pytest.approx(905.1)
    assert found[4].basis == "ytd_difference"
    assert found[5] == Month(897.3, 0.05, "printed", ("cnyf5-5",), found[5].se)


def test_normal_month_is_the_difference_not_the_print():
    # October 2024: 9311.6744 - 8380.8934 = 930.7810; printed 932.2158
    found = months(
        cny(FIRST, 1, 9, 8380.8934, 5e-5),
        cny(FIRST, 1, 10, 9311.6744, 5e-5),
        cny(FIRST, 10, 10, 932.2158, 5e-5),
    )
    assert found[10].value == pytest.approx(930.781)
    assert found[10].basis == "ytd_difference"
    assert found[10].rows == ("cnyf1-10", "cnyf1-9")


def test_joint_january_february_with_february_printed():
    # 1607.1 - 729.7 = 877.4
    found = months(cny(FIRST, 1, 2, 1607.1), cny(FIRST, 2, 2, 729.7))
    assert found[1].value == pytest.approx(877.4)
    assert found[1].basis == "ytd_difference"
    assert (found[2].value, found[2].basis) == (729.7, "printed")


def test_joint_january_february_alone_is_left_to_the_estimate():
    assert months(cny(FIRST, 1, 2, 1607.1)) == {}
    assert stretches({2: Amount(1607.1, 0.05, ("j",))}, {})[0][0] == [1, 2]


def test_revised_joint_total_is_kept_exactly():
    # the revised 1594.0 with January printed 877.4 leaves 716.6, not the printed 729.7
    found = months(
        cny(REVISED, 1, 2, 1594.0),
        cny(REVISED, 1, 12, 11335.4),
        cny(FIRST, 1, 1, 877.4),
        cny(FIRST, 2, 2, 729.7),
        cny(FIRST, 1, 2, 1607.1),
    )
    assert found[1].value + found[2].value == pytest.approx(1594.0)
    assert found[2].value == pytest.approx(716.6)


def test_a_revised_previous_year_to_date_is_not_mixed_with_a_first_print():
    # August as first printed less July as first printed; July's revision (6390.0) stays out while the
    # revised year is not complete: 7360.4 - 6390.0 would give 970.4
    figures = [cny(FIRST, 1, 7, 6409.1), cny(FIRST, 1, 8, 7360.4), cny(REVISED, 1, 7, 6390.0)]
    assert months(*figures)[8].value == pytest.approx(951.3)
    figures += [cny(REVISED, 1, 8, 7340.5), cny(REVISED, 1, 12, 11335.4)]
    assert months(*figures)[8].value == pytest.approx(950.5)  # within the complete revised year


def test_growth_printed_a_year_later_gives_the_revised_base():
    # 918.0 with growth of 22.9% in April 2031: 918 / 1.229 = 746.95
    later = {
        Key("export", "value_cny", FIRST, "2031-04", "2031-04"): Figure(918.0, 0.05, "v", "2031-05-10"),
        Key("export", "yoy_cny", FIRST, "2031-04", "2031-04"): Figure(22.9, 0.05, "g", "2031-05-10"),
    }
    found = resolve(later, "export", "value_cny", 2030).months
    assert found[4].value == pytest.approx(746.95, abs=0.01)
    assert found[4].basis == "growth_backed_out"
    assert found[4].rows == ("v", "g")
    # rounding: 0.05/1.229 + 746.95 * 0.0005/1.229 = 0.345
    assert found[4].half == pytest.approx(0.345, abs=0.001)


def test_a_press_rounded_difference_is_no_month():
    # 144,700 - 130,900 million, each rounded to 100: 13,800 +- 100, 0.7% - a bound, not a month
    usd = [("value_usd", FIRST, 1, 10, 130900.0, 50.0), ("value_usd", FIRST, 1, 11, 144700.0, 50.0)]
    year = resolve(visible(*usd), "export", "value_usd", 2030)
    assert year.months == {}
    assert year.rough == {}
    assert set(year.points) == {10, 11}


def test_a_roughly_rounded_month_waits_for_the_other_currency():
    year = resolve(visible(("value_usd", FIRST, 7, 7, 13900.0, 50.0)), "export", "value_usd", 2030)
    assert year.months == {}
    assert year.rough[7].value == 13900.0


def test_amounts_add_their_rounding_and_rows():
    step = difference(Amount(10.0, 0.05, ("a", "b")), Amount(4.0, 0.5, ("b",)))
    assert step == Amount(6.0, 0.55, ("a", "b"))
    assert january(Amount(10.0, 0.0, ()), Amount(4.0, 0.0, ())).value == 6.0
    assert merge(("a",), (), ("a", "c")) == ("a", "c")
    assert Amount(0.0, 0.5, ()).relative == math.inf


def test_growth_of_minus_half_doubles():
    assert back_out_growth(Amount(50.0, 0.0, ()), Amount(-50.0, 0.0, ())).value == 100.0


def test_currencies_go_round():
    assert usd_to_cny(cny_to_usd(932.2, 7.05), 7.05) == pytest.approx(932.2)
    assert least_direct(["printed", "estimated", "converted"]) == "estimated"


def test_stretches_leave_what_the_months_do_not_take():
    points = {6: Amount(600.0, 0.05, ("h",)), 12: Amount(1500.0, 0.05, ("y",))}
    known = {2: Month(90.0, 0.05, "printed", ("m",))}
    (first, rest), (second, more) = stretches(points, known)
    assert (first, rest.value) == ([1, 3, 4, 5, 6], 510.0)
    assert (second, more.value) == ([7, 8, 9, 10, 11, 12], 900.0)
    assert rest.rows == ("h", "m")


def test_a_blunt_year_to_date_is_passed_over_but_the_last_binds():
    points = {11: Amount(1400.0, 50.0, ()), 12: Amount(1500.0, 50.0, ())}
    assert sharp(points, {}) == [12]


def test_the_currency_with_more_totals_leads():
    usd, rmb = {12: Amount(1000.0, 0.5, ("u",))}, {6: Amount(35.0, 0.05, ()), 12: Amount(70.0, 0.05, ())}
    rates = dict.fromkeys(range(1, 13), 7.0)
    joined = join_currencies(usd, rmb, rates)
    assert joined[6].value == pytest.approx(500.0)
    assert joined[12].value == pytest.approx(1000.0)
    assert joined[12].half == pytest.approx(100 * 0.05 / 7)


def _loose(*values):
    return {m: Month(v, 0.0, "converted", ("r",)) for m, v in enumerate(values, start=1)}


def test_raking_meets_the_total_and_passes_over_another_vintage():
    points = {2: Amount(201.0, 0.001, ()), 4: Amount(400.2, 0.001, ())}
    raked = rake(points, {}, _loose(100.0, 100.0, 100.0, 100.0))
    # 201 / 200 would move the months by 0.5%: passed over; 400.2 / 400 by 0.05%: binds
    assert [raked[m].value for m in range(1, 5)] == pytest.approx([100.05] * 4)


def test_raking_leaves_a_stretch_with_an_unknown_month_alone():
    loose = _loose(100.0)
    assert rake({2: Amount(300.0, 0.01, ())}, {}, loose) == loose


def test_a_single_correction_of_december_does_not_split_the_year():
    figures = [cny(FIRST, 1, m, 100.0 * m) for m in range(2, 13)]
    figures.append(cny(REVISED, 1, 12, 1205.0))
    found = months(*figures)
    assert [found[m].value for m in range(3, 13)] == pytest.approx([100.0] * 10)
