"""``tables.xlsx``: every table of a run as a sheet with units, notes and filters, three native charts."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from typing import Any

import pandas as pd

from chipexports.base.errors import ChipExportsError
from chipexports.base.paths import project_root
from chipexports.base.units import in_language, table_unit
from chipexports.report.content import Content
from chipexports.words import answer as answers
from chipexports.words import text as words

# sheets in the order of the work; others follow by name
FIRST = ("answer", "forecast", "fan", "methods", "scores", "evolution", "news", "needed", "monthly")
# one row a simulated path says nothing to a reader of a workbook
LEFT_OUT = ("totals",)
_MONTH, _DAY = re.compile(r"\d{4}-\d{2}"), re.compile(r"\d{4}-\d{2}-\d{2}")
CREATED = dt.datetime(2000, 1, 1)
WIDEST = 60
#: how the description of tables begins where it names the unit of amounts
AMOUNTS = "100 million CNY or million USD"


def described() -> dict[str, dict[str, dict[str, str]]]:
    """Return what ``datapackage.json`` says of each table's columns: description and unit by name."""
    path = project_root() / "data" / "processed" / "datapackage.json"
    if not path.is_file():
        return {}
    resources = json.loads(path.read_text(encoding="utf-8"))["resources"]
    return {
        resource["name"].replace("-", "_"): {f["name"]: f for f in resource["schema"]["fields"]}
        | {"": resource}
        for resource in resources
    }


class _Book:
    """A workbook being written; formats are made once."""

    def __init__(self, content: Content) -> None:
        import xlsxwriter

        self.c, self.buffer = content, io.BytesIO()
        options = {
            "in_memory": True,
            "strings_to_urls": False,
            "strings_to_formulas": False,
            "nan_inf_to_errors": False,
        }
        self.book = xlsxwriter.Workbook(self.buffer, options)
        self.book.set_properties(
            {
                "title": content.title,
                "created": CREATED,
                "author": "chipexports",
            }
        )
        self._formats: dict[str, Any] = {}
        self.about = described()

    def format(self, name: str) -> Any:
        """Return a cell format by name: a number format, or one of the named styles."""
        styles: dict[str, dict[str, Any]] = {
            "head": {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#F4F5F6"},
            "unit": {
                "italic": True,
                "font_color": "#545454",
                "text_wrap": True,
                "valign": "top",
                "bottom": 1,
            },
            "title": {"bold": True, "font_size": 15, "font_color": "#0B3954"},
            "lead": {"text_wrap": True, "valign": "top", "font_size": 12},
            "strong": {"bold": True},
            "link": {"font_color": "#0B3954", "underline": 1},
            "text": {},
        }
        if name not in self._formats:
            self._formats[name] = self.book.add_format(
                styles.get(name) or ({} if name == "text" else {"num_format": name})
            )
        return self._formats[name]

    def _unit(self, described: str, column: str) -> str:
        """Return a column's unit; of a series of one's own that of the series where amounts are meant."""
        currency = self.c.answer.currency
        meant = described.startswith(AMOUNTS) or described == table_unit(currency) or column == "value"
        if self.c.series and meant:
            return in_language(currency, self.c.language)
        return described

    def sheet(self, name: str, table: pd.DataFrame) -> Any:
        """Write one table: names, units, values; header frozen, filters on, notes on the columns."""
        sheet = self.book.add_worksheet(name[:31])
        fields = self.about.get(name.removeprefix("report."), {})
        for i, column in enumerate(table.columns):
            values, kind = _values(table[column])
            about = fields.get(str(column), {})
            unit = self._unit(getattr(table, "units", {}).get(column) or about.get("unit", ""), str(column))
            sheet.write_string(0, i, unit, self.format("unit"))
            sheet.write_string(1, i, str(column), self.format("head"))
            if about.get("description"):
                sheet.write_comment(1, i, about["description"], {"author": "chipexports", "x_scale": 2})
            look = self.format(kind)
            for j, value in enumerate(values):
                if value is None:
                    continue
                if isinstance(value, dt.date):
                    sheet.write_datetime(j + 2, i, dt.datetime(value.year, value.month, value.day), look)
                elif isinstance(value, bool):
                    sheet.write_boolean(j + 2, i, value)
                elif isinstance(value, int | float):
                    sheet.write_number(j + 2, i, value, look)
                else:
                    sheet.write_string(j + 2, i, value[:32_000])
            longest = max(
                [len(str(column)) * 0.62, 9.0, *(len(str(v)) for v in values[:400] if isinstance(v, str))]
            )
            sheet.set_column(i, i, min(WIDEST, longest + 2))
        sheet.set_row(0, 32)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0, 1)
        sheet.freeze_panes(2, 1)
        sheet.autofilter(1, 0, len(table) + 1, max(0, len(table.columns) - 1))
        return sheet


def _values(column: pd.Series) -> tuple[list[Any], str]:
    """Return a column as plain values and its number format: months and days become dates."""
    known = column.dropna()
    if known.empty:
        return [None] * len(column), "text"
    if pd.api.types.is_bool_dtype(known):
        return [None if pd.isna(x) else bool(x) for x in column], "text"
    if pd.api.types.is_numeric_dtype(known):
        whole = bool((known == known.round()).all())
        year = whole and str(column.name).endswith("year")
        size = float(known.abs().max())
        shape = (
            "0"
            if year
            else "#,##0"
            if whole
            else "#,##0.0"
            if size >= 100
            else "0.0000"
            if size <= 1.5
            else "0.00"
        )
        return [None if pd.isna(x) else float(x) for x in column], shape
    texts = known.astype(str)
    if texts.map(lambda x: bool(_DAY.fullmatch(x))).all():
        return [None if pd.isna(x) else dt.date.fromisoformat(str(x)) for x in column], "yyyy-mm-dd"
    if texts.map(lambda x: bool(_MONTH.fullmatch(x))).all():
        return [
            None if pd.isna(x) else dt.date(int(str(x)[:4]), int(str(x)[5:]), 1) for x in column
        ], "yyyy-mm"
    return [None if pd.isna(x) else str(x) for x in column], "text"


def workbook(run: Any, content: Content) -> bytes:
    """Return a run's tables as a workbook in the language of the report; the same bytes every time."""
    try:
        import xlsxwriter  # noqa: F401
    except ImportError as error:
        raise ChipExportsError(
            "tables.xlsx: the package XlsxWriter is not installed; run `make setup`, or leave the format out "
            "with `--format html`"
        ) from error
    book = _Book(content)
    contents = book.book.add_worksheet(content.say("word.contents"))
    names = [name for name in FIRST if name in run.tables]
    names += [name for name in run.tables if name not in (*FIRST, *LEFT_OUT)]
    tables: dict[str, pd.DataFrame] = {name: run.table(name) for name in names} | content.computed
    charts = book.book.add_worksheet(content.say("word.charts"))
    charts.set_landscape()
    charts.fit_to_pages(1, 0)
    for name, table in tables.items():
        book.sheet(name, table)
    _contents(book, contents, tables)
    row = 0
    for chart in (_fan(book, tables, "month_"), _fan(book, tables, "ytd_"), _price(book, tables)):
        if chart is not None:
            chart.set_size({"width": 860, "height": 380})
            charts.insert_chart(row, 0, chart, {"description": chart.title.name or ""})
            row += 20
    book.book.close()
    return book.buffer.getvalue()


def _contents(book: _Book, sheet: Any, tables: dict[str, pd.DataFrame]) -> None:
    """Write the answer, and a link to each sheet with what it holds."""
    c = book.c
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 90)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.write_string(0, 0, c.title, book.format("title"))
    sheet.merge_range(1, 0, 1, 1, answers.answer_line(c.answer, c.language), book.format("lead"))
    sheet.set_row(1, 96)
    sheet.write_string(3, 0, c.say("column.table"), book.format("head"))
    sheet.write_string(3, 1, c.say("column.holds"), book.format("head"))
    for i, name in enumerate(tables, start=4):
        sheet.write_url(i, 0, f"internal:'{name[:31]}'!A1", book.format("link"), name)
        about = book.about.get(name, {}).get("", {}).get("title", "")
        key = words.own(f"report.sheet.{name}", c.series)
        sheet.write_string(i, 1, words.text(key, c.language) if words.has(key) else about)
    sheet.write_string(len(tables) + 5, 0, c.say("footer", run=c.run.name))


def _column(tables: dict[str, pd.DataFrame], table: str, column: str, rows: tuple[int, int]) -> list[Any]:
    i = list(tables[table].columns).index(column)
    return [table[:31], rows[0] + 2, i, rows[1] + 2, i]


def _fan(book: _Book, tables: dict[str, pd.DataFrame], prefix: str) -> Any:
    """Return the fan of months, or of the year to date, as lines of median and bounds."""
    level, low, high = book.c.level_names(prefix, "fan")
    if not level or "fan" not in tables or f"{prefix}median" not in tables["fan"].columns:
        return None
    chart, c, rows = book.book.add_chart({"type": "line"}), book.c, (0, len(tables["fan"]) - 1)
    for column, name, line in (
        (f"{prefix}median", c.say("chart.median"), {"color": "#0B3954", "width": 2.25}),
        (low, c.say("chart.low", level=level), {"color": "#B04313", "width": 1, "dash_type": "dash"}),
        (high, c.say("chart.high", level=level), {"color": "#B04313", "width": 1, "dash_type": "dash"}),
    ):
        chart.add_series(
            {
                "name": name,
                "categories": _column(tables, "fan", "period", rows),
                "values": _column(tables, "fan", column, rows),
                "line": line,
            }
        )
    kind = "months" if prefix == "month_" else "ytd"
    chart.set_title({"name": c.say(f"chart.{kind}", year=c.answer.year), "name_font": {"size": 12}})
    unit = c.say("chart.unit", unit=_unit(c))
    chart.set_y_axis(
        {
            "name": unit,
            "num_format": "#,##0",
            "major_gridlines": {"visible": True, "line": {"color": "#E0E0E0"}},
        }
    )
    chart.set_x_axis(
        {"date_axis": True, "num_format": "yyyy-mm", "major_unit": 1, "major_unit_type": "months"}
    )
    chart.set_legend({"position": "bottom"})
    return chart


def _unit(c: Content) -> str:
    return table_unit(c.answer.currency)


def _price(book: _Book, tables: dict[str, pd.DataFrame]) -> Any:
    """Return value as columns and pieces as a line on a second axis, the last 36 months."""
    need = {"flow", "quantity_100mn", "value_usd_mn"}
    if "monthly" not in tables or not need <= set(tables["monthly"].columns):
        return None
    own = tables["monthly"].reset_index(drop=True)
    own = own[own["flow"] == book.c.answer.flow]
    if own.empty:
        return None
    c, rows = book.c, (int(own.index[-36:][0]), int(own.index[-1]))
    chart, line = book.book.add_chart({"type": "column"}), book.book.add_chart({"type": "line"})
    periods = _column(tables, "monthly", "period", rows)
    chart.add_series(
        {
            "name": c.say("chart.value"), "categories": periods,
            "values": _column(tables, "monthly", "value_usd_mn", rows), "fill": {"color": "#7FA3B8"},
        }
    )  # fmt: skip
    line.add_series(
        {
            "name": c.say("chart.pieces"), "categories": periods, "y2_axis": True,
            "values": _column(tables, "monthly", "quantity_100mn", rows),
            "line": {"color": "#B04313", "width": 2},
        }
    )  # fmt: skip
    chart.combine(line)
    chart.set_title({"name": c.say("chart.price_quantity"), "name_font": {"size": 12}})
    chart.set_y_axis(
        {
            "name": c.say("chart.unit", unit="million USD"),
            "num_format": "#,##0",
            "major_gridlines": {"visible": True, "line": {"color": "#E0E0E0"}},
        }
    )
    line.set_y2_axis({"name": c.say("chart.unit", unit="100 million pieces"), "num_format": "#,##0"})
    chart.set_x_axis(
        {"date_axis": True, "num_format": "yyyy-mm", "major_unit": 3, "major_unit_type": "months"}
    )
    chart.set_legend({"position": "bottom"})
    return chart
