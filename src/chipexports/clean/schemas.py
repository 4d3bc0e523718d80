"""pandera schemas of what the cleaning step hands on."""

from __future__ import annotations

import functools

import pandas as pd
import pandera.pandas as pa

from chipexports.base.errors import ChipExportsError
from chipexports.clean.arithmetic import BASES
from chipexports.record.schema import validate

ESTIMATES = ("joint_estimate", "estimated")


def _basis_fits(value: str, basis: str) -> pa.Check:
    return pa.Check(
        lambda d: d[value].isna() == (d[basis] == "missing"),
        error=f"{value} must be empty exactly where {basis} is missing",
    )


def _error_fits(error: str, basis: str) -> pa.Check:
    return pa.Check(
        lambda d: d[error].notna() == d[basis].isin(ESTIMATES),
        error=f"{error} must stand exactly where {basis} is an estimate",
    )


def _rows_fit(rows: str, basis: str) -> pa.Check:
    return pa.Check(
        lambda d: (d[rows] == "") == (d[basis] == "missing"),
        error=f"{rows} must name rows of the record unless {basis} is missing",
    )


@functools.cache
def monthly_schema() -> pa.DataFrameSchema:
    """Return the schema of `chipexports.clean.monthly.monthly_series`."""
    positive = pa.Column(float, pa.Check.gt(0), nullable=True)
    basis = pa.Column(str, pa.Check.isin(BASES))
    error = pa.Column(float, pa.Check.ge(0), nullable=True)
    rows = pa.Column(str, pa.Check.str_matches(r"^(r[0-9a-f]{10}( r[0-9a-f]{10})*)?$"))
    return pa.DataFrameSchema(
        {
            "period": pa.Column(str, pa.Check.str_matches(r"^\d{4}-(0[1-9]|1[0-2])$")),
            "flow": pa.Column(str, pa.Check.isin(["export", "import"])),
            "value_cny_100mn": positive,
            "value_usd_mn": positive,
            "quantity_100mn": positive,
            "basis": basis,
            "basis_cny": basis,
            "basis_usd": basis,
            "basis_quantity": basis,
            "se_cny_100mn": error,
            "se_usd_mn": error,
            "excluded": pa.Column(bool),
            "rows_cny": rows,
            "rows_usd": rows,
            "rows_quantity": rows,
        },
        unique=["flow", "period"],
        strict=True,
        ordered=True,
        checks=[
            _basis_fits("value_cny_100mn", "basis_cny"),
            _basis_fits("value_usd_mn", "basis_usd"),
            _basis_fits("quantity_100mn", "basis_quantity"),
            _error_fits("se_cny_100mn", "basis_cny"),
            _error_fits("se_usd_mn", "basis_usd"),
            _rows_fit("rows_cny", "basis_cny"),
            _rows_fit("rows_usd", "basis_usd"),
            _rows_fit("rows_quantity", "basis_quantity"),
        ],
    )


@functools.cache
def checks_schema() -> pa.DataFrameSchema:
    """Return the schema of `chipexports.clean.checks.check_releases`."""
    return pa.DataFrameSchema(
        {
            "check": pa.Column(
                str,
                pa.Check.isin(["ytd_difference", "growth", "currencies", "year_of_months", "prints"]),
            ),
            "flow": pa.Column(str, pa.Check.isin(["export", "import"])),
            "period": pa.Column(str),
            "measure": pa.Column(str),
            "left": pa.Column(float),
            "right": pa.Column(float),
            "residual": pa.Column(float),
            "tolerance": pa.Column(float, pa.Check.ge(0)),
            "verdict": pa.Column(str, pa.Check.isin(["ok", "explained", "fails"])),
            "reason": pa.Column(str),
            "rows": pa.Column(str, pa.Check.str_length(min_value=1)),
        },
        strict=True,
        checks=[
            pa.Check(
                lambda d: (d["reason"] == "") == (d["verdict"] == "ok"),
                error="a reason must stand exactly where a check is not ok",
            )
        ],
    )


def hold(table: pd.DataFrame, schema: pa.DataFrameSchema, name: str) -> pd.DataFrame:
    """Return a table that is empty or meets its schema; else the error names it and what is wrong in it."""
    advice = "the record was read but its months do not add up"
    return table if table.empty else validate(table, schema, name, advice, ChipExportsError)
