"""Files of one's own: every way to write a month and a number, and every file that is no monthly series."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import own_files
import pandas as pd
import pytest

from chipexports.base.errors import UsageError
from chipexports.forecast import forecast_full_year
from chipexports.series.calendars import calendar_of
from chipexports.series.dates import day_of, month_of
from chipexports.series.own import read_history, read_indicators

MONTHS = pd.period_range("2019-01", "2024-08", freq="M")
VALUES = [round(1000 + 7.25 * i + 100 * (m.month == 12), 2) for i, m in enumerate(MONTHS)]


def written(folder: Path, rows: list[list[str]], *, mark: str = ",", encoding: str = "utf-8") -> Path:
    file = folder / "mine.csv"
    file.write_bytes("\n".join(mark.join(row) for row in rows).encode(encoding))
    return file


def table(month: str = "%Y-%m", value=lambda v: f"{v}", head: tuple[str, str] = ("month", "sales")):
    return [list(head)] + [[m.strftime(month), value(v)] for m, v in zip(MONTHS, VALUES, strict=True)]


def read(file: Path, **more) -> pd.Series:
    return read_history(file, **{"as_of": "2024-09-30", **more}).values


@pytest.mark.parametrize(
    "text",
    [
        "2024-03",
        "2024/3",
        "2024.03",
        "202403",
        "20240331",
        "2024-03-31",
        "2024-03-01T00:00:00",
        "2024M03",
        "2024-M3",
        "03/2024",
        "2024年3月",
        "2024年03月份",
        "2024年三月",
        "2024年3月31日",
        "45382",
        "Mar 2024",
        "March 2024",
        "Mar-2024",
        "31 Mar 2024",
        "2024 Mar",
        "Mar. 2024",
    ],
)
def test_a_month_as_people_write_it(text: str) -> None:
    assert month_of(text) == pd.Period("2024-03", "M")


def test_a_month_as_a_workbook_holds_it() -> None:
    assert month_of(dt.datetime(2024, 3, 31)) == month_of(45382.0) == pd.Period("2024-03", "M")


@pytest.mark.parametrize(
    "text", ["", "total", "2024", "1,234", "2024-13", "12.5", "99999999", "Smarch 2024", 12.5]
)
def test_what_is_no_month(text: object) -> None:
    assert month_of(text) is None
    assert day_of(text) is None


@pytest.mark.parametrize(
    ("month", "value", "mark", "encoding"),
    [
        ("%Y-%m", lambda v: f"{v}", ",", "utf-8"),
        ("%b %Y", lambda v: f'"{v:,.2f}"', ",", "utf-8-sig"),
        ("%Y/%m", lambda v: f"{v:.2f}".replace(".", ","), ";", "utf-8"),
        (
            "%Y.%m",
            lambda v: f"{v:,.2f}".translate(str.maketrans(",.", ".,")),
            ";",
            "utf-8",
        ),
        ("%Y年%m月", lambda v: f"{v:,.2f}".replace(",", "\u00a0"), "\t", "gbk"),
        ("%Y%m", lambda v: f"{v:,.2f}".replace(",", " "), "\t", "utf-16"),
    ],
)
def test_the_same_numbers_however_written(tmp_path, month, value, mark, encoding) -> None:
    if encoding == "gbk":
        value = lambda v: f"{v:.2f}"  # noqa: E731 - GBK has no narrow space
    found = read(written(tmp_path, table(month, value, ("月份", "金额")), mark=mark, encoding=encoding))
    assert found.index.equals(MONTHS)
    assert found.to_numpy() == pytest.approx(VALUES)


def test_rows_in_any_order_with_a_title_above_and_a_note_below(tmp_path: Path) -> None:
    rows = [["Sales of the house", ""], ["in million", ""], *table()[:1], *table()[:0:-1], ["Source: us", ""]]
    assert read(written(tmp_path, rows)).to_numpy() == pytest.approx(VALUES)


def test_a_workbook(tmp_path: Path) -> None:
    frame = pd.DataFrame({"date": MONTHS.to_timestamp(how="end").normalize(), "sales": VALUES})
    file = tmp_path / "mine.xlsx"
    frame.to_excel(file, index=False, engine="xlsxwriter")
    assert read(file).to_numpy() == pytest.approx(VALUES)
    odd = file.rename(tmp_path / "mine.csv")
    assert read(odd).to_numpy() == pytest.approx(VALUES)


def test_a_download_of_un_comtrade(tmp_path: Path) -> None:
    head = (
        "typeCode,freqCode,refPeriodId,refYear,refMonth,period,reporterISO,flowCode,cmdCode,qty,primaryValue"
    )
    rows = [head.split(",")]
    for m, v in zip(MONTHS, VALUES, strict=True):
        when = [f"{m.year}{m.month:02d}01", str(m.year), str(m.month), f"{m.year}{m.month:02d}"]
        rows.append(["C", "M", *when, "CHN", "X", "8542", "17", str(v)])
    assert read(written(tmp_path, rows)).to_numpy() == pytest.approx(VALUES)
    both = rows + [[*row[:7], "M", *row[8:10], "1"] for row in rows[1:]]
    with pytest.raises(
        UsageError, match=r"2019-01 appears 2 times .* flowCode \(M, X\); keep one row a month"
    ):
        read(written(tmp_path, both))


def test_a_download_of_fred(tmp_path: Path) -> None:
    rows = table("%Y-%m-01", head=("observation_date", "XTEXVA01CNM667S"))
    rows[5][1] = "."
    found = read(written(tmp_path, rows))
    assert np.isnan(found.iloc[4])
    assert found.drop(found.index[4]).to_numpy() == pytest.approx(np.delete(VALUES, 4))


def test_a_customs_table_of_akshare(tmp_path: Path) -> None:
    file = own_files.akshare(tmp_path)
    with pytest.raises(
        UsageError, match=r"several columns .*出口额-金额', '当月进口额-金额'\); name one with value_"
    ):
        read(file)
    exports = read(file, value_column="当月出口额-金额")
    assert exports.to_numpy() == pytest.approx(own_files.values(2e8), rel=1e-6)
    with pytest.raises(UsageError, match="has no column '金额'; it has column 1, 月份"):
        read(file, value_column="金额")


@pytest.mark.parametrize("year_once", [False, True])
@pytest.mark.parametrize(
    ("head", "month"),
    [
        (("年份", "月份", "金额"), lambda m: f"{m.month}月"),
        (("Year", "Month", "Amount"), lambda m: str(m.month)),
        (("year", "month", "value"), lambda m: m.strftime("%b")),
    ],
)
def test_year_and_month_in_two_columns(tmp_path: Path, head, month, year_once: bool) -> None:
    rows = [
        ["" if year_once and m.month > 1 else str(m.year), month(m), f"{v}"]
        for m, v in zip(MONTHS, VALUES, strict=True)
    ]
    found = read(written(tmp_path, [["A title", "", ""], list(head), *rows, ["Source: us", "", ""]]))
    assert found.index.equals(MONTHS)
    assert found.to_numpy() == pytest.approx(VALUES)


def test_months_side_by_side(tmp_path: Path) -> None:
    found = read(own_files.nbs(tmp_path))
    assert found.index.equals(own_files.MONTHS)
    assert found.to_numpy() == pytest.approx(own_files.values(200), rel=1e-4)
    quarters = [
        ["", *[f"{y}Q{q}" for y in (2022, 2023) for q in range(1, 5)]],
        ["sales", *map(str, range(8))],
    ]
    with pytest.raises(UsageError, match="holds quarters, not months"):
        read(written(tmp_path, quarters))


def test_growth_sums_and_row_numbers_are_no_values(tmp_path: Path) -> None:
    head, *rows = table(head=("month", "sales"))
    rows = [[str(i), *row, "3.1", "9000"] for i, row in enumerate(rows)]
    found = read(written(tmp_path, [["", *head, "sales y-o-y", "year-to-date"], *rows]))
    assert found.to_numpy() == pytest.approx(VALUES)
    # where nothing else is there, they are what is meant
    rows = [[row[1], str(100 + i)] for i, row in enumerate(rows)]
    assert read(written(tmp_path, [["month", "index"], *rows])).iloc[0] == 100


def test_the_day_cuts_by_lag_or_by_publication(tmp_path: Path) -> None:
    file = written(tmp_path, table())
    assert str(read(file, as_of="2024-07-15").index[-1]) == "2024-06"
    assert str(read(file, as_of="2024-07-14").index[-1]) == "2024-05"
    assert str(read(file, as_of="2024-07-14", lag_days=7).index[-1]) == "2024-06"
    rows = table()
    rows = [
        [*row, "out" if i == 0 else str((MONTHS[i - 1] + 1).to_timestamp().date())]
        for i, row in enumerate(rows)
    ]
    rows[-1][2] = "2024-12-01"
    assert (
        str(read(written(tmp_path, rows), published_column="out", value_column="sales").index[-1])
        == "2024-07"
    )
    rows[3][2] = "2019-02-28"
    with pytest.raises(UsageError, match="2019-03 cannot have been published on 2019-02-28"):
        read(written(tmp_path, rows), published_column="out", value_column="sales")
    with pytest.raises(UsageError, match="nothing was known by 2018-01-01"):
        read(file, as_of="2018-01-01")


def rows_of(cells: list[tuple[str, str]]) -> list[list[str]]:
    return [["month", "value"], *map(list, cells)]


def days(count: int) -> list[tuple[str, str]]:
    return [(str(day.date()), "1") for day in pd.date_range("2023-01-01", periods=count)]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "is empty"),
        ([["month"], *[[str(m)] for m in MONTHS]], "has one column"),
        ([["a", "b"], ["x", "y"]], "no cell is a month"),
        (rows_of([(str(m), "much") for m in MONTHS]), "no column but 'month' holds numbers"),
        (
            rows_of([(str(m), "much" if i == 40 else "5") for i, m in enumerate(MONTHS)]),
            "'much' in column 'value'",
        ),
        (
            rows_of([("oops" if i == 40 else str(m), "5") for i, m in enumerate(MONTHS)]),
            "'oops' in column 'month'",
        ),
        (
            rows_of([(str(m), "0" if i == 30 else "5") for i, m in enumerate(MONTHS)]),
            "0 in 2021-07 is not above zero",
        ),
        (
            rows_of([(str(m), "-5" if i == 3 else "5") for i, m in enumerate(MONTHS)]),
            "-5 in 2019-04 is not above zero",
        ),
        (
            rows_of([(str(m), str(i + 1)) for i, m in enumerate(MONTHS[:11])]),
            "11 months are known; .* at least 12",
        ),
        (rows_of([(str(m), "5") for m in MONTHS]), "every month is 5; there is nothing to forecast"),
        (rows_of([(f"2020Q{q}", "5") for q in range(1, 5)]), "holds quarters, not months"),
        (rows_of([(str(m), "5") for m in MONTHS[2::3]]), "every third month: quarters"),
        (rows_of(days(400)), "holds days or weeks"),
        (
            rows_of([(str(m), str(i)) for i, m in enumerate(MONTHS, 1)] + [("2020-05", "9")]),
            "2020-05 appears 2 times",
        ),
        (
            rows_of(
                [
                    (str(m), str(i))
                    for i, m in enumerate(pd.period_range("1900-01", periods=3000, freq="M"), 1)
                ]
            ),
            "spans 1900-01 to 2149-12",
        ),
    ],
)
def test_what_is_no_monthly_series(tmp_path: Path, rows: list, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read(written(tmp_path, rows))


def test_what_is_planned_is_not_known(tmp_path: Path) -> None:
    later = pd.Period(dt.date.today(), freq="M") + 5
    rows = rows_of([(str(m), str(i)) for i, m in enumerate(pd.period_range("2020-01", later, freq="M"), 1)])
    with pytest.raises(UsageError, match="lies in the future"):
        read(written(tmp_path, rows), as_of="2199-01-01")


def test_a_file_that_is_neither_text_nor_workbook_nor_there(tmp_path: Path) -> None:
    odd = tmp_path / "mine.csv"
    odd.write_bytes(bytes(range(256)) * 40)
    with pytest.raises(UsageError, match="neither text nor a workbook"):
        read(odd)
    odd.write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(UsageError, match="is a workbook that cannot be read"):
        read(odd)
    with pytest.raises(UsageError, match="is not a file"):
        read(tmp_path / "other.csv")
    with pytest.raises(UsageError, match="is a web address; save the file"):
        read_history("https://example.org/a.csv", as_of="2024-09-30")


def test_indicators_are_cut_at_the_same_day(tmp_path: Path) -> None:
    rows = [["month", "orders", "price"]] + [[str(m), str(i + 1), str(i + 2)] for i, m in enumerate(MONTHS)]
    file = written(tmp_path, rows)
    found = read_indicators(file, as_of="2024-07-20")
    assert list(found) == ["orders", "price"]
    assert (str(found.index[-1]), found["price"].iloc[-1]) == ("2024-06", 67.0)


def test_calendars() -> None:
    first, last = pd.Period("2020-01", "M"), pd.Period("2024-08", "M")
    assert calendar_of("CN", first, last) is None
    assert calendar_of("none", first, last).shape == (92, 0)
    korea = calendar_of("KR", first, last)["working_days"]
    # September 2023 had 19 working days (Chuseok on 28 and 29), September 2024 had 18
    assert korea["2023-09"] - korea["2024-09"] == pytest.approx(np.log(19 / 18))
    assert korea.groupby(korea.index.month).mean().to_numpy() == pytest.approx(np.zeros(12), abs=1e-12)
    with pytest.raises(UsageError, match="'XX' is not a country code"):
        calendar_of("XX", first, last)


def test_a_forecast_of_a_series_of_ones_own(tmp_path: Path) -> None:
    history = read_history(written(tmp_path, table()), as_of="2024-09-30", unit="million EUR")
    forecast = forecast_full_year(history, 2024, n_paths=500)
    assert forecast.months_published == 8
    whole = sum(1000 + 7.25 * i for i in range(60, 72)) + 100
    assert forecast.median == pytest.approx(whole, rel=0.01)
