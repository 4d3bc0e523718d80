"""A table of a run that shows the unit of each column under its name."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from chipexports.base.units import UNIT, table_unit

# endings and names of columns that carry their unit themselves
_BY_NAME = {
    "value_cny_100mn": UNIT["CNY"],
    "se_cny_100mn": UNIT["CNY"],
    "value_usd_mn": UNIT["USD"],
    "se_usd_mn": UNIT["USD"],
    "quantity_100mn": "100 million pieces",
    "as_of": "YYYY-MM-DD",
    "published": "YYYY-MM-DD",
    "due": "YYYY-MM-DD",
    "period": "YYYY-MM",
    "p_above": "0–1",
    "weight": "0–1",
    "outturn_pit": "0–1",
}
# columns in the unit of the run's own currency: totals, their quantiles and thresholds
_MONEY = {
    "published_total", "mean", "median", "threshold", "outturn", "total", "contribution",
    "q025", "q10", "q25", "q75", "q90", "q975", "outturn_crps", "outturn_wis",
}  # fmt: skip


def units_of(table: pd.DataFrame, currency: str | None = None) -> dict[str, str]:
    """Return the unit of each column of a run's table that has one.

    ``currency`` (CNY, USD or a unit of one's own) is that of totals; a column ``unit`` with one value goes
    before it.
    """
    own = list(table["unit"].dropna().unique()) if "unit" in table else []
    money = str(own[0]) if len(own) == 1 else table_unit(currency) if currency else ""
    units = {}
    for column in map(str, table.columns):
        if column in _BY_NAME:
            units[column] = _BY_NAME[column]
        elif column in _MONEY or column.startswith(("month_q", "month_m", "ytd_")):
            units[column] = money
        elif column.endswith("_pct") or "coverage" in column:
            units[column] = "%" if column.endswith("_pct") else "0–1"
    return {column: unit for column, unit in units.items() if unit}


class UnitTable(pd.DataFrame):
    """A DataFrame whose display shows units; every operation on it gives a plain DataFrame.

    Attributes
    ----------
    units : dict of str to str
        Unit by column name.
    """

    _metadata = ["units"]  # noqa: RUF012 (pandas' own way to keep an attribute)

    def __init__(self, data: pd.DataFrame, units: Mapping[str, str] | None = None) -> None:
        super().__init__(data)  # type: ignore[call-arg]  # the stubs know no __init__
        self.units = dict(units or {})

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    def _with_units(self) -> pd.DataFrame:
        head = [(name, self.units.get(str(name), "")) for name in self.columns]
        columns = pd.MultiIndex.from_tuples(head, names=["", "unit"])
        return pd.DataFrame(self).set_axis(columns, axis=1)

    def __repr__(self) -> str:
        """Return the text display, units under the names."""
        return repr(self._with_units()) if self.units else repr(pd.DataFrame(self))

    def _repr_html_(self) -> str:
        display = self._with_units() if self.units else pd.DataFrame(self)
        return str(display._repr_html_())  # type: ignore[operator]  # not in the stubs
