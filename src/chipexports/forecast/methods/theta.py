"""The Theta method: half the long trend plus exponential smoothing, on deseasonalised logs."""

from __future__ import annotations

import numpy as np

from chipexports.forecast.methods.convergence import recorded_convergence
from chipexports.forecast.methods.task import (
    YEAR,
    Paths,
    Task,
    fitted_months,
    gaussian_paths,
    require_variation,
    since_last_gap,
)

MIN_MONTHS = 26


def smoothing_variance(values: np.ndarray, alpha: float, drift: float) -> float:
    """Return the mean squared one-step error of simple exponential smoothing with drift.

    ``values`` are logs less their seasonal pattern; the first is the first level, so n months give n - 1
    errors.
    """
    level, squares = values[0], 0.0
    for value in values[1:]:
        error = value - (level + drift)
        squares += error**2
        level += drift + alpha * error
    return squares / (len(values) - 1)


def theta(task: Task) -> Paths:
    """Forecast the logs by the Theta method, seasonality additive.

    Needs 26 months after the last gap. Its error model is simple exponential smoothing with drift, whose
    h-step errors have variance ``s2 (1 + (h - 1) alpha^2)``. Source: Assimakopoulos & Nikolopoulos
    (2000), Hyndman & Billah (2003); statsmodels ThetaModel does the fitting.
    """
    from statsmodels.tsa.forecasting.theta import ThetaModel
    from statsmodels.tsa.seasonal import seasonal_decompose

    task = since_last_gap(task, MIN_MONTHS)
    require_variation(task)
    model = ThetaModel(task.log, period=YEAR, deseasonalize=True, use_test=False, method="additive")
    with recorded_convergence() as convergence:
        fit = model.fit(disp=False)
    mean = np.asarray(fit.forecast(task.horizon))
    alpha, drift = float(fit.params["alpha"]), float(fit.params["b0"]) / 2
    # the results' own sigma2 is that of the series with its seasonality, so it is not used
    seasonal = seasonal_decompose(task.log, model="additive", period=YEAR).seasonal
    variance = smoothing_variance(task.log - seasonal, alpha, drift)
    h = task.horizon
    impulse = np.concatenate([[1.0], np.full(h - 1, alpha)])
    lower = np.array([[impulse[i - j] if i >= j else 0.0 for j in range(h)] for i in range(h)])
    covariance = variance * lower @ lower.T
    return Paths(gaussian_paths(task, "theta", mean, covariance), convergence.reached, fitted_months(task))
