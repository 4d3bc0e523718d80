"""What UN Comtrade gives enters the record, replaces estimates from its day on, and yields to the customs."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from werkzeug import Response

from chipexports.__main__ import main
from chipexports.clean import comtrade, known
from chipexports.clean.arithmetic import Month, cny_to_usd
from chipexports.clean.build import heading_difference, known_by
from chipexports.clean.estimate import Stretch
from chipexports.clean.monthly import monthly_series
from chipexports.collect.comtrade import CODES
from chipexports.collect.errors import FetchError
from chipexports.collect.fetch import fetch_source
from chipexports.collect.http import Limits
from chipexports.params.newest import record_span
from chipexports.record.products import partners_as_of, products_as_of
from chipexports.record.releases import read_releases, releases_path

KEY = "a-key"
DAY, BEFORE = "2026-11-24", "2026-11-23"
LIMITS = Limits(connect=1, read=2, deadline=60, attempts=3, pause=0, backoff=0.01, longest_wait=5)
SHARES = {"8542": 1.0, "854231": 0.4, "854232": 0.35, "854233": 0.04, "854239": 0.2, "854290": 0.01}
PARTNERS = ((344, "China, Hong Kong SAR", 0.5), (490, "Other Asia, nes", 0.3), (410, "Rep. of Korea", 0.2))


class Comtrade:
    """A server with China's months in US dollars, that answers as the real one documents."""

    def __init__(self) -> None:
        self.usd: dict[tuple[str, str], float] = {}
        self.busy = 0  # answers of 429 before the next good one
        self.asked = 0

    def hold(self, first: str, last: str, usd: float, flows: tuple[str, ...] = ("X", "M")) -> None:
        """Hold months that differ from one another, ``usd`` on average over a whole year."""
        for month in pd.period_range(first, last, freq="M"):
            for flow in flows:
                self.usd[flow, str(month)] = usd * (1 + 0.03 * (month.month - 6.5))

    def follow(self, table: pd.DataFrame, factor: float = 1.003) -> None:
        """Hold exports like those of a monthly table, the odd months a little higher and the even lower."""
        for month, value in table["value_usd_mn"].items():
            self.usd["X", month] = factor * value * 1e6 * (1.01 if int(month[-2:]) % 2 else 0.99)

    def __call__(self, request) -> Response:
        self.asked += 1
        if request.headers.get("Ocp-Apim-Subscription-Key") != KEY:
            return Response(json.dumps({"statusCode": 403, "message": "Forbidden"}), status=403)
        if self.busy:
            self.busy -= 1
            return Response("Rate limit is exceeded", status=429, headers={"Retry-After": "1"})
        rows = []
        for period in request.args["period"].split(","):
            month = f"{period[:4]}-{period[4:]}"
            for flow in request.args["flowCode"].split(","):
                value = self.usd.get((flow, month))
                if value is None:
                    continue
                for code in request.args["cmdCode"].split(","):
                    for number, name, share in ((0, "World", 1.0), *PARTNERS):
                        rows.append(
                            {
                                "typeCode": "C",
                                "freqCode": "M",
                                "period": period,
                                "reporterCode": 156,
                                "flowCode": flow,
                                "partnerCode": number,
                                "partnerDesc": name,
                                "cmdCode": code,
                                "primaryValue": value * SHARES[code] * share,
                                "qty": None,
                                "netWgt": 1.0,
                            }
                        )
        body = {"elapsedTime": "0.1 secs", "count": len(rows), "data": rows, "error": ""}
        return Response(json.dumps(body), content_type="application/json; charset=utf-8")


@pytest.fixture
def server(project_copy: Path, monkeypatch: pytest.MonkeyPatch, httpserver) -> Comtrade:
    """Return the server; the project is a copy, and its day is ``DAY``."""
    monkeypatch.setenv("COMTRADE_API_KEY", KEY)
    monkeypatch.setenv("CHIPEXPORTS_FETCH_BASE_COMTRADE", httpserver.url_for("").rstrip("/"))
    clock(monkeypatch, DAY)
    found = Comtrade()
    httpserver.expect_request("/data/v1/get/C/M/HS").respond_with_handler(found)
    return found


def clock(monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    for module in ("comtrade", "fetched"):
        monkeypatch.setattr(f"chipexports.collect.{module}.today", lambda: day)


def fetch(first: str, last: str) -> list[str]:
    said: list[str] = []
    fetch_source("comtrade", first, last, limits=LIMITS, sleep=lambda _: None, say=said.append)
    return said


def export(as_of: str, year: int) -> pd.DataFrame:
    table = monthly_series(as_of)
    return table[(table["flow"] == "export") & table["period"].str.startswith(str(year))].set_index("period")


def test_fetched_months_replace_estimates_from_their_day_on(server: Comtrade) -> None:
    before, earlier, newest = export(DAY, 2019), monthly_series(BEFORE), record_span().newest
    estimated = before.index[before["basis_usd"] == "estimated"].union(
        before.index[before["basis_usd"] == "joint_estimate"]
    )
    assert len(estimated) == 11
    server.follow(before)
    said = fetch("2019-01", "2019-12")
    assert any(f"12 months of HS 8542 for the record, known from {DAY} on" in text for text in said)
    after = export(DAY, 2019)
    assert set(after.loc[estimated, "basis_usd"]) == set(after.loc[estimated, "basis_cny"]) == {"comtrade"}
    assert after.loc[estimated, ["se_usd_mn", "se_cny_100mn"]].isna().all(axis=None)
    customs = before.index.difference(estimated)
    assert after.loc[customs, "value_cny_100mn"].equals(before.loc[customs, "value_cny_100mn"])
    assert after.loc[customs, "basis_usd"].equals(before.loc[customs, "basis_usd"])
    # the month the customs give in yuan is converted and no more: what was reported yields before it does
    converted = cny_to_usd(
        after.loc[customs, "value_cny_100mn"].iloc[0], known_by(DAY).rates[pd.Period(customs[0])]
    )
    assert after.loc[customs, "value_usd_mn"].iloc[0] == pytest.approx(converted, rel=1e-9)
    # the customs' year is met, and the months keep the proportions in which they were reported
    total = read_releases().query(
        "commodity == 'gacc_ic' and flow == 'export' and measure == 'value_usd' and "
        "period_start == '2019-01' and period_end == '2019-12'"
    )["value"]
    assert after["value_usd_mn"].sum() == pytest.approx(total.iloc[-1], rel=6e-4)
    served = pd.Series({month: server.usd["X", month] / 1e6 for month in estimated})
    ratio = served / after.loc[estimated, "value_usd_mn"]
    apart = heading_difference(known_by(DAY), "export")
    # one factor for all months of a total; it differs from the stated difference by no more than its reach
    assert ratio.max() / ratio.min() - 1 < 2 * apart.reach
    assert abs(ratio.mean() - 1 - apart.median) < 2 * apart.reach
    # nothing is seen before its day, and the customs' newest release is what it was
    pd.testing.assert_frame_equal(monthly_series(BEFORE), earlier)
    assert record_span().newest == newest


def test_kind_and_standing_are_derived(server: Comtrade) -> None:
    server.follow(export(DAY, 2018))
    fetch("2018-01", "2018-12")
    months = known(DAY).monthly("export").loc["2018-01":"2018-12"]
    assert set(months["basis_usd"]) == {"comtrade"}
    assert set(months["kind_usd"]) == set(months["kind_cny"]) == {"derived"}
    assert set(months["standing_usd"]) == set(months["standing_cny"]) == {"derived"}
    assert set(known(BEFORE).monthly("export").loc["2018-01":"2018-12", "kind_usd"]) == {"estimate"}


def test_months_are_as_reported_less_the_difference_where_no_sharp_total_binds(server: Comtrade) -> None:
    server.hold("2015-01", "2015-12", 69_362e6 / 12, ("X",))
    said = fetch("2015-01", "2015-12")
    assert any("no rows of imports for 2015-01" in text for text in said)
    after = export(DAY, 2015)
    assert set(after["basis_usd"]) == {"comtrade"}
    median = heading_difference(known_by(DAY), "export").median
    for month, value in after["value_usd_mn"].items():
        # what 2016's growth implies of 2015 is itself known to two tenths of a percent only
        assert value == pytest.approx(server.usd["X", month] / 1e6 / (1 + median), rel=2e-3)
    months = {pd.Period("2015-05", freq="M"): Month(1003.0, 0.0, "comtrade", ("r1",))}
    (month,) = comtrade.fill(months, comtrade.Difference(0.003, -0.004, 0.005, 9), []).values()
    assert month.value == pytest.approx(1000.0)
    assert month.half == pytest.approx(7.0)


def test_the_customs_win_where_they_are_contradicted(server: Comtrade) -> None:
    before = export(DAY, 2018)
    server.follow(before, 1.02)
    fetch("2018-01", "2018-12")
    after = export(DAY, 2018)
    assert set(after["basis_usd"]) == {"comtrade"}
    assert after["value_usd_mn"].sum() == pytest.approx(before["value_usd_mn"].sum(), rel=1e-3)
    assert after["value_cny_100mn"].sum() == pytest.approx(before["value_cny_100mn"].sum(), rel=1e-3)


@pytest.mark.parametrize("factor", [0.5, 1.1, 1e-3])
def test_months_beyond_all_likeness_stay_estimates(server: Comtrade, factor: float) -> None:
    before = export(DAY, 2018)
    server.follow(before, factor)
    fetch("2018-01", "2018-12")
    pd.testing.assert_frame_equal(export(DAY, 2018), before)


def test_a_few_months_leave_the_rest_of_their_total_to_the_others(server: Comtrade) -> None:
    before = export(DAY, 2018)
    server.hold("2018-05", "2018-07", 85_038e6 / 12)
    fetch("2018-05", "2018-07")
    after = export(DAY, 2018)
    assert after["basis_usd"].value_counts()["comtrade"] == 3
    assert after["value_usd_mn"].sum() == pytest.approx(before["value_usd_mn"].sum(), rel=1e-3)
    assert (after["value_usd_mn"] > 0).all()


def test_the_stated_difference() -> None:
    apart = heading_difference(known_by("2026-11-22"), "export")
    assert apart.periods == 9
    assert [round(100 * share, 2) for share in apart[:3]] == [0.3, -0.55, 0.51]
    assert heading_difference(known_by("2026-11-22"), "import") == comtrade.UNTOLD


def test_months_both_have_tell_the_difference(server: Comtrade) -> None:
    table = monthly_series(DAY)
    printed = table[table["flow"].eq("import") & table["basis_usd"].isin(["printed", "ytd_difference"])]
    months = printed.set_index("period")["value_usd_mn"]["2026-01":]
    assert len(months) >= comtrade.FEWEST
    for month, value in months.items():
        server.usd["M", month] = 1.004 * value * 1e6
    fetch(months.index[0], months.index[-1])
    apart = heading_difference(known_by(DAY), "import")
    assert apart.median == pytest.approx(0.004, abs=1e-6)
    assert apart.periods == len(months) + 1  # and the year 2017
    pd.testing.assert_frame_equal(monthly_series(DAY), table)


def test_a_month_fetched_again_is_a_vintage_only_where_it_changed(server: Comtrade, monkeypatch) -> None:
    server.hold("2015-01", "2015-03", 5e9, ("X",))
    fetch("2015-01", "2015-03")
    first, old = releases_path().read_bytes(), export(DAY, 2015)
    clock(monkeypatch, "2026-11-25")
    assert fetch("2015-01", "2015-03")[-1] == "comtrade: the record has these months already"
    assert releases_path().read_bytes() == first
    server.usd["X", "2015-02"] *= 1.1
    fetch("2015-01", "2015-03")
    content = releases_path().read_bytes()
    assert content.startswith(first)
    assert content.count(b"\n") == first.count(b"\n") + 1
    pd.testing.assert_frame_equal(export(DAY, 2015), old)
    ratio = export("2026-11-25", 2015)["value_usd_mn"] / old["value_usd_mn"]
    assert ratio["2015-02"] == pytest.approx(1.1)
    assert ratio["2015-01"] == pytest.approx(1.0)


def test_a_busy_server_is_asked_again_and_a_wrong_key_is_not(server: Comtrade, monkeypatch) -> None:
    server.hold("2015-01", "2015-02", 5e9)
    server.busy = 2
    fetch("2015-01", "2015-02")
    assert server.asked == 4
    kept = releases_path().read_bytes()
    monkeypatch.setenv("COMTRADE_API_KEY", "wrong")
    with pytest.raises(FetchError, match="403, the key was not accepted"):
        fetch("2015-03", "2015-03")
    assert server.asked == 5
    monkeypatch.setenv("COMTRADE_API_KEY", KEY)
    server.busy = 9
    with pytest.raises(FetchError, match="status 429, tried 3 times"):
        fetch("2015-03", "2015-03")
    assert releases_path().read_bytes() == kept


def test_months_without_any_rows_change_nothing(server: Comtrade) -> None:
    kept = releases_path().read_bytes()
    with pytest.raises(FetchError, match="has no rows for 2026-10"):
        fetch("2026-10", "2026-10")
    assert releases_path().read_bytes() == kept


def test_the_command_says_from_when_on_it_counts(server: Comtrade, capsys, monkeypatch) -> None:
    server.hold("2019-01", "2019-02", 8e9)
    monkeypatch.setattr("chipexports.collect.http.time.sleep", lambda _: None)
    assert main(["fetch", "comtrade", "--start", "2019-01", "--end", "2019-02"]) == 0
    said = capsys.readouterr()
    assert "hs8542_by_partner_2019-01_2019-02" in said.out
    assert f"as_of is {DAY} or later" in said.err


def test_products_and_partners_follow(server: Comtrade) -> None:
    products, partners = products_as_of(BEFORE), partners_as_of(BEFORE)
    server.hold("2024-01", "2026-08", 12e9)
    server.usd.pop(("M", "2025-06"))
    fetch("2024-01", "2026-08")
    pd.testing.assert_frame_equal(products_as_of(BEFORE), products)
    pd.testing.assert_frame_equal(partners_as_of(BEFORE), partners)
    table = products_as_of(DAY)
    year = table.query("flow == 'export' and period_start == '2025-01' and period_end == '2025-12'")
    assert sorted(year["hs6"]) == sorted(CODES)
    assert year.set_index("hs6")["value_usd"]["8542"] == pytest.approx(144e9)
    assert year.set_index("hs6")["share_pct"]["854232"] == pytest.approx(35.0)
    assert year.set_index("hs6")["yoy_pct"]["8542"] == pytest.approx(0.0, abs=1e-9)
    assert not len(table.query("flow == 'import' and period_start == '2025-01' and period_end == '2025-12'"))
    # one row a code where the shipped table has the year as well
    assert not table.query("period_end == '2024-12'").duplicated(["flow", "period_start", "hs6"]).any()
    trade = partners_as_of(DAY).query(
        "hs == '8542' and period_start == '2026-01' and period_end == '2026-08'"
    )
    assert dict(zip(trade["partner"], trade["share_pct"].round(6), strict=True)) == {
        "World": 100.0,
        "Hong Kong": 50.0,
        "Taiwan": 30.0,
        "Korea": 20.0,
    }


def test_a_total_rounded_coarsely_moves_the_months_no_further_than_its_rounding() -> None:
    periods = tuple(pd.period_range("2019-01", "2019-03", freq="M"))
    months = {period: Month(100.0, 0.0, "comtrade", ("r1",)) for period in periods}
    apart = comtrade.Difference(0.0, -0.005, 0.005, 9)
    loose, sharp, none = (
        comtrade.fill(months, apart, [Stretch(periods, total, ("r2",), half)])
        for total, half in ((303.0, 5.0), (303.0, 0.3), (330.0, 1.0))
    )
    assert [month.value for month in loose.values()] == [100.0] * 3
    assert sum(month.value for month in sharp.values()) == pytest.approx(302.7)
    assert none == {}
