"""A run's results at hand: ``run = load_run("latest"); run.monthly, run.forecast, run.figure("fan")``."""

from __future__ import annotations

import difflib
import html
import json
from functools import cached_property
from typing import Any

import pandas as pd

from chipexports.base import units
from chipexports.base.errors import ChipExportsError, UsageError
from chipexports.base.files import read_table
from chipexports.base.paths import processed_dir, project_root, reports_dir
from chipexports.forecast.answer import answer_of_run
from chipexports.params import load_params
from chipexports.results.saved_figure import SavedFigure, saved_figure, saved_figures
from chipexports.results.unit_table import UnitTable, units_of
from chipexports.words.answer import Answer, answer_line, missing_line


def _table(name: str, what: str) -> Any:
    """Return a property that reads table ``name`` of a run once."""

    def read(self: Run) -> UnitTable:
        return self.table(name)

    read.__doc__ = f"{what} (``data/processed/<run>/{name}.csv``)."
    return cached_property(read)


class Run:
    """The tables, figures and parameters of one run; make it with `load_run`.

    Tables are attributes and show their units: ``run.monthly``, ``run.forecast``, ``run.evolution``;
    ``run.tables`` and ``run.figures`` list what there is; ``run.series()`` is the monthly series of
    the run as a pandas Series; ``run.figure("fan")`` renders in a notebook.
    """

    releases = _table("releases", "Every printed figure visible at ``as_of``")
    missing = _table("missing", "Releases due by ``as_of`` that the record does not hold")
    monthly = _table("monthly", "One row per month and flow with values in both currencies and their basis")
    checks = _table("checks", "Arithmetic checks of the releases")
    backtest = _table("backtest", "One row per method, target year and origin")
    scores = _table("scores", "Errors, coverage and tests by method and months published")
    evolution = _table("evolution", "The total as it was forecast after each month, by target year")
    forecast = _table("forecast", "The full year by method and, in the last row, their combination")
    fan = _table("fan", "Quantiles of each month of the target year and of its year-to-date")
    totals = _table("totals", "The total on each simulated path of the combination")
    methods = _table("methods", "What each method answered: status, reason, weight")
    news = _table("news", "Why the forecast moved since the release before")
    needed = _table("needed", "What the remaining months need to reach the threshold")
    both_currencies = _table("both_currencies", "The forecast in both currencies from one path of the rate")
    claims = _table("claims", "The article's claims, what the record says, and the verdict")

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def tables(self) -> list[str]:
        """Names of the tables the run has."""
        return sorted(path.stem for path in processed_dir(self.name).glob("*.csv"))

    def table(self, name: str) -> UnitTable:
        """Return table ``name`` with its units.

        Parameters
        ----------
        name : str
            Name of a table, e.g. ``forecast``.

        Returns
        -------
        UnitTable
            A DataFrame, identifiers and months as text, that knows its columns' units.

        Raises
        ------
        UsageError
            The run has no such table; the sentence says which it has.
        """
        if name not in self.tables:
            near = difflib.get_close_matches(name, self.tables, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(self.tables)}"
            raise UsageError(f"run {self.name!r} has no table {name!r}; {hint}")
        table = read_table(processed_dir(self.name) / f"{name}.csv")
        return UnitTable(table, units_of(table, str(self.parameters.get("currency", ""))))

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """``reports/<run>/manifest.json``; empty where there is none."""
        path = reports_dir(self.name) / "manifest.json"
        try:
            return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        except json.JSONDecodeError as error:
            raise ChipExportsError(
                f"reports/{self.name}/manifest.json: is not JSON (line {error.lineno}); run the set again"
            ) from error

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """The run's parameters: from its manifest, else from ``params/<run>.yaml``."""
        recorded = self.manifest.get("parameters")
        if isinstance(recorded, dict) and recorded:
            return dict(recorded)
        path = project_root() / "params" / f"{self.name}.yaml"
        return load_params(path).literals() if path.is_file() else {}

    @property
    def failed(self) -> list[str]:
        """Names of the notebooks that failed when the run was last executed."""
        return sorted(p.name.split(".")[0] for p in reports_dir(self.name).glob("*.failed.ipynb"))

    @property
    def figures(self) -> list[str]:
        """Names of the figures the run has."""
        return saved_figures(self.name)

    def figure(self, name: str) -> SavedFigure:
        """Return figure ``name``; it renders in a notebook and knows ``caption``, ``alt``, ``data``.

        Parameters
        ----------
        name : str
            Name of a figure, e.g. ``fan``.

        Returns
        -------
        SavedFigure
            Shows itself in a notebook.
        """
        return saved_figure(self.name, name)

    def series(self, flow: str | None = None, currency: str | None = None) -> pd.Series:
        """Return the monthly series (PeriodIndex) in the table's unit, by default the run's own.

        Parameters
        ----------
        flow : {"export", "import"}, optional
            Side of the trade.
        currency : {"CNY", "USD"}, optional
            100 million CNY or million USD.

        Returns
        -------
        Series
            Monthly, PeriodIndex[M], 100 million CNY or million USD.
        """
        chosen = (
            flow or self.parameters.get("flow", "export"),
            currency or self.parameters.get("currency", "USD"),
        )
        if self.parameters.get("series"):
            rows = self.table("monthly")
            series = pd.Series(rows["value"].to_numpy(float), pd.PeriodIndex(rows["period"], freq="M"))
        else:
            from chipexports.clean.monthly import to_series

            series = to_series(self.table("monthly"), *chosen)
        return series.rename(f"{units.in_language(chosen[0], 'en')}, {units.table_unit(chosen[1])}")

    @property
    def answer(self) -> Answer:
        """The run's answer: numbers that know their meaning, with what they rest on."""
        return answer_of_run(self.name)

    @property
    def answer_words(self) -> str:
        """The run's answer in words, in its language; below it what the record lacks."""
        language = str(self.parameters.get("language", "en"))
        answer = self.answer
        lines = [answer_line(answer, language)]
        if "missing" in self.tables:
            lines.append(missing_line(self.table("missing"), answer.flow, answer.as_of, language))
        return "\n".join(line for line in lines if line)

    def _lines(self) -> list[tuple[str, str]]:
        keys = ("as_of", "target_year", "flow", "currency", "language")
        known = ", ".join(f"{key} {self.parameters[key]}" for key in keys if key in self.parameters)
        lines = [("run", self.name), ("parameters", known or "not known")]
        if "answer" in self.tables:
            lines.append(("answer", self.answer_words))
        lines += [("tables", ", ".join(self.tables)), ("figures", ", ".join(self.figures) or "none")]
        if self.failed:
            lines.append(("failed", ", ".join(self.failed)))
        return lines

    def __repr__(self) -> str:
        """Return the answer and what there is to look at."""
        return "\n".join(f"{label:<10}  {words}" for label, words in self._lines())

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{label}</th><td style='text-align:left'>"
            f"{html.escape(words)}</td></tr>"
            for label, words in self._lines()
        )
        return f"<table>{rows}</table>"

    def __dir__(self) -> list[str]:
        """Offer to completion only the tables that exist."""
        hidden = {name for name, kind in vars(Run).items() if isinstance(kind, cached_property)}
        hidden -= {*self.tables, "manifest", "parameters"}
        return [name for name in super().__dir__() if name not in hidden]


def run_names() -> list[str]:
    """Return the names of the runs that have tables."""
    folder = project_root() / "data" / "processed"
    return sorted(path.name for path in folder.glob("*") if path.is_dir() and any(path.glob("*.csv")))


def load_run(name: str = "latest") -> Run:
    """Return the results of a run.

    Parameters
    ----------
    name : str
        The run's name: that of its folder under ``data/processed``.

    Returns
    -------
    Run
        Tables, figures, parameters and manifest, read when asked for.

    Raises
    ------
    UsageError
        There is no run of this name, or it has no tables yet.

    Examples
    --------
    >>> run = load_run("latest")  # doctest: +SKIP
    >>> run.forecast  # doctest: +SKIP
    >>> run.figure("fan")  # doctest: +SKIP
    """
    processed_dir(name)  # refuses what is no run name
    names = run_names()
    if name in names:
        return Run(name)
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names) or 'none yet'}"
    known_set = (project_root() / "params" / f"{name}.yaml").is_file()
    todo = f"; make it with `python -m chipexports run {name}`" if known_set else ""
    raise UsageError(f"run {name!r}: there is no run of this name; {hint}{todo}")
