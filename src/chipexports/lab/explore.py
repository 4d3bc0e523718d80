"""The exploring notebook without its widgets: settings in, numbers, tables and figures out, cached."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.charts import catalogue
from chipexports.charts.figure import Chart
from chipexports.clean import Known, known
from chipexports.forecast.answer import forecast_of
from chipexports.forecast.fullyear import FullYearForecast
from chipexports.forecast.questions import needed, scenario
from chipexports.forecast.tables import fan_table, forecast_table
from chipexports.lab.settings import Settings
from chipexports.params import RunParams
from chipexports.record.calendar import as_of_dates
from chipexports.record.releases import read_releases

FIRST_MONTH = "2024-01"
FULL, QUICK = 2000, 400
KEPT = 64
YEAR = 12


def origins(first: str = FIRST_MONTH) -> list[tuple[str, str]]:
    """Return the dates one can stand at: (month that became known last, day), the newest last."""
    releases = read_releases()
    own = releases[
        (releases["commodity"] == "gacc_ic") & releases["measure"].isin(("value_cny", "value_usd"))
    ]
    last = max(own["period_end"])
    dates = [(period, day.isoformat()) for period, day in as_of_dates(first, last)]
    # January and February come out together: one day, the later month
    return list({day: (period, day) for period, day in dates}.values())


@lru_cache(maxsize=KEPT)
def _known(as_of: str, history_start: str) -> Known:
    return known(as_of, history_start)


@dataclass(frozen=True)
class View:
    """Everything the page shows for one choice of settings."""

    settings: Settings
    params: RunParams
    forecast: FullYearForecast

    @property
    def remaining(self) -> int:
        """Number of months not published."""
        return YEAR - self.forecast.months_published

    @property
    def p_above(self) -> float:
        """Probability that the total is above the threshold."""
        return self.forecast.probability_above(self.settings.threshold)

    @cached_property
    def needed(self) -> pd.Series:
        """What the remaining months need to reach the threshold; see `readouts.needed.needed`."""
        return needed(self.forecast, self.settings.threshold).iloc[0]

    @property
    def needed_average(self) -> float | None:
        """Average the remaining months must have to reach the threshold; None when the year is over."""
        return float(self.needed["needed_monthly_average"]) if self.remaining else None

    @property
    def needed_growth(self) -> float | None:
        """Growth over the same months of the year before that this means, in per cent."""
        growth = float(self.needed["needed_growth_pct"])
        return growth if self.remaining and np.isfinite(growth) and not self.passed else None

    @property
    def passed(self) -> bool:
        """Whether the published months alone reach the threshold."""
        return bool(self.needed["needed_total"] == 0)

    @property
    def scenario_total(self) -> float | None:
        """The year's total when every remaining month grows by ``growth`` over the year before."""
        if self.settings.growth is None:
            return None
        try:
            return scenario(self.forecast, growth=self.settings.growth / 100).median
        except UsageError:  # months of the year before are not known
            return None

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables the figures are drawn from."""
        totals = self.forecast.totals
        return {
            "fan": fan_table(self.forecast),
            "totals": pd.DataFrame({"path": range(len(totals)), "total": totals}),
            "forecast": forecast_table(self.forecast, self.params),
        }

    def draw(self, name: str, language: str = "en", size: str = "page") -> Chart:
        """Draw ``fan`` or ``distribution``."""
        settings = self.params.literals() | {"language": language}
        return catalogue.draw(name, self.tables, size=size, **settings)


class Explorer:
    """Views by settings; what was seen once is there at once.

    Only a new ``as_of`` reads the record, only new methods, combination, year, flow or currency fit
    anything; threshold and scenario are read off the paths there are.
    """

    def __init__(self) -> None:
        self._forecasts: OrderedDict[tuple[object, ...], FullYearForecast] = OrderedDict()

    def view(self, settings: Settings, *, quick: bool = False) -> View:
        """Return the view of these settings.

        Parameters
        ----------
        settings : Settings
            What the controls say.
        quick : bool
            Fewer paths, while a slider is being dragged.

        Raises
        ------
        ChipExportsError
            The settings contradict each other or nothing can be forecast from them; one sentence.
        """
        params = settings.params(n_paths=QUICK if quick else FULL)
        key = tuple(map(str, params.model_dump(exclude={"threshold"}).values()))
        if key not in self._forecasts:
            self._forecasts[key] = forecast_of(_known(params.as_of, params.history_start), params)
            while len(self._forecasts) > KEPT:
                self._forecasts.popitem(last=False)
        self._forecasts.move_to_end(key)
        return View(settings, params, self._forecasts[key])
