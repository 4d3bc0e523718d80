"""Docstrings by numpydoc's own validator: every public one well formed, what is easily misread complete."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import sys
import textwrap
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from numpydoc.validate import validate

import chipexports

#: every public docstring: a summary of one sentence, capital to full stop, the verb in its plain form;
#: known sections in order; what they name is in the signature
WELL_FORMED = """
    GL05 GL06 GL07 GL08 GL09 GL10 SS01 SS02 SS03 SS04 SS05 SS06
    PR02 PR03 PR05 PR06 PR07 PR08 PR09 PR10 RT02 RT03 RT04 RT05
"""
#: the interface: beyond that, every parameter described, and what comes back
COMPLETE = {"PR01", "RT01", "YD01"}
INTERFACE = """
    fullyear.forecast_full_year distribution.YearPaths.quantile distribution.YearPaths.interval
    distribution.YearPaths.probability_above distribution.YearPaths.month_quantiles
    distribution.FullYearForecast.by_method distribution.FullYearForecast.intervals
    distribution.FullYearForecast.probabilities combination.pool_weights combination.pool
    calibration.rescale festival.calendar_regressors festival.calendar_rows backtest.run.backtest
    backtest.run.backtest_origins backtest.scores.score_table backtest.scores.pit_histogram
    backtest.origins.lag_origins backtest.origins.panel_origins
    backtest.origins.record_origins backtest.rules.crps_sample backtest.rules.interval_score
    backtest.rules.weighted_interval_score backtest.rules.pit_value backtest.rules.diebold_mariano
    readouts.needed.needed readouts.news.why_moved readouts.scenario.scenario
    readouts.currencies.both_currencies readouts.currencies.rate_paths readouts.condition.condition_on
    archive.hub_rows archive.append_forecasts archive.read_archive archive.score_archive archive.data_hash
    record.releases.read_releases record.vintage.releases_as_of record.vintage.missing_releases
    record.calendar.due_date record.calendar.as_of_dates record.indicators.indicators_as_of
    record.indicators.panel record.rates.customs_rate record.rates.rates_as_of record.outturn.outturn
    record.products.products_as_of record.products.partners_as_of record.products.output_as_of
    record.products.world_shares record.products.claims_evidence clean.monthly.monthly_series
    clean.monthly.to_series clean.monthly.standard_errors clean.checks.check_releases
    clean.quality.quality_text clean.disaggregate.disaggregate clean.evaluate.hidden_months
    article.claims.check_claims collect.pages.parse_page collect.add.add_pages collect.fetch.fetch_source
    figures.catalogue.draw figures.catalogue.draw_and_save figures.save.save_figure
    figures.gallery.write_gallery report.build.build_report report.compare.compare_runs
    params.sets.load_params params.notebook.check_notebook params.record.check_record run.runner.run_set
    run.sweep.run_sweep run.cluster.dask_backend results.load_run results.Run.table results.Run.figure
    results.Run.series text.text text.money text.number text.percent text.month text.day text.chance
    files.read_table files.write_table files.write_text_atomic files.write_bytes_atomic methods.load_method
    methods.task.gaussian_paths methods.task.require_months methods.task.Task.normals
    methods.past_errors.past_error_covariance methods.statespace.joint_forecast
    methods.airline.airline_forecast methods.growth_regression.huber_ridge
"""


#: shapes and units: what is easily misread in a signature without a word on it
MISREAD = re.compile(r"DataFrame|Series|ndarray|\bfloat\b|Decimal|Period")
#: hooks of click and PyYAML, which no reader calls; parameters, each described where it is declared
HOOKS = "cli.LazyGroup.resolve_command glossary.UniqueKeyLoader.construct_mapping params.model.RunParams"


def modules() -> Iterator[ModuleType]:
    """Yield every module of the package."""
    for found in pkgutil.walk_packages(chipexports.__path__, "chipexports."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def public(module: ModuleType) -> Iterator[str]:
    """Yield the dotted names of the module's public functions and classes, and of what is public in these."""
    for name, item in vars(module).items():
        own = getattr(item, "__module__", None) == module.__name__
        if name.startswith("_") or not own or not (inspect.isfunction(item) or inspect.isclass(item)):
            continue
        yield f"{module.__name__}.{name}"
        if inspect.isclass(item):
            for inner, value in vars(item).items():
                kinds = (property, classmethod, staticmethod)
                if not inner.startswith("_") and (inspect.isfunction(value) or isinstance(value, kinds)):
                    yield f"{module.__name__}.{name}.{inner}"


def faults(name: str, rules: set[str]) -> list[str]:
    """Return what numpydoc finds wrong with a docstring, of the rules asked for."""
    return [f"{name}: {code} {text}" for code, text in validate(name)["errors"] if code in rules]


def test_the_validator_sees_what_is_wrong() -> None:
    assert faults(f"{__name__}.badly_written", {"SS03"})


def badly_written(x: int) -> int:
    """Without a full stop"""
    return x


def test_every_public_docstring_is_well_formed() -> None:
    rules = set(WELL_FORMED.split())
    names = [name for module in modules() for name in public(module)]
    assert len(names) > 500
    assert [fault for name in names for fault in faults(name, rules)] == []


def easily_misread(found: Any) -> bool:
    """Say whether a signature, or the fields of a class, hold tables, arrays or quantities."""
    told = getattr(found, "__annotations__", {})
    return any(MISREAD.search(str(said)) for name, said in told.items() if not name.startswith("_"))


def raised(found: Any) -> list[str]:
    """Return the names of the errors that the body of a function raises itself."""
    nodes = ast.walk(ast.parse(textwrap.dedent(inspect.getsource(found))))
    errors = [node.exc for node in nodes if isinstance(node, ast.Raise) and node.exc]
    return sorted({ast.unparse(e.func if isinstance(e, ast.Call) else e) for e in errors})


def untold(module: ModuleType, name: str) -> list[str]:
    """Return what the docstring of a public name leaves to guess; a property is its one sentence."""
    found: Any = module
    for part in name.removeprefix(f"{module.__name__}.").split("."):
        found = vars(found)[part]
    found = inspect.unwrap(getattr(found, "__func__", found))
    if isinstance(found, property):
        return []
    sections = {line.strip() for line in (found.__doc__ or "").splitlines()}
    if inspect.isclass(found):
        told = sections & {"Attributes", "Parameters"} or not easily_misread(found)
        return [] if told else [f"{name}: its fields are not described"]
    wrong = faults(name, COMPLETE) if easily_misread(found) else []
    errors = [] if "Raises" in sections else raised(found)
    return [*wrong, *(f"{name}: raises {error} without saying so" for error in errors)]


def held_to_more() -> list[tuple[ModuleType, str]]:
    """Return every public name with its module, hooks left out."""
    hooks = {f"chipexports.{name}" for name in HOOKS.split()}
    return [(module, name) for module in modules() for name in public(module) if name not in hooks]


def test_what_is_easily_misread_or_raises_is_described() -> None:
    names = held_to_more()
    assert len(names) > 500
    assert [said for module, name in names for said in untold(module, name)] == []


def test_what_is_left_to_guess_is_seen() -> None:
    (said,) = untold(sys.modules[__name__], f"{__name__}.unsaid")
    assert said.endswith("raises ValueError without saying so")


def unsaid(x: int) -> int:
    """Return what it was given."""
    if x < 0:
        raise ValueError
    return x


@pytest.mark.parametrize("name", INTERFACE.split())
def test_the_interface_is_described_whole(name: str) -> None:
    assert faults(f"chipexports.{name}", COMPLETE) == []
