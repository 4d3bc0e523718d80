"""Calendar regressors against the `holidays` package, numpy's business days and their own identities."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from holidays.calendars.chinese import _ChineseLunisolar

from chipexports.base.errors import UsageError
from chipexports.record.festival import (
    MID_AUTUMN,
    NAMES,
    SPRING_FESTIVAL,
    calendar_regressors,
    calendar_rows,
    spring_festival,
)


def test_dates_against_the_holidays_package():
    lunar = _ChineseLunisolar()
    for year in range(1990, 2051):
        assert SPRING_FESTIVAL[year] == np.datetime64(lunar.lunar_new_year_date(year)[0])
        assert MID_AUTUMN[year] == np.datetime64(lunar.mid_autumn_date(year)[0])


def test_the_shares_of_a_year_worked_by_hand():
    """2024: festival on 10 February; 14 days before are 5 in January and 9 in February."""
    table = calendar_regressors(pd.period_range("2024-01", "2025-12", freq="M"))
    row = table.loc["2024-01"] - table.loc["2025-01"]  # the calendar month's mean cancels
    # 2025: festival on 29 January; 14 days before and 3 of the 8 days lie in January
    assert row["before_spring_festival"] == pytest.approx(5 / 14 - 1)
    assert row["in_spring_festival"] == pytest.approx(0 - 3 / 8)
    assert row["after_spring_festival"] == pytest.approx(0)


def test_each_calendar_month_averages_to_zero_over_the_table():
    table = calendar_regressors(pd.period_range("1990-01", "2050-12", freq="M"))
    assert np.abs(table.groupby(table.index.month).mean()).max().max() < 1e-12
    assert list(table.columns) == list(NAMES)


def test_weekdays_of_a_month():
    """March 2024 and March 2025 have 21 weekdays and 10 weekend days, March 2023 has 23 and 8."""
    rows = calendar_rows(np.array([pd.Period(m, "M").ordinal for m in ("2024-03", "2025-03", "2023-03")]))
    assert rows[0, -1] == rows[1, -1]
    assert rows[2, -1] - rows[0, -1] == pytest.approx((23 - 2.5 * 8 - (21 - 2.5 * 10)) / 20)


def test_outside_the_table_a_month_is_average_and_a_date_is_refused():
    assert (calendar_rows(np.array([-240, 12 * 90])) == 0).all()
    assert spring_festival(2026) == np.datetime64("2026-02-17")
    with pytest.raises(UsageError, match="1990-2050"):
        spring_festival(1989)
