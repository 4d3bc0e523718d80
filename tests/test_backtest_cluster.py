"""The same backtest on a Dask cluster: two workers as processes on loopback, the same rows."""

from __future__ import annotations

import pandas as pd
import pytest
from distributed import LocalCluster

from chipexports.backtest.origins import panel_origins
from chipexports.backtest.run import backtest_origins
from chipexports.run.cluster import dask_backend

SMALL = {"methods": ("growth_ytd", "seasonal_naive"), "pooled": ("growth_ytd",), "n_paths": 50}


def test_a_backtest_on_the_cluster_gives_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    origins = panel_origins([2018, 2019, 2020], (4, 8))
    local = backtest_origins(origins, jobs=1, **SMALL)
    workers = {"n_workers": 2, "threads_per_worker": 1, "processes": True}
    with LocalCluster(host="127.0.0.1", dashboard_address=None, **workers) as cluster:
        monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", cluster.scheduler_address)
        with dask_backend() as there:
            assert there
            remote = backtest_origins(origins, jobs=-1, **SMALL)
    assert len(local) == 3 * 3 * 2 * 3
    pd.testing.assert_frame_equal(remote, local)
