"""What every forecasting method is given (a Task) and what it gives back (Paths) or raises (Abstain)."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

YEAR = 12
#: what is added to a covariance's diagonal before it is factored, relative to its largest variance
GRAIN = 1e-10
#: months' worth of evidence with which the variance of all months speaks beside that of real ones
PRIOR_MONTHS = 6.0


@dataclass(frozen=True)
class Reason:
    """Why a method stands as it does: a key and values, put into words by ``chipexports.words.reasons``."""

    key: str  # of the glossary's ``method_reason.…``, e.g. "too_short"; or words of one's own
    values: dict[str, int | float | str] = field(default_factory=dict)  # what the words name

    def __str__(self) -> str:
        """Return the reason in English."""
        from chipexports.words.reasons import reason_words

        return reason_words(self.key, self.values, "en")


class Abstain(Exception):
    """A method declines to forecast: ``Abstain("too_short", needs=26, has=18)``."""

    def __init__(self, key: str, **values: int | float | str) -> None:
        super().__init__(key)
        self.reason = Reason(key, values)

    def __str__(self) -> str:
        """Return the reason in English."""
        return str(self.reason)


@dataclass(frozen=True)
class Paths:
    """Simulated joint paths of the months from the origin to December of the target year.

    Attributes
    ----------
    log : ndarray, shape (n_paths, horizon)
        Natural logs on the task's scale.
    converged : bool
        False if the fit's optimiser did not converge; such paths are shown but not combined.
    note : Reason or None
        What a reader should know, e.g. how many of the fitted months are estimates.
    """

    log: np.ndarray
    converged: bool = True
    note: Reason | None = None


@dataclass(frozen=True, eq=False)
class Task:
    """One origin: the months known, the months wanted, and the regressors of both; equal only to itself.

    Attributes
    ----------
    log : ndarray, shape (n,)
        Logs of the known months, less ``centre``; NaN where a month is missing.
    first : int
        Period ordinal (months since 1970-01) of the first known month.
    year : int
        Target year.
    horizon : int
        Months from the origin to December of the target year; at least 1.
    months_published : int
        Months of the target year that are known, 0 to 11.
    regressors : ndarray, shape (n + horizon, k)
        Calendar regressors of known and wanted months.
    n_paths, seed : int
        Number of paths, and the seed from which each method derives its own stream.
    log_se : ndarray, shape (n,)
        Standard error of each log (0 where printed).
    panel : mapping of name to (ndarray, int)
        Indicators as known at the origin: logs and the Period ordinal of the first; empty if none
        were given.
    """

    log: np.ndarray
    first: int
    year: int
    horizon: int
    months_published: int
    regressors: np.ndarray
    n_paths: int
    seed: int
    log_se: np.ndarray
    panel: Mapping[str, tuple[np.ndarray, int]] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """Number of months from the first known to the last known."""
        return len(self.log)

    @property
    def wanted(self) -> int:
        """Number of months of the target year that are not published (1 to 12)."""
        return YEAR - self.months_published

    @property
    def real(self) -> np.ndarray:
        """Whether figures give a month, shape (n,): it is known and no estimate."""
        return np.isfinite(self.log) & (self.log_se == 0.0)

    @property
    def estimates(self) -> int:
        """Number of known months that are estimates."""
        return int((np.isfinite(self.log) & (self.log_se > 0.0)).sum())

    @property
    def ordinals(self) -> np.ndarray:
        """Period ordinals of known and wanted months, shape (n + horizon,)."""
        return self.first + np.arange(self.n + self.horizon)

    def normals(self, method: str, columns: int) -> np.ndarray:
        """Return standard normal draws, shape (n_paths, columns), each row followed by its mirror image.

        The stream depends on the seed and the method's name only, so that adding a method does not change
        another's paths; antithetic pairs make the centre of the paths exact.
        """
        rng = np.random.default_rng([self.seed, zlib.crc32(method.encode())])
        half = rng.standard_normal(((self.n_paths + 1) // 2, columns))
        return np.stack([half, -half], axis=1).reshape(-1, columns)[: self.n_paths]


def gaussian_paths(task: Task, method: str, mean: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Return paths of a joint normal distribution, shape (n_paths, horizon).

    Parameters
    ----------
    task : Task
        The origin.
    method : str
        Name from which the draws' stream derives.
    mean : ndarray, shape (horizon,)
        Logs.
    covariance : ndarray, shape (horizon, horizon)
        Of the logs.

    Returns
    -------
    ndarray, shape (n_paths, horizon)
        Logs.
    """
    return normal_paths(mean, covariance, task.normals(method, len(mean)))


def real_share_of_variance(
    task: Task,
    months: np.ndarray,  # positions in ``task.log`` of the months the errors are of
    errors: np.ndarray,  # whitened, one step ahead
) -> float:
    """Return the innovation variance that real months show, relative to that of all months.

    Disaggregated months are smoother than printed ones, so a variance over all of them is too small. Those
    count that figures give and whose predecessor they give too; beside them speaks the variance of all months
    as if it were six.
    """
    if not task.log_se.any():
        return 1.0
    real = task.real
    use = real[months] & real[np.maximum(months - 1, 0)]
    overall = float(errors @ errors / len(errors))
    if overall <= 0:
        return 1.0
    return float((errors[use] @ errors[use] / overall + PRIOR_MONTHS) / (use.sum() + PRIOR_MONTHS))


def normal_paths(mean: np.ndarray, covariance: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Return joint normal paths from standard normal draws, shape (n, months).

    The covariance is factored by Cholesky, which moves little when the covariance does (eigenvectors of
    equal eigenvalues turn at a change in the last digit); a grain on its diagonal lets a singular one pass.
    """
    grain = GRAIN * max(float(np.diag(covariance).max()), GRAIN)
    root = np.linalg.cholesky(covariance + grain * np.eye(len(mean)))
    return mean + draws @ root.T


def require_months(task: Task, months: int, *, gaps: bool = False) -> None:
    """Abstain if fewer than ``months`` are known or, unless ``gaps``, if one of them is missing."""
    known = int(np.isfinite(task.log).sum())
    if known < months:
        raise Abstain("too_short", needs=months, has=known)
    if not gaps and known < task.n:
        raise Abstain("months_missing", n=task.n - known)


def since_last_gap(task: Task, months: int) -> Task:
    """Return the task with the months after the last missing one, for a method that bridges no gap.

    Abstains if fewer than ``months`` are left.
    """
    missing = np.flatnonzero(~np.isfinite(task.log))
    start = int(missing[-1]) + 1 if len(missing) else 0
    if task.n - start < months:
        require_months(task, months)
    log, regressors, log_se = (values[start:] for values in (task.log, task.regressors, task.log_se))
    return replace(task, log=log, first=task.first + start, regressors=regressors, log_se=log_se)


def fitted_months(task: Task) -> Reason | None:
    """Return how many of the months a method was fitted to are estimates, as a note; None if none is."""
    if not task.estimates:
        return None
    return Reason("fitted", {"months": int(np.isfinite(task.log).sum()), "estimates": task.estimates})


def require_variation(task: Task) -> None:
    """Abstain if the series does not vary: a fit would divide by a variance of zero."""
    known = task.log[np.isfinite(task.log)]
    if np.ptp(known) < 1e-8:
        raise Abstain("constant")
