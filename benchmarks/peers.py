"""Public forecasters as peers: each gives the year's total as a point and as a sample of joint paths."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsforecast.models import AutoARIMA, AutoETS, DynamicOptimizedTheta

from chipexports.record.festival import SPRING_FESTIVAL

for _chatty in ("cmdstanpy", "prophet", "prophet.plot"):
    logging.getLogger(_chatty).disabled = True  # a line for each fit, and one for plotly's absence
from prophet import Prophet  # noqa: E402 - it speaks while it is imported

N_PATHS = 2000
SEASON = 12


@dataclass(frozen=True)
class Answer:
    """Point forecast and sample of the remaining months' sum, and the seconds of fit and prediction."""

    point: float
    sample: np.ndarray
    seconds: float


def _nixtla(model, series: pd.Series, horizon: int, *, logs: bool) -> Answer:
    """Fit, predict with intervals (timed), then simulate joint paths (not timed)."""
    y = series.to_numpy(dtype=float)
    y = np.log(y) if logs else y
    start = time.process_time()
    model.fit(y)
    mean = np.asarray(model.predict(h=horizon, level=[50, 80, 95])["mean"])
    seconds = time.process_time() - start
    paths = np.asarray(model.simulate(h=horizon, n_paths=N_PATHS, seed=0))
    paths = paths if paths.shape[1] == horizon else paths.T
    back = np.exp if logs else np.asarray
    return Answer(float(back(mean).sum()), back(paths).sum(axis=1), seconds)


def auto_ets(series: pd.Series, horizon: int) -> Answer:
    """AutoETS, additive or multiplicative as it chooses."""
    return _nixtla(AutoETS(season_length=SEASON), series, horizon, logs=False)


def auto_arima_log(series: pd.Series, horizon: int) -> Answer:
    """AutoARIMA on logs."""
    return _nixtla(AutoARIMA(season_length=SEASON), series, horizon, logs=True)


def dynamic_theta(series: pd.Series, horizon: int) -> Answer:
    """DynamicOptimizedTheta."""
    return _nixtla(DynamicOptimizedTheta(season_length=SEASON), series, horizon, logs=False)


def _spring_festival_months() -> pd.DataFrame:
    """Month stamps in which the festival falls, one holiday for January and one for February."""
    days = pd.DatetimeIndex(list(SPRING_FESTIVAL.values()))
    names = np.where(days.month == 1, "spring_festival_january", "spring_festival_february")
    return pd.DataFrame({"holiday": names, "ds": days.to_period("M").to_timestamp()})


def prophet_china(series: pd.Series, horizon: int) -> Answer:
    """Prophet on logs with the Spring Festival as a holiday of its month, joint predictive samples."""
    frame = pd.DataFrame({"ds": series.index.to_timestamp(), "y": np.log(series.to_numpy(dtype=float))})
    start = time.process_time()
    model = Prophet(
        holidays=_spring_festival_months(),
        yearly_seasonality="auto",  # Prophet leaves it out below two years
        weekly_seasonality=False,
        daily_seasonality=False,
        uncertainty_samples=N_PATHS,
    )
    model.fit(frame, seed=0)
    future = model.make_future_dataframe(periods=horizon, freq="MS", include_history=False)
    np.random.seed(0)  # noqa: NPY002 - Prophet draws from the global generator
    samples = np.exp(model.predictive_samples(future)["yhat"])
    seconds = time.process_time() - start
    sums = samples.sum(axis=0)
    return Answer(float(np.median(sums)), sums, seconds)


PEERS: dict[str, Callable[[pd.Series, int], Answer]] = {
    "nixtla_autoets": auto_ets,
    "nixtla_autoarima_log": auto_arima_log,
    "nixtla_dynamictheta": dynamic_theta,
    "prophet": prophet_china,
}
NIXTLA = ("nixtla_autoets", "nixtla_autoarima_log", "nixtla_dynamictheta")


def mean_of(answers: list[Answer]) -> Answer:
    """Return the mean of the points and of the quantiles of several answers."""
    samples = np.mean([np.sort(answer.sample) for answer in answers], axis=0)
    return Answer(
        float(np.mean([answer.point for answer in answers])), samples, sum(a.seconds for a in answers)
    )
