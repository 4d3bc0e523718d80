"""The answer to a question, computed in one place: every surface shows these numbers and no others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import pandas as pd

from chipexports.base import units
from chipexports.base.errors import ChipExportsError
from chipexports.base.files import read_table
from chipexports.base.paths import processed_dir
from chipexports.clean import Known
from chipexports.clean.day import outturn_of
from chipexports.forecast.distribution import FullYearForecast
from chipexports.forecast.fullyear import forecast_full_year
from chipexports.forecast.inputs import HISTORY_MONTHS
from chipexports.series.record import OwnRecord
from chipexports.words.answer import Answer, Without

ONCE, ESTIMATE = "quoted once", "estimate"


class Question(Protocol):
    """What is asked: the parameters of a run, or anything with these names."""

    @property
    def run(self) -> str: ...

    @property
    def as_of(self) -> str: ...

    @property
    def history_start(self) -> str: ...

    @property
    def target_year(self) -> int: ...

    @property
    def flow(self) -> str: ...

    @property
    def currency(self) -> str: ...

    @property
    def methods(self) -> Sequence[str]: ...

    @property
    def combination(self) -> str: ...

    @property
    def n_paths(self) -> int: ...

    @property
    def seed(self) -> int: ...

    @property
    def levels(self) -> Sequence[float]: ...

    @property
    def threshold(self) -> float: ...

    @property
    def truth(self) -> str: ...

    @property
    def series(self) -> object: ...


def forecast_of(known: Known | OwnRecord, question: Question) -> FullYearForecast:
    """Return the forecast a question asks for, from what was known on a day.

    Parameters
    ----------
    known : Known
        From ``chipexports.clean.known(as_of)``.
    question : Question
        E.g. ``load_params("latest")``.

    Returns
    -------
    FullYearForecast
        As ``forecast_full_year`` gives it.
    """
    q = question
    return forecast_full_year(
        known.history(q.flow, q.currency),
        q.target_year,
        methods=tuple(q.methods),
        combination=q.combination,
        n_paths=q.n_paths,
        seed=q.seed,
        levels=tuple(q.levels),
        thresholds=(q.threshold,),
    )


def answer(
    known: Known | OwnRecord,
    question: Question,
    forecast: FullYearForecast | None = None,
    *,
    without: bool = True,
    make: Callable[[Any, Question], FullYearForecast] = forecast_of,
) -> Answer:
    """Return the answer to a question: how much, how sure, and on what it rests.

    Parameters
    ----------
    known : Known
        What was known on a day, from ``chipexports.clean.known(as_of)``.
    question : Question
        The parameters of a run: year, flow, currency, methods, levels, threshold.
    forecast : FullYearForecast, optional
        Made already with these settings; by default it is made here.
    without : bool
        Whether to forecast once more without the last unconfirmed month.
    make : callable
        What makes a forecast: `forecast_of`, or the same with a memory.

    Returns
    -------
    Answer
        Million USD or 100 million CNY.

    Raises
    ------
    ChipExportsError
        As ``forecast_full_year`` raises it.

    Examples
    --------
    >>> from chipexports.clean import known
    >>> from chipexports.params import load_params
    >>> params = load_params("latest", ["as_of=2026-11-22", "n_paths=200"])
    >>> a = answer(known(params.as_of), params, without=False)
    >>> a.months_published, a.last, a.quoted_once
    (8, '2026-08', ('2026-08',))
    """
    q = question
    forecast = make(known, q) if forecast is None else forecast
    history = known.history(q.flow, q.currency)
    values, (kind, standing) = history.values, history.rests_on
    months = pd.PeriodIndex(values.index)
    last = forecast.known.last_valid_index()
    matters = standing[(months.year == q.target_year) & values.notna()]
    finished = forecast.months_published == len(forecast.months)
    if finished:
        # the total rests on the printed year, not on its months
        matters = matters.iloc[:0]
    elif forecast.months_published == 0:
        matters = standing[months == last]
    once = tuple(map(str, matters.index[matters == ONCE]))
    fitted = kind.reindex(forecast.known.dropna().index[-HISTORY_MONTHS:])
    first, latest = (outturn_of(q, truth, known.as_of) for truth in ("first_print", "latest"))
    return Answer(
        known.as_of,
        q.target_year,
        q.flow,
        q.currency,
        forecast.months_published,
        str(last),
        forecast.published_total,
        forecast.median,
        tuple((level, *forecast.interval(level)) for level in q.levels),
        float(q.threshold),
        forecast.probability_above(q.threshold),
        first if finished else None,
        latest if finished else None,
        None if finished else outturn_of(q, q.truth),
        once,
        tuple(map(str, matters.index[matters == ESTIMATE])),
        len(fitted),
        int((fitted == ESTIMATE).sum()),
        _without(known, q, once[-1], make) if without and once and not finished else None,
    )


def _without(
    known: Known | OwnRecord,
    question: Question,
    month: str,
    make: Callable[[Any, Question], FullYearForecast],
) -> Without | None:
    """Return the answer had a month's figures not been published; None where nothing could be forecast."""
    try:
        forecast = make(known.without(month), question)
    except ChipExportsError:
        # e.g. a month inside the year is then missing: there is no such answer to compare with
        return None
    level = min(question.levels, key=lambda one: abs(one - 0.8))
    low, high = forecast.interval(level)
    return Without(month, forecast.median, low, high, forecast.probability_above(question.threshold))


def _label(level: float) -> str:
    return f"{100 * level:g}"


def answer_table(answer: Answer) -> pd.DataFrame:
    """Return the answer as the one row of ``answer.csv``.

    Parameters
    ----------
    answer : Answer
        As `answer` returns it.

    Returns
    -------
    DataFrame
        ``as_of, target_year, flow, currency, unit, months_published, last_month, published_total, median``,
        ``low_80, high_80`` and so on by level in per cent, ``threshold, p_above, first_print, latest,
        outturn, quoted_once, estimated, months_fitted, months_fitted_estimated, without_month,
        without_median, without_low, without_high, without_p_above``; months apart by a space.
    """
    a, w = answer, answer.without
    row: dict[str, object] = {
        "as_of": a.as_of,
        "target_year": a.year,
        "flow": a.flow,
        "currency": a.currency,
        "unit": units.table_unit(a.currency),
        "months_published": a.months_published,
        "last_month": a.last,
        "published_total": a.published_total,
        "median": a.median,
    }
    for level, low, high in a.intervals:
        row |= {f"low_{_label(level)}": low, f"high_{_label(level)}": high}
    row |= {
        "threshold": a.threshold,
        "p_above": a.probability,
        "first_print": a.first_print,
        "latest": a.latest,
        "outturn": a.outturn,
        "quoted_once": " ".join(a.quoted_once),
        "estimated": " ".join(a.estimated),
        "months_fitted": a.fitted,
        "months_fitted_estimated": a.fitted_estimates,
        "without_month": w.month if w else None,
        "without_median": w.median if w else None,
        "without_low": w.low if w else None,
        "without_high": w.high if w else None,
        "without_p_above": w.probability if w else None,
    }
    return pd.DataFrame([row])


def answer_of_run(run: str) -> Answer:
    """Read a run's answer back from its ``answer.csv``; refuse a run that has not reached its forecast."""
    path = processed_dir(run) / "answer.csv"
    if not path.is_file():
        raise ChipExportsError(
            f"data/processed/{run}/answer.csv does not exist; `python -m chipexports run {run}` goes on "
            "from there"
        )
    return answer_from(read_table(path))


def answer_from(table: pd.DataFrame) -> Answer:
    """Return the answer from the row of ``answer.csv``; the inverse of `answer_table`."""
    row = table.iloc[-1]

    def optional(name: str) -> float | None:
        return None if pd.isna(row[name]) else float(row[name])

    def months(name: str) -> tuple[str, ...]:
        return () if pd.isna(row[name]) else tuple(str(row[name]).split())

    levels = sorted(float(name[4:]) for name in table.columns if name.startswith("low_"))
    gone = row["without_month"]
    left = [optional(f"without_{name}") for name in ("median", "low", "high", "p_above")]
    return Answer(
        str(row["as_of"]),
        int(row["target_year"]),
        str(row["flow"]),
        str(row["currency"]),
        int(row["months_published"]),
        str(row["last_month"]),
        float(row["published_total"]),
        float(row["median"]),
        tuple((x / 100, float(row[f"low_{x:g}"]), float(row[f"high_{x:g}"])) for x in levels),
        float(row["threshold"]),
        float(row["p_above"]),
        optional("first_print"),
        optional("latest"),
        optional("outturn"),
        months("quoted_once"),
        months("estimated"),
        int(row["months_fitted"]),
        int(row["months_fitted_estimated"]),
        None if pd.isna(gone) else Without(str(gone), *(x for x in left if x is not None)),
    )
