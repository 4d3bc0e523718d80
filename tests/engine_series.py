"""Series for the engine's tests: made by a formula, so that every machine has the same."""

from __future__ import annotations

import numpy as np
import pandas as pd


def cyclic(n: int, start: str = "2015-01", seed: int = 4) -> pd.Series:
    """Return a positive monthly series with trend, a four-year cycle, seasonality and noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(n)
    wave = 0.15 * np.sin(2 * np.pi * t / 47) + 0.08 * np.sin(2 * np.pi * (t + 2) / 12)
    log = 6.0 + 0.007 * t + wave + np.cumsum(0.02 * rng.standard_normal(n)) + 0.02 * rng.standard_normal(n)
    return pd.Series(np.exp(log), index=pd.period_range(start, periods=n, freq="M"))
