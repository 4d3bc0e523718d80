"""The exploring page without its widgets: settings in, the answer, tables and marks out, kept."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from chipexports.base.errors import ChipExportsError, UsageError
from chipexports.clean import Known, known
from chipexports.forecast.answer import Question, answer, forecast_of
from chipexports.forecast.distribution import FullYearForecast, YearPaths
from chipexports.forecast.questions.needed import needed
from chipexports.forecast.questions.scenario import scenario
from chipexports.forecast.tables import fan_table, histogram_table
from chipexports.lab.settings import BASE, Settings, default_settings
from chipexports.params import RunParams, load_params
from chipexports.params.model import FLOWS
from chipexports.record.calendar import as_of_dates
from chipexports.record.releases import read_releases
from chipexports.series.record import OwnRecord
from chipexports.series.settings import series_settings
from chipexports.words.answer import Answer

FIRST_MONTH = "2024-01"
#: months of a series of one's own before the first day one can stand at
LEAST = 24
KEPT = 400
YEAR = 12
PROPOSED = 5


def origins(first: str = FIRST_MONTH, base: str = BASE) -> list[tuple[str, str]]:
    """Return the dates one can stand at: (month that became known last, day), the newest last.

    The last one is the day of the set ``latest``, so that the page opens with the project's answer. Those of
    a set with a series of its own are the days on which its months became known, from the third year on.
    """
    if series := load_params(base).series:
        return _own_origins(series)
    releases = read_releases()
    own = releases[
        (releases["commodity"] == "gacc_ic") & releases["measure"].isin(("value_cny", "value_usd"))
    ]
    last = max(own["period_end"])
    dates = [(period, day.isoformat()) for period, day in as_of_dates(first, last)]
    # January and February come out together: one day, the later month
    days = {day: (period, day) for period, day in dates}
    newest = default_settings().as_of
    if newest not in days and newest > max(days):
        days[newest] = (dates[-1][0], newest)
    return list(days.values())


def _own_origins(series: object) -> list[tuple[str, str]]:
    read = series_settings(series).read()
    known_on = read.published[read.values.notna()]
    later = known_on.iloc[min(LEAST, len(known_on) - 1) :]
    days = {str(day.date()): (str(month), str(day.date())) for month, day in later.items()}
    return [days[day] for day in sorted(days)]


@lru_cache(maxsize=KEPT)
def _known(as_of: str, history_start: str) -> Known:
    return known(as_of, history_start)


def proposed_thresholds(forecast: FullYearForecast) -> list[float]:
    """Return the round totals worth asking about, ascending: at most five of two digits in the 95% interval.

    Where the interval is too narrow for them, they are the two round totals around the median.
    """
    low, high = forecast.interval(0.95)
    digit = 10.0 ** (np.floor(np.log10(forecast.median)) - 1)
    for step in (1, 2, 5, 10):
        first, last = np.ceil(low / digit / step), np.floor(high / digit / step)
        if last - first < PROPOSED:
            break
    if last <= first:
        first, last = np.floor(forecast.median / digit / step), np.ceil(forecast.median / digit / step)
    return [float(f"{n * step * digit:.2g}") for n in np.arange(first, last + 1)]


@dataclass(frozen=True)
class View:
    """Everything the page shows for one choice of settings."""

    settings: Settings
    params: RunParams
    known: Known | OwnRecord
    forecast: FullYearForecast
    make: Callable[[Known | OwnRecord, Question], FullYearForecast]

    @property
    def remaining(self) -> int:
        """Number of months not published."""
        return YEAR - self.forecast.months_published

    def answer(self, *, without: bool) -> Answer:
        """Return the answer; with ``without`` also as it would be without the last unconfirmed month."""
        return answer(self.known, self.params, self.forecast, without=without, make=self.make)

    @cached_property
    def needed(self) -> pd.Series:
        """What the remaining months need to reach the threshold; see `forecast.questions.needed`."""
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

    @cached_property
    def scenario(self) -> YearPaths | None:
        """The year when every remaining month grows by ``growth``; None where nothing is asked or known."""
        if self.settings.growth is None or not self.remaining:
            return None
        try:
            return scenario(self.forecast, growth=self.settings.growth / 100)
        except UsageError:  # months of the year before are not known
            return None

    @property
    def scenario_total(self) -> float | None:
        """The year's total in the scenario."""
        return None if self.scenario is None else self.scenario.median

    @cached_property
    def fan(self) -> pd.DataFrame:
        """Months and year-to-date with their bands, as a run writes them to ``fan.csv``."""
        return fan_table(self.forecast)

    @cached_property
    def bars(self) -> pd.DataFrame:
        """The histogram of the total, as the figure ``distribution`` draws it."""
        return histogram_table(self.forecast.totals, self.settings.threshold)


class Explorer:
    """Views by settings; what was seen once is there at once.

    Only a new ``as_of`` reads the record, only new methods, combination, year, flow or currency fit
    anything; threshold and scenario are read off the paths there are. What a reader is likely to ask
    next is made ready by one thread of its own (`prepare`).
    """

    def __init__(self) -> None:
        self._forecasts: OrderedDict[tuple[object, ...], Future[FullYearForecast]] = OrderedDict()
        self._lock = threading.Lock()
        self._wanted: deque[Callable[[], object]] = deque()
        self._there_is = threading.Condition()
        self._thread: threading.Thread | None = None

    def forecast(self, day: Known | OwnRecord, question: Question) -> FullYearForecast:
        """Return `forecast_of`, made once: another thread that makes the same is waited for."""
        q = question
        asked = (q.target_year, q.flow, q.currency, tuple(q.methods), q.combination, q.n_paths, q.seed)
        key = (day.as_of, day.history_start, day.left_out, *asked, tuple(q.levels))
        with self._lock:
            waiting = self._forecasts.get(key)
            future = self._forecasts.setdefault(key, Future()) if waiting is None else waiting
            self._forecasts.move_to_end(key)
            while len(self._forecasts) > KEPT:
                self._forecasts.popitem(last=False)
        if waiting is None:
            try:
                future.set_result(forecast_of(day, question))
            except BaseException as error:
                future.set_exception(error)
                if not isinstance(error, ChipExportsError):  # a stop by the user is no answer
                    with self._lock:
                        self._forecasts.pop(key, None)
        return future.result()

    def view(self, settings: Settings) -> View:
        """Return the view of these settings; those that contradict each other are refused in one sentence."""
        params = settings.params()
        start = params.history_start
        own = params.series
        day = known(params.as_of, start, own) if own else _known(params.as_of, start)
        return View(settings, params, day, self.forecast(day, params), self.forecast)

    def prepare(self, wanted: Iterable[Callable[[], object]]) -> None:
        """Make ready, in order and beside the page, what may be asked next, in place of what was wanted.

        A `ChipExportsError` on the way is left for the one who asks.
        """
        with self._there_is:
            self._wanted = deque(wanted)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="chipexports-explore", daemon=True)
                self._thread.start()
            self._there_is.notify()

    def _work(self) -> None:
        while True:
            with self._there_is:
                while not self._wanted:
                    self._there_is.wait()
                make = self._wanted.popleft()
            try:
                make()
            except ChipExportsError:
                continue


def neighbours(settings: Settings, days: list[str]) -> list[Settings]:
    """Return what a reader may turn to next: the dates beside, then what else is on offer, then all dates."""

    def at(day: str) -> Settings:
        moved = day[:4] != settings.as_of[:4]
        return settings.with_(as_of=day, **({"target_year": int(day[:4])} if moved else {}))

    here = days.index(settings.as_of)
    by_distance = sorted(
        (day for day in days if day != settings.as_of), key=lambda d: abs(days.index(d) - here)
    )
    others = [settings.with_(target_year=2 * int(settings.as_of[:4]) - 1 - settings.target_year)]
    if settings.flow in FLOWS:  # a series of one's own has neither another currency nor another flow
        others = [
            settings.with_(currency="USD" if settings.currency == "CNY" else "CNY"),
            settings.with_(flow="import" if settings.flow == "export" else "export"),
            *others,
        ]
    return [at(day) for day in by_distance[:2]] + others + [at(day) for day in by_distance[2:]]
