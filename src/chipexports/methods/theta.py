"""The Theta method: half the long trend plus exponential smoothing, on deseasonalised logs."""

from __future__ import annotations

import numpy as np

from chipexports.methods.task import YEAR, Paths, Task, gaussian_paths, require_months, require_variation

MIN_MONTHS = 26


def theta(task: Task) -> Paths:
    """Forecast the logs by the Theta method, seasonality additive.

    Needs 26 months without a gap. Its error model is simple exponential smoothing, whose errors
    have variance ``s2 (1 + (h - 1) alpha^2)`` and covariances likewise. Source: Assimakopoulos &
    Nikolopoulos (2000), Hyndman & Billah (2003); statsmodels ThetaModel does the fitting.
    """
    from statsmodels.tsa.forecasting.theta import ThetaModel

    require_months(task, MIN_MONTHS)
    require_variation(task)
    model = ThetaModel(task.log, period=YEAR, deseasonalize=True, use_test=False, method="additive")
    fit = model.fit(disp=False)
    mean = np.asarray(fit.forecast(task.horizon))
    alpha = float(fit.params["alpha"])
    impulse = np.concatenate([[1.0], np.full(task.horizon - 1, alpha)])
    lower = np.array(
        [[impulse[i - j] if i >= j else 0.0 for j in range(task.horizon)] for i in range(task.horizon)]
    )
    covariance = float(fit.sigma2) * lower @ lower.T
    return Paths(gaussian_paths(task, "theta", mean, covariance))
