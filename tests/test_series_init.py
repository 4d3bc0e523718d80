"""`init`: a file of one's own is looked at and a set written that runs, or one sentence says why not."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import own_files
import pandas as pd
import pytest
from own_files import MONTHS

from chipexports.__main__ import main
from chipexports.params import check_record, load_params
from chipexports.series.own import read_series
from chipexports.series.settings import series_settings


def rows(values, months=MONTHS, head="month,value") -> str:
    return "\n".join([head, *(f"{m},{v}" for m, v in zip(months, values, strict=True))]) + "\n"


def good(level: float = 3000.0, months: pd.PeriodIndex = MONTHS) -> list[float]:
    return own_files.values(level, months).round(1).tolist()


def changed(at: int, to: object) -> list[object]:
    values: list[object] = [*good()]
    values[at] = to
    return values


NEXT_YEAR = pd.period_range(f"{dt.date.today().year - 4}-01", periods=60, freq="M")
LONG = pd.period_range("1900-01", periods=3000, freq="M")
DAYS = pd.date_range("2021-01-01", "2024-08-31").strftime("%Y-%m-%d")
SUMS = pd.Series(good(), MONTHS).groupby(MONTHS.year).cumsum()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "mine.csv: is empty"),
        ("month\n2024-01\n2024-02\n", "mine.csv: has one column"),
        (rows(["much"] * 104), "no column but 'month' holds numbers"),
        (rows(changed(50, "much")), "'much' in column 'value' is not a number"),
        (rows(changed(50, 0)), "0 in 2020-03 is not above zero"),
        (rows(changed(50, -3)), "-3 in 2020-03 is not above zero"),
        (rows(good()[:11], MONTHS[:11]), "11 months are known; a forecast needs at least 12"),
        (rows(good(5, LONG), LONG), "spans 1900-01 to 2149-12; keep fifty years"),
        (rows([7] * 104), "every month is 7; there is nothing to forecast"),
        (rows(changed(100, "")), "2024-05 is missing but 2024-08 is known; fill it or cut the series"),
        (rows(good(9, NEXT_YEAR), NEXT_YEAR), "lies in the future"),
        (rows(good()) + "2024-08,1\n", "2024-08 appears 2 times with different values; keep one row a month"),
        (rows(good()[::3], MONTHS[::3]), "holds every third month: quarters"),
        (rows(good()[::12], MONTHS[::12]), "holds every 12th month: years"),
        (rows(range(32), [f"{y}Q{q}" for y in range(2016, 2024) for q in range(1, 5)]), "holds quarters"),
        (rows(np.arange(len(DAYS)) + 5, DAYS), "holds days or weeks, not months"),
        (rows(SUMS.round(1)), "are these year-to-dates? Take the differences within each year"),
        (rows([v * 1000 if i > 90 else v for i, v in enumerate(good())]), "has the unit slipped?"),
        (rows(good(), head="month,a").replace(",", ",1,"), "several columns hold numbers"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_forecast_is_one_sentence_and_no_set(
    project_copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, says: str
) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(text, encoding="utf-8")
    assert main(["init", "mine", "--series", str(file)]) == 2
    refused(capsys, says)
    assert not (project_copy / "params/mine.yaml").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["../mine"], "'../mine' is not a name for a set"),
        ([""], "'' is not a name for a set"),
        (["draft"], "is the run of notebooks opened by hand"),
        (["smoke"], "params/smoke.yaml exists and is not overwritten"),
        (["mine", "--series", "https://example.org/a.csv"], "is a web address; save the file first"),
        (["mine", "--series", "none.csv"], "none.csv is not a file"),
        (["mine", "--value-column", "turnover"], "--value-column: TradeData.csv has no column 'turnover'"),
        (["mine", "--period-column", "when"], "--period-column: TradeData.csv has no column 'when'"),
        (["mine", "--lag", "soon"], "--lag: 'soon' is not a whole number of days"),
        (["mine", "--holidays", "XX"], "'XX' is not a country code with a calendar"),
        (["mine", "--name-zh", "a|b"], "'a|b' cannot stand in a title"),
    ],
)
def test_what_is_asked_wrongly_is_one_sentence_and_no_set(
    project_copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    before = {path: path.read_bytes() for path in (project_copy / "params").glob("*.yaml")}
    file = own_files.comtrade(tmp_path)
    assert main(["init", "--series", str(file), *arguments]) == 2
    refused(capsys, says)
    assert {path: path.read_bytes() for path in (project_copy / "params").glob("*.yaml")} == before


def test_a_download_with_more_than_one_row_a_month_says_which_column_to_filter(
    project_copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = own_files.comtrade(tmp_path, ("World", "Türkiye", "Côte d'Ivoire"))
    assert main(["init", "mine", "--series", str(file)]) == 2
    refused(
        capsys,
        "2016-01 appears 3 times with different values, told apart by partnerDesc (Côte d'Ivoire, Türkiye, "
        "World); keep one row a month: only those of one partnerDesc",
    )
    own_files.comtrade(tmp_path, ("World", "Türkiye"), "XM")
    assert main(["init", "mine", "--series", str(file)]) == 2
    refused(capsys, "only those of one flowDesc and one partnerDesc")
    assert main(["init", "mine", "--series", str(own_files.akshare(tmp_path))]) == 2
    refused(capsys, "('当月出口额-金额', '当月进口额-金额'); name one with --value-column")


def refused(capsys: pytest.CaptureFixture[str], says: str) -> None:
    said = capsys.readouterr()
    assert says in said.err
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    assert not said.out


@pytest.mark.parametrize(
    ("make", "options", "unit", "divide_by", "threshold"),
    [
        (lambda folder: own_files.comtrade(folder, ("Türkiye",)), [], "million USD|百万美元", 1e6, 44_000),
        (own_files.fred, ["--lag", "40"], "million units|百万单位", 1e6, 550_000),
        (own_files.fred, ["--lag", "40", "--unit", "USD"], "million USD|百万美元", 1e6, 550_000),
        (own_files.akshare, ["--value-column", "当月出口额-金额"], "100 million USD|亿美元", 1e5, 36_000),
        (lambda folder: own_files.chinese(folder, "csv"), [], "ten thousand USD|万美元", 1, 550_000),
        (lambda folder: own_files.chinese(folder, "xlsx"), [], "ten thousand USD|万美元", 1, 550_000),
        (own_files.nbs, [], "ten thousand vehicles|万辆", 1, 3600),
    ],
    ids=["comtrade", "fred", "fred-unit", "akshare", "chinese-gbk", "chinese-xlsx", "nbs"],
)
def test_a_download_becomes_a_set_that_runs_as_it_is(
    project_copy: Path, tmp_path: Path, make, options, unit, divide_by, threshold
) -> None:
    file = make(tmp_path)
    assert main(["init", "mine", "--series", str(file), *options]) == 0
    params = check_record(load_params("mine"))
    assert params.currency == unit
    assert params.target_year == 2024
    assert params.threshold == threshold
    settings = series_settings(params.series)
    assert settings.divide_by == divide_by
    assert settings.read().values.dropna().index[[0, -1]].equals(MONTHS[[0, -1]])
    lag = 40 if "--lag" in options else 15
    assert params.as_of == str((MONTHS[-1].end_time + pd.Timedelta(days=lag)).date())


def test_what_was_found_is_printed_and_what_was_asked_is_kept(
    project_copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = project_copy / 'net "sales" #1: é.csv'
    table = pd.DataFrame({"m": MONTHS, 'a\u2028"b": #c': good(), "other": 1.0})
    table.loc[30, 'a\u2028"b": #c'] = np.nan
    table.to_csv(file, index=False)
    monkeypatch.chdir(tmp_path)
    asked = ["--value-column", 'a\u2028"b": #c', "--name-en", "net: 'sales'", "--name-zh", "净销售额"]
    assert main(["init", "mine-1", "--series", file.name, *asked, "--holidays", "KR"]) == 0
    said = capsys.readouterr().out
    for part in (
        "params/mine-1.yaml is written", "103 from 2016-01 to 2024-08, column 'm'; unknown: 2018-07",
        "2,731 to 5,019.5", "15 days after a month's end, the newest on 2024-09-15",
        "2024, 8 of 12 months known: above 55,000?", "python -m chipexports run mine-1",
    ):  # fmt: skip
        assert part in said, part
    params = load_params("mine-1")
    assert params.run == "mine-1"
    assert params.series["file"] == file.name  # from the project's folder
    settings = series_settings(params.series)
    assert (settings.name, settings.holidays) == ("net: 'sales'|净销售额", "KR")
    assert settings.read().values.name == 'a\u2028"b": #c'


def test_a_whole_year_asks_about_the_next_from_the_day_it_begins(
    project_copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    months = MONTHS[: 12 * 8]
    file = tmp_path / "mine.csv"
    file.write_text(rows(good(months=months), months), encoding="utf-8")
    assert main(["init", "mine", "--series", str(file), "--lag", "0"]) == 0
    params = check_record(load_params("mine"))
    assert (params.as_of, params.target_year) == ("2024-01-01", 2024)
    last_year = read_series(file).values["2023-01":].sum()
    assert params.threshold == float(f"{last_year:.2g}")
    assert "2024, 0 of 12 months known" in capsys.readouterr().out
