"""Models in the open: a statsmodels model as a method, its joint forecasts, and the year they give."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.base.months import months_from, ordinals_of
from chipexports.forecast.distribution import YearPaths
from chipexports.forecast.methods.convergence import recorded_convergence
from chipexports.forecast.methods.task import YEAR, Abstain, Reason, normal_paths
from chipexports.series import History


@dataclass(frozen=True)
class _Outcome:
    """What a fitted model says, with whether its fit converged."""

    distribution: tuple[np.ndarray, np.ndarray]
    converged: bool
    note: Reason | None = None


@dataclass(frozen=True)
class StatsmodelsMethod:
    """A statsmodels model as a method; made by `from_statsmodels`."""

    name: str
    build: Callable[[pd.Series, pd.DataFrame], Any]
    maxiter: int = 500

    def __call__(self, history: History, calendar: pd.DataFrame) -> _Outcome:
        """Fit the model to the logs and return the joint distribution of the months ahead."""
        from statsmodels.tools.sm_exceptions import HessianInversionWarning

        log = np.log(history.values)
        past, future = calendar.iloc[: len(log)], calendar.iloc[len(log) :]
        try:
            with recorded_convergence() as convergence:
                warnings.simplefilter("ignore", HessianInversionWarning)  # no standard errors are wanted
                model = self.build(log, past)
                results = model.fit(disp=False, maxiter=self.maxiter) if hasattr(model, "fit") else model
            mean, covariance = joint_covariance(results, len(future), exog=future)
        except (np.linalg.LinAlgError, ValueError, IndexError) as error:
            if isinstance(error, UsageError):
                raise
            raise Abstain("not_fitted", error=str(error).splitlines()[0]) from error
        return _Outcome((np.asarray(mean), covariance), convergence.reached)


def from_statsmodels(
    build: Callable[[pd.Series, pd.DataFrame], Any], name: str = "statsmodels"
) -> StatsmodelsMethod:
    """Make a method of any statsmodels state-space or ETS model.

    Parameters
    ----------
    build : callable (y, x) -> model
        ``y``: logs of the known months, PeriodIndex; ``x``: calendar regressors of the same months, a
        column each. Returns the model, which is fitted by maximum likelihood, or results fitted already.
        A model given ``x`` as ``exog`` gets the regressors of the months ahead for its forecast.
    name : str
        Under which it stands in tables and charts.

    Returns
    -------
    StatsmodelsMethod
        For ``methods=[...]`` of `forecast_full_year`, `run_methods` and ``backtest_origins``.

    Notes
    -----
    SARIMAX, UnobservedComponents and whatever else has a linear state space, and ETSModel with additive
    errors, trend and seasonality. A fit that did not converge is shown and not combined.

    Examples
    --------
    >>> from statsmodels.tsa.statespace.sarimax import SARIMAX
    >>> from chipexports.clean import known
    >>> from chipexports.forecast import forecast_full_year, from_statsmodels
    >>> mine = from_statsmodels(
    ...     lambda y, x: SARIMAX(y, exog=x, order=(2, 1, 0), seasonal_order=(0, 1, 1, 12)), name="sarima_210"
    ... )
    >>> history = known("2026-11-22").history("export", "USD")
    >>> forecast = forecast_full_year(history, 2026, methods=["ets", mine])
    >>> forecast.methods["status"].to_dict()
    {'ets': 'used', 'sarima_210': 'used'}
    """
    return StatsmodelsMethod(name, build)


def joint_covariance(
    results: Any, h: int, exog: pd.DataFrame | np.ndarray | None = None
) -> tuple[pd.Series, np.ndarray]:
    """Return mean and covariance of the next ``h`` observations, jointly.

    Parameters
    ----------
    results : statsmodels results
        Of a linear state-space model (SARIMAX, UnobservedComponents, …) or of an ETSModel with additive
        errors, trend and seasonality.
    h : int
        Number of observations ahead; with none both are empty.
    exog : DataFrame or ndarray, shape (h, k), optional
        Regressors of the months ahead; ignored by a model without regressors.

    Returns
    -------
    (Series, ndarray)
        Mean, shape (h,), on the months ahead where the model knew its months; covariance, shape (h, h).
        Of logs, if the model was fitted to logs.

    Raises
    ------
    UsageError
        Results of another kind of model.

    Notes
    -----
    ``get_forecast`` gives the variance of each month, a year's total needs their covariances too. With
    ``y[t] = Z a[t] + e[t]``, ``a[t+1] = T a[t] + R n[t]`` and the filter's prediction
    ``a[n+1] ~ N(a, P)``, that of ``y[n+i]`` and ``y[n+j]``, i <= j, is ``Z T^(j-i) P[i] Z'``, plus the
    measurement variance where i = j (Durbin & Koopman 2012, section 4.11); for ETS the closed form of
    Hyndman, Koehler, Ord & Snyder (2008), chapter 6.

    Examples
    --------
    >>> import numpy as np
    >>> from statsmodels.tsa.statespace.sarimax import SARIMAX
    >>> walk = SARIMAX(np.arange(20.0), order=(0, 1, 0)).smooth([4.0])
    >>> mean, covariance = joint_covariance(walk, 3)
    >>> covariance.round(1).tolist()
    [[4.0, 4.0, 4.0], [4.0, 8.0, 8.0], [4.0, 8.0, 12.0]]
    """
    if h == 0:
        return pd.Series(dtype=float), np.empty((0, 0))
    model = getattr(results, "model", None)
    if hasattr(results, "smoothing_level"):
        return _ets_forecast(results, h)
    if model is None or not hasattr(model, "ssm") or not hasattr(results, "filter_results"):
        raise UsageError(
            f"joint_covariance: {type(results).__name__} is not the result of a linear state-space model"
        )
    ahead = exog if getattr(model, "k_exog", 0) else None
    mean = results.get_forecast(h, exog=ahead).predicted_mean
    filtered = results.filter_results

    def last(name: str) -> np.ndarray:
        matrix = np.asarray(getattr(filtered, name))
        return matrix[..., -1] if matrix.ndim == 3 else matrix

    # with a concentrated scale the results' covariances are multiplied by it already
    design, transition, selection = last("design"), last("transition"), last("selection")
    # where the states hold the coefficients of regressors, the design of the months ahead differs
    rows = _designs(model, design, ahead, h)
    shocks = selection @ last("state_cov") @ selection.T
    noise = float(last("obs_cov")[-1, -1])
    spread, covariance = np.asarray(filtered.predicted_state_cov)[:, :, -1], np.empty((h, h))
    for i in range(h):
        carried = spread @ rows[i]
        covariance[i, i] = rows[i] @ carried + noise
        for j in range(i + 1, h):
            carried = transition @ carried
            covariance[i, j] = covariance[j, i] = rows[j] @ carried
        spread = transition @ spread @ transition.T + shocks
    return pd.Series(mean), covariance


def _designs(model: Any, design: np.ndarray, exog: Any, h: int) -> np.ndarray:
    """Return the observation row of each month ahead, shape (h, states)."""
    rows = np.tile(design[0], (h, 1))
    in_state = not getattr(model, "mle_regression", True)
    if exog is not None and in_state:
        k = model.k_exog
        rows[:, -k:] = np.asarray(exog, dtype=float)
    return rows


def _ets_forecast(results: Any, h: int) -> tuple[pd.Series, np.ndarray]:
    """Return the joint forecast of a statsmodels ETSModel with additive parts."""
    model = results.model
    parts = (model.error, model.trend, model.seasonal)
    if any(part not in (None, "add") for part in parts):
        raise UsageError("joint_covariance: of ETS models only those with additive parts; fit to the logs")
    alpha = float(results.smoothing_level)
    beta = float(results.smoothing_trend) if model.trend else 0.0
    gamma = float(results.smoothing_seasonal) if model.seasonal else 0.0
    phi = float(results.damping_trend) if model.damped_trend else 1.0
    lag = np.arange(1, h)
    trend = np.cumsum(phi**lag) if model.trend else np.zeros(h - 1)
    season = (lag % model.seasonal_periods == 0) if model.seasonal else np.zeros(h - 1)
    impulse = np.concatenate([[1.0], alpha + beta * trend + gamma * season])
    lower = np.array([[impulse[i - j] if i >= j else 0.0 for j in range(h)] for i in range(h)])
    return pd.Series(results.forecast(h)), float(results.scale) * lower @ lower.T


def full_year(
    mean: pd.Series | np.ndarray,
    covariance: np.ndarray,
    published: pd.Series,
    n_paths: int = 20000,
    seed: int = 0,
) -> YearPaths:
    """Return the year that a joint normal forecast of the logs gives, path by path.

    Parameters
    ----------
    mean : Series or ndarray, shape (h,)
        Logs of the months after the last published one, to December; empty where all are published.
    covariance : ndarray, shape (h, h)
        Of the same logs, as `joint_covariance` gives it.
    published : Series
        The year's published months, PeriodIndex from January on, unit of the series. Where none is
        published, an empty one; then ``mean`` must be a Series on the months of the year.
    n_paths, seed : int
        Number of simulated paths, in antithetic pairs; the same seed gives the same bytes.

    Returns
    -------
    YearPaths
        With the same read-outs as a forecast: median, interval, probability.

    Raises
    ------
    UsageError
        Shapes that do not fit together, or months that are not those left of one year.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> published = pd.Series(100.0, index=pd.period_range("2026-01", "2026-10", freq="M"))
    >>> year = full_year(np.log([100.0, 100.0]), np.zeros((2, 2)), published)
    >>> round(year.median)
    1200
    """
    months, left = np.asarray(mean, dtype=float), YEAR - len(published)
    spread = np.asarray(covariance, dtype=float)
    if len(published):
        year = int(published.index[0].year)
    elif isinstance(mean, pd.Series) and isinstance(mean.index, pd.PeriodIndex):
        year = int(mean.index[-1].year)
    else:
        raise UsageError("full_year: with no month published, give `mean` as a Series on its months")
    whole = months_from(pd.Period(f"{year}-01", "M").ordinal, YEAR)
    if len(published) and list(ordinals_of(published)) != list(whole.asi8[: len(published)]):
        raise UsageError(f"full_year: `published` must hold months of {year} from January on, without a gap")
    if left < 0 or months.ndim != 1 or len(months) < left or spread.shape != (len(months), len(months)):
        raise UsageError(
            f"full_year: {left} months of {year} are left; got a mean of shape {months.shape} and a "
            f"covariance of shape {spread.shape}"
        )
    if left == 0:
        return YearPaths(year, whole, published, np.tile(published.to_numpy(float), (n_paths, 1)))
    z = np.random.default_rng(seed).standard_normal(((n_paths + 1) // 2, len(months)))
    draws = np.stack([z, -z], axis=1).reshape(-1, len(months))[:n_paths]
    logs = normal_paths(months, spread, draws)[:, -left:]
    paths = np.hstack([np.tile(published.to_numpy(float), (n_paths, 1)), np.exp(logs)])
    return YearPaths(year, whole, published, paths)
