"""Small invented tables in the schema of a run's, for tests of figures; no real numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd


def monthly(
    first: str = "2019-01", last: str = "2026-08", flows: tuple[str, ...] = ("export", "import")
) -> pd.DataFrame:
    """Return a smooth growing series with a season; estimated to 2022, derived in 2023, then published."""
    frames = []
    for flow in flows:
        index = pd.period_range(first, last, freq="M")
        step = np.arange(len(index))
        season = 1 + 0.08 * np.sin(2 * np.pi * index.month / 12) - 0.12 * (index.month == 2)
        usd = (9000 if flow == "export" else 28000) * 1.009**step * season * (1 + 0.05 * np.cos(step / 5))
        rate = 6.9 + 0.2 * np.sin(step / 9)
        basis = np.where(
            index.year < 2023, "estimated", np.where(index.year < 2024, "growth_backed_out", "printed")
        )
        frames.append(
            pd.DataFrame(
                {
                    "period": index.astype(str),
                    "flow": flow,
                    "value_cny_100mn": usd * rate / 100,
                    "value_usd_mn": usd,
                    "quantity_100mn": 220 * 1.004**step * season,
                    "basis": basis,
                    "basis_cny": basis,
                    "basis_usd": basis,
                    "basis_quantity": basis,
                    "se_cny_100mn": np.where(index.year < 2023, usd * rate / 100 * 0.05, np.nan),
                    "se_usd_mn": np.where(index.year < 2023, usd * 0.05, np.nan),
                    "excluded": False,
                    "rows_cny": "a",
                    "rows_usd": "b",
                    "rows_quantity": "c",
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
