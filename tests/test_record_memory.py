"""Korea's memories: nothing before it was printed, nothing that was not given."""

from __future__ import annotations

import pandas as pd
import pytest

from chipexports.base.errors import UsageError
from chipexports.record.indicators import indicators_as_of
from chipexports.record.memory import memory_exports_as_of


def test_a_month_is_not_known_before_the_15th_of_the_next():
    assert memory_exports_as_of("2024-11-14").index[-1] == pd.Period("2024-09", "M")
    assert memory_exports_as_of("2024-11-15").index[-1] == pd.Period("2024-10", "M")
    assert memory_exports_as_of("2005-12-31").empty
    with pytest.raises(UsageError):
        memory_exports_as_of("2024-13-01")


def test_zero_is_not_a_price():
    table = memory_exports_as_of("2026-11-22")
    assert not (table == 0).any().any()
    assert table["memory_usd_mn"]["2006"].isna().all()
    assert table["memory_usd_mn"]["2007":].notna().all()


def test_it_agrees_with_the_series_of_all_circuits():
    both = pd.concat(
        [
            memory_exports_as_of("2026-11-22")["hs8542_usd_mn"],
            indicators_as_of("2026-11-22")["korea_hs8542_usd_mn"],
        ],
        axis=1,
    ).dropna()
    assert len(both) > 150
    assert (both.iloc[:, 0] / both.iloc[:, 1] - 1).abs().max() < 1e-3


def test_parts_are_within_the_whole():
    table = memory_exports_as_of("2026-11-22").dropna()
    assert (table["memory_usd_mn"] <= table["hs8542_usd_mn"]).all()
    assert (table["dram_usd_mn"] + table["nand_usd_mn"] <= 1.001 * table["memory_usd_mn"]).all()
